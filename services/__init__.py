"""The three online services; each is deployed apart and knows nothing of the others."""
