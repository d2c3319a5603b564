"""Training and conversion for mark image search."""
