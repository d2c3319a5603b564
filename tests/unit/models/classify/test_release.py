"""A retrained classifier is let out when it is as good or better; a worse one is refused, with nothing written."""

import gzip
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from examkit.artifact import open_artifact, read_manifest
from examkit.errors import StartError
from models.classify import release
from models.classify.corpus import LabelledPatent, Part
from models.classify.judging import ALL, MEASURES, Measure, Trial, judge, try_both
from models.classify.train import train
from services.classify.engine import Classification, Prediction, TextTooShortError
from services.classify.ipc import Level, Symbol
from services.classify.model import FORMAT, FORMAT_VERSION
from services.classify.scheme import Scheme
from services.classify.text import PatentText
from tests.fakes_classify import small_scheme
from tests.tiny_classify import write_artifacts, write_data

APP = typer.Typer()
APP.command()(release.main)
FIRST = MEASURES[0]
BRUSH, CHIP = Symbol.parse("A46B 9/04"), Symbol.parse("H01L 21/768")


def trials(won=0, lost=0, same=0, measure=FIRST, groups=(ALL,)):
    outcomes = [(False, True)] * won + [(True, False)] * lost + [(True, True)] * same
    return [Trial(measure, groups, *outcome) for outcome in outcomes]


def test_equal_models_and_better_ones_are_released():
    assert judge(trials(same=10)).is_released
    assert judge(trials(won=5, lost=5, same=90)).is_released
    assert judge(trials(won=1)).is_released


def test_fewer_hits_on_the_whole_are_refused_even_where_it_may_be_chance():
    verdict = judge(trials(won=4, lost=5, same=1000))
    assert (verdict.is_released, verdict.worse, verdict.is_worse_on_the_whole) == (False, [], True)


def test_fewer_hits_at_one_measure_may_be_made_up_for_by_another():
    assert judge(trials(won=4, lost=5) + trials(won=5, lost=4, measure=MEASURES[3])).is_released


def test_what_is_better_on_the_whole_but_surely_worse_for_somebody_is_refused():
    chip = trials(lost=20, same=100, groups=(ALL, "section H"))
    verdict = judge(trials(won=60, same=500, groups=(ALL, "section A")) + chip)
    assert not verdict.is_worse_on_the_whole
    assert not verdict.is_released
    (worse,) = verdict.worse
    assert (worse.group, worse.documents, worse.current, worse.candidate) == ("section H", 120, 120, 100)


def test_the_test_is_mcnemars_exact_one():
    # 2 won of 12 that differ: P(X <= 2) for X of 12 fair coins is (1 + 12 + 66) / 4096.
    (compared,) = judge(trials(won=2, lost=10, same=30)).comparisons
    assert compared.chance == pytest.approx(79 / 4096)


def test_a_few_documents_prove_nothing_about_a_group():
    verdict = judge(trials(won=9, same=50) + trials(lost=3, groups=(ALL, "Korean")))
    assert verdict.is_released


def test_nothing_to_judge_by_is_no_reason_to_release():
    with pytest.raises(StartError, match="nothing to judge by"):
        judge([])


@dataclass
class Ranks:
    """Predicts what it was told, or refuses the text."""

    symbols: list[str]
    name: str = "fake"
    version: str = "1"
    scheme: Scheme = field(default_factory=small_scheme)

    def classify(self, text, options):
        if not self.symbols:
            raise TextTooShortError("Too short.")
        found = dict.fromkeys(Symbol.parse(each).at(options.level) for each in self.symbols)
        predictions = [Prediction(each, "", 0.5, ()) for each in list(found)[: options.limit]]
        return Classification(language="en", level=options.level, predictions=predictions)


def patent(*symbols, source="x", language="en"):
    return LabelledPatent("XX1", source, language, PatentText("Brush"), tuple(map(Symbol.parse, symbols)))


def test_a_document_is_tried_at_both_levels_and_ranks():
    found = list(try_both(patent("A46B 9/04"), Ranks(["A46B 9/00"]), Ranks(["H01L 21/70", "A46B 9/02"])))
    assert [(each.measure, each.current, each.candidate) for each in found] == [
        (Measure(Level.SUBCLASS, 1), True, False),
        (Measure(Level.SUBCLASS, 3), True, True),
        (Measure(Level.MAIN_GROUP, 1), True, False),
        (Measure(Level.MAIN_GROUP, 3), True, True),
    ]


def test_a_refused_text_is_a_miss_and_an_unknown_symbol_no_question():
    assert [each.candidate for each in try_both(patent("A46B"), Ranks(["A46B"]), Ranks([]))] == [False, False]
    assert list(try_both(patent("G06F 3/01"), Ranks(["A46B"]), Ranks(["A46B"]))) == []


