"""The formats that bodies of Stillroom's own protocol may have, by their media types (known.py)."""
