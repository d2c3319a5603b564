"""A program that stands in for a deployable: ready after a moment, or ending with a sentence when told to fail."""

import os
import sys
import time


def create_app():
    if os.environ.get("STAND_IN_FAILS"):
        sys.exit("The weights are missing.")
    ready_at = time.monotonic() + float(os.environ.get("STAND_IN_SECONDS", "0"))

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        status = 200 if time.monotonic() >= ready_at else 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": os.environ.get("STAND_IN_SAYS", "").encode()})

    return app
