"""Translates with terms laid down: every one of them stands in the translation, and the words around agree with it.

First freely: often the term comes out right, or the alignment tells which words to write it for. Where it does not, the
segment is translated again with those terms as placeholders, and at last with all of them: a free translation reads
better, a placeholder is sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.translate.engines.protocol import Engine
from services.translate.fallbacks import Rendering, render
from services.translate.placeholders import Edit, Rewriting
from services.translate.terminology.agreement import agreeing
from services.translate.terminology.glossary import Match
from services.translate.terminology.placing import Draft, Placement, place, put, written
from services.translate.untranslatable import Span

_TURNS: Final = 3


@dataclass(frozen=True)
class _Task:
    """A segment, its terms, and which of them are out of the model's reach."""

    source: str
    matches: tuple[Match, ...]
    fixed: frozenset[Match] = frozenset()

    @property
    def edits(self) -> list[Edit]:
        """Give what is laid down."""
        return [Edit(each.start, each.end, self._written(each)) for each in self.matches if each in self.fixed]

    def _written(self, match: Match) -> str:
        return written(match, self.source, match.term.targets[0], is_capital=False)


def render_with_terms(
    sources: Sequence[str], engines: Sequence[Engine], matches: Sequence[Sequence[Match]]
) -> list[Rendering]:
    """Translate segments, in order, with the terms found in each; raise NotReadyError when an engine fails."""
    open_ = {i: _Task(source, tuple(matches[i])) for i, source in enumerate(sources)}
    done: dict[int, Rendering] = {}
    for turn in range(_TURNS):
        drafts = render([task.source for task in open_.values()], engines, [task.edits for task in open_.values()])
        for i, draft in zip(list(open_), drafts, strict=True):
            task = open_.pop(i)
            rendering, unclear = _settled(task, draft, engines[-1].pair.target.language)
            if unclear:
                fixed = task.fixed.union(unclear) if turn == 0 else frozenset(task.matches)
                open_[i] = replace(task, fixed=fixed)
            else:
                done[i] = rendering
        if not open_:
            break
    return [done[i] for i in range(len(sources))]


def _settled(task: _Task, draft: Rendering, language: str) -> tuple[Rendering, list[Match]]:
    """Write the terms into a draft; give those whose place is not clear as well."""
    if not task.matches:
        return draft, []
    free = [match for match in task.matches if match not in task.fixed]
    found = {match: dict(draft.terms)[match.start, match.end] for match in task.fixed}
    placed, unclear = place(Draft(task.source, draft.text, draft.links), free, list(found.values()))
    if unclear:
        return draft, unclear
    return _agreeing(task, _written(draft, placed, found), placed, language), []


def _written(draft: Rendering, placed: Sequence[Placement], fixed: dict[Match, Span]) -> Rendering:
    edits = sorted((Edit(*each.span, each.written) for each in placed if each.written), key=lambda edit: edit.start)
    spans = {each.match: each.span for each in placed} | fixed
    terms = tuple(((match.start, match.end), span) for match, span in spans.items())
    return _edited(replace(draft, terms=tuple(sorted(terms))), edits)


def _agreeing(task: _Task, rendering: Rendering, placed: Sequence[Placement], language: str) -> Rendering:
    """Make other words agree with the terms that were written or came back for placeholders."""
    former = {each.match: each for each in placed}
    spans = dict(rendering.terms)
    edits: list[Edit] = []
    for match in task.matches:
        placement = former.get(match)
        if placement is None or placement.written is not None:
            span, was = spans[match.start, match.end], placement.former if placement else ""
            edits += agreeing(rendering.text, put(match, rendering.text, span, was, language), language)
    return _with_capital(task.source, _edited(rendering, _possible(edits, list(spans.values()))))


def _possible(edits: Sequence[Edit], terms: Sequence[Span]) -> list[Edit]:
    """Leave out what would change a word twice, or another term: the adjective of `técnica anterior` is its own."""
    chosen: list[Edit] = []
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        is_free = not any(start < edit.end and edit.start < end for start, end in terms)
        if is_free and (not chosen or chosen[-1].end <= edit.start):
            chosen.append(edit)
    return chosen


def _edited(rendering: Rendering, edits: Sequence[Edit]) -> Rendering:
    rewriting = Rewriting(rendering.text, tuple(edits))
    return replace(
        rendering,
        text=rewriting.after,
        links=tuple(dict.fromkeys((source, rewriting.forward(target)) for source, target in rendering.links)),
        unknown=tuple(dict.fromkeys(map(rewriting.forward, rendering.unknown))),
        terms=tuple((source, rewriting.forward(target)) for source, target in rendering.terms),
    )


def _with_capital(source: str, rendering: Rendering) -> Rendering:
    """Begin as the source does."""
    first, rest = rendering.text[:1], rendering.text[1:]
    return (
        replace(rendering, text=first.upper() + rest) if source[:1].isupper() and len(first.upper()) == 1 else rendering
    )
