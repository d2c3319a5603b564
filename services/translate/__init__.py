"""Translation: segments in, segments out."""
