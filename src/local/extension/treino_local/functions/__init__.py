"""Lambda: what a function sees, and how its errors are told."""
