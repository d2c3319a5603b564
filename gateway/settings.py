"""What the gateway and its commands can be told through their environment (GATEWAY_*)."""

import os
from pathlib import Path
from typing import Final

from pydantic import Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from examkit.settings import DeployableSettings
from gateway.routes import Upstream

_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_OFFICE_JS: Final = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
_CHECKOUT: Final = Path(__file__).resolve().parents[1]


class Settings(DeployableSettings):
    """Settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="forbid")

    max_body_bytes: int = Field(26 * 1024 * 1024, gt=0, description="largest request body taken, in bytes")
    max_import_bytes: int = Field(2 * 1024**3 + 1024**2, gt=0, description="largest body with an archive of marks")
    max_document_bytes: int = Field(33 * 1024**2, gt=0, description="largest body with a document")
    data_dir: Path = Field(description="folder of the gateway's database")
    database_url: SecretStr | None = Field(None, description="PostgreSQL database to keep API keys in instead")
    api_key_file: Path = Field(description="where the first start writes the API key that it creates")
    classify_url: HttpUrl = Field(description="where the classify service listens")
    image_search_url: HttpUrl = Field(description="where the image search service listens")
    translate_url: HttpUrl = Field(description="where the translate service listens")
    upstream_timeout_seconds: float = Field(60, gt=0, description="longest wait for a service's answer")
    restart_patience_seconds: float = Field(10, ge=0, description="how long calls wait for a service that restarts")
    metrics_port: int | None = Field(None, description="serve /metrics on this port instead of the public one")
    faces: str = Field("ipccat deepl libretranslate opuscat", description="other protocols that are spoken, or none")
    keyless_key_file: Path | None = Field(None, description="file with the key that the faces' clients without one get")
    office_name: str = Field("", max_length=200, description="what the workbench calls the office")
    office_logo_file: Path | None = Field(None, description="PNG, JPEG or SVG that it shows beside the name")

    public_url: HttpUrl | None = Field(None, description="https address by which browsers and Word reach the gateway")
    office_js_url: HttpUrl = Field(HttpUrl(_OFFICE_JS), description="where the pane for Word gets Office.js")

    requests_per_minute: int = Field(6000, ge=0, description="calls of a key or token in a minute")
    characters_per_day: int = Field(100_000_000, ge=0, description="characters of bodies of a key or token in a day")
    images_per_day: int = Field(100_000, ge=0, description="images of a key or token in a day")
    redis_url: SecretStr | None = Field(None, description="Redis in which several gateways count together")
    failures_per_minute: int = Field(60, ge=0, description="credentials that open nothing, of an address in a minute")
    trusted_proxies: str | None = Field(None, description="addresses and networks whose headers on clients count")
    certificate_header: str = Field("Client-Certificate-SHA256", description="where they tell a checked certificate")
    token_issuer: str | None = Field(None, description="who issues bearer tokens that are taken (iss)")
    token_audience: str | None = Field(None, description="for whom they must be issued (aud)")
    token_keys_file: Path | None = Field(None, description="file of the issuer's public keys (JWKS)")
    token_keys_url: HttpUrl | None = Field(None, description="where they are fetched from instead")
    token_algorithms: str = Field("RS256 ES256", description="how tokens may be signed")
    token_scope_claim: str = Field("scope", description="claim that names the scopes")
    token_tenant_claim: str | None = Field(None, description="claim that names the department")
    token_skew_seconds: int = Field(60, ge=0, le=600, description="how far clocks may differ")

    @field_validator("token_keys_url")
    @classmethod
    def _is_private(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url is not None and url.scheme != "https" and url.host not in _LOOPBACK:
            raise ValueError("keys come by https, or from this machine")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_an_address_for_word(cls, url: HttpUrl | None) -> HttpUrl | None:
        # Word opens panes by https only; pages and files lie at the root.
        if url is not None and (url.scheme != "https" or url.path != "/" or url.query or url.fragment):
            raise ValueError("an https address without a path, as https://examkit.office.example")
        return url

    @field_validator("office_js_url")
    @classmethod
    def _is_office_js(cls, url: HttpUrl) -> HttpUrl:
        # It finds its other files beside itself, by its own name.
        if not (url.path or "").endswith("/office.js"):
            raise ValueError("the address of a file called office.js")
        return url

    def service_urls(self) -> dict[Upstream, str]:
        """Return where each service listens."""
        return {
            Upstream.CLASSIFY: str(self.classify_url),
            Upstream.IMAGE_SEARCH: str(self.image_search_url),
            Upstream.TRANSLATE: str(self.translate_url),
        }


def _default_data_dir() -> Path:
    return Path(os.environ.get("EXAMKIT_HOME") or _CHECKOUT / ".examkit") / "gateway"


class StateSettings(BaseSettings):
    """Where the state of a gateway lies, for commands: without a setting, where `make up` keeps it."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: SecretStr | None = None
