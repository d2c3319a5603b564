"""Builds the door of a gateway from its settings."""

from gateway.auth import Door
from gateway.database import open_database
from gateway.first_start import make_first_keys
from gateway.key_ring import KeyRing
from gateway.key_store import KeyStore
from gateway.settings import Settings


def open_door(settings: Settings) -> Door:
    """Open the keys, making the first one where there is none; raise StartError when that cannot be done."""
    store = KeyStore(open_database(settings.data_dir, settings.database_url))
    make_first_keys(store, settings.data_dir, settings.api_key_file)
    return Door(KeyRing(store))
