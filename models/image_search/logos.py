"""Read the logo benchmark: real marks drawn by different hands, with which of them belong together."""

import csv
import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_LICENCES_WITHOUT_USE = ("none", "CC-BY-NC")


@dataclass(frozen=True)
class Logo:
    """One image of the benchmark, without its pixels; `is_colored` is the benchmark's own label."""

    image_id: str
    file: str
    brand: str
    licence: str
    is_colored: bool
    is_query: bool

    @property
    def may_train(self) -> bool:
        """Tell whether its licence is stated and not restricted to non-commercial use."""
        return not self.licence.startswith(_LICENCES_WITHOUT_USE)

    @property
    def is_validation(self) -> bool:
        """Tell whether its brand is among the fifth that no training sees."""
        return fraction(f"val:{self.brand}", 5) == 0

    @property
    def is_tuning(self) -> bool:
        """Tell whether its brand is among the tenth of the others on which settings are chosen."""
        return not self.is_validation and fraction(f"tune:{self.brand}", 10) == 0


@dataclass(frozen=True)
class Relevance:
    """An image that belongs to the query's mark; `level` is "same", "near" or "far" in drawing."""

    image_id: str
    level: str


@dataclass(frozen=True)
class LogoSet:
    """The benchmark's folder."""

    folder: Path

    @cached_property
    def logos(self) -> Mapping[str, Logo]:
        """Return all images by id, in the order of the manifest."""
        return {row["image_id"]: _logo(row) for row in _rows(self.folder / "manifest.tsv.gz")}

    @cached_property
    def relevant(self) -> Mapping[str, list[Relevance]]:
        """Return the relevant images of each query."""
        found: dict[str, list[Relevance]] = {}
        for row in _rows(self.folder / "qrels.tsv.gz"):
            found.setdefault(row["query_id"], []).append(Relevance(row["relevant_id"], row["level"]))
        return found

    def queries(self) -> list[str]:
        """Return all queries, in the benchmark's own random order: the first 500 are its baseline queries."""
        return sorted(self.relevant, key=lambda image_id: hashlib.sha256(f"q{image_id}".encode()).hexdigest())

    def images(self) -> Iterator[tuple[str, bytes]]:
        """Give id and file content of every image of the manifest."""
        wanted = {logo.file: logo.image_id for logo in self.logos.values()}
        with tarfile.open(self.folder / "images.tar.gz", "r|gz") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.name in wanted else None
                if stream is not None:
                    yield wanted[member.name], stream.read()


def fraction(text: str, parts: int) -> int:
    """Assign a text to one of `parts` equal parts, the same on every machine."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % parts


def _logo(row: Mapping[str, str]) -> Logo:
    return Logo(
        image_id=row["image_id"],
        file=row["file"],
        brand=row["brand"],
        licence=row["licence"],
        is_colored=row["colour"] == "colour",
        is_query=row["is_query"] == "1",
    )


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    yield from csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode()), delimiter="\t")
