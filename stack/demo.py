"""The main job on real input, through the gateway: classify, search, translate; then everything stops."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from examkit.errors import StartError
from stack.answers import Hit, Model
from stack.client import Gateway
from stack.contact_sheet import Panel, contact_sheet
from stack.inputs import MARK_IMAGE, read_abstract, read_claims
from stack.layout import Layout, without_key
from stack.lock import AlreadyRunningError
from stack.ports import HOST, free_ports
from stack.present import classification_view, closing_view, marks_view, translation_view
from stack.screen import Screen
from stack.settings import StackSettings
from stack.start import open_home, started

_PREDICTIONS = 5
_HITS = 9  # with the query, two full rows of the contact sheet
_WORDS = "a bird"
_HITS_OF_WORDS = 5


def demonstrate(settings: StackSettings, screen: Screen, sheet_file: Path | None) -> None:
    """Start everything on free ports, show the main job, stop; where it runs already, show it there.

    With `sheet_file`, a PNG of the query and its hits is written there. Raises StartError when something cannot start
    and CallError when a call brings no usable answer.
    """
    if sheet_file is not None and not sheet_file.absolute().parent.is_dir():
        raise StartError(f"The folder for the contact sheet does not exist: {sheet_file.absolute().parent}")
    layout = open_home(settings.home)
    (port,) = free_ports(1)
    try:
        with started(layout, port, screen):
            _show_at(f"http://{HOST}:{port}", layout, screen, sheet_file)
            screen.say("\nStopping")
    except AlreadyRunningError as running:
        screen.say(f"Examkit already runs on this home; this is shown at {running.url}")
        _show_at(running.url, layout, screen, sheet_file)


def _show_at(url: str, layout: Layout, screen: Screen, sheet_file: Path | None) -> None:
    if not layout.api_key.exists():
        raise StartError(f"{without_key(layout)} Write it into that file.")
    with closing(Gateway(url, layout.api_key.read_text().strip())) as gateway:
        subclass_model, edition = _show_classification(gateway, screen)
        mark_models = _show_mark_search(gateway, screen, sheet_file)
        translation_models = _show_translation(gateway, screen)
    screen.show(closing_view((subclass_model, *mark_models, *translation_models), edition))


def _show_classification(gateway: Gateway, screen: Screen) -> tuple[Model, str]:
    source = read_abstract()
    with screen.busy("classifying"):
        subclasses = gateway.classify(source.title, source.abstract, "subclass", _PREDICTIONS)
        subgroups = gateway.classify(source.title, source.abstract, "subgroup", _PREDICTIONS)
    screen.show(classification_view(source, subclasses, subgroups))
    return subclasses.model, subclasses.edition


def _show_mark_search(gateway: Gateway, screen: Screen, sheet_file: Path | None) -> tuple[Model, Model]:
    with screen.busy("searching"):
        search = gateway.search_marks(MARK_IMAGE, _HITS)
        by_words = gateway.search_marks_by_words(_WORDS, _HITS_OF_WORDS)
    screen.show(marks_view(search, _WORDS, by_words))
    if sheet_file is not None:
        _write_contact_sheet(gateway, search.hits, sheet_file)
        screen.say(f"\n  Query and hits side by side: {sheet_file}")
    return search.model, by_words.model


def _write_contact_sheet(gateway: Gateway, hits: Iterable[Hit], file: Path) -> None:
    panels = [Panel(MARK_IMAGE.read_bytes(), "The query", "drawn for this demo")]
    for hit in hits:
        panels.append(Panel(gateway.mark_image(hit.image_url), hit.metadata.name or hit.mark_id, f"{hit.score:.2f}"))
    contact_sheet(panels).save(file, "PNG")


def _show_translation(gateway: Gateway, screen: Screen) -> tuple[Model, Model]:
    source = read_claims()
    with screen.busy("translating"):
        there = gateway.translate(source.claims, "en", "pt")
        back = gateway.translate([translation.text for translation in there.translations], "pt", "en")
    screen.show(translation_view(source, there, back))
    return there.model, back.model
