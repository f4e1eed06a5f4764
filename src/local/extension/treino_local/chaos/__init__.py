"""Failure on purpose: `treino local up --chaos`."""
