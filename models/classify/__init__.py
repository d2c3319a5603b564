"""Training and conversion for IPC classification."""
