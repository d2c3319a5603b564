"""The gateway with the classifier and the translator behind it, as processes, for tests of other people's clients."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from examkit.service_token import write_service_token
from stack.ports import free_ports
from tests.integration.import_service import START_SECONDS, run_uvicorn, wait_until

SERVICES = {"classify": "CLASSIFY", "translate": "TRANSLATE"}


@dataclass(frozen=True)
class FacesStack:
    """Where the gateway listens, the key of its first start, and what all processes have logged."""

    url: str
    key: str
    log: Path

    def client(self, **kwargs) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, timeout=60, trust_env=False, **kwargs)


@contextmanager
def running(folder: Path, artifacts: Path, **gateway_settings: str) -> Iterator[FacesStack]:
    """Run the services and the gateway over a folder of their own."""
    token, log = folder / "service_token", folder / "stack.log"
    write_service_token(token)
    ports = dict(zip(("gateway", *SERVICES), free_ports(3), strict=True))
    urls = {f"GATEWAY_{prefix}_URL": f"http://127.0.0.1:{ports[name]}" for name, prefix in SERVICES.items()}
    gateway = urls | {
        "GATEWAY_IMAGE_SEARCH_URL": urls["GATEWAY_CLASSIFY_URL"],
        "GATEWAY_SERVICE_TOKEN_FILE": str(token),
        "GATEWAY_DATA_DIR": str(folder / "gateway"),
        "GATEWAY_API_KEY_FILE": str(folder / "api_key"),
        "GATEWAY_LOG_LEVEL": "debug",
        **gateway_settings,
    }
    with ExitStack() as held, log.open("ab") as output:

        def start(name: str, environment: dict[str, str]) -> None:
            package = "gateway" if name == "gateway" else f"services.{name}"
            process = run_uvicorn(f"{package}.app:create_app", ports[name], environment, output)
            held.callback(process.wait, 30)
            held.callback(process.terminate)

        for name, prefix in SERVICES.items():
            own = {"ARTIFACTS_DIR": artifacts, "DATA_DIR": folder / name, "SERVICE_TOKEN_FILE": token}
            start(name, {f"{prefix}_{setting}": str(value) for setting, value in own.items()})
        start("gateway", gateway)
        url = f"http://127.0.0.1:{ports['gateway']}"
        wait_until(lambda: _is_ready(url), START_SECONDS)
        yield FacesStack(url, (folder / "api_key").read_text().strip(), log)


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(url + "/readyz", trust_env=False).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
