"""CTranslate2 as an engine, where its package is installed: for OPUS-MT, NLLB and Argos models of an office."""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any, Final

from examkit.artifact import Artifact
from examkit.errors import ArtifactError
from services.translate.engines.links import links
from services.translate.engines.protocol import Draft
from services.translate.engines.vocabulary import PieceText, Vocabulary
from services.translate.languages import LanguagePair, LanguageTag

FORMAT: Final = "ctranslate2-model"
FORMAT_VERSION: Final = 1
_PACKAGE: Final = "ctranslate2"
_BEAM: Final = 2
_WIDE_BEAM: Final = 4
_MOST_SOURCE_PIECES: Final = 512
_MOST_TOKENS: Final = 1600  # of a batch, padding included
_MOST_TARGET_PIECES: Final = 512


class CTranslateEngine:
    """Translates with a model in the form of CTranslate2 and the SentencePiece vocabularies of both languages."""

    name = _PACKAGE

    def __init__(self, artifact: Artifact) -> None:
        """Open a model; raise ArtifactError when the package is not installed, or cannot read it."""
        if importlib.util.find_spec(_PACKAGE) is None:
            raise ArtifactError(f"{artifact.manifest.name} needs the package {_PACKAGE}, which is not installed.")
        properties = artifact.manifest.properties
        source, target = (LanguageTag.parse(str(properties[f"{side}_language"])) for side in ("source", "target"))
        self.pair = LanguagePair(source, target)
        self.model = artifact.manifest.name, artifact.manifest.version
        self._before, self._after, self._begins = (
            [str(piece) for piece in properties[name]] for name in ("before_source", "after_source", "before_target")
        )
        self._source, self._target = (Vocabulary(artifact.file(name)) for name in ("source.spm", "target.spm"))
        self._translator = _opened(artifact)

    def keeps(self, character: str) -> bool:
        """Tell whether both vocabularies have a character."""
        return self._source.keeps(character) and self._target.keeps(character)

    def translate(self, segments: Sequence[str]) -> list[Draft]:
        """Translate segments by a beam of two; one of more pieces than the model reads gives an empty text."""
        return [ways[0] if ways else Draft("") for ways in self._search(segments, _BEAM, 1)]

    def alternatives(self, segment: str) -> list[Draft]:
        """Translate a segment by a beam of four; give all that it ends with, likely ones first."""
        return self._search([segment], _WIDE_BEAM, _WIDE_BEAM)[0]

    def _search(self, segments: Sequence[str], beam: int, ways: int) -> list[list[Draft]]:
        sources = [self._source.encode(segment) for segment in segments]
        readable = [i for i, source in enumerate(sources) if 0 < len(source.ids) <= _MOST_SOURCE_PIECES]
        found: list[list[Draft]] = [[] for _ in segments]
        if not readable:
            return found
        results = self._translator.translate_batch(
            [self._tokens(sources[i].ids) for i in readable],
            target_prefix=[self._begins or None] * len(readable),
            beam_size=beam,
            num_hypotheses=ways,
            length_penalty=0,  # scores are sums of log-probabilities
            return_scores=True,
            return_attention=True,
            max_batch_size=_MOST_TOKENS,
            batch_type="tokens",
            max_decoding_length=_MOST_TARGET_PIECES,
            disable_unk=True,
        )
        for i, result in zip(readable, results, strict=True):
            found[i] = [self._draft(sources[i], result, way) for way in range(len(result.hypotheses))]
        return found

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [*self._before, *self._source.pieces_of(ids), *self._after]

    def _draft(self, source: PieceText, result: Any, way: int) -> Draft:
        """Read a translation; its attention has a row a piece, over all that the model was given."""
        begun = len(self._begins)
        pieces = result.hypotheses[way][begun:]
        target = self._target.decode(self._target.ids_of(pieces))
        looked_at = [max(0, row.index(max(row)) - len(self._before)) for row in result.attention[way][begun:]]
        linked = tuple(links(source, target, looked_at[: len(target.spans)]))
        return Draft(target.text, result.scores[way], len(pieces) + 1, linked)


def _opened(artifact: Artifact) -> Any:
    folder = artifact.file("model/model.bin").parent
    package: Any = importlib.import_module(_PACKAGE)
    try:
        return package.Translator(str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1)
    except (RuntimeError, ValueError):
        raise ArtifactError(f"{artifact.manifest.name} holds no model that CTranslate2 can read.") from None
