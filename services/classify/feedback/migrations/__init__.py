"""How the tables of feedback came to be, one revision a release that changed them; Alembic runs them at start."""
