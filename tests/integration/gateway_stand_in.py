"""A gateway over services that a test speaks for: for tests of what the gateway does itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from gateway.settings import Settings

Answer = Callable[[httpx2.Request], httpx2.Response]


class Services(httpx2.AsyncBaseTransport):
    """Stands in for every service: notes what reaches it, answers as a test says."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.answer: Answer = lambda _: httpx2.Response(200, json={"ok": True})

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        answer = self.answer(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=httpx2.ByteStream(answer.content))


def gateway_settings(folder: Path, service_token_file: Path, **given: Any) -> Settings:
    """Return settings of a gateway that keeps its state in a folder."""
    return Settings(
        service_token_file=service_token_file,
        data_dir=folder / "gateway",
        api_key_file=folder / "api_key",
        classify_url="http://classify.test",
        image_search_url="http://image-search.test",
        translate_url="http://translate.test",
        restart_patience_seconds=0,
        **given,
    )
