"""What an operator can tell the translate service."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from examkit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the translate service, read from `TRANSLATE_*`."""

    model_config = SettingsConfigDict(env_prefix="TRANSLATE_", frozen=True, extra="forbid")

    weak_routes: bool = Field(False, description="whether chains too weak to be offered are offered all the same")
