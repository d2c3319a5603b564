"""What the classifier is taught: documents, translations of some, and the titles of the classification."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.classify.corpus import LabelledPatent
from models.classify.titles import PseudoPatent, SchemeEntry
from services.classify.index import LabelTree
from services.classify.ipc import Level


@dataclass(frozen=True)
class Material:
    """Documents of the training part, translations of some of them, titles as documents, and the scheme they are of."""

    patents: Sequence[LabelledPatent]
    translations: Sequence[LabelledPatent]
    titles: Sequence[PseudoPatent]
    scheme: Sequence[SchemeEntry]
    tree: LabelTree

    @property
    def texts(self) -> list[LabelledPatent]:
        """Return the documents, then the translations."""
        return [*self.patents, *self.translations]


def is_labelled(patent: LabelledPatent, tree: LabelTree) -> bool:
    """Tell whether a document has a symbol whose subclass the training edition knows."""
    known = tree.rows[Level.SUBCLASS]
    return any(symbol.subclass_letter and str(symbol.at(Level.SUBCLASS)) in known for symbol in patent.symbols)
