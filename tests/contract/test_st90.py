"""The table of WIPO ST.90 says for each rule what is so, and names tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "st90.md").read_text().splitlines()
    if re.match(r"\| (RS|WS|CS)", line)
]
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1][:30]}" for row in ROWS])
def test_a_rule_is_kept_by_a_test_or_has_a_reason(row):
    rule, asks, state, how = row
    assert state in ("kept", "deviates", "not checked"), rule
    assert asks
    named = set(re.findall(r"`(test_\w+)`", how))
    assert named <= TESTS
    assert named or state != "kept"
    assert len(how) > 20


def test_every_chapter_of_rules_is_there():
    assert len(ROWS) > 40
    assert {row[0].partition("-")[0] for row in ROWS} == {"RSG", "RSX", "RSJ", "WS", "CS"}
