"""The one place where the models command reads its environment."""

import os
from pathlib import Path


def default_artifacts_dir() -> Path:
    """Return the folder that holds the installed artifacts: `artifacts` in EXAMKIT_HOME, or in `.examkit` here."""
    return Path(os.environ.get("EXAMKIT_HOME") or ".examkit") / "artifacts"
