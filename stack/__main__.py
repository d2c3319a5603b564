"""The command `python -m stack`: `up` serves until it is told to stop, `demo` shows the main job and ends."""

import argparse
import sys
from pathlib import Path

from examkit.errors import StartError
from stack.client import CallError
from stack.demo import demonstrate
from stack.running import stoppable
from stack.screen import Screen
from stack.serve import serve
from stack.settings import read_settings

_INTERRUPTED = 130


def main() -> int:
    """Run one command; return its exit status."""
    arguments = _parser().parse_args()
    screen = Screen()
    try:
        with stoppable():
            _run(arguments, screen)
    except (StartError, CallError) as error:
        screen.fail(error)
        return 1
    except KeyboardInterrupt:
        screen.after_interrupt()
        screen.say("Interrupted; everything that was started is stopped")
        return _INTERRUPTED
    return 0


def _run(arguments: argparse.Namespace, screen: Screen) -> None:
    settings = read_settings()
    if arguments.command == "up":
        serve(settings, screen)
    else:
        demonstrate(settings, screen, arguments.contact_sheet)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description="Examkit on one machine without containers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="serve in the foreground until Ctrl-C")
    demo = commands.add_parser("demo", help="show the main job on real input, then stop")
    demo.add_argument(
        "--contact-sheet", type=Path, metavar="FILE.png", help="also draw the mark image and its hits side by side"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
