"""CloudTrail: trails that record, and the log files they leave."""
