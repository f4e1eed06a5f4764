"""IAM: policies as they are checked, compared and simulated."""
