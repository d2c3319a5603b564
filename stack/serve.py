"""Serve in the foreground until told to stop."""

from stack.layout import Layout, without_key
from stack.screen import Screen
from stack.settings import StackSettings
from stack.start import open_home, started


def serve(settings: StackSettings, screen: Screen) -> None:
    """Start everything, tell where it answers and what happens to it, and stop everything when interrupted.

    Raises StartError when it cannot start, or when gateway or supervisor are lost.
    """
    layout = open_home(settings.home)
    is_first_start = not layout.api_key.exists()
    with started(layout, settings.port, screen) as watch:
        _announce(settings.port, layout, screen, is_first_start=is_first_start)
        try:
            watch.watch(screen.say)
        except KeyboardInterrupt:
            screen.after_interrupt()
            screen.say("Stopping: the gateway first, then the services")
    screen.say("Stopped")


def _announce(port: int, layout: Layout, screen: Screen, *, is_first_start: bool) -> None:
    address = f"http://127.0.0.1:{port}"
    if not layout.api_key.exists():
        screen.say(f"Examkit is ready on {address}")
        screen.say(without_key(layout))
    else:
        screen.say(f"Examkit is ready on {address} - API key in {layout.api_key}")
        if is_first_start:
            screen.say(f"The API key, shown this once: {layout.api_key.read_text().strip()}")
    screen.say(f"Logs are in {layout.logs}. Ctrl-C stops everything.")
