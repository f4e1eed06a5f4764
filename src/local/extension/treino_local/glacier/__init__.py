"""S3 Glacier: vaults."""
