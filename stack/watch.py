"""Notice programs that stop while they should run, and tell how it went on with them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from examkit.errors import StartError
from stack.layout import Layout
from stack.logs import exit_reason, last_line
from stack.programs import Deployment, Program
from stack.readiness import Probe, ProcessStates
from stack.supervisor import ProcessState

_CALM_SECONDS = 0.5
_ALERT_SECONDS = 0.1


@dataclass(frozen=True)
class _Outage:
    """Since when (monotonic seconds) and why a program is not there."""

    since: float
    reason: str


class Watch:
    """Compares process ids: supervisor restarts a crashed program by itself, under a new one."""

    def __init__(self, deployment: Deployment, layout: Layout, processes: ProcessStates, probe: Probe) -> None:
        self._deployment = deployment
        self._layout = layout
        self._processes = processes
        self._probe = probe
        self._outages: dict[str, _Outage] = {}
        self._process_ids = {name: state.process_id for name, state in processes.states().items()}

    def watch(self, say: Callable[[str], None]) -> None:
        """Look and tell until the caller is interrupted; raise StartError when gateway or supervisor are lost."""
        while True:
            self.look(say)
            time.sleep(_ALERT_SECONDS if self._outages else _CALM_SECONDS)

    def look(self, say: Callable[[str], None]) -> None:
        """Look once at every program; `say` gets one sentence for each that came back or was given up."""
        states = self._processes.states()
        for program in self._deployment.programs:
            self._compare(program.name, states[program.name])
            outage = self._outages.get(program.name)
            if outage and self._is_over(program, states[program.name]):
                del self._outages[program.name]
                say(self._story(program, outage, states[program.name]))

    def _compare(self, name: str, state: ProcessState) -> None:
        if state.process_id != self._process_ids[name] and name not in self._outages:
            self._outages[name] = _Outage(time.monotonic(), exit_reason(self._layout.process_log, name))
        self._process_ids[name] = state.process_id

    def _is_over(self, program: Program, state: ProcessState) -> bool:
        return state.is_given_up or (state.process_id != 0 and self._probe.is_ready(program))

    def _story(self, program: Program, outage: _Outage, state: ProcessState) -> str:
        stopped = f"{program.name} stopped unexpectedly ({outage.reason})"
        if not state.is_given_up:
            return f"{stopped}; restarted, ready again in {time.monotonic() - outage.since:.1f} s"
        log = self._layout.log_of(program.name)
        story = f"{stopped} and cannot be started again: {last_line(log) or 'it wrote nothing'}\nIts log: {log}"
        if program is self._deployment.gateway:
            raise StartError(story)
        return story
