"""Profiles of tables that lie elsewhere than in a service: Polars frames, Arrow batches, Spark."""
