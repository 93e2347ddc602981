"""The documentation: every code block of it."""
