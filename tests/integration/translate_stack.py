"""The translate service with the gateway before it, as processes, for tests of what a client meets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from examkit.service_token import write_service_token
from stack.ports import free_ports
from tests.integration.import_service import START_SECONDS, run_uvicorn, wait_until


@dataclass(frozen=True)
class TranslateStack:
    """A client of the gateway, and what both processes have logged."""

    client: httpx2.Client
    log: Path


@contextmanager
def running(folder: Path, artifacts: Path) -> Iterator[TranslateStack]:
    """Run both over a folder of their own."""
    token, log = folder / "service_token", folder / "stack.log"
    write_service_token(token)
    port, gateway_port = free_ports(2)
    service = {
        "TRANSLATE_ARTIFACTS_DIR": str(artifacts),
        "TRANSLATE_DATA_DIR": str(folder / "translate"),
        "TRANSLATE_SERVICE_TOKEN_FILE": str(token),
        "TRANSLATE_LOG_LEVEL": "debug",
    }
    gateway = {
        "GATEWAY_SERVICE_TOKEN_FILE": str(token),
        "GATEWAY_DATA_DIR": str(folder / "gateway"),
        "GATEWAY_API_KEY_FILE": str(folder / "api_key"),
        "GATEWAY_LOG_LEVEL": "debug",
        **{f"GATEWAY_{name}_URL": f"http://127.0.0.1:{port}" for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")},
    }
    with log.open("ab") as output:
        processes = [
            run_uvicorn("services.translate.app:create_app", port, service, output),
            run_uvicorn("gateway.app:create_app", gateway_port, gateway, output),
        ]
    limits = httpx2.Limits(max_connections=None)
    url = f"http://127.0.0.1:{gateway_port}"
    with httpx2.Client(base_url=url, timeout=120, limits=limits, trust_env=False) as client:
        try:
            wait_until(lambda: _is_ready(client), START_SECONDS)
            client.headers["API-Key"] = (folder / "api_key").read_text().strip()
            yield TranslateStack(client, log)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(30)


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
