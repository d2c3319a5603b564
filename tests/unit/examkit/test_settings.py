"""Are settings read, and is every mistake in them named in one sentence?"""

import pytest
from pydantic_settings import SettingsConfigDict

from examkit.errors import StartError
from examkit.settings import ServiceSettings


class ToySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TOY_", frozen=True, extra="forbid")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("TOY_ARTIFACTS_DIR", "/somewhere")
    monkeypatch.setenv("TOY_SERVICE_TOKEN_FILE", "/somewhere/token")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TOY_INFERENCE_SLOTS", "7")
    assert ToySettings.from_environment().inference_slots == 7


def test_an_unknown_variable_stops_the_start_with_its_name(monkeypatch):
    monkeypatch.setenv("TOY_INFERENCE_SLOT", "7")
    with pytest.raises(StartError, match="TOY_INFERENCE_SLOT"):
        ToySettings.from_environment()


def test_a_missing_and_an_unusable_variable_are_named(monkeypatch):
    monkeypatch.delenv("TOY_ARTIFACTS_DIR")
    monkeypatch.setenv("TOY_LOG_LEVEL", "loud")
    with pytest.raises(StartError, match=r"TOY_LOG_LEVEL.*TOY_ARTIFACTS_DIR"):
        ToySettings.from_environment()
