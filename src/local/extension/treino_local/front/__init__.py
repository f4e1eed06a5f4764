"""The process that listens: it answers for the local AWS's health, lets requests in, and keeps the backend running."""
