"""A table of Vienna codes with titles: this project's own wording of the divisions, or an office's own edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from examkit.artifact import open_artifact
from services.image_search.codes import ViennaCode

FORMAT: Final = "vienna-codes"
FORMAT_VERSION: Final = 1
CODES_FILE: Final = "codes.tsv"
OWN_EDITION: Final = "divisions"  # of this project's own table


@dataclass(frozen=True)
class ViennaTable:
    """Titles by code, categories, divisions and sections alike, and the edition they are of."""

    edition: str
    titles: Mapping[ViennaCode, str]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the artifact; raise ArtifactError when it cannot be trusted."""
        artifact = open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
        rows = (line.split("\t") for line in artifact.file(CODES_FILE).read_text("utf-8").splitlines())
        titles = {ViennaCode.parse_prefix(code): title for code, title in rows}
        return cls(str(artifact.manifest.properties["edition"]), titles)

    @cached_property
    def has_sections(self) -> bool:
        """Tell whether the table goes down to the sections."""
        return any(len(code.numbers) == 3 for code in self.titles)

    def known(self, code: ViennaCode) -> ViennaCode | None:
        """Return a code as the table has it: itself, or what it lies below; None when its category is not there."""
        for length in range(len(code.numbers), 0, -1):
            above = ViennaCode(code.numbers[:length])
            if above in self.titles:
                return above
        return None
