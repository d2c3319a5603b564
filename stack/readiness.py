"""Wait until programs can do their work, and notice at once when one cannot start."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import httpx2

from examkit.errors import StartError
from stack.layout import Layout
from stack.logs import last_line, size
from stack.programs import Program
from stack.supervisor import ProcessState

_POLL_SECONDS = 0.1
_LONGEST_START_SECONDS = 180.0


class ProcessStates(Protocol):
    """Whoever knows the processes' states; the supervisor."""

    def states(self) -> Mapping[str, ProcessState]:
        """Return the state of each program by name."""


class Probe:
    """Asks programs over HTTP whether they are ready."""

    def __init__(self, transport: httpx2.BaseTransport | None = None) -> None:
        # Loopback only: a proxy of the environment must not see these calls.
        self._client = httpx2.Client(transport=transport, trust_env=False, timeout=2.0)

    def is_ready(self, program: Program) -> bool:
        """Tell whether `/readyz` answers 200."""
        try:
            return self._client.get(f"{program.url}/readyz").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Startup:
    """One start; made before anything starts, so that it can tell this start's log lines from earlier ones."""

    def __init__(self, programs: Sequence[Program], layout: Layout, processes: ProcessStates, probe: Probe) -> None:
        self._layout = layout
        self._processes = processes
        self._probe = probe
        self._log_starts = {program.name: size(layout.log_of(program.name)) for program in programs}
        self._process_ids: dict[str, int] = {}

    def wait(self, programs: Sequence[Program], on_ready: Callable[[Program, float], None]) -> None:
        """Wait for all programs, telling of each how many seconds it took; raise StartError when one cannot start."""
        began = time.monotonic()
        waiting = list(programs)
        while waiting:
            states = self._processes.states()
            for program in tuple(waiting):
                self._require_alive(program, states[program.name])
                if self._probe.is_ready(program):
                    on_ready(program, time.monotonic() - began)
                    waiting.remove(program)
            if waiting and time.monotonic() - began > _LONGEST_START_SECONDS:
                raise self._failure(waiting[0], f"was not ready after {_LONGEST_START_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _require_alive(self, program: Program, state: ProcessState) -> None:
        first = self._process_ids.get(program.name, 0)
        if state.is_given_up or (first and state.process_id != first):
            raise self._failure(program, "cannot start")
        self._process_ids[program.name] = state.process_id

    def _failure(self, program: Program, what: str) -> StartError:
        log = self._layout.log_of(program.name)
        reason = last_line(log, self._log_starts[program.name]) or "it wrote nothing"
        # A service that gives its reason begins with these words itself.
        return StartError(f"{program.name} {what}: {reason.removeprefix('cannot start: ')}\nIts log: {log}")
