"""Geometry of the page's pictures: shapes in a square of 100 by 100 that the page stretches, texts to set beside it."""
