"""Segments whose translation an office approved: kept, found again exactly or nearly, given out, removed."""
