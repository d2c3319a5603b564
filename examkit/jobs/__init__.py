"""Jobs that a service carries out while it answers, and goes on with after a restart."""
