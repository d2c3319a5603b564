"""The answer to a request on its way out, as the audit trail sees it: passed on, or held back until it is recorded."""

from typing import Final

from starlette.types import Message, Send

# The answer to a change is held back up to this size; of a longer one only the end.
_MOST_HELD_BYTES: Final = 64 * 1024


class PassedOn:
    """An answer that goes out as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.bytes = 0
        self.is_complete = False

    async def send(self, message: Message) -> None:
        """Note a message, and pass it on."""
        self._note(message)
        await self._send(message)
        self.is_complete = _is_last(message)

    def _note(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.bytes += len(message.get("body", b""))


class HeldBack(PassedOn):
    """An answer whose end, and all of it if it is short, waits to be released."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self.is_begun = False
        self._held: list[Message] = []

    async def send(self, message: Message) -> None:
        """Note a message; pass it on only when there is too much to hold."""
        self._note(message)
        self.is_complete = _is_last(message)
        if self.bytes > _MOST_HELD_BYTES:
            await self.release()
        self._held.append(message)

    async def release(self) -> None:
        """Pass on what is held."""
        held, self._held = self._held, []
        for message in held:
            self.is_begun = True
            await self._send(message)


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
