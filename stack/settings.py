"""What the runner can be told through its environment, and what of its environment it hands on."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_CHECKOUT = Path(__file__).resolve().parents[1]
_HANDED_ON = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "USER", "LOGNAME"})
_DEPLOYABLE_PREFIXES = ("CLASSIFY_", "IMAGE_SEARCH_", "TRANSLATE_", "GATEWAY_")


class StackSettings(BaseSettings):
    """Where the state lives and where the gateway listens."""

    model_config = SettingsConfigDict(env_prefix="EXAMKIT_", frozen=True, extra="forbid")

    home: Path = Field(_CHECKOUT / ".examkit", description="folder of artifacts, databases, logs and the API key")
    port: int = Field(8080, gt=0, le=65535, description="port of the gateway on 127.0.0.1")


def whole_environment() -> dict[str, str]:
    """Return the operator's environment, for commands that the runner calls on the operator's behalf."""
    return dict(os.environ)


def handed_on_environment() -> dict[str, str]:
    """Return the part of the environment that deployables get: the system's essentials and their own settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _HANDED_ON or name.upper().startswith(_DEPLOYABLE_PREFIXES)
    }
