"""Small PDF files written by hand, so that a test sees what is in them: text at places, encryption, damage, bombs."""

import hashlib
import zlib
from collections.abc import Sequence

TOP = 780
LEADING = 14
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def content_of(lines: Sequence[str], left: int = 60) -> bytes:
    """Write lines of a page from its top down."""
    shown = b"".join(
        b"BT /F1 11 Tf %d %d Td (%s) Tj ET\n" % (left, TOP - row * LEADING, _escaped(line))
        for row, line in enumerate(lines)
    )
    return shown


def pdf_of(pages: Sequence[Sequence[str]], title: str = "", password: str | None = None) -> bytes:
    """Write a PDF of pages of lines; with a password, `""` included, it is encrypted (RC4 of 40 bits)."""
    return pdf_of_contents([content_of(lines) for lines in pages], title, password)


def scanned_pdf(pages: int = 2) -> bytes:
    """Write a PDF of pages that are a picture each."""
    picture = b"q 500 0 0 700 50 50 cm /I1 Do Q"
    return pdf_of_contents([picture] * pages)


def pdf_of_contents(contents: Sequence[bytes], title: str = "", password: str | None = None) -> bytes:
    """Write a PDF from the contents of its pages."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(contents)))
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(contents), kids.encode()),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: stream(
            b"\0" * 64, b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray"
        ),
    }
    encryption = _Encryption(password) if password is not None else None
    objects[5] = b"<< /Title (%s) >>" % (encryption.hidden(5, title.encode()) if encryption else _escaped(title))
    for number, content in enumerate(contents):
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R" % (11 + 2 * number)
        objects[10 + 2 * number] = page + b" /Resources << /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >> >>"
        shown = encryption.of(11 + 2 * number, content) if encryption else content
        objects[11 + 2 * number] = stream(shown)
    trailer = b"/Root 1 0 R /Info 5 0 R"
    if encryption:
        objects[6] = encryption.dictionary
        trailer += b" /Encrypt 6 0 R /ID [<%s> <%s>]" % (
            encryption.file_id.hex().encode(),
            encryption.file_id.hex().encode(),
        )
    return written(objects, trailer)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def written(objects: dict[int, bytes], trailer: bytes) -> bytes:
    """Put objects into a file with a table of where they are."""
    data = bytearray(b"%PDF-1.4\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size = max(objects) + 1
    table = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n" for number in range(size)
    )
    return bytes(data) + b"xref\n0 %d\n%strailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        trailer,
        len(data),
    )


def bomb(layers: int = 3, size: int = 8_000_000) -> bytes:
    """Write a PDF with a page whose text was packed again and again, and is gigabytes."""
    packed = b"BT /F1 11 Tf 60 700 Td " + b"(bristle) Tj " * (size // 13) + b"ET"
    for _ in range(layers):
        packed = zlib.compress(packed, 9)
    filters = b"/Filter [" + b"/FlateDecode " * layers + b"]"
    whole = pdf_of([["a"]])
    at = whole.index(b"11 0 obj")
    end = whole.index(b"endobj", at)
    return whole[:at] + b"11 0 obj\n" + stream(packed, filters) + b"\n" + whole[end:]


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


class _Encryption:
    """The standard handler of PDF 1.4 (revision 2), with one password for owner and reader."""

    file_id = b"0123456789abcdef"
    _permissions = 0xFFFFFFFC

    def __init__(self, password: str) -> None:
        padded = (password.encode() + _PADDING)[:32]
        owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        permissions = self._permissions.to_bytes(4, "little")
        self._key = hashlib.md5(padded + owner + permissions + self.file_id).digest()[:5]
        user = _rc4(self._key, _PADDING)
        self.dictionary = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (
            owner.hex().encode(),
            user.hex().encode(),
        )

    def of(self, number: int, content: bytes) -> bytes:
        return _rc4(hashlib.md5(self._key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], content)

    def hidden(self, number: int, content: bytes) -> bytes:
        hidden = self.of(number, content)
        return hidden.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)
