"""What the gateway can be told through its environment (GATEWAY_*)."""

from pathlib import Path

from pydantic import Field, HttpUrl
from pydantic_settings import SettingsConfigDict

from examkit.settings import DeployableSettings


class Settings(DeployableSettings):
    """Settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="forbid")

    max_body_bytes: int = Field(26 * 1024 * 1024, gt=0, description="largest request body taken, in bytes")
    max_import_bytes: int = Field(2 * 1024**3 + 1024**2, gt=0, description="largest body with an archive of marks")
    max_document_bytes: int = Field(33 * 1024**2, gt=0, description="largest body with a document to translate")
    data_dir: Path = Field(description="folder for the API keys' hashes")
    api_key_file: Path = Field(description="where the first start writes the API key that it creates")
    classify_url: HttpUrl = Field(description="where the classify service listens")
    image_search_url: HttpUrl = Field(description="where the image search service listens")
    translate_url: HttpUrl = Field(description="where the translate service listens")
    upstream_timeout_seconds: float = Field(60, gt=0, description="longest wait for a service's answer")
    restart_patience_seconds: float = Field(10, ge=0, description="how long calls wait for a service that restarts")
    metrics_port: int | None = Field(None, description="serve /metrics on this port instead of the public one")
