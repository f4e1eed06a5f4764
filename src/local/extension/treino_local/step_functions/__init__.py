"""Step Functions: how definitions are run, and what executions leave behind."""
