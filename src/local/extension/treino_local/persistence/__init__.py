"""What the local AWS holds, written down while it runs and read again at its start."""
