"""Supervisor, the process manager, as the runner uses it: start, ask, stop. The only file that knows its interface."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy

from supervisor.states import ProcessStates
from supervisor.xmlrpc import SupervisorTransport

from examkit.errors import StartError
from stack.configuration import supervisor_configuration
from stack.layout import Layout
from stack.leftovers import mark, stop_leftovers
from stack.logs import last_line
from stack.programs import Deployment

_LONGEST_SOCKET_PATH = 96  # the system takes 107 bytes, and supervisor first appends its process id
_START_SECONDS = 20.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ProcessState:
    """What supervisor knows of one program: its process id (0: none) and whether it has given the program up."""

    process_id: int
    is_given_up: bool


class Supervisor:
    """One running supervisor with a deployment's programs."""

    def __init__(self, deployment: Deployment, layout: Layout, environment: Mapping[str, str]) -> None:
        """Prepare to run; `environment` is all that the programs get besides their own settings."""
        self._deployment = deployment
        self._layout = layout
        self._environment = {**environment, **mark(layout)}
        self._socket = _socket_path(layout)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_log = layout.logs / "supervisor-start.log"
        self._transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        self._server: Any = ServerProxy("http://localhost", transport=self._transport)

    def start(self) -> None:
        """Start supervisor, and with it the services; raise StartError when it does not come up."""
        text = supervisor_configuration(self._deployment, self._socket)
        self._layout.configuration.write_text(text)
        with self._start_log.open("wb") as output:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "supervisor.supervisord", "--configuration", str(self._layout.configuration)),
                cwd=self._layout.home,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the runner, which then stops everything in order.
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def start_gateway(self) -> None:
        """Start the gateway, which does not start by itself."""
        self._ask("startProcess", self._deployment.gateway.name, False)

    def states(self) -> dict[str, ProcessState]:
        """Return what supervisor knows of each program, by name; raise StartError when supervisor is gone."""
        infos: list[dict[str, Any]] = self._ask("getAllProcessInfo")
        return {info["name"]: ProcessState(info["pid"], info["state"] == ProcessStates.FATAL) for info in infos}

    def stop(self) -> None:
        """Stop the gateway, then the services, then supervisor itself; use force on what does not end in time."""
        self._transport.close()
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
            stop_leftovers(self._layout)
            self._process.wait()
        if self._socket.parent != self._layout.run:
            shutil.rmtree(self._socket.parent)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._socket.exists():
            if self._has_ended() or time.monotonic() > deadline:
                raise StartError(f"Supervisor did not start: {last_line(self._start_log) or 'it wrote no reason'}")
            time.sleep(_POLL_SECONDS)

    def _ask(self, method: str, *arguments: object) -> Any:
        try:
            return getattr(self._server.supervisor, method)(*arguments)
        except (OSError, HTTPException, Error):
            raise StartError(
                f"Supervisor stopped unexpectedly, so everything is stopped; its log is {self._layout.process_log}."
            ) from None

    def _has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None


def _socket_path(layout: Layout) -> Path:
    wanted = layout.run / "supervisor.sock"
    if len(bytes(wanted)) > _LONGEST_SOCKET_PATH:
        return Path(tempfile.mkdtemp(prefix="examkit-")) / wanted.name
    wanted.unlink(missing_ok=True)
    return wanted
