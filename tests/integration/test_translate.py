"""The translate service: its wire over a fake translator, and its promises over the installed translators."""

import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import ArtifactError
from examkit.service_token import SERVICE_TOKEN_HEADER
from services.translate.app import create_app
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguageTag
from services.translate.making import Wishes
from services.translate.marked_up import Format, translate_marked_up
from services.translate.placeholders import protect
from services.translate.schemas import MOST_CHARACTERS, MOST_CHARACTERS_WITH_ALTERNATIVES, MOST_TEXTS
from services.translate.settings import Settings
from services.translate.untranslatable import Extent
from tests.fakes_translate import FakeTranslator
from tests.tiny_student import write_artifact, write_package

pytestmark = pytest.mark.integration

PATH = "/api/v1/translate"
EN, PT = LanguageTag("en"), LanguageTag("pt")
SECRET = "Quagga-Zephyr-4711"
CLAIM = Path(__file__).parent / "long_claim.txt"
SIGN = re.compile(r"\((\d+[a-c]?(?:, \d+[a-c]?)*)\)")


def open_client(tmp_path, token_file, translator=None, artifacts=None):
    settings = Settings(
        artifacts_dir=artifacts or tmp_path,
        service_token_file=token_file,
        data_dir=tmp_path / "terminology",
        log_level="debug",
    )
    headers = {SERVICE_TOKEN_HEADER: token_file.read_text().strip()}
    return TestClient(create_app(settings, translator), headers=headers)


def wait_until_ready(client):
    deadline = time.monotonic() + 30
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def client(tmp_path, service_token_file):
    with open_client(tmp_path, service_token_file, FakeTranslator()) as opened:
        wait_until_ready(opened)
        yield opened


def post(client, *texts, target="pt", **members):
    return client.post(PATH, json={"texts": list(texts), "targetLanguage": target, **members})


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()["code"]


# ---- the wire, over a fake


def test_an_answer_has_the_shape_of_the_contract(client):
    assert post(client, "the rod", sourceLanguage="EN", target="PT-br", alignment=True).json() == {
        "translations": [
            {
                "text": "[pt] the rod",
                "sourceLanguage": "en",
                "targetLanguage": "pt-BR",
                "route": ["en", "pt"],
                "engines": ["fake"],
                "gist": False,
                "untranslated": [{"start": 0, "end": 4}],
                "quality": {"score": 0.75, "flags": ["untranslated"]},
                "alternatives": [],
                "alignment": [{"sourceStart": 0, "sourceEnd": 7, "targetStart": 5, "targetEnd": 12}],
                "segments": [],
                "terms": [],
            }
        ],
        "model": {"name": "fake-pt", "version": "1.0.0"},
    }


def test_quality_and_alignment_are_given_as_asked(client):
    answer = post(client, "the rod", quality=False).json()["translations"][0]
    assert (answer["quality"], answer["alignment"]) == (None, [])


def test_as_many_alternatives_are_given_as_asked(client):
    answer = post(client, "the rod", alternatives=2).json()["translations"][0]
    assert answer["alternatives"] == ["[pt 0] the rod", "[pt 1] the rod"]
    tagged = post(client, "<b>the rod</b>", alternatives=2, format="html").json()["translations"][0]
    assert tagged["alternatives"] == []
    longest = post(client, "a" * MOST_CHARACTERS_WITH_ALTERNATIVES, alternatives=1)
    assert len(longest.json()["translations"][0]["alternatives"]) == 1


