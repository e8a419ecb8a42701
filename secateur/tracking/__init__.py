"""Runs and models, recorded: the port that stages write to, and MLflow behind it."""
