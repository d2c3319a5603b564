"""How artifacts are made, registered, installed and checked; nothing here runs while serving."""
