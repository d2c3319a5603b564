"""Who called what, when, with what outcome: kept in a chain of hashes, never with content."""
