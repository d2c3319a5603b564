"""IPC symbols as IPCCAT writes them: fourteen characters, the group padded with zeros."""

import re
from typing import Final

_GROUP: Final = re.compile(r"([A-H]\d{2}[A-Z]) (\d{1,4})/(\d{2,6})", re.ASCII)


def padded(symbol: str) -> str:
    """Write `G06Q 10/06` as `G06Q0010060000`; what stands above the groups stays as it is."""
    match = _GROUP.fullmatch(symbol)
    return f"{match[1]}{match[2]:0>4}{match[3]:0<6}" if match else symbol


def components(symbol: str) -> dict[str, str]:
    """Take a symbol apart under the names of IPCPUB; parts below its level are empty."""
    match = _GROUP.fullmatch(symbol)
    head = match[1] if match else symbol
    return {
        "section": head[:1],
        "ipcClass": head[1:3],
        "subclass": head[3:4],
        "mainGroup": match[2] if match else "",
        "subGroup": match[3] if match else "",
    }
