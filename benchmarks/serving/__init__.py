"""The servers compared, the load put on them, and the figures taken."""
