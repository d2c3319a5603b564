"""What an operator can tell the image search service."""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from examkit.errors import StartError
from examkit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the image search service, read from `IMAGE_SEARCH_*`."""

    model_config = SettingsConfigDict(env_prefix="IMAGE_SEARCH_", frozen=True, extra="forbid")

    data_dir: Path = Field(description="folder of the register (SQLite); the only one that is written to")
    database_url: SecretStr | None = Field(None, description="PostgreSQL database to keep the register in instead")
    read_only: bool = Field(False, description="only search a register that another process owns and may change")
    office_name: str = Field("", max_length=200, description="name of the office, written on reports")
    max_body_bytes: int = Field(25 * 1024 * 1024, gt=0, description="largest request body taken, in bytes")
    max_import_bytes: int = Field(2 * 1024**3, gt=0, description="largest archive of marks taken, in bytes")


class BuildSettings(BaseSettings):
    """Of the same settings, those that taking a register in needs."""

    model_config = SettingsConfigDict(env_prefix="IMAGE_SEARCH_", frozen=True, extra="ignore")

    artifacts_dir: Path
    data_dir: Path
    database_url: SecretStr | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment; raise StartError naming what is missing."""
        values: dict[str, Any] = {}
        try:
            return cls(**values)
        except ValidationError as error:
            names = ", ".join(f"IMAGE_SEARCH_{item['loc'][0]}".upper() for item in error.errors())
            raise StartError(f"Set {names}.") from None
