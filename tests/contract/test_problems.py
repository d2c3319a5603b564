"""Every problem that code can raise is explained to clients, and nothing is explained that cannot happen."""

import ast
import re
from pathlib import Path

from examkit import errors
from examkit.errors import ErrorKind, ExamError
from examkit.web.problems import status_of

ROOT = Path(__file__).resolve().parents[2]
ONLINE = [file for part in ("examkit", "services", "gateway") for file in (ROOT / part).rglob("*.py")]
DOCUMENTED = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "problems.md").read_text(), re.MULTILINE))


def codes_in(file: Path) -> set[str]:
    """Find every code given as a literal: `code="..."` in a call or `code = "..."` in a class."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "code":
            found.append(node.value)
        if isinstance(node, ast.ClassDef):
            found += [n.value for n in node.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "code"]
    return {str(value.value) for value in found if isinstance(value, ast.Constant)}


def test_documented_codes_are_those_that_code_can_raise():
    from_http = {"unknown-route", "method-not-allowed", "malformed-request", "internal-error"}
    assert set().union(*map(codes_in, ONLINE)) | from_http == DOCUMENTED


def test_every_kind_has_a_status_and_every_error_a_kind():
    assert all(400 <= status_of(kind) <= 599 for kind in ErrorKind)
    kinds = {
        e.kind for e in vars(errors).values() if isinstance(e, type) and issubclass(e, ExamError) and e != ExamError
    }
    assert kinds == set(ErrorKind)
