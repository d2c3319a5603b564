"""Answers of the gateway as the public interface writes them, for tests of what reads and shows them."""

H04L = {
    "symbol": "H04L",
    "level": "subclass",
    "title": "TRANSMISSION OF DIGITAL INFORMATION, e.g. TELEGRAPHIC COMMUNICATION",
    "score": 0.83,
    "ancestors": [
        {"symbol": "H", "title": "ELECTRICITY"},
        {"symbol": "H04", "title": "ELECTRIC COMMUNICATION TECHNIQUE"},
    ],
    "evidence": [{"term": "ciphertext", "weight": 0.3}, {"term": "residue", "weight": 0.2}],
}
H04L_9_30 = {
    **H04L,
    "symbol": "H04L 9/30",
    "level": "subgroup",
    "title": "Public key, i.e. [asymmetric]",
    "score": 0.55,
}
SIMILAR = {"documentId": "US-2005190912-A1", "title": "Multiple primes", "symbols": ["H04L 9/30"], "score": 0.81}
APPLE = {
    "markId": "apple",
    "score": 0.91,
    "scores": {"shape": 0.95, "color": 0.31, "composition": 0.9},
    "metadata": {"name": "Apple", "niceClasses": [9, 42]},
    "imageUrl": "/api/v1/marks/apple/image",
}


def classification(prediction):
    return {
        "language": "en",
        "level": prediction["level"],
        "edition": "2020.01",
        "translated": False,
        "model": {"name": "ipc-classifier", "version": "1.0.0"},
        "predictions": [prediction],
        "similarDocuments": [SIMILAR],
    }


def mark_search():
    model = {"name": "mark-embedder", "version": "1.0.0"}
    return {"strategy": "combined", "count": 2300, "model": model, "hits": [APPLE]}


def translations(texts, model):
    quality = {"score": 0.8, "flags": ["number-missing"]}
    return {
        "translations": [{"text": text.upper(), "quality": quality, "route": ["en", "pt"]} for text in texts],
        "model": {"name": model, "version": "1.0.0"},
    }
