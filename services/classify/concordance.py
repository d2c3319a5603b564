"""What a symbol of another edition has become: the concordance that an office installs beside the scheme."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from services.classify.ipc import Level, Lifetime, Standing, Symbol

NAME: Final = "ipc-concordance"
FORMAT: Final = "ipc-concordance"
FORMAT_VERSION: Final = 1
TRANSFERS_FILE: Final = "transfers.tsv"
TRANSFERS_HEADING: Final = ("from", "to", "edition")
LIFETIMES_FILE: Final = "lifetimes.tsv"
LIFETIMES_HEADING: Final = ("symbol", "since", "until")

_Links = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Transfer:
    """Matter that an edition moved, wholly or in part: symbols in canonical form.

    `target` is empty where a symbol was deleted without a successor, `edition` where a table does not tell it.
    """

    source: str
    target: str
    edition: str


class Concordance:
    """Transfers between the symbols of all editions, and the editions that each symbol belongs to."""

    def __init__(
        self, transfers: Iterable[Transfer], lifetimes: Mapping[str, Lifetime] | None = None, inventory: str = ""
    ) -> None:
        """Take transfers in any order; and the lifetimes of all symbols ever used until the edition `inventory`."""
        forward: dict[str, list[tuple[str, str]]] = defaultdict(list)
        backward: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for each in transfers:
            forward[each.source] += [(each.target, each.edition)] if each.target else []
            backward[each.target] += [(each.source, each.edition)] if each.target else []
        self._forward: _Links = dict(forward)
        self._backward: _Links = dict(backward)
        self._lifetimes = lifetimes or {}
        self._inventory = inventory

    @classmethod
    def beside(cls, scheme: Path) -> Self | None:
        """Open the concordance installed in the same folder as a scheme; None where there is none.

        Raise ArtifactError when it is there and cannot be used.
        """
        folder = scheme.parent / NAME
        return cls.open(folder) if folder.exists() else None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read an `ipc-concordance` artifact; raise ArtifactError when it cannot be used."""
        artifact = open_artifact(path, format=FORMAT, format_version=FORMAT_VERSION)
        tables = [artifact.file(name).read_text("utf-8").splitlines() for name in (TRANSFERS_FILE, LIFETIMES_FILE)]
        transfers, lifetimes = ([line.split("\t") for line in lines[1:]] for lines in tables)
        try:
            inventory = artifact.manifest.properties["inventory"]
            return cls((Transfer(*row) for row in transfers), _lifetimes(lifetimes), inventory)
        except (KeyError, TypeError, ValueError):
            raise ArtifactError(f"{path}: the tables cannot be read.") from None

    def knows(self, symbol: Symbol) -> bool:
        """Tell whether any edition is known to have, or to have had, the symbol or something below it."""
        tables = (self._forward, self._backward, self._lifetimes)
        return any(_sources(symbol, table) for table in tables)

    def lifetime(self, symbol: Symbol) -> Lifetime | None:
        """Return in which editions the symbol is; None where that is not recorded."""
        return self._lifetimes.get(str(symbol))

    def standing(self, symbol: Symbol, edition: str) -> Standing:
        """Tell whether an edition has the symbol; unknown for editions after the inventory, and for upper levels."""
        if edition > self._inventory:
            return Standing.UNKNOWN
        lifetime = self.lifetime(symbol)
        if lifetime is None:
            is_listed_level = symbol.level.depth >= Level.SUBCLASS.depth
            return Standing.INVALID if is_listed_level else Standing.UNKNOWN
        return lifetime.standing(edition)

    def successors(self, symbol: Symbol, is_wanted: Callable[[Symbol], bool]) -> list[Symbol]:
        """Follow the symbol's transfers forward, each until a wanted symbol is met; in the scheme's order.

        A class or subclass moves with its groups, and its successors are of its own level.
        """
        return _followed(symbol, self._forward, is_wanted, lambda before, after: before <= after)

    def predecessors(self, symbol: Symbol, is_wanted: Callable[[Symbol], bool]) -> list[Symbol]:
        """Follow the transfers into the symbol backward, each until a wanted symbol is met; in the scheme's order."""
        return _followed(symbol, self._backward, is_wanted, lambda before, after: before >= after)


def _lifetimes(rows: Iterable[Sequence[str]]) -> Mapping[str, Lifetime]:
    """Make one value for all symbols that share their dates: there are a hundred thousand symbols and few dates."""
    shared: dict[tuple[str, str], Lifetime] = {}
    return {symbol: shared.setdefault((since, until), Lifetime(since, until or None)) for symbol, since, until in rows}


def _sources(symbol: Symbol, table: Mapping[str, object]) -> list[str]:
    """Return under which symbols a table speaks of a symbol: itself, or what is below a section, class or subclass."""
    text = str(symbol)
    if symbol.level.depth > Level.SUBCLASS.depth:
        return [text] if text in table else []
    return [each for each in table if each.startswith(text)]


def _followed(
    symbol: Symbol, links: _Links, is_wanted: Callable[[Symbol], bool], is_in_order: Callable[[str, str], bool]
) -> list[Symbol]:
    reached = [(source, "") for source in _sources(symbol, links)]
    seen = {source for source, _ in reached}
    found: set[Symbol] = set()
    for source, before in reached:  # which grows while it is walked through
        for target, edition in links.get(source, ()):
            if target in seen or (before and edition and not is_in_order(before, edition)):
                continue
            seen.add(target)
            place = _at_most(Symbol.parse(target), symbol.level)
            if is_wanted(place):
                found.add(place)
            else:
                reached.append((target, edition))
    return sorted(found - {symbol})


def _at_most(symbol: Symbol, level: Level) -> Symbol:
    """Cut a symbol to the level of a class or subclass that is followed; groups are followed as they are."""
    return symbol.at(level) if level.depth <= min(Level.SUBCLASS.depth, symbol.level.depth) else symbol
