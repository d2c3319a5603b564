"""How good, how fast: measurements over the same engines that serve."""
