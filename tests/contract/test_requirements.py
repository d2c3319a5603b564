"""What is tested is what is shipped: every lock is a projection of the one for development."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (".", "gateway", "models", "stack", "services/classify", "services/image_search", "services/translate")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+) \\$", re.MULTILINE)


def pins(file: Path) -> dict[str, str]:
    return dict(PIN.findall(file.read_text()))


@pytest.mark.parametrize("part", PARTS)
def test_a_lock_carries_the_pins_that_were_tested(part):
    tested = pins(ROOT / "requirements-dev.txt")
    shipped = pins(ROOT / part / "requirements.txt")
    assert shipped
    assert shipped.items() <= tested.items()


@pytest.mark.parametrize("part", PARTS)
def test_a_lock_hashes_everything_and_names_no_registry(part):
    text = (ROOT / part / "requirements.txt").read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text.strip()))


@pytest.mark.parametrize("part", PARTS)
def test_serving_never_installs_a_training_framework(part):
    assert not {"torch", "transformers", "scikit-learn"} & set(pins(ROOT / part / "requirements.txt"))
