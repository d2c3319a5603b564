"""The reader of words in images, where its package is installed."""

import importlib
import importlib.metadata
import importlib.util
import threading
from typing import Any, Final

import numpy as np

# ONNX Runtime, which the reader's package loads, is to report to nobody: its door comes before it.
import examkit.inference  # noqa: F401
from services.image_search.image import Pixels
from services.image_search.name_words import words_of_name

_PACKAGE: Final = "rapidocr"
_SURE: Final = 0.8  # of 1; below, most readings are drawings taken for letters
_SHORTEST_READ: Final = 2  # a single letter is oftener a drawing
READING_SIDE_PIXELS: Final = 640  # to which images are brought, so that small letters can be read
_LOOKING_SIDE_PIXELS: Final = 320  # at which lines are looked for; at 640 no more words are found in 3 times the time
_PARAMETERS: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # tells lines that stand upside down, which marks seldom have
    "Det.limit_type": "max",
    "Det.limit_side_len": _LOOKING_SIDE_PIXELS,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class WordReader:
    """Reads the words in images by the models of PP-OCR, Latin, Chinese and Japanese letters among others.

    One thread may use it at a time, the one that holds `turn`.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()
        package: Any = importlib.import_module(_PACKAGE)
        self.name = f"{_PACKAGE}/{importlib.metadata.version(_PACKAGE)}"
        self._read = package.RapidOCR(params=_PARAMETERS)

    def read(self, pixels: Pixels) -> tuple[str, ...]:
        """Return the words read with some certainty in an image (height x width x 3, RGB), folded as those of names."""
        found = self._read(np.ascontiguousarray(pixels[:, :, ::-1]))
        lines = zip(found.txts or (), found.scores or (), strict=True)
        words = words_of_name(" ".join(text for text, score in lines if score >= _SURE))
        return tuple(word for word in words if len(word) >= _SHORTEST_READ)


def open_word_reader() -> WordReader | None:
    """Open the reader; return None where its package is not installed, which is no error."""
    return WordReader() if importlib.util.find_spec(_PACKAGE) else None
