"""The system that the tests of faults share, module by module."""

from collections.abc import Mapping
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_artifacts(tiny_artifacts: Path, artifacts_dir: Path) -> Mapping[str, Path]:
    """What each service loads: a classifier in miniature, and the default artifacts of the others."""
    return {"classify": tiny_artifacts, "image_search": artifacts_dir, "translate": artifacts_dir}
