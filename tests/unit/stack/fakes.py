"""Processes and probes that a test moves by hand."""

import httpx2

from stack.programs import Deployment, Program
from stack.readiness import Probe
from stack.supervisor import ProcessState


def deployment() -> Deployment:
    classify, translate, gateway = (
        Program(name, (name,), port, {}) for name, port in (("classify", 1), ("translate", 2), ("gateway", 3))
    )
    return Deployment((classify, translate), gateway)


class FakeProcesses:
    """Answers what the test has set: process ids by name, and who is given up."""

    def __init__(self) -> None:
        self.process_ids = {"classify": 11, "translate": 12, "gateway": 13}
        self.given_up: set[str] = set()

    def states(self):
        return {name: ProcessState(number, name in self.given_up) for name, number in self.process_ids.items()}


class FakeProbe(Probe):
    """Asks over no network: those programs answer 200 that the test names in `ready`."""

    def __init__(self, *ready: str) -> None:
        super().__init__(httpx2.MockTransport(self._answer))
        self.ready = set(ready)
        self._names = {program.port: program.name for program in deployment().programs}

    def _answer(self, request):
        assert request.url.path == "/readyz"
        return httpx2.Response(200 if self._names[request.url.port] in self.ready else 503)
