"""What an operator can tell the classify service."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from examkit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the classify service, read from `CLASSIFY_*`."""

    model_config = SettingsConfigDict(env_prefix="CLASSIFY_", frozen=True, extra="forbid")

    data_dir: Path = Field(description="folder of the feedback (SQLite); the only one that is written to")
    database_url: SecretStr | None = Field(None, description="PostgreSQL database to keep feedback in instead")
    encode: bool = Field(True, description="read texts with the encoders too, which is slower and more often right")
