"""Settings, their tables for operators and the compose file say the same."""

import re
from pathlib import Path

import pytest

from examkit.settings import DeployableSettings
from gateway.settings import Settings as GatewaySettings
from services.classify.settings import Settings as ClassifySettings
from services.image_search.settings import Settings as ImageSearchSettings
from services.translate.settings import Settings as TranslateSettings

ROOT = Path(__file__).resolve().parents[2]
DEPLOYABLES = {
    "gateway": GatewaySettings,
    "services/classify": ClassifySettings,
    "services/image_search": ImageSearchSettings,
    "services/translate": TranslateSettings,
}


def variables(settings: type[DeployableSettings]) -> set[str]:
    return {(settings.model_config["env_prefix"] + name).upper() for name in settings.model_fields}


@pytest.mark.parametrize(("folder", "settings"), DEPLOYABLES.items(), ids=DEPLOYABLES)
def test_the_table_for_operators_is_complete_and_tells_the_defaults(folder, settings):
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", (ROOT / folder / "README.md").read_text(), re.MULTILINE))
    assert set(rows) == variables(settings)
    prefix = settings.model_config["env_prefix"]
    for name, field in settings.model_fields.items():
        told = rows[(prefix + name).upper()].strip("` ")
        if field.is_required():
            assert told == "required"
        elif field.default is not None:
            assert told.replace(",", "") == str(field.default)


@pytest.mark.parametrize(("folder", "settings"), DEPLOYABLES.items(), ids=DEPLOYABLES)
def test_compose_sets_what_is_required_and_nothing_unknown(folder, settings):
    prefix = settings.model_config["env_prefix"]
    text = (ROOT / "docker-compose.yml").read_text()
    composed = set(re.findall(rf"^\s+({prefix}[A-Z_]+):", text, re.MULTILINE))
    required = {(prefix + name).upper() for name, field in settings.model_fields.items() if field.is_required()}
    assert required <= composed <= variables(settings)
