"""Pruning: channels leave a network, or members an ensemble, and what is left is smaller and faster."""
