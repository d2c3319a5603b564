"""The space of terms: which are kept, how rare each is, and texts as rows of a sparse matrix."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from scipy import sparse

from services.classify.vocabulary import Vocabulary

# 131,072 terms hold all but half a point of what half a million reach, in a quarter of the bytes.
MOST_TERMS: Final = 1 << 17
_LEAST_TEXTS: Final = 2
_MOST_COMMON: Final = 0.3
_LONGEST_TERM: Final = 40
# A title stands for a group, not for a patent: it counts less when the rarity of a term is judged.
_TITLE_WEIGHT: Final = 0.3


def fit_vocabulary(documents: Sequence[Counter[str]], titles: Sequence[Counter[str]]) -> Vocabulary:
    """Keep the most frequent terms that are in two texts or more, but in less than 30 % of them.

    Rarity is 1 + ln(texts / (1 + texts with the term)), titles weighing .3.
    """
    in_documents = _texts_with(documents)
    in_titles = _texts_with(titles)
    weighed = {
        term: in_documents[term] + _TITLE_WEIGHT * in_titles[term]
        for term in in_documents | in_titles
        if in_documents[term] + in_titles[term] >= _LEAST_TEXTS and len(term) <= _LONGEST_TERM
    }
    texts = len(documents) + _TITLE_WEIGHT * len(titles)
    usable = [term for term, count in weighed.items() if count < _MOST_COMMON * texts]
    terms = sorted(sorted(usable, key=lambda term: (-weighed[term], term))[:MOST_TERMS])
    counts = np.array([weighed[term] for term in terms])
    return Vocabulary(terms, (1 + np.log(texts / (1 + counts))).astype(np.float32))


def rows_of(vocabulary: Vocabulary, texts: Iterable[Counter[str]]) -> Any:
    """Return a CSR matrix, texts x terms, float32, each row of length 1 or empty."""
    vectors = [vocabulary.vector(counts) for counts in texts]
    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    ids = np.concatenate([vector.ids for vector in vectors]).astype(np.int32)
    weights = np.concatenate([vector.weights for vector in vectors])
    return sparse.csr_matrix((weights, ids, ends), shape=(len(vectors), len(vocabulary)))


def strongest(matrix: Any, count: int) -> Any:
    """Return a CSR matrix with only the `count` largest entries of each row."""
    rows = matrix.tocsr()
    kept = np.zeros(rows.nnz, bool)
    for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        best = np.argsort(-rows.data[start:end], kind="stable")[:count]
        kept[start + best] = True
    result = rows.copy()
    result.data[~kept] = 0
    result.eliminate_zeros()
    return result


def lengths_of(matrix: Any) -> Any:
    """Return the Euclidean length of each row, float32 of shape (rows,)."""
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()).astype(np.float32)


def _texts_with(texts: Iterable[Counter[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for counts in texts:
        found.update(counts.keys())
    return found
