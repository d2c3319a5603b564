"""Last words, however strange the log."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stack.logs import exit_reason, last_line, size

SUPERVISOR = """\
2026-01-01 10:00:00,000 WARN exited: classify (terminated by SIGKILL; not expected)
2026-01-01 10:00:01,000 WARN exited: translate (terminated by SIGSEGV (core dumped); not expected)
2026-01-01 10:00:02,000 WARN exited: translate (exit status 3; not expected)
"""


def test_the_last_line_is_of_this_run(tmp_path):
    log = tmp_path / "log"
    log.write_text("old\n")
    start = size(log)
    assert last_line(log, start) == ""
    with log.open("a") as stream:
        stream.write("new\n\n")
    assert last_line(log, start) == "new"


def test_a_rotated_log_is_read_from_its_beginning_on(tmp_path):
    (tmp_path / "log").write_text("x\n")
    assert last_line(tmp_path / "log", 10_000) == ""
    assert last_line(tmp_path / "absent") == ""
    assert size(tmp_path / "absent") == 0


def test_a_json_line_is_told_as_its_message(tmp_path):
    log = tmp_path / "log"
    log.write_text(json.dumps({"level": "error", "event": "cannot start", "error": "KeyError"}) + "\n")
    assert last_line(log) == "cannot start: KeyError"


@given(st.binary(max_size=200))
def test_no_log_is_too_strange_to_read(tmp_path_factory, content):
    log = tmp_path_factory.mktemp("logs") / "log"
    log.write_bytes(content)
    assert isinstance(last_line(log), str)


def test_the_reason_is_that_of_the_last_end(tmp_path):
    log = tmp_path / "supervisor.log"
    log.write_text(SUPERVISOR)
    assert exit_reason(log, "classify") == "signal 9"
    assert exit_reason(log, "translate") == "exit status 3"
    assert exit_reason(log, "gateway") == "reason unknown"
