"""The one place where the models command reads its environment."""

import os
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]


def default_artifacts_dir() -> Path:
    """Return the folder of the installed artifacts: `artifacts` in EXAMKIT_HOME, or in `.examkit` of the checkout."""
    return Path(os.environ.get("EXAMKIT_HOME") or _CHECKOUT / ".examkit") / "artifacts"
