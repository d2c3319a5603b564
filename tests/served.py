"""An application behind a real socket, in a thread of the test's own process, its beginning and end included."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from tests.integration.import_service import wait_until


@contextmanager
def served(application: FastAPI) -> Iterator[str]:
    """Serve an application on a free port; give its URL."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, access_log=False, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), 60)
        (listener,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
