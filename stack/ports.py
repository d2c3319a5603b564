"""Ports of the loopback interface: which are free, and whether the wanted one is."""

import socket
from contextlib import ExitStack

from examkit.errors import StartError

HOST = "127.0.0.1"


def free_ports(count: int) -> tuple[int, ...]:
    """Return so many different ports on which nothing listens now."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(_bound(0)) for _ in range(count)]
        return tuple(listener.getsockname()[1] for listener in listeners)


def require_free(port: int) -> None:
    """Raise StartError when another program listens on the port, or when it may not be used."""
    try:
        _bound(port).close()
    except PermissionError:
        raise StartError(f"Port {port} may not be used by this account; set EXAMKIT_PORT to one above 1023.") from None
    except OSError:
        raise StartError(
            f"Port {port} on {HOST} is taken by another program; stop it, or set EXAMKIT_PORT to a free port."
        ) from None


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As servers do: a port whose last connections are still dying away counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
