"""The only public door: authentication, limits and routing to the three services."""
