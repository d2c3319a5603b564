"""Mark image search: an image in, similar marks of the register out."""
