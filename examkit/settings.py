"""What every deployable can be told through its environment; each adds its own settings in a subclass."""

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, HttpUrl, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from examkit.errors import StartError


class DeployableSettings(BaseSettings):
    """Settings common to the gateway and the services; a subclass sets `env_prefix`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    max_body_bytes: int = Field(4 * 1024 * 1024, gt=0, description="largest request body taken, in bytes")
    service_token_file: Path = Field(description="file with the token that gateway and services share")
    otlp_endpoint: HttpUrl | None = Field(None, description="collector that gets traces by OTLP over HTTP")

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment; raise StartError naming what is missing, unusable or unknown."""
        prefix = cls.model_config["env_prefix"]
        known = {(prefix + name).upper() for name in cls.model_fields}
        for name in os.environ:
            if name.upper().startswith(prefix) and name.upper() not in known:
                raise StartError(f"Unknown setting {name}.")
        values: dict[str, Any] = {}
        try:
            return cls(**values)
        except ValidationError as error:
            where = ", ".join(f"{prefix}{str(e['loc'][0]).upper()} ({e['msg']})" for e in error.errors())
            raise StartError(f"The settings cannot be used: {where}.") from None


class ServiceSettings(DeployableSettings):
    """Settings common to the three services."""

    artifacts_dir: Path = Field(description="folder that `python -m models install` fills")
    inference_slots: int = Field(2, gt=0, description="calls computed at the same time")
    waiting_slots: int = Field(16, ge=0, description="calls that may wait; past that the answer is 503")
