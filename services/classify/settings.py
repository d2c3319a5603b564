"""What an operator can tell the classify service."""

from pydantic_settings import SettingsConfigDict

from examkit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the classify service, read from `CLASSIFY_*`."""

    model_config = SettingsConfigDict(env_prefix="CLASSIFY_", frozen=True, extra="forbid")
