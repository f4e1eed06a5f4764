"""S3: what MiniStack lacks of general purpose buckets, and directory buckets."""
