"""What is tested is what is shipped: every lock is a projection of the one for development."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from models.registry import BuiltFromPackage, read_registry

ROOT = Path(__file__).resolve().parents[2]
PARTS = (".", "gateway", "models", "stack", "services/classify", "services/image_search", "services/translate")
EXTRAS = ("services/image_search/requirements-words.txt", "services/translate/requirements-ctranslate2.txt")
LOCKS = (*(f"{part}/requirements.txt" for part in PARTS), *EXTRAS)
RELEASES = read_registry().releases.values()
BUILDERS = [release.source.builder for release in RELEASES if isinstance(release.source, BuiltFromPackage)]
BUILDERS += [release.master_files_builder for release in RELEASES if release.master_files_builder]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+) \\$", re.MULTILINE)


def pins(file: Path) -> dict[str, str]:
    return dict(PIN.findall(file.read_text()))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_carries_the_pins_that_were_tested(lock):
    tested = pins(ROOT / "requirements-dev.txt")
    shipped = pins(ROOT / lock)
    assert shipped
    assert shipped.items() <= tested.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_hashes_everything_and_names_no_registry(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text.strip()))


@pytest.mark.parametrize("lock", LOCKS)
def test_serving_never_installs_a_training_framework(lock):
    assert not {"torch", "transformers", "scikit-learn"} & set(pins(ROOT / lock))


# What a deployable starts with, by part.
ENTRANCES = {
    "gateway": ["gateway.app", "gateway.__main__"],
    "models": ["models.__main__", *{builder.partition(":")[0] for builder in BUILDERS}],
    "services/classify": ["services.classify.app", "services.classify.batch.__main__"],
    "services/image_search": ["services.image_search.app", "services.image_search.build"],
    "services/translate": ["services.translate.app"],
}
IMPORTING = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(name + " is not in the lock")

sys.meta_path.insert(0, Absent())
for entrance in {entrances}:
    importlib.import_module(entrance)
"""


@pytest.mark.parametrize("part", ENTRANCES)
def test_a_part_imports_with_nothing_but_its_own_lock(part):
    shipped = pins(ROOT / part / "requirements.txt")
    absent = {
        module
        for module, names in packages_distributions().items()
        if not {re.sub(r"[-_.]+", "-", name).lower() for name in names} & shipped.keys()
    }
    script = IMPORTING.format(absent=absent, entrances=ENTRANCES[part])
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
