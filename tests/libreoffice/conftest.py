"""LibreOffice with the extension, before a running deployment."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Deployment, deployment
from tests.libreoffice.writer import Writer, skip_without_office

__all__ = ["deployment"]


@pytest.fixture(scope="session")
def installed() -> Iterator[Writer]:
    """LibreOffice as it is after the extension was installed: nothing is set."""
    skip_without_office()
    writer = Writer()
    try:
        yield writer
    finally:
        writer.remove()


@pytest.fixture(scope="session")
def connected(installed: Writer, deployment: Deployment) -> Writer:
    """The same, once its user has said where the gateway is."""
    installed.open("empty.txt", " ")
    set_gateway(installed, deployment.url, deployment.api_key)
    return installed


@pytest.fixture
def writer(connected: Writer, deployment: Deployment) -> Iterator[Writer]:
    """LibreOffice, connected; what a test leaves open is closed, and what it sets is set back."""
    yield connected
    connected.do("dismiss")


def set_gateway(writer: Writer, address: str, key: str) -> None:
    """Enter address and key into the settings, as a user does."""
    writer.do("choose", "settings")
    writer.do("type", "Examkit: settings", "Gateway address", address)
    writer.do("type", "Examkit: settings", "API key", key)
    writer.do("press", "Examkit: settings", "OK")
    writer.do("wait_until_gone", "Examkit: settings")
