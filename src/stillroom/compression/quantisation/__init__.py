"""Quantise to int8 as far as the loss allows: ways to quantise, the walk through them, and what it found."""
