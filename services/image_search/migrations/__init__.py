"""How the tables of the register came to be, one revision a release that changed them; Alembic runs them at start."""
