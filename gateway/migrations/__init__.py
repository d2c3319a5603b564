"""How the tables of the gateway's state came to be, one revision a release that changed them."""
