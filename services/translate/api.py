"""The endpoints under /api/v1/translate."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from examkit.errors import TooLargeError
from examkit.web.problems import problem_responses
from examkit.web.wire import JSON_BODY, ModelInfo, Page
from services.translate.desk import AtDesk, Desk
from services.translate.languages import LanguageTag
from services.translate.library import Resources
from services.translate.making import Wishes
from services.translate.marked_up import Format, translate_marked_up
from services.translate.markup.units import has_unseen_at_words
from services.translate.quality import Quality
from services.translate.routing import Route, Status
from services.translate.schemas import (
    MOST_CHARACTERS,
    MOST_CHARACTERS_WITH_ALTERNATIVES,
    AlignedWord,
    MatchBody,
    QualityBody,
    SegmentBody,
    SupportedPair,
    TermBody,
    TextSpan,
    TranslateAnswer,
    TranslateRequest,
    TranslationBody,
)
from services.translate.translations import Answer, SegmentTranslation, Translation, UsedTerm
from services.translate.unit_translation import Translate

router = APIRouter(prefix="/api/v1/translate", tags=["translate"])


@router.post(
    "",
    operation_id="translate",
    summary="Translate texts",
    dependencies=JSON_BODY,
    responses=problem_responses(400, 404, 413, 415),
)
async def translate(body: TranslateRequest, desk: AtDesk) -> TranslateAnswer:
    """Translate texts by machine; reference signs, numbers, formulae and codes are kept."""
    _refuse_too_long(body)
    source = None if body.source_language is None else LanguageTag.parse(body.source_language)
    target = LanguageTag.parse(body.target_language)
    drawn = await _wishes(desk, body.resources(), source, target)
    alternatives = body.alternatives if body.format == "text" else 0
    wishes = replace(drawn, suggestions=body.segments, alternatives=alternatives)
    answer = await desk.slots.run(_translate, partial(desk.translator.translate, wishes=wishes), body, source, target)
    return TranslateAnswer(
        translations=[
            _translation(text, item, body) for text, item in zip(body.texts, answer.translations, strict=True)
        ],
        model=ModelInfo(name=answer.model_name, version=answer.model_version),
    )


@router.get("/languages", operation_id="listTranslationPairs", summary="List pairs", responses=problem_responses())
async def list_pairs(
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Page[SupportedPair]:
    """List the pairs of languages that can be translated, and those that could be, with what they lack."""
    routes = desk.translator.routes()
    items = [_pair(route) for route in routes[offset : offset + limit]]
    return Page(items=items, limit=limit, offset=offset, count=len(routes))


def _refuse_too_long(body: TranslateRequest) -> None:
    most = MOST_CHARACTERS_WITH_ALTERNATIVES if body.alternatives else MOST_CHARACTERS
    if sum(map(len, body.texts)) > most:
        kind = "call with alternatives" if body.alternatives else "call"
        raise TooLargeError(
            f"The texts have more than the {most} characters taken in one {kind}.", code="text-too-long"
        )


async def _wishes(desk: Desk, resources: Resources, source: LanguageTag | None, target: LanguageTag) -> Wishes:
    """Ask the database only where glossaries of the office are named: other calls need not wait for it."""
    if resources.glossaries:
        return await desk.store_slots.run(desk.library.wishes, resources, source, target)
    return desk.library.wishes(resources, source, target)


def _translate(translate: Translate, body: TranslateRequest, source: LanguageTag | None, target: LanguageTag) -> Answer:
    if body.format != "text":
        return translate_marked_up(body.texts, Format(body.format), translate, source, target)
    # A text without a letter, which stays as it is, would be none in markup.
    if any(map(has_unseen_at_words, body.texts)) and all(any(map(str.isalnum, text)) for text in body.texts):
        return translate_marked_up(body.texts, None, translate, source, target)
    return translate(body.texts, source, target)


def _translation(text: str, item: Translation, body: TranslateRequest) -> TranslationBody:
    return TranslationBody(
        text=item.text,
        source_language=str(item.pair.source),
        target_language=str(item.pair.target),
        route=[str(language) for language in item.route.languages],
        engines=list(item.route.engines),
        gist=item.route.is_gist,
        untranslated=[TextSpan(start=start, end=end) for start, end in item.unknown],
        quality=_quality(item.quality) if body.quality else None,
        alternatives=list(item.alternatives),
        alignment=_alignment(item) if body.alignment else [],
        segments=[_segment(segment) for segment in item.segments] if body.segments else [],
        terms=[_term(text, item.text, term) for term in item.terms],
    )


def _term(source: str, target: str, term: UsedTerm) -> TermBody:
    return TermBody(
        source=source[slice(*term.source)],
        target=target[slice(*term.target)],
        source_start=term.source[0],
        source_end=term.source[1],
        target_start=term.target[0],
        target_end=term.target[1],
        glossary=term.glossary,
    )


def _quality(quality: Quality) -> QualityBody:
    return QualityBody(score=round(quality.score, 4), flags=[flag.value for flag in quality.flags])


def _segment(segment: SegmentTranslation) -> SegmentBody:
    (source_start, source_end), (target_start, target_end) = segment.source, segment.target
    return SegmentBody(
        source_start=source_start,
        source_end=source_end,
        target_start=target_start,
        target_end=target_end,
        quality=_quality(segment.quality),
        origin=segment.origin.value,
        matches=[MatchBody(source=m.source, target=m.target, score=round(m.score, 4)) for m in segment.matches],
    )


def _alignment(item: Translation) -> list[AlignedWord]:
    return [
        AlignedWord(source_start=a, source_end=b, target_start=c, target_end=d) for (a, b), (c, d) in item.alignment
    ]


def _pair(route: Route) -> SupportedPair:
    return SupportedPair(
        source_language=str(route.pair.source),
        target_language=str(route.pair.target),
        route=[str(language) for language in route.languages],
        engines=list(route.engines),
        status=route.status.value,
        gist=route.is_gist,
        hint=_hint(route),
    )


def _hint(route: Route) -> str | None:
    """Tell an operator what makes a way ready that is not."""
    match route.status:
        case Status.READY:
            return None
        case Status.OFF:
            return "Weak: TRANSLATE_WEAK_ROUTES=true offers it all the same."
        case Status.NOT_INSTALLED:
            return f"apt-get install {' '.join(route.packages)}"
