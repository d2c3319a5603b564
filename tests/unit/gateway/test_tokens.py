"""Is a token believed when, and only when, the issuer's key signed it, for us, now?"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import anyio
import pytest
from joserfc.jwk import Key, OctKey, RSAKey

from examkit.errors import StartError, UnauthorizedError
from gateway.caller import Caller
from gateway.json_web_keys import JsonWebKeys
from gateway.routes import Scope
from gateway.token_rules import TokenRules, pinned_algorithms
from gateway.tokens import Tokens
from tests.tokens import AUDIENCE, EC, ISSUER, RSA, key_set, token

OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})
FINGERPRINT = "0f" * 32
THUMBPRINT = base64.urlsafe_b64encode(bytes.fromhex(FINGERPRINT)).rstrip(b"=").decode()
NAMELESS = RSAKey.import_key(RSA.as_dict(private=True) | {"kid": ""})


def believing(keys: bytes = key_set(RSA, EC), **given: Any) -> Tokens:
    async def read() -> bytes:
        return keys

    algorithms = ("RS256", "ES256")
    said = {"scope_claim": "scope", "tenant_claim": None, "skew_seconds": 60, "algorithms": algorithms, **given}
    return Tokens(TokenRules(ISSUER, AUDIENCE, **said), JsonWebKeys(read))


def caller(sent: str, tokens: Tokens | None = None, certificate: str | None = None) -> Caller:
    return anyio.run((tokens or believing()).caller_of, sent, certificate)


def refusal(sent: str, tokens: Tokens | None = None, certificate: str | None = None) -> str:
    with pytest.raises(UnauthorizedError) as caught:
        caller(sent, tokens, certificate)
    return caught.value.code


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
def test_a_good_token_names_its_subject_without_telling_it(key):
    told = caller(token(key, scope="classify marks:read openid"))
    expected = hashlib.sha256(f"{ISSUER}\ndesk-7".encode()).hexdigest()[:16]
    assert told == Caller(f"sub_{expected}", f"sub_{expected}", "office", frozenset({Scope.CLASSIFY, Scope.MARKS_READ}))
    assert caller(token(key, sub="desk-8")).id != told.id


def test_scopes_and_department_come_from_the_claims_that_the_operator_names():
    tokens = believing(scope_claim="roles", tenant_claim="department")
    told = caller(token(roles=["admin", "translate", 7], department="patents"), tokens)
    assert (told.tenant, set(told.scopes)) == ("patents", {Scope.ADMIN, Scope.TRANSLATE})
    assert caller(token(scope=None)).scopes == caller(token(scope=7)).scopes == frozenset()
    for wrong in (None, "", "Patents", "../patents", 7, ["patents"]):
        assert refusal(token(department=wrong), tokens) == "token-refused"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": None},
        {"iss": "https://login.office.example/"},
        {"iss": ["https://login.office.example"]},
        {"aud": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": {"examkit": 1}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"exp": None},
        {"exp": "2099-01-01"},
        {"exp": float("nan")},
        {"exp": True},
    ],
    ids=str,
)
def test_a_token_of_another_issuer_audience_or_time_is_refused(wrong):
    assert refusal(token(**wrong)) == "token-refused"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_from_the_future_is_refused(claim):
    assert refusal(token(RSA, None, **{claim: int(time.time()) + 600})) == "token-refused"


def test_clocks_may_differ_by_the_skew_and_not_more():
    now = int(time.time())
    caller(token(exp=now - 30, nbf=now + 30))
    assert refusal(token(exp=now - 90)) == "token-expired"
    assert refusal(token(exp=now - 30), believing(skew_seconds=0)) == "token-expired"


def test_a_remembered_token_still_expires_and_is_still_bound():
    tokens, bound = (
        believing(),
        {"x5t#S256": base64.urlsafe_b64encode(bytes.fromhex(FINGERPRINT)).rstrip(b"=").decode()},
    )

    async def ask() -> None:
        short = token(exp=int(time.time()) - 59)
        await tokens.caller_of(short, None)
        with anyio.fail_after(60):
            while True:
                try:
                    await tokens.caller_of(short, None)
                except UnauthorizedError as error:
                    assert error.code == "token-expired"
                    break
                await anyio.sleep(0.05)
        sent = token(cnf=bound)
        await tokens.caller_of(sent, FINGERPRINT)
        assert tokens.is_remembered(sent)
        with pytest.raises(UnauthorizedError, match="did not come with it"):
            await tokens.caller_of(sent, None)

    anyio.run(ask)


def test_a_withdrawn_key_takes_the_remembered_tokens_that_it_signed_with_it():
    published: list[Key] = [RSA, EC]
    now = [1000.0]

    async def read() -> bytes:
        return key_set(*published)

    async def ask() -> None:
        rules = TokenRules(ISSUER, AUDIENCE, ("RS256", "ES256"), "scope", None, 60)
        tokens = Tokens(rules, JsonWebKeys(read, lambda: now[0]))
        by_rsa, by_ec = token(RSA), token(EC)
        for sent in (by_rsa, by_ec):
            await tokens.caller_of(sent, None)
        published.remove(RSA)
        now[0] += 601
        with anyio.fail_after(60), pytest.raises(UnauthorizedError, match="not signed by a key"):
            while await tokens.caller_of(by_rsa, None):
                await anyio.sleep(0.01)
        await tokens.caller_of(by_ec, None)

    anyio.run(ask)


def test_a_bound_token_needs_its_certificate_and_no_other_binding_is_taken():
    bound = token(cnf={"x5t#S256": THUMBPRINT})
    caller(bound, certificate=FINGERPRINT)
    assert refusal(bound) == refusal(bound, certificate="f0" * 32) == "token-refused"
    for confirmation in ({"jkt": THUMBPRINT}, {}, [THUMBPRINT], THUMBPRINT, {"x5t#S256": 7}):
        assert refusal(token(cnf=confirmation), certificate=FINGERPRINT) == "token-refused"


def unsigned(header: dict[str, Any]) -> str:
    parts = (header, {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "exp": 2**40, "scope": "admin"})
    written = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*written, ""))


def by_public_key() -> str:
    """Sign with the public key as a shared secret, which a verifier that trusts `alg` would take."""
    signed = unsigned({"alg": "HS256", "kid": "rsa"})[:-1]
    signature = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED = {
    "none": unsigned({"alg": "none", "kid": "rsa"}),
    "none, in capitals": unsigned({"alg": "NONE", "kid": "rsa"}),
    "no algorithm": unsigned({"kid": "rsa"}),
    "signed by the public key": by_public_key(),
    "another key of the same id": token(OTHER),
    "a key of its own in the header": token(OTHER, {"kid": "mine", "jwk": OTHER.as_dict(private=False)}),
    "a key at its own address": token(OTHER, {"jku": "http://127.0.0.1:9/jwks.json"}),
    "an algorithm not taken": token(RSA, {"alg": "PS256"}),
    "an unknown key": token(RSA, {"kid": "other"}),
    "no key id where there are two keys": token(
        RSAKey.import_key(RSA.as_dict(private=True) | {"kid": ""}), {"kid": ""}
    ),
    "an extension nobody knows": token(RSA, {"crit": ["urn:new"], "urn:new": 1}),
    "a key id that is no text": unsigned({"alg": "RS256", "kid": ["rsa"]}),
    "cut": token()[:-8],
    "changed": ".".join((token().split(".")[0], token(scope="admin").split(".")[1], token().split(".")[2])),
    "too long": token(scope="x" * 9000),
    "nested deep": base64.urlsafe_b64encode(b"[" * 1500).decode() + ".e30.e30",
    "nothing": "",
    "dots": "..",
    "not even letters": "ü.\x00.é",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(forged):
    assert refusal(forged) == "token-refused"


def test_a_weak_or_shared_key_of_the_set_signs_nothing():
    weak = {**RSA.as_dict(private=False), "use": "enc"}
    secret = OctKey.generate_key(256, {"kid": "oct"})
    keys = [weak, secret.as_dict(private=True), EC.as_dict(private=False), {"kty": "new"}, {"kty": "EC"}, 7, None]
    whole = json.dumps({"keys": keys}).encode()
    assert refusal(token(RSA), believing(whole)) == "token-refused"
    assert refusal(token(secret), believing(whole, algorithms=("RS256", "ES256"))) == "token-refused"
    assert caller(token(EC), believing(whole)).tenant == "office"


@pytest.mark.parametrize("names", ["", "none", "HS256", "RS256 HS256", "RS256 none", "rs256", "RS256,ES256"])
def test_algorithms_that_prove_nothing_stop_the_start(names):
    with pytest.raises(StartError, match="signed by one of"):
        pinned_algorithms(names)
