"""Start everything on one home, from lock to readiness; both commands begin with it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from examkit.errors import StartError
from stack.layout import Layout
from stack.leftovers import stop_leftovers
from stack.lock import held
from stack.ports import HOST, require_free
from stack.preparation import prepare
from stack.programs import examkit_deployment
from stack.running import running
from stack.screen import Screen
from stack.settings import deployable_environment, whole_environment
from stack.watch import Watch


@contextmanager
def started(layout: Layout, port: int, screen: Screen) -> Iterator[Watch]:
    """Run gateway and services on one home while the block runs; raise StartError when that cannot be."""
    with held(layout, f"http://{HOST}:{port}"):
        if left := stop_leftovers(layout):
            screen.say(f"Stopped {left} processes that an earlier run had left behind")
        require_free(port)
        prepare(layout, whole_environment(), screen.say)
        screen.say("Starting Examkit")
        deployment = examkit_deployment(layout, port)
        with ExitStack() as stack:
            with screen.busy("loading models"):
                watch = stack.enter_context(running(deployment, layout, deployable_environment(), screen.ready))
            yield watch


def open_home(home: Path) -> Layout:
    """Create a home's folders where they are missing; raise StartError when that cannot be done."""
    layout = Layout(home.expanduser().resolve())
    try:
        layout.create()
    except OSError as error:
        raise StartError(f"EXAMKIT_HOME {layout.home} cannot be used: {error.strerror}.") from None
    return layout
