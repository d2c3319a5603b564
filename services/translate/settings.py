"""What an operator can tell the translate service."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from examkit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the translate service, read from `TRANSLATE_*`."""

    model_config = SettingsConfigDict(env_prefix="TRANSLATE_", frozen=True, extra="forbid")

    data_dir: Path = Field(description="folder of glossaries, memory and documents; the only one that is written to")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL database to keep glossaries and memory in instead"
    )
    max_document_bytes: int = Field(32 * 1024**2, gt=0, description="largest document taken, in bytes")
    weak_routes: bool = Field(False, description="whether chains too weak to be offered are offered all the same")
