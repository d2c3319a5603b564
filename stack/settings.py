"""What the runner can be told through its environment, and what of its environment it hands on."""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from examkit.errors import StartError

_CHECKOUT = Path(__file__).resolve().parents[1]
_PREFIX = "EXAMKIT_"
_HANDED_ON = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "USER", "LOGNAME"})
_DEPLOYABLE_PREFIXES = ("CLASSIFY_", "IMAGE_SEARCH_", "TRANSLATE_", "GATEWAY_")


class StackSettings(BaseSettings):
    """Where the state lives and where the gateway listens."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    home: Path = Field(_CHECKOUT / ".examkit", description="folder of artifacts, databases, logs and the API key")
    port: int = Field(8080, gt=0, le=65535, description="port of the gateway on 127.0.0.1")


def read_settings() -> StackSettings:
    """Read the environment; raise StartError naming the variable that cannot be used."""
    try:
        return StackSettings()
    except ValidationError as error:
        first = error.errors()[0]
        raise StartError(f"{_PREFIX}{str(first['loc'][0]).upper()} cannot be used: {first['msg']}.") from None


def whole_environment() -> dict[str, str]:
    """Return the operator's environment, for commands that the runner calls on the operator's behalf."""
    return dict(os.environ)


def deployable_environment() -> dict[str, str]:
    """Return what deployables get besides the runner's own: the system's essentials and the operator's settings."""
    handed_on = {
        name: value
        for name, value in os.environ.items()
        if name in _HANDED_ON or name.upper().startswith(_DEPLOYABLE_PREFIXES)
    }
    # One thread a process: four deployables share the machine, and idle threads of a runtime spin.
    return {**handed_on, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
