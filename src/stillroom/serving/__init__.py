"""What the Bento holds: the model behind HTTP, its hot path, and the profiles of what it served."""
