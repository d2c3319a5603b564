"""Other people's protocols, spoken so that their clients work with nothing but another URL."""
