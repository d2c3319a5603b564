"""Reaches the services: hands requests on, asks on the gateway's own behalf, tells trouble as what it is."""
