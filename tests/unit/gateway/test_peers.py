"""Is a client's address what the connection says, and what headers say only where a trusted proxy sets them?"""

import datetime
import hashlib
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import Request

from examkit.errors import StartError
from gateway.peers import Peers, networks

PEERS = Peers(networks("10.0.0.1, 10.1.0.0/16, fd00::/8"), "Client-Certificate-SHA256")
FINGERPRINT = "0f" * 32


def request(peer: str | None, *headers: tuple[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Request({"type": "http", "headers": raw, "client": peer and (peer, 5555)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["10.0.0.1"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("10.0.0.1", ["192.0.2.7, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("fd00::1", ["2001:db8:1:2:aaaa::1"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("a socket", ["192.0.2.7"], "a socket"),
        (None, ["192.0.2.7"], ""),
    ],
)
def test_an_address_is_the_nearest_that_is_no_trusted_proxy(peer, forwarded, address):
    assert PEERS.address(request(peer, *(("X-Forwarded-For", line) for line in forwarded))) == address


def test_without_trusted_proxies_headers_count_for_nothing():
    headers = (("X-Forwarded-For", "192.0.2.7"), ("Client-Certificate-SHA256", FINGERPRINT))
    nobody = Peers(networks(None), "Client-Certificate-SHA256")
    assert nobody.address(request("127.0.0.1", *headers)) == "127.0.0.1"
    assert nobody.certificate(request("127.0.0.1", *headers)) is None


def test_a_certificate_counts_from_a_trusted_proxy_itself():
    told = ("Client-Certificate-SHA256", FINGERPRINT.upper())
    assert PEERS.certificate(request("10.0.0.1", told)) == FINGERPRINT
    assert PEERS.certificate(request("192.0.2.7", told)) is None
    assert PEERS.certificate(request("192.0.2.7", told, ("X-Forwarded-For", "10.0.0.1"))) is None
    assert PEERS.certificate(request(None, told)) is None
    assert PEERS.certificate(request("10.0.0.1")) is None
    assert PEERS.certificate(request("10.0.0.1", told, told)) is None


def test_a_certificate_may_be_told_whole_as_nginx_does():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=9))
    certificate = built.sign(key, hashes.SHA256())
    escaped = quote(certificate.public_bytes(Encoding.PEM).decode())
    expected = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    assert PEERS.certificate(request("10.0.0.1", ("Client-Certificate-SHA256", escaped))) == expected


@pytest.mark.parametrize("told", ["", "0f0f", "BEGIN", quote("-----BEGIN CERTIFICATE-----\nnonsense"), "é" * 64])
def test_what_is_no_certificate_counts_as_none(told):
    assert PEERS.certificate(request("10.0.0.1", ("Client-Certificate-SHA256", told))) is None


@pytest.mark.parametrize("text", ["proxy", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.1;10.0.0.2"])
def test_proxies_that_cannot_be_read_stop_the_start(text):
    with pytest.raises(StartError, match="trusted proxies"):
        networks(text)
