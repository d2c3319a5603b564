"""Which faces an operator shows."""

from enum import StrEnum

from examkit.errors import StartError


class Face(StrEnum):
    """A protocol that is spoken beside our own."""

    IPCCAT = "ipccat"
    DEEPL = "deepl"
    LIBRETRANSLATE = "libretranslate"
    OPUSCAT = "opuscat"


def chosen_faces(text: str) -> frozenset[Face]:
    """Read names, separated by spaces or commas; raise StartError for a name that no face has."""
    names = set(text.lower().replace(",", " ").split())
    unknown = sorted(names - set(Face))
    if unknown:
        raise StartError(f"There is no face called {unknown[0]}; there are {', '.join(Face)}.")
    return frozenset(map(Face, names))
