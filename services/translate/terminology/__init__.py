"""Terms whose translation is laid down: found in a text, put into its translation."""
