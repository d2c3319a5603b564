"""Symbols that a person decided, as they arrive: read, and checked against the installed edition, each by its place."""

from collections.abc import Mapping
from typing import Final

from examkit.errors import ErrorDetail
from services.classify.engine import UnknownSymbolError
from services.classify.ipc import MalformedSymbolError, Symbol
from services.classify.scheme import Scheme

_UNKNOWN: Final = "The {} edition has no such symbol."


def read_symbols(texts: Mapping[str, str]) -> list[Symbol]:
    """Read symbols that stand at JSON pointers; raise MalformedSymbolError that names the pointer."""
    found = []
    for pointer, text in texts.items():
        try:
            found.append(Symbol.parse(text))
        except MalformedSymbolError as error:
            raise MalformedSymbolError(error.detail, details=[ErrorDetail(pointer, error.detail)]) from None
    return found


def read_installed_symbols(texts: Mapping[str, str], scheme: Scheme) -> list[Symbol]:
    """Read symbols likewise; raise UnknownSymbolError that names all that the installed edition does not have."""
    found = read_symbols(texts)
    sentence = _UNKNOWN.format(scheme.edition)
    unknown = [
        ErrorDetail(pointer, sentence) for pointer, symbol in zip(texts, found, strict=True) if symbol not in scheme
    ]
    if unknown:
        raise UnknownSymbolError(sentence, details=unknown, target=unknown[0].pointer)
    return found
