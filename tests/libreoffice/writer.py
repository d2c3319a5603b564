"""A LibreOffice of an ordinary user, with the extension installed as that user would install it."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from plugins.libreoffice.build import build

DRIVER = Path(__file__).parent / "driver.py"
SYSTEM_PYTHON = "/usr/bin/python3"
START_SECONDS = 120
# Drawn into memory, so that dialogs are there without a screen; `--headless` would cancel every one of them.
_UNSEEN = {"SAL_USE_VCLPLUGIN": "svp"}


class Writer:
    """LibreOffice and its driver as processes; files that both sides read lie in `folder`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="examkit-writer-"))
        self._pipe = self.folder.name
        self._user = _ordinary_user()
        self._programs: list[subprocess.Popen[str]] = []
        self._install()
        self.start()

    def start(self) -> None:
        """Start LibreOffice, and somebody who sits before it."""
        shutil.copy(DRIVER, self.folder)
        office = ["soffice", self._profile(), "--norestore", "--nologo", "--nofirststartwizard"]
        self._begin([*office, f"--accept=pipe,name={self._pipe};urp;"])
        self._driver = self._begin([SYSTEM_PYTHON, "driver.py", self._pipe])

    def stop(self) -> None:
        """End both."""
        for program in reversed(self._programs):
            program.terminate()
            program.communicate(timeout=START_SECONDS)
        self._programs = []

    def restart(self) -> None:
        """End it as its user does, so that everything is kept, and start it again."""
        self.do("quit")
        self.stop()
        self.start()

    def remove(self) -> None:
        """End both, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder)

    def do(self, operation: str, *arguments: Any, **values: Any) -> Any:
        """Have the driver do something; give its answer."""
        assert self._driver.stdin
        assert self._driver.stdout
        self._driver.stdin.write(json.dumps([operation, arguments, values]) + "\n")
        self._driver.stdin.flush()
        answer = json.loads(self._driver.stdout.readline())
        assert "trouble" not in answer, f"{operation}{arguments}: {answer['trouble']}; open: {self._open_windows()}"
        return answer["answer"]

    def open(self, name: str, content: str, **values: Any) -> None:
        """Open a document of such a content; every other is closed."""
        file = self.folder / name
        file.write_text(content)
        self._hand_over(file)
        self.do("open", str(file), **values)

    def saved(self, name: str, filter_name: str) -> Path:
        """Save the document in a format of LibreOffice's."""
        file = self.folder / name
        self.do("save", str(file), filter_name)
        return file

    def _open_windows(self) -> str:
        assert self._driver.stdin
        assert self._driver.stdout
        self._driver.stdin.write(json.dumps(["contents", [], {}]) + "\n")
        self._driver.stdin.flush()
        return self._driver.stdout.readline()

    def _install(self) -> None:
        extension = build(self.folder)
        (self.folder / "home").mkdir()
        self._hand_over(self.folder, *self.folder.rglob("*"))
        self.run_unopkg("add", extension.name)

    def _hand_over(self, *paths: Path) -> None:
        if self._user:
            for path in paths:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def run_unopkg(self, *arguments: str) -> None:
        """Have the extension manager do something, as the user."""
        done = subprocess.run(
            self._as_user(["unopkg", arguments[0], self._profile(), *arguments[1:]]),
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _begin(self, command: list[str]) -> subprocess.Popen[str]:
        with (self.folder / f"{command[0].rpartition('/')[2]}.log").open("ab") as log:
            program = subprocess.Popen(
                self._as_user(command),
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._programs.append(program)
        return program

    def _profile(self) -> str:
        return f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"

    def _as_user(self, command: list[str]) -> list[str]:
        if self._user is None:
            return command
        ids = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, *command]

    def _environment(self) -> dict[str, str]:
        home = str(self.folder / "home")
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, "PYTHONDONTWRITEBYTECODE": "1", **_UNSEEN}


def skip_without_office() -> None:
    """Skip tests where LibreOffice or its Python is not installed."""
    if not (shutil.which("soffice") and shutil.which("unopkg")):
        pytest.skip("LibreOffice is not installed.")
    looked = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False)
    if looked.returncode:
        pytest.skip("The system's Python has no `uno` (package python3-uno).")


def _ordinary_user() -> pwd.struct_passwd | None:
    """Choose somebody else where the tests run as root, for whom nobody installs extensions."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
