"""The back-file command: classifies an office's documents offline, with the same engine as the service."""
