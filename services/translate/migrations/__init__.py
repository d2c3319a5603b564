"""How the tables of glossaries and memory came to be, one revision a release that changed them."""
