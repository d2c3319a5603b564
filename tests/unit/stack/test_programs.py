"""The deployment as data."""

from pathlib import Path

import pytest

from stack.layout import Layout
from stack.programs import examkit_deployment

HOME = Path("/home/office")


@pytest.fixture
def deployment():
    return examkit_deployment(Layout(HOME), 8080)


def test_the_gateway_comes_last_and_knows_where_the_services_listen(deployment):
    assert [program.name for program in deployment.programs] == ["classify", "image_search", "translate", "gateway"]
    urls = {f"GATEWAY_{service.name.upper()}_URL": service.url for service in deployment.services}
    assert urls.items() <= deployment.gateway.environment.items()
    assert len({program.port for program in deployment.programs}) == 4


def test_each_program_gets_the_settings_it_knows_and_no_others(deployment):
    names = {program.name: set(program.environment) for program in deployment.programs}
    assert names["classify"] == {"CLASSIFY_ARTIFACTS_DIR", "CLASSIFY_SERVICE_TOKEN_FILE", "CLASSIFY_DATA_DIR"}
    assert names["translate"] == {"TRANSLATE_ARTIFACTS_DIR", "TRANSLATE_SERVICE_TOKEN_FILE", "TRANSLATE_DATA_DIR"}
    assert names["image_search"] == {
        "IMAGE_SEARCH_ARTIFACTS_DIR",
        "IMAGE_SEARCH_SERVICE_TOKEN_FILE",
        "IMAGE_SEARCH_DATA_DIR",
    }
    assert names["gateway"] == {
        "GATEWAY_SERVICE_TOKEN_FILE",
        "GATEWAY_DATA_DIR",
        "GATEWAY_API_KEY_FILE",
        "GATEWAY_CLASSIFY_URL",
        "GATEWAY_IMAGE_SEARCH_URL",
        "GATEWAY_TRANSLATE_URL",
    }


def test_a_command_serves_the_factory_on_loopback(deployment):
    command = deployment.gateway.command
    assert command[1:5] == ("-m", "uvicorn", "--factory", "gateway.app:create_app")
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "8080"
