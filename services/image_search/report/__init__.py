"""Reports of searches for the file: what was asked, what a machine found, what the examiner made of it."""
