"""The chain of the audit trail: each entry's hash covers the one before it, so none can change, move or go unseen."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gateway.audit.entry import Entry

_NO_HASH: Final = "0" * 64


@dataclass(frozen=True)
class Head:
    """The end of a chain: the number and hash of its last entry, to be kept elsewhere."""

    number: int = 0
    hash: str = _NO_HASH


@dataclass(frozen=True)
class Link:
    """An entry in its place: the JSON that is kept of it, and the hash of that and of all before."""

    number: int
    content: str
    hash: str

    @property
    def head(self) -> Head:
        """Return the head of a chain that ends here."""
        return Head(self.number, self.hash)


class BrokenChainError(Exception):
    """A chain that is not as it was written; the message is one sentence for the operator."""


def link(entries: Iterable[Entry], head: Head) -> list[Link]:
    """Put entries at the end of a chain."""
    links = []
    for entry in entries:
        number = head.number + 1
        content = entry.canonical(number)
        links.append(Link(number, content, _hash(head.hash, content)))
        head = links[-1].head
    return links


def checked(links: Iterable[Link], kept: Iterable[Head] = ()) -> Iterator[Link]:
    """Pass a chain on, from its first entry, while it is whole; raise BrokenChainError at the first fault.

    `kept` are heads that were written down earlier: each must be in the chain.
    """
    head = Head()
    awaited = {each.number: each.hash for each in kept}
    _meet(head, awaited)
    for each in links:
        _check(each, head)
        head = each.head
        _meet(head, awaited)
        yield each
    if awaited:
        raise BrokenChainError(f"The chain ends at entry {head.number}; entries up to {max(awaited)} are gone.")


def _meet(head: Head, awaited: dict[int, str]) -> None:
    if awaited.pop(head.number, head.hash) != head.hash:
        raise BrokenChainError(f"Entry {head.number} is not the one whose hash was kept: the chain was rewritten.")


def _check(each: Link, before: Head) -> None:
    expected = before.number + 1
    if each.number != expected:
        raise BrokenChainError(f"Entry {expected} is missing.")
    if each.hash != _hash(before.hash, each.content):
        raise BrokenChainError(f"Entry {expected} was changed, or one before it was exchanged.")
    if json.loads(each.content)["number"] != expected:
        raise BrokenChainError(f"Entry {expected} was written for another place.")


def _hash(before: str, content: str) -> str:
    return hashlib.sha256(f"{before}{content}".encode()).hexdigest()
