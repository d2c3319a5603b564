"""An office's marks taken in: its files read without trust, described on all cores, written whole row by row."""
