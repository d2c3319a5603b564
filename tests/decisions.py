"""Examiners' decisions for tests of feedback: one that reads well, and a strategy for all that can be stored."""

from hypothesis import strategies as st

from services.classify.feedback.decisions import Decision, ShownSymbol
from services.classify.ipc import Symbol
from services.classify.text import PatentText

BRUSH = Symbol.parse("A46B 9/04")
DECISION = Decision(
    document_id="XX1",
    language="en",
    text=PatentText(title="Toothbrush", abstract="With bristles."),
    edition="2020.01",
    predicted=(ShownSymbol(BRUSH, 0.7123), ShownSymbol(Symbol.parse("A46B"), 0.1)),
    assigned=(BRUSH, Symbol.parse("A46B 9/00")),
)

# Everything that JSON can carry as text: all of Unicode, control characters too, but no half of a character.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SYMBOLS = st.sampled_from([Symbol.parse(each) for each in ("A", "A46", "A46B", "A46B 9/00", "H01L 21/768")])
DECISIONS = st.builds(
    Decision,
    document_id=st.none() | TEXTS.filter(bool),
    language=st.none() | st.sampled_from(["en", "ko", "pt-BR"]),
    text=st.builds(PatentText, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    edition=st.just("2020.01"),
    predicted=st.lists(st.builds(ShownSymbol, SYMBOLS, st.floats(0, 1)), max_size=3).map(tuple),
    assigned=st.lists(SYMBOLS, min_size=1, max_size=3).map(tuple),
)
