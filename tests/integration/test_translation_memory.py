"""Translation memory in both databases for real, used by the installed translators."""

import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examkit.errors import NotFoundError, TooLargeError
from services.translate.database import TerminologyUnavailableError, open_database
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.making import Wishes
from services.translate.memory import store as store_module
from services.translate.memory.recall import Origin, TranslationMemory
from services.translate.memory.store import Added
from services.translate.memory.units import Unit
from tests.integration.memory_writer import SIZE
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
EN, PT = LanguageTag("en"), LanguageTag("pt")
PAIR, BACK = LanguagePair(EN, PT), LanguagePair(PT, EN)
_NUMBERS = count()


@dataclass(frozen=True)
class Place:
    """Where the memory is kept: a folder, or a database that has a URL."""

    folder: Path
    url: str | None = None

    def open(self):
        return TranslationMemory(open_database(self.folder, self.url))

    def writer(self, name, calls=0):
        module = "tests.integration.memory_writer"
        command = [sys.executable, "-m", module, str(self.folder), self.url or "", name, str(calls)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return Place(tmp_path)
    return Place(tmp_path, new_database(request.getfixturevalue("server"), f"memory_{next(_NUMBERS)}"))


@pytest.fixture
def memory(place):
    opened = place.open()
    yield opened
    opened.store._engine.dispose()


def unit(source, target="alvo", pair=PAIR):
    return Unit(pair, source, target)


# ---- kept


def test_units_are_stored_replaced_listed_and_removed(memory):
    assert memory.store.add([unit("The rod."), unit("The cap."), unit(" "), unit("\x07", "x")]) == Added(2, 0, 0, 2)
    assert memory.store.add([unit("the  rod.", "haste"), unit("The cap."), unit("A pin.")]) == Added(1, 1, 1, 0)
    found, number = memory.store.page(limit=2, offset=1, pair=PAIR)
    assert ([(each.unit.source, each.unit.target) for each in found], number) == (
        [("The cap.", "alvo"), ("A pin.", "alvo")],
        3,
    )
    memory.store.remove(found[0].id)
    with pytest.raises(NotFoundError):
        memory.store.remove(found[0].id)
    assert [each.source for each in memory.store.everything()] == ["The rod.", "A pin."]


def found_in_files(folder, text):
    return [file.name for file in folder.iterdir() if text.encode() in file.read_bytes()]


def test_of_what_was_replaced_or_removed_there_is_nothing_left_in_the_files(tmp_path):
    store = Place(tmp_path).open().store
    store.add([unit(f"The rod {number}.", f"Quagga-{number} {'x' * 300}") for number in range(500)])
    store.add([unit("The cap.", "Zephyr"), unit("The pin.", "Ocelot"), unit("The kept pin.", "Okapi")])
    assert all(found_in_files(tmp_path, word) for word in ("Quagga", "Zephyr", "Ocelot"))
    assert store.add([unit(f"The rod {number}.", f"haste {number}") for number in range(500)]).replaced == 500
    assert not found_in_files(tmp_path, "Quagga")
    assert store.add([unit("the  cap.", "tampa"), unit("The kept pin.", "Okapi")]) == Added(0, 1, 1, 0)
    assert not found_in_files(tmp_path, "Zephyr")
    found, _ = store.page(limit=100, offset=500)
    store.remove(next(each.id for each in found if each.unit.target == "Ocelot"))
    assert not found_in_files(tmp_path, "Ocelot")
    assert found_in_files(tmp_path, "Okapi")
    assert store.remove_pair(PAIR) == 502
    assert not any(found_in_files(tmp_path, word) for word in ("Okapi", "tampa", "haste", "The rod"))
    store._engine.dispose()


def test_a_pair_is_removed_and_no_other(memory):
    brazilian = LanguagePair(EN, LanguageTag("pt", region="BR"))
    memory.store.add([unit("a"), unit("b"), unit("c", pair=BACK), unit("d", pair=brazilian)])
    assert memory.store.remove_pair(PAIR) == 2
    assert memory.store.remove_pair(PAIR) == 0
    assert [each.source for each in memory.store.everything()] == ["c", "d"]


def test_too_many_units_leave_the_memory_as_it_was(memory, monkeypatch):
    memory.store.add([unit("The rod.")])
    monkeypatch.setattr(store_module, "MOST_UNITS", 2)
    with pytest.raises(TooLargeError) as caught:
        memory.store.add([unit("a"), unit("b")])
    assert caught.value.code == "memory-full"
    monkeypatch.setattr(store_module, "MOST_ADDED", 2)
    with pytest.raises(TooLargeError):
        memory.store.add([unit("a"), unit("b"), unit("c")])
    assert [each.source for each in memory.store.everything()] == ["The rod."]


TEXTS = st.text(min_size=1).filter(lambda text: unit(text).is_usable)


@given(source=TEXTS, target=TEXTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_is_kept_as_it_is_and_found_again(memory, source, target):
    memory.store.remove_pair(PAIR)
    memory.store.add([unit(source, target)])
    assert [(each.source, each.target) for each in memory.store.everything()] == [(source, target)]
    found = memory.recall(PAIR, [source])[source]
    assert (found.text, found.origin, found.match.score) == (target, Origin.MEMORY, 1.0)


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_a_process_killed_while_it_writes_leaves_whole_calls_and_all_that_it_told(place, seconds):
    writer = place.writer("killed")
    told = [writer.stdout.readline().strip()]
    time.sleep(seconds)
    writer.kill()
    told += writer.stdout.read().split("\n")[:-1]
    writer.wait()
    writer.stdout.close()
    memory = place.open()
    sizes = Counter(each.source.partition(" ")[0] for each in memory.store.everything())
    assert set(told) <= set(sizes)
    assert set(sizes.values()) == {SIZE}
    memory.store._engine.dispose()


def test_processes_that_start_and_write_at_the_same_time_all_work(place):
    writers = [place.writer(name, calls=2) for name in ("one", "two")]
    outputs = [writer.communicate(timeout=120)[0].split() for writer in writers]
    memory = place.open()
    sizes = Counter(each.source.partition(" ")[0] for each in memory.store.everything())
    assert sizes == dict.fromkeys([call for output in outputs for call in output], SIZE)
    memory.store._engine.dispose()


def test_a_unit_counts_at_once_in_another_process_too_and_no_more_once_removed(memory, place):
    other = place.open()
    asked = "The valve (12) is closed by a strong spring."
    assert other.recall(PAIR, [asked]) == {}
    memory.store.add([unit("The valve (12) is closed by a spring.", "A válvula (12) é fechada por uma mola.")])
    (match,) = other.similar(PAIR, [asked])[0]
    assert match.score == pytest.approx(1 - 7 / 44)
    memory.store.remove_pair(PAIR)
    assert other.similar(PAIR, [asked]) == [()]
    assert other.recall(PAIR, [asked]) == {}
    other.store._engine.dispose()


def test_a_database_that_goes_away_is_named(server, tmp_path):
    memory = Place(tmp_path, new_database(server, f"memory_{next(_NUMBERS)}")).open()
    memory.store.add([unit("a")])
    server.stop()
    with pytest.raises(TerminologyUnavailableError):
        memory.recall(PAIR, ["a"])
    server.ensure_postgres_running()
    assert memory.recall(PAIR, ["a"])["a"].text == "alvo"
    memory.store._engine.dispose()


# ---- found


def test_the_same_an_adaptable_and_a_near_segment_are_told_apart(memory):
    memory.store.add([unit("The rod (12) turns the cap (14).", "A haste (12) gira a tampa (14).")])
    same, other_signs = "the rod (12)  turns the cap (14).", "The rod (20) turns the cap (21a)."
    found = memory.recall(PAIR, [same, other_signs, "The rod (12) bends the cap (14)."])
    assert (found[same].text, found[same].origin) == ("a haste (12) gira a tampa (14).", Origin.MEMORY)
    assert found[other_signs].text == "A haste (20) gira a tampa (21a)."
    assert found[other_signs].origin is Origin.ADAPTED
    assert found[other_signs].match.score == pytest.approx(1 - 4 / 33)
    assert len(found) == 2
    near, far = memory.similar(PAIR, ["The rod (12) bends the cap (14).", "A cap."])
    assert [match.target for match in near] == ["A haste (12) gira a tampa (14)."]
    assert far == ()


def test_of_very_many_adaptable_units_the_same_one_is_still_found(memory):
    memory.store.add([unit(f"Claim {number}", f"Reivindicação n.º {number}") for number in range(60)])
    assert memory.recall(PAIR, ["claim 3"])["claim 3"].origin is Origin.MEMORY
    assert memory.recall(PAIR, ["Claim 99"])["Claim 99"].text == "Reivindicação n.º 99"


def test_the_nearest_language_comes_first_and_another_one_does_not_count(memory):
    brazil, portugal = (LanguagePair(EN, LanguageTag("pt", region=region)) for region in ("BR", "PT"))
    memory.store.add([unit("a rod", "de PT", portugal), unit("a rod", "de BR", brazil), unit("a cap", pair=BACK)])
    assert memory.recall(brazil, ["a rod"])["a rod"].text == "de BR"
    assert memory.recall(portugal, ["a rod"])["a rod"].text == "de PT"
    assert "a rod" in memory.recall(PAIR, ["a rod", "a cap"])
    assert "a cap" not in memory.recall(PAIR, ["a rod", "a cap"])


# ---- used


@pytest.fixture(scope="module")
def translator(artifacts_dir):
    opened = RoutedTranslator.load(artifacts_dir)
    yield opened
    opened.close()


@pytest.fixture
def local(tmp_path):
    return Place(tmp_path).open()


def translate(translator, text, memory):
    return translator.translate([text], EN, PT, Wishes(memory=memory, suggestions=True)).translations[0]


def test_a_text_is_translated_from_the_memory_where_it_can_be(translator, local):
    local.store.add(
        [
            unit("The valve (12) is closed.", "A VÁLVULA (12) ESTÁ FECHADA."),
            unit("It opens. Then it rests.", "Abre e depois repousa."),
        ]
    )
    known = "1. The valve (31) is closed.\n2. It opens. Then it rests."
    text = f"{known}\n\nThe spring (14) holds the rod. The valve (12) is closed!"
    found = translate(translator, text, local)
    first, second, third = found.text.split("\n\n")[0].split("\n") + found.text.split("\n\n")[1:]
    assert (first, second) == ("1. A VÁLVULA (31) ESTÁ FECHADA.", "2. Abre e depois repousa.")
    assert third.startswith("A mola (14) segura")
    assert [each.origin.value for each in found.segments] == ["memory-adapted", "memory", "engine", "engine"]
    assert [text[slice(*each.source)] for each in found.segments][1] == "It opens. Then it rests."
    assert all(found.text[each.target[0] : each.target[1]] for each in found.segments)
    assert [len(each.matches) for each in found.segments] == [1, 1, 0, 1]
    assert [each.quality.score for each in found.segments[:2]] == [1.0, 1.0]


def test_without_the_memory_nothing_of_it_is_used(translator, local):
    local.store.add([unit("The valve is closed.", "ALVO")])
    assert translator.translate(["The valve is closed."], EN, PT).translations[0].text == "A válvula está fechada."
    assert translate(translator, "The valve is closed.", local).text == "ALVO"


LINES = st.lists(
    st.sampled_from(["The valve (3) opens.", "It rests.", "1. The rod turns.", "", "  ", "γ 12", "A cap; a pin."]),
    min_size=1,
    max_size=5,
).map("\n".join)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=LINES.filter(str.strip), known=st.sampled_from(["The valve (9) opens.", "it rests.", "a cap; a pin."]))
def test_nothing_is_lost_whatever_the_memory_knows(translator, local, text, known):
    local.store.remove_pair(PAIR)
    local.store.add([unit(known, known)])
    found = translate(translator, text, local)
    assert found.text.count("\n") == text.count("\n")
    assert [c for c in found.text if c.isdigit()] == [c for c in text if c.isdigit()]
    gaps = [text[a.source[1] : b.source[0]] for a, b in zip(found.segments, found.segments[1:], strict=False)]
    kept = [found.text[a.target[1] : b.target[0]] for a, b in zip(found.segments, found.segments[1:], strict=False)]
    assert gaps == kept


# ---- the wire
