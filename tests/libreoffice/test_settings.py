"""Settings: entered once, kept, fixed by an administrator; the key where LibreOffice keeps passwords."""

import pytest

from tests.e2e.conftest import Deployment
from tests.libreoffice.documents import flat, paragraph
from tests.libreoffice.writer import Writer

pytestmark = pytest.mark.e2e

DIALOG = "Examkit: settings"
FIXED = """<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
                    oor:name="Office" oor:package="org.examkit">
  <node oor:name="Settings">
    <prop oor:name="GatewayAddress" oor:finalized="true"><value>{address}</value></prop>
    <prop oor:name="TargetLanguage"><value>pt</value></prop>
  </node>
</oor:component-data>
"""
BRUSH = "A toothbrush comprises a handle and a brush head with bristles, held on the handle by a snap connection."


@pytest.fixture
def new(installed: Writer, deployment: Deployment):
    """A LibreOffice of its own, in which nothing is set."""
    writer = Writer()
    try:
        yield writer
    finally:
        writer.remove()


def test_a_first_use_asks_where_the_gateway_is_and_the_key_is_kept(new: Writer, deployment: Deployment):
    new.open("case.fodt", flat(paragraph(BRUSH)))
    new.do("choose", "classify")
    new.do("wait_until_said", "Examkit", "does not know yet where")
    new.do("press", "Examkit", "OK")
    new.do("type", DIALOG, "Gateway address", "ftp://office")
    new.do("press", DIALOG, "OK")
    new.do("wait_until_said", DIALOG, "This is not the address of a gateway")
    new.do("type", DIALOG, "Gateway address", deployment.url + "/")
    new.do("type", DIALOG, "API key", deployment.api_key)
    new.do("press", DIALOG, "Keep the key on this computer")
    new.do("press", DIALOG, "OK")
    new.do("wait_until_said", "Examkit: IPC symbols", "A46B (")
    new.do("dismiss")
    new.restart()
    kept = (new.folder / "profile" / "user" / "registrymodifications.xcu").read_text()
    assert deployment.url in kept
    assert deployment.api_key not in kept
    new.open("case.fodt", flat(paragraph(BRUSH)))
    new.do("choose", "classify")
    new.do("wait_until_said", "Examkit: IPC symbols", "A46B (")


def test_what_an_administrator_fixed_is_shown_and_cannot_be_changed(new: Writer, deployment: Deployment):
    new.stop()
    (new.folder / "examkit-settings.xcu").write_text(FIXED.format(address=deployment.url))
    new.run_unopkg("add", "examkit-settings.xcu")
    new.start()
    new.open("case.fodt", flat(paragraph(BRUSH)))
    new.do("choose", "settings")
    said = new.do("read", DIALOG)
    assert deployment.url in said
    assert "pt – Português" in said
    assert not new.do("is_input_enabled", DIALOG, "Gateway address")
    assert new.do("is_input_enabled", DIALOG, "API key")
    new.do("type", DIALOG, "API key", deployment.api_key)
    new.do("press", DIALOG, "OK")
    new.do("wait_until_gone", DIALOG)
    new.do("choose", "classify")
    new.do("wait_until_said", "Examkit: IPC symbols", "A46B (")
