"""What the README tells a newcomer to type works as printed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
(CURLS,) = [block for block in BLOCKS if "curl" in block]


def test_every_curl_command_of_the_readme_answers(deployment: Deployment):
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine.")
    script = CURLS.replace("http://127.0.0.1:8080", deployment.url)
    script = script.replace("$(cat .examkit/api_key)", deployment.api_key)
    # A refusal fails the script; a line between the answers keeps them apart.
    wrapper = 'curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }\n'
    done = subprocess.run(
        ("bash", "-e", "-c", wrapper + script), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    classified, found, shown, coded, translated = [json.loads(line) for line in done.stdout.splitlines()]
    assert classified["predictions"][0]["symbol"] == "F03D"
    assert classified["predictions"][0]["evidence"]
    assert found["hits"][0]["metadata"]["name"] == "Apple"
    assert "bird" in shown["understood"]["names"]
    assert shown["hits"]
    assert "05.07" in [suggestion["code"] for suggestion in coded["suggestions"]]
    assert all(sign in translated["translations"][0]["text"] for sign in ("(12)", "(14)", "(16)"))
