"""Mutated requests to every decoder of a served app: see the README beside this file."""
