"""Archives of marks, made where they are needed: a table of marks and an image for each."""

import io
import tarfile
import zipfile
from collections.abc import Mapping

from tests.drawings import draw_mark, encode

TABLE = "marks.csv"


def image_of(number: int) -> bytes:
    """Draw a mark that differs from that of every other number below 65,536."""
    return encode(draw_mark("cross", (number % 256, number // 256, 90)))


def marks_of(count: int) -> dict[str, bytes]:
    """Return the files of an import of so many marks: M0, M1, ..., each with an image of its own."""
    table = "markId,image,name\n" + "".join(f"M{n},images/{n}.png,Mark {n}\n" for n in range(count))
    return {TABLE: table.encode(), **{f"images/{n}.png": image_of(n) for n in range(count)}}


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Pack files into a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(files: Mapping[str, bytes], *further: tarfile.TarInfo) -> bytes:
    """Pack files into a tar, and behind them members without content."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in further:
            archive.addfile(member)
    return stream.getvalue()
