"""Builds the door of a gateway from its settings."""

from examkit.errors import StartError
from gateway.allowances import Allowance
from gateway.auth import Door, Known
from gateway.counters import LocalCounters, SharedCounters
from gateway.database import open_database
from gateway.failures import Failures
from gateway.first_start import make_first_keys
from gateway.json_web_keys import JsonWebKeys, from_file, from_url
from gateway.key_ring import KeyRing
from gateway.key_store import KeyStore
from gateway.meter import Meter
from gateway.peers import Peers, networks
from gateway.settings import Settings
from gateway.token_rules import TokenRules, pinned_algorithms
from gateway.tokens import Tokens


def open_door(settings: Settings) -> Door:
    """Open the keys, making the first one where there is none; raise StartError when that cannot be done."""
    peers = Peers(networks(settings.trusted_proxies), settings.certificate_header)
    tokens = _tokens(settings)
    meter = _meter(settings)
    store = KeyStore(open_database(settings.data_dir, settings.database_url))
    make_first_keys(store, settings.data_dir, settings.api_key_file)
    return Door(Known(KeyRing(store), tokens, peers), Failures(settings.failures_per_minute), meter)


def _meter(settings: Settings) -> Meter:
    url = settings.redis_url
    counters = LocalCounters() if url is None else SharedCounters(url.get_secret_value())
    return Meter(
        counters, Allowance(settings.requests_per_minute, settings.characters_per_day, settings.images_per_day)
    )


def _tokens(settings: Settings) -> Tokens | None:
    """Believe an issuer's tokens where all is said that this needs; half of it is a mistake."""
    sources = [settings.token_keys_file, settings.token_keys_url]
    said = [settings.token_issuer, settings.token_audience, *sources]
    if not any(said):
        return None
    if settings.token_issuer is None or settings.token_audience is None or sources.count(None) != 1:
        raise StartError(
            "Tokens need GATEWAY_TOKEN_ISSUER, GATEWAY_TOKEN_AUDIENCE, and their keys from either "
            "GATEWAY_TOKEN_KEYS_FILE or GATEWAY_TOKEN_KEYS_URL."
        )
    rules = TokenRules(
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        algorithms=pinned_algorithms(settings.token_algorithms),
        scope_claim=settings.token_scope_claim,
        tenant_claim=settings.token_tenant_claim,
        skew_seconds=settings.token_skew_seconds,
    )
    file, url = settings.token_keys_file, settings.token_keys_url
    return Tokens(rules, JsonWebKeys(from_file(file) if file is not None else from_url(str(url))))