def test_pairs_are_listed_page_by_page(client):
    pair: dict[str, object] = {
        "sourceLanguage": "pt",
        "targetLanguage": "en",
        "route": ["pt", "en"],
        "engines": ["fake"],
    }
    pair |= {"status": "ready", "gist": False, "hint": None}
    assert client.get(f"{PATH}/languages?limit=1&offset=1").json() == {
        "items": [pair],
        "limit": 1,
        "offset": 1,
        "count": 2,
    }


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"texts": ["a", " \n"]}, 422, "blank-text"),
        ({"texts": []}, 422, "invalid-input"),
        ({"texts": ["a"] * (MOST_TEXTS + 1)}, 422, "invalid-input"),
        ({"texts": ["a" * MOST_CHARACTERS, "b"]}, 413, "text-too-long"),
        ({"texts": ["a" * MOST_CHARACTERS_WITH_ALTERNATIVES, "b"], "alternatives": 1}, 413, "text-too-long"),
        ({"texts": ["\ud800"]}, 422, "invalid-input"),
        ({"targetLanguage": "klingon!"}, 422, "malformed-language-tag"),
        ({"targetLanguage": "xx"}, 422, "unsupported-language-pair"),
        ({"sourceLanguage": "pt-PT"}, 422, "same-language"),
        ({"format": "markdown"}, 422, "invalid-input"),
        ({"glossaryId": "1"}, 422, "invalid-input"),
        ({"alignment": "perhaps"}, 422, "invalid-input"),
        ({"alternatives": 4}, 422, "invalid-input"),
        ({"alternatives": 10**30}, 422, "invalid-input"),
        ({"alternatives": -1}, 422, "invalid-input"),
        ({"alternatives": True}, 422, "invalid-input"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(client, members, status, code):
    body = {"texts": ["a rod"], "targetLanguage": "pt", **members}
    response = client.post(PATH, content=json.dumps(body), headers={"content-type": "application/json"})
    assert problem(response, status) == code


def test_tags_are_kept_and_what_is_no_xml_is_refused_by_its_place(client):
    answer = post(client, "<p>the <b>rod</b></p>", sourceLanguage="en", format="html", alignment=True).json()
    assert answer["translations"][0]["text"] == "<p>[pt] the <b>rod</b></p>"
    assert answer["translations"][0]["alignment"] == [
        {"sourceStart": 3, "sourceEnd": 13, "targetStart": 8, "targetEnd": 18}
    ]
    assert problem(post(client, "<p>the <b>rod</p>", format="xml"), 422) == "malformed-markup"
    assert problem(post(client, "<p>the rod</p>", "<br/>", format="html"), 422) == "blank-text"


def test_an_unsupported_pair_lists_those_there_are(client):
    details = post(client, "a rod", target="fr").json()["details"]
    assert [detail["message"] for detail in details] == ["en to pt is supported", "pt to en is supported"]


def test_another_content_type_and_broken_json_are_refused(client):
    assert client.post(PATH, content="texts=a", headers={"content-type": "text/plain"}).status_code == 415
    assert client.post(PATH, content="{", headers={"content-type": "application/json"}).status_code == 400


# ---- starting


def test_a_folder_without_translators_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(ArtifactError, match="holds no translator"):
        RoutedTranslator.load(tmp_path)


def test_an_altered_file_is_refused(tmp_path):
    artifact = write_artifact(tmp_path / "artifacts" / "tiny", write_package(tmp_path / "package"), ("en", "pt"))
    table = artifact / "embedding.npy"
    table.write_bytes(table.read_bytes()[:-1] + b"\x55")
    with pytest.raises(ArtifactError, match=r"embedding\.npy"):
        RoutedTranslator.load(tmp_path / "artifacts")


def test_every_student_in_the_folder_is_served(tmp_path, service_token_file):
    package = write_package(tmp_path / "package")
    for languages in (("en", "pt"), ("es", "pt-BR")):
        write_artifact(tmp_path / "artifacts" / "-".join(languages), package, languages)
    with open_client(tmp_path, service_token_file, artifacts=tmp_path / "artifacts") as client:
        wait_until_ready(client)
        items = client.get(f"{PATH}/languages").json()["items"]
        students = [pair for pair in items if pair["engines"] == ["marian-student"]]
        pairs = [(pair["sourceLanguage"], pair["targetLanguage"]) for pair in students]
        assert pairs == [("en", "pt"), ("es", "pt-BR")]
        answer = post(client, "a valve (12)", sourceLanguage="en", target="pt-BR").json()
        assert answer["model"] == {"name": "translator-en-pt", "version": "0.0.1"}
        assert "(12)" in answer["translations"][0]["text"]


# ---- the installed translators


@pytest.fixture(scope="module")
def translator(artifacts_dir):
    return RoutedTranslator.load(artifacts_dir)


def translate(translator, text, source=EN, target=PT):
    return translator.translate([text], source, target).translations[0]


def signs(text):
    return Counter(sign for group in SIGN.findall(text) for sign in group.split(", "))


def test_a_sentence_is_translated_both_ways(translator):
    there = translate(translator, "The valve (12) is closed by a spring (14).")
    assert there.text == "A válvula (12) é fechada por uma mola (14)."
    assert translate(translator, there.text, PT, EN).text == "The valve (12) is closed by a spring (14)."
    assert 0.5 < there.quality.score < 0.66  # near the highest that the calibration of this way gives
    assert there.quality.flags == ()


def test_segments_are_where_they_are_said_to_be_and_all_else_is_kept(translator):
    text = "1. The valve (12) is closed.\n\n   2.\tIt opens the γ-Al2O3 chamber (14)!  Then it rests."
    found = translate(translator, text)
    assert [text[slice(*each.source)] for each in found.segments] == [
        "The valve (12) is closed.",
        "It opens the γ-Al2O3 chamber (14)!",
        "Then it rests.",
    ]
    assert next(found.text[slice(*each.target)] for each in found.segments) == "A válvula (12) está fechada."
    between = [
        found.text[a:b]
        for a, b in zip(
            [0, *(each.target[1] for each in found.segments)],
            [*(each.target[0] for each in found.segments), len(found.text)],
            strict=True,
        )
    ]
    assert between == ["1. ", "\n\n   2.\t", "  ", ""]
    assert all(each.quality.flags == () for each in found.segments)


def test_tags_stay_at_their_words(translator):
    source = "A <b>red <i>housing</i></b> (12) holds <code>x &lt; y</code> and H<sub>2</sub>O."
    found = translate_marked_up([source], Format.HTML, translator.translate, None, PT).translations[0].text
    assert re.search(r"<b><i>\w+</i> vermelh[ao]</b> \(12\)", found)
    assert "<code>x &lt; y</code>" in found
    assert "H<sub>2</sub>O" in found


def test_a_heading_stays_in_capitals(translator):
    assert translate(translator, "BACKGROUND OF THE INVENTION (12a)").text == "FUNDO DA INVENÇÃO (12a)"


def test_a_long_claim_keeps_all_its_signs(translator):
    claim = CLAIM.read_text()
    translation = translate(translator, claim)
    assert len(claim.split()) > 200
    assert signs(translation.text) == signs(claim)
    assert translation.quality.flags == ()


def test_patent_style_text_keeps_signs_numbers_and_formulae(translator, shared_data):
    folder = shared_data / "mt_eval" / "patent_style"
    for name, source, target in (("en", EN, PT), ("long_claim.en", EN, PT), ("pt", PT, EN)):
        texts = (folder / f"{name}.txt").read_text().splitlines()
        for text, item in zip(texts, translator.translate(texts, source, target).translations, strict=True):
            assert signs(text) == signs(item.text)
            assert item.quality.flags == ()
            assert all(span in item.text for span in ("γ-Al2O3", "TiO2", "C1-C6", "(I)", "NaOH") if span in text)


def test_layout_numbering_and_codes_are_kept(translator):
    text = (
        "1. A resistor of ≥ 10 kΩ, wherein the film is 2.5 µm thick.\r\n\r\n"
        "  (a) a spring – namely a coil – (12a);\n• the valve (14′) of SEQ ID NO: 12, "
        "see EP 1 234 567 A1 and H01L 21/768."
    )
    lines = translate(translator, text).text.split("\n")
    assert [line[:5] for line in lines] == ["1. Um", "\r", "  (a)", "• a v"]
    assert all(code in lines[0] for code in ("≥ 10", "kΩ", "µm"))
    assert all(code in lines[2] for code in ("–", "(12a)"))
    assert all(code in lines[3] for code in ("(14′)", "SEQ ID NO: 12", "EP 1 234 567 A1", "H01L 21/768"))


@pytest.mark.parametrize(
    "text", ["γ-Al2O3 → β-Fe2O3", "(12) (14)", "12.5", "+++ ~~~", "\u0000\u0007", "x" * 20_000, "中文", "\u200b"]
)
def test_what_has_nothing_to_translate_comes_back_as_it_was(translator, text):
    assert translate(translator, text).text == text


def test_control_characters_inside_a_text_are_kept(translator):
    assert "\u0007" in translate(translator, "The valve \u0007 is closed.").text


def test_the_language_is_detected_text_by_text(translator):
    answer = translator.translate(["The valve is closed by a spring.", "12 (13)"], None, PT)
    assert [str(item.pair.source) for item in answer.translations] == ["en", "en"]
    assert str(translator.translate(["A válvula é fechada."], None, EN).translations[0].pair) == "pt to en"


def test_a_batch_gives_what_each_text_gives_alone(translator, shared_data):
    texts = (shared_data / "mt_eval" / "flores200" / "devtest.en.txt").read_text().splitlines()[:60]
    batch = translator.translate(texts, EN, PT).translations
    alone = [translate(translator, text) for text in texts]
    assert [item.text for item in batch] == [item.text for item in alone]
    assert [item.quality.score for item in batch] == pytest.approx([item.quality.score for item in alone], abs=1e-4)


def test_words_are_aligned(translator):
    text = "The valve (12) is closed by the γ-spring."
    item = translate(translator, text)
    pairs = {(text[slice(*source)], item.text[slice(*target)]) for source, target in item.alignment}
    assert {("valve", "válvula"), ("(12)", "(12)"), ("γ-spring", "γ-spring")} <= pairs


WORDS = st.sampled_from(
    ["the", "valve", "spring,", "is", "closed", "by", "and", "of a", "housing", "rod.", "that holds"]
)
CODES = st.sampled_from(
    ["12a", "γ-Al2O3", "(12)", "H01L 21/768", "SEQ ID NO: 7", "Müller", "(I)", "µm", "≥ 5", "½", "R1"]
)


@settings(deadline=None, max_examples=25)
@given(sentence=st.lists(WORDS | CODES, min_size=1, max_size=25).map(" ".join))
def test_protected_spans_survive_the_real_model(translator, sentence):
    item = translate(translator, sentence)
    for span in protect(sentence, str.isascii, Extent.NEEDED).originals.values():
        assert span in item.text


def test_alternatives_differ_and_keep_signs_and_codes(translator):
    text = (
        "1. A fastening device (10) of γ-Al2O3, comprising a housing (12) and a spring (14).\n2. The device of claim 1."
    )
    translation = translator.translate([text], EN, PT, Wishes(alternatives=3)).translations[0]
    texts = [translation.text, *translation.alternatives]
    assert len(texts) == 4
    assert len({re.sub(r"\W", "", each).casefold() for each in texts}) == 4
    for each in texts:
        assert SIGN.findall(each) == ["10", "12", "14"]
        assert "γ-Al2O3" in each
        assert each.splitlines()[1].startswith("2. ")


def test_no_text_reaches_a_log(tmp_path, service_token_file, artifacts_dir, capfd):
    with open_client(tmp_path, service_token_file, artifacts=artifacts_dir) as client:
        wait_until_ready(client)
        post(client, f"the valve of {SECRET}")
        post(client, SECRET, target=SECRET)
        post(client, SECRET, " ", sourceLanguage="en")
        post(client, SECRET * 5000)
        client.post(PATH, content=f'{{"texts": ["{SECRET}"', headers={"content-type": "application/json"})
    logged = "".join(capfd.readouterr())
    assert PATH in logged
    assert SECRET not in logged
