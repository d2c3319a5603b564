"""Nothing of what was submitted is written where it does not belong."""

import logging
import sys

import pytest
import structlog

from examkit.web.observe import configure_logging

SECRET = "Quagga-4711"


@pytest.fixture
def _logging_put_back():
    handlers, raises = logging.getLogger().handlers[:], logging.raiseExceptions
    yield
    logging.getLogger().handlers[:] = handlers
    logging.raiseExceptions = raises
    structlog.reset_defaults()


@pytest.mark.usefixtures("_logging_put_back")
def test_a_line_that_cannot_be_written_gives_the_error_at_hand_away_nowhere(monkeypatch, tmp_path, capsys):
    with (tmp_path / "log").open("w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        configure_logging("info")
    monkeypatch.undo()
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("examkit").error("it failed")
    assert SECRET not in "".join(capsys.readouterr())