@pytest.mark.parametrize(
    ("document", "groups"),
    [
        (patent("A46B", "H01L", "H01L 21/70"), (ALL, "English", "section A", "section H")),
        (patent("A46B", source="feedback", language="ko-KR"), (ALL, "feedback", "Korean", "section A")),
        (patent("A46B", language="pt"), (ALL, "other languages", "section A")),
    ],
)
def test_a_document_counts_for_everybody_it_matters_to(document, groups):
    assert {each.groups for each in try_both(document, Ranks([]), Ranks([]))} == {groups}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The tiny classifier, and one that was taught every document with the symbols of another field."""
    folder = tmp_path_factory.mktemp("release")
    for name in ("data", "wrong-data", "worse"):
        (folder / name).mkdir()
    write_data(folder / "data")
    write_artifacts(folder / "data", folder)
    write_data(folder / "wrong-data")
    lines = gzip.decompress((folder / "data" / "docs_text.jsonl.gz").read_bytes()).decode().splitlines()
    rows = [json.loads(line) for line in lines]
    wrong = [row | {"ipc": other["ipc"]} for row, other in zip(rows, rows[90:] + rows[:90], strict=True)]
    content = "\n".join(map(json.dumps, wrong)).encode()
    (folder / "wrong-data" / "docs_text.jsonl.gz").write_bytes(gzip.compress(content))
    train(folder / "wrong-data", folder / "worse", lambda _: None)
    return folder


@pytest.fixture
def command(folders, tmp_path):
    def run(candidate: Path, *more: str, current: Path = folders / "ipc-classifier"):
        options = {"candidate": candidate, "current": current, "scheme": folders / "ipc-scheme"}
        options |= {"data": folders / "data", "out": tmp_path / "released" / "ipc-classifier"}
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        return CliRunner(env={"COLUMNS": "100"}).invoke(APP, [*arguments, *more])

    return run


def test_an_equal_candidate_is_released_whole(folders, tmp_path, command):
    done = command(folders / "ipc-classifier")
    assert done.exit_code == 0, done.output
    assert re.search(r"all documents +\d+( +[\d.]+ → [\d.]+){4}", done.output)
    out = tmp_path / "released" / "ipc-classifier"
    assert open_artifact(out, format=FORMAT, format_version=FORMAT_VERSION).manifest == read_manifest(
        folders / "ipc-classifier"
    )
    assert [each.name for each in out.parent.iterdir()] == [out.name]


def test_a_candidate_is_judged_with_the_encoders_of_the_one_in_use(folders, tmp_path, command):
    alone = shutil.copytree(folders / "ipc-classifier", tmp_path / "retrained")
    done = command(alone)
    assert done.exit_code == 0, done.output


def test_a_better_candidate_is_released(folders, tmp_path, command):
    done = command(folders / "ipc-classifier", current=folders / "worse")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "released" / "ipc-classifier" / "manifest.json").exists()


def test_a_worse_candidate_is_refused_and_nothing_is_written(folders, tmp_path, command):
    done = command(folders / "worse")
    assert done.exit_code == 1
    assert "Refused: it is worse beyond chance: all documents (Subclass top-1)" in done.output
    assert "Nothing was written." in done.output
    assert re.search(r"all documents +\d+ +[\d.]+ → [\d.]+ ▼", done.output)
    assert not (tmp_path / "released").exists()


def test_feedback_kept_apart_is_judged_as_a_group_of_its_own(folders, tmp_path, command):
    row = {"claims": "", "description": "", "text": "", "language": "en", "assigned": ["A46B 9/00"]}
    rows = [
        {**row, "id": str(number), "title": f"toothbrush bristle {number}", "abstract": "tuft handle nylon"}
        for number in range(200)
    ]
    file = tmp_path / "feedback.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    kept_apart = [each for each in release.held_out(folders / "data", file) if each.source == "feedback"]
    assert 0 < len(kept_apart) < 60
    assert {each.part for each in kept_apart} == {Part.HOLD_OUT}
    done = command(folders / "ipc-classifier", "--feedback", str(file))
    assert re.search(rf"feedback +{len(kept_apart)} ", done.output)


def test_a_damaged_candidate_is_refused(folders, tmp_path, command):
    damaged = shutil.copytree(folders / "ipc-classifier", tmp_path / "damaged")
    (damaged / "stack.json").write_text("{}")
    done = command(damaged)
    assert (done.exit_code, "SHA-256 differs" in done.output) == (1, True)
    assert not (tmp_path / "released").exists()


def test_a_candidate_damaged_while_it_was_judged_is_not_released(folders, tmp_path):
    damaged = shutil.copytree(folders / "ipc-classifier", tmp_path / "damaged")
    (damaged / "stack.json").write_text("{}")
    with pytest.raises(StartError, match="SHA-256 differs"):
        release.publish(damaged, tmp_path / "out" / "ipc-classifier")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_existing_folder_is_left_alone(folders, tmp_path, command):
    out = tmp_path / "released" / "ipc-classifier"
    out.mkdir(parents=True)
    done = command(folders / "ipc-classifier")
    assert (done.exit_code, "exists already" in done.output) == (1, True)
    assert list(out.iterdir()) == []


def test_missing_data_are_told_in_a_sentence(folders, tmp_path, command):
    done = command(folders / "ipc-classifier", "--data", str(tmp_path / "nowhere"))
    assert (done.exit_code, "No such file" in done.output) == (1, True)
