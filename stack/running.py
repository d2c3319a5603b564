"""A deployment from start to stop: services first, gateway after, and the other way round at the end."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager

from stack.layout import Layout
from stack.programs import Deployment, Program
from stack.readiness import Probe, Startup
from stack.supervisor import Supervisor
from stack.watch import Watch

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running(
    deployment: Deployment,
    layout: Layout,
    environment: Mapping[str, str],
    on_ready: Callable[[Program, float], None],
) -> Iterator[Watch]:
    """Run a deployment while the block runs; raise StartError when a program cannot start.

    `environment` is what every program gets besides its own settings. `on_ready` is told of each program that is ready
    and how many seconds that took. Whatever happens, everything is stopped at the end.
    """
    supervisor = Supervisor(deployment, layout, environment)
    with closing(Probe()) as probe:
        try:
            startup = Startup(deployment.programs, layout, supervisor, probe)
            supervisor.start()
            startup.wait(deployment.services, on_ready)
            supervisor.start_gateway()
            startup.wait((deployment.gateway,), on_ready)
            yield Watch(deployment, layout, supervisor, probe)
        finally:
            _ignore_stop_signals()
            supervisor.stop()


@contextmanager
def stoppable() -> Iterator[None]:
    """Make a request to end (SIGTERM, a closed terminal) raise KeyboardInterrupt in the block, as Ctrl-C does."""
    before = {number: signal.getsignal(number) for number in _STOP_SIGNALS}
    for number in _STOP_SIGNALS:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_stop_signals() -> None:
    # Stopping takes seconds and ends by itself: a second Ctrl-C must not leave half of the processes behind.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
