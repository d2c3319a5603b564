"""The token that keeps services for the gateway alone: made at start, shared as a file, sent with every inner call."""

import secrets
import sys
from pathlib import Path
from typing import Final

from examkit.errors import StartError
from examkit.files import write_private_file

SERVICE_TOKEN_HEADER: Final = "examkit-service-token"  # noqa: S105 - the header's name, not a token
_LEAST_LENGTH = 32


def read_service_token(path: Path) -> str:
    """Read the token; raise StartError when the file is missing or holds no usable token."""
    try:
        token = path.read_text().strip()
    except OSError:
        raise StartError(f"The service token file {path} cannot be read.") from None
    if len(token) < _LEAST_LENGTH:
        raise StartError(f"The service token in {path} is shorter than {_LEAST_LENGTH} characters.")
    return token


def write_service_token(path: Path) -> None:
    """Write a fresh random token that only its owner can read, unless the file is there already."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all, whenever the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    write_private_file(partial, text.encode())
    partial.replace(path)


if __name__ == "__main__":
    write_service_token(Path(sys.argv[1]))
