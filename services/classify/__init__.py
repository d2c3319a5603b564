"""IPC classification: patent text in, ranked IPC symbols out."""
