"""Where a request comes from: the other end of the connection, or what a proxy that the operator trusts says of it."""

import hashlib
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote

from fastapi import Request

from examkit.errors import StartError
from gateway.keys import fingerprint

_FORWARDED_FOR = "x-forwarded-for"
_PEM_BEGIN = "-----BEGIN CERTIFICATE-----"
_HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a network has in common

Network = IPv4Network | IPv6Network


class Peers:
    """Tells addresses and certificates of clients; headers count from trusted proxies alone."""

    def __init__(self, trusted: Sequence[Network], certificate_header: str) -> None:
        self._trusted = trusted
        self._certificate_header = certificate_header

    def address(self, request: Request) -> str:
        """Return the client's address; of IPv6 the network, for its owner can change the rest at will."""
        peer = request.client.host if request.client else ""
        nearest = _address(peer)
        if nearest is None:
            return peer
        for told in reversed(_told_by_proxies(request)):
            if not self._is_trusted(nearest):
                break
            before = _address(told)
            if before is None:
                break
            nearest = before
        return _household(nearest)

    def certificate(self, request: Request) -> str | None:
        """Return the SHA-256 of the certificate that a trusted proxy has checked, if it says so."""
        peer = _address(request.client.host) if request.client else None
        told = request.headers.getlist(self._certificate_header)
        if peer is None or not self._is_trusted(peer) or len(told) != 1:
            return None
        try:
            return _from_pem(told[0]) if "BEGIN" in told[0] else fingerprint(told[0])
        except (StartError, ValueError):
            return None

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def networks(text: str | None) -> tuple[Network, ...]:
    """Read addresses and networks with commas between; raise StartError."""
    parts = [part.strip() for part in (text or "").split(",")]
    try:
        return tuple(ip_network(part) for part in parts if part)
    except ValueError:
        raise StartError(
            "The trusted proxies are addresses or networks (10.0.0.5, 10.1.0.0/16), with commas between."
        ) from None


def _told_by_proxies(request: Request) -> list[str]:
    return [part.strip() for line in request.headers.getlist(_FORWARDED_FOR) for part in line.split(",")]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _household(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _HOUSEHOLD), strict=False))


def _from_pem(text: str) -> str:
    """Return the SHA-256 of a certificate in PEM form, percent-encoded as nginx passes it on."""
    pem = unquote(text)
    if not pem.startswith(_PEM_BEGIN):
        raise ValueError("not a certificate")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
