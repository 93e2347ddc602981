"""Proof that a model file is the one that was saved, and that the holder of a key signed it.

Signatures are OpenSSF Model Signing's, made and checked with `cryptography` alone: the package `model-signing` signs
and verifies the same files, but cannot be installed beside whylogs (it needs platformdirs 4, whylogs 3), and would
cost the service 50 MB of memory where this costs 12.
"""
