"""A process that adds, replaces and removes marks and tells each once it is safe, until it is killed."""

import sys
from itertools import count
from pathlib import Path

import numpy as np

from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.marks import Entry, MarkMetadata, StoredImage
from services.image_search.register import Register

MARKS = 12
EMBEDDERS = ("shape/1", "words/1")


def entry_of(number: int) -> Entry:
    """Make the mark of a write, every part of which says which write it was."""
    metadata = MarkMetadata(
        name=f"write {number}",
        applicant=f"applicant {number}",
        nice_classes=(NiceClass(number % 45 + 1),),
        vienna_codes=tuple(ViennaCode((number % 29 + 1, division, 1)) for division in (1, 2, 3)),
    )
    image = StoredImage(f"{number} ".encode() * 5000, "image/png")
    vectors = np.full((2, 300), number % 2048, np.float16)
    further = {EMBEDDERS[1]: vectors[:1]}
    return Entry(f"M{number % MARKS}", metadata, image, vectors, EMBEDDERS[0], further)


def is_removal(number: int) -> bool:
    """Tell which writes remove the mark that the one before put there."""
    return number % 5 == 4


def main(folder: str, url: str, first: int) -> None:
    register = Register(Path(folder), url or None)
    for number in count(first):
        if is_removal(number):
            register.delete(f"M{(number - 1) % MARKS}")
        else:
            register.write([entry_of(number)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
