"""Opens the way to the services as the settings say."""

import httpx2

from gateway.settings import Settings
from gateway.upstream.service import Limits
from gateway.upstream.upstreams import Upstreams


def open_upstreams(settings: Settings, token: str, transport: httpx2.AsyncBaseTransport | None) -> Upstreams:
    """Return the services; a test passes the transport by which they are reached."""
    limits = Limits(settings.upstream_timeout_seconds, settings.restart_patience_seconds)
    return Upstreams(settings.service_urls(), token, limits, transport)
