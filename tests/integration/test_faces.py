"""Other people's clients, as they are published, against a running gateway: DeepL's and LibreTranslate's."""

import io
import json
import urllib.error
from contextlib import closing

import deepl
import pytest
from libretranslatepy import LibreTranslateAPI

from tests.integration.faces_stack import FacesStack, running
from tests.integration.import_service import wait_until
from tests.office_files import docx_parts, packed, unpacked

pytestmark = pytest.mark.integration

CLAIM = "A fastening device (10) comprising a housing (12) and a spring (14)."
MARKED = "Zyxomark"


@pytest.fixture(scope="module")
def stack(tmp_path_factory, artifacts_dir):
    with running(tmp_path_factory.mktemp("faces"), artifacts_dir) as stack:
        yield stack


@pytest.fixture(params=["/deepl/", "/deepl"], ids=["with a slash", "without"])
def translator(stack: FacesStack, request):
    with closing(deepl.DeepLClient(stack.key, server_url=stack.url + request.param)) as client:
        yield client


@pytest.fixture
def libre(stack: FacesStack):
    return LibreTranslateAPI(stack.url + "/libretranslate", api_key=stack.key)


@pytest.fixture
def web(stack: FacesStack):
    with stack.client() as client:
        yield client


def test_deepl_translates_a_text_and_several(translator):
    one = translator.translate_text(CLAIM, target_lang="PT-BR")
    assert "dispositivo de fixação (10)" in one.text.lower()
    assert (one.detected_source_lang, one.billed_characters) == ("EN", len(CLAIM))
    back = translator.translate_text([one.text, "  ", "A caixa está fechada."], source_lang="PT", target_lang="EN-US")
    assert [each.detected_source_lang for each in back] == ["PT"] * 3
    assert "(10)" in back[0].text
    assert back[1].text == "  "
    assert "closed" in back[2].text


def test_deepl_leaves_what_is_in_the_target_language_already(translator):
    texts = ["The housing is closed by the cover.", "A mola está ligada à tampa da caixa."]
    left, translated = translator.translate_text(texts, target_lang="EN-GB")
    assert left.text == texts[0]
    assert "spring" in translated.text


@pytest.mark.parametrize("handling", ["html", "xml"])
def test_deepl_keeps_tags(translator, handling):
    found = translator.translate_text("A <b>closed</b> housing", target_lang="PT-PT", tag_handling=handling)
    assert "<b>" in found.text
    assert "</b>" in found.text


def test_deepl_tells_languages(translator):
    assert {"EN", "PT"} <= {each.code for each in translator.get_source_languages()}
    targets = {each.code: each for each in translator.get_target_languages()}
    assert {"en-US", "en-GB", "pt-BR", "pt-PT"} <= {code[:2].lower() + code[2:] for code in targets}
    assert not any(each.supports_formality for each in targets.values())
    pairs = {(each.source_lang, each.target_lang) for each in translator.get_glossary_languages()}
    assert {("en", "pt"), ("pt", "en")} <= pairs


def test_deepl_tells_usage(translator):
    before = translator.get_usage().character
    translator.translate_text(CLAIM, target_lang="PT-BR")
    after = translator.get_usage().character
    assert after.count >= before.count + len(CLAIM)
    assert after.limit == before.limit > after.count
    assert not translator.get_usage().any_limit_reached


def test_deepl_keeps_a_glossary_and_follows_it(translator):
    entries = {"lid": "cobertura", "spring": "mola helicoidal"}
    made = translator.create_glossary("Mechanics", source_lang="EN", target_lang="PT", entries=entries)
    assert (made.ready, made.entry_count, made.name) == (True, 2, "Mechanics")
    assert made.glossary_id in {each.glossary_id for each in translator.list_glossaries()}
    assert translator.get_glossary(made.glossary_id).creation_time == made.creation_time
    assert translator.get_glossary_entries(made) == entries
    text = "The lid (6) is closed by a spring (14)."
    found = translator.translate_text(text, source_lang="EN", target_lang="PT-BR", glossary=made)
    assert "cobertura (6)" in found.text
    assert "mola helicoidal (14)" in found.text
    translator.delete_glossary(made)
    with pytest.raises(deepl.GlossaryNotFoundException):
        translator.get_glossary(made.glossary_id)


def test_deepl_takes_a_glossary_as_csv(translator):
    made = translator.create_glossary_from_csv("Csv", "EN", "PT", 'lid,"cobertura, tampa",EN,PT\n')
    assert translator.get_glossary_entries(made) == {"lid": "cobertura, tampa"}
    translator.delete_glossary(made)


def test_deepl_translates_a_document(translator):
    content = packed(docx_parts())
    handle = translator.translate_document_upload(
        content, filename="claims.docx", source_lang="EN", target_lang="PT-BR"
    )
    wait_until(lambda: translator.translate_document_get_status(handle).done)
    output = io.BytesIO()
    translator.translate_document_download(handle, output)
    assert unpacked(output.getvalue()).keys() == unpacked(content).keys()
    assert output.getvalue() != content


def test_deepl_tells_of_a_document_that_cannot_be_translated(translator):
    handle = translator.translate_document_upload(b"PK\x03\x04 no archive", filename="a.docx", target_lang="PT-BR")
    status = wait_until(lambda: _ended(translator.translate_document_get_status(handle)))
    assert not status.ok
    assert status.error_message
    wrong = deepl.DocumentHandle(handle.document_id, "0" * 64)
    with pytest.raises(deepl.DeepLException, match="Not found"):
        translator.translate_document_get_status(wrong)


def _ended(status):
    return None if status.ok and not status.done else status


def test_deepl_refuses_as_deepl_does(stack, translator):
    with closing(deepl.DeepLClient("exk_guess", server_url=stack.url + "/deepl/")) as stranger:
        for call in (stranger.get_source_languages, stranger.list_glossaries):
            with pytest.raises(deepl.AuthorizationException):
                call()
        with pytest.raises(deepl.AuthorizationException):
            stranger.translate_document_upload(b"text", filename="a.txt", target_lang="PT-BR")
    with pytest.raises(deepl.DeepLException, match="Bad request"):
        translator.translate_text(CLAIM, target_lang="TLH")
    with pytest.raises(deepl.DeepLException, match="413"):
        translator.translate_text("word " * 11_000, target_lang="PT-BR")


def test_libreoffice_posts_a_paragraph(stack, web):
    """As linguistic/source/translate.cxx does: key and text in a form, the paragraph as HTML, no source language."""
    paragraph = '<span lang="en-US">A <b>closed</b> housing (12) with a spring</span>'
    form = {"auth_key": stack.key, "target_lang": "PT", "text": paragraph}
    for url in ("/deepl?tag_handling=html", "/deepl/v2/translate?tag_handling=html"):
        answer = web.post(url, data=form)
        assert answer.status_code == 200
        text = answer.json()["translations"][0]["text"]
        assert text.startswith("<span")
        assert "<b>" in text
        assert "(12)" in text
    assert web.post("/deepl?tag_handling=html", data=form | {"auth_key": "wrong"}).status_code == 403
    del form["auth_key"]
    assert web.post(f"/deepl?tag_handling=html&auth_key={stack.key}", data=form).status_code == 403


def test_libretranslate_translates_detects_and_lists(libre):
    assert "(10)" in libre.translate(CLAIM, "en", "pt")
    assert "housing" in libre.translate("A carcaça está fechada pela tampa.", "auto", "en").lower()
    (found,) = libre.detect("A caixa da bomba é fechada por uma tampa e por uma mola.")
    assert found["language"] == "pt"
    assert 0 < found["confidence"] <= 100
    english = next(each for each in libre.languages() if each["code"] == "en")
    assert english["name"] == "English"
    assert "pt" in english["targets"]


def test_libretranslate_tells_languages_to_clients_that_ask_without_a_key(stack, libre):
    """As Weblate and OmegaT do; a key that is sent has to be a good one."""
    assert LibreTranslateAPI(stack.url + "/libretranslate").languages() == libre.languages()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        LibreTranslateAPI(stack.url + "/libretranslate", api_key="exk_guess").languages()


def test_libretranslate_refuses_as_libretranslate_does(stack, libre):
    stranger = LibreTranslateAPI(stack.url + "/libretranslate", api_key="exk_guess")
    for client, target, status in ((stranger, "pt", 403), (libre, "tlh", 400), (libre, "", 400)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            client.translate(CLAIM, "en", target)
        assert refused.value.code == status
        assert list(json.load(refused.value)) == ["error"]


def test_libretranslate_takes_json_lists_html_and_alternatives(stack, web):
    call = {"q": ["A closed <b>housing</b>.", "A spring."], "source": "auto", "target": "pt", "format": "html"}
    answer = web.post("/libretranslate/translate", json=call | {"api_key": stack.key}).json()
    assert "<b>" in answer["translatedText"][0]
    assert [each["language"] for each in answer["detectedLanguage"]] == ["en", "en"]
    several = {"q": CLAIM, "source": "en", "target": "pt", "alternatives": 9, "api_key": stack.key}
    answer = web.post("/libretranslate/translate", json=several).json()
    assert isinstance(answer["translatedText"], str)
    assert len(set(answer["alternatives"])) == len(answer["alternatives"]) <= 3


def test_libretranslate_translates_a_file_that_is_fetched_without_a_key(stack, web):
    form = {"source": "en", "target": "pt", "api_key": stack.key}
    answer = web.post("/libretranslate/translate_file", data=form, files={"file": ("claim.txt", CLAIM.encode())})
    url = answer.json()["translatedFileUrl"]
    assert url.startswith(stack.url)
    assert url.endswith(".txt")
    assert "(10)" in web.get(url).text
    sealed = url.rpartition("/")[2]
    for other in ("x" + sealed, sealed.replace("~", "~0"), sealed.partition("~")[0], "a.txt"):
        refused = web.get(f"/libretranslate/download_file/{other}")
        assert (refused.status_code, list(refused.json())) == (404, ["error"])


def test_libretranslate_refuses_a_file_before_it_has_come(stack, web):
    files = {"file": ("claim.txt", CLAIM.encode())}
    form = {"source": "en", "target": "pt"}
    assert web.post("/libretranslate/translate_file", data=form, files=files).status_code == 403
    broken = web.post("/libretranslate/translate_file", data=form | {"api_key": stack.key}, files={})
    assert broken.status_code == 400


def test_libretranslate_keeps_a_suggestion_in_the_memory(stack, web):
    form = {"q": "A winch.", "s": "Um cabrestante especial.", "source": "en", "target": "pt", "api_key": stack.key}
    assert web.post("/libretranslate/suggest", data=form).json() == {"success": True}
    call = {"q": "A winch.", "source": "en", "target": "pt", "api_key": stack.key}
    assert web.post("/libretranslate/translate", json=call).json()["translatedText"] == "Um cabrestante especial."


def test_libretranslate_tells_front_ends_what_there_is(web):
    assert web.get("/libretranslate/health").json() == {"status": "ok"}
    told = web.get("/libretranslate/frontend/settings").json()
    assert told["keyRequired"] is True
    assert ".docx" in told["supportedFilesFormat"]


def test_opuscat_plugins_translate_segment_by_segment(stack, web):
    """As the plug-ins for Trados, memoQ, OmegaT and Wordfast ask; the key is where they have a token."""
    query = {"tokenCode": stack.key, "srcLangCode": "en", "trgLangCode": "pt", "modelTag": ""}
    segment = {"input": "A closed housing (12)."}
    json_answer = web.get("/MTRestService/TranslateJson", params=query | segment).json()
    assert "(12)" in json_answer["translation"]
    assert web.post("/MtRestService/TranslatePost", params=query | segment).json() == json_answer
    assert web.get("/MTRestService/Translate", params=query | segment).json() == json_answer["translation"]
    assert web.get("/mtrestservice/translatestream", params=query | segment).text == json_answer["translation"]
    three_letters = {"srcLangCode": "eng", "trgLangCode": "por"}
    assert web.get("/MTRestService/Translate", params=query | segment | three_letters).status_code == 200
    assert "en-pt" in web.get("/MTRestService/ListSupportedLanguagePairs", params=query).json()
    assert web.get("/MTRestService/GetLanguagePairModelTags", params=query).json() == ["examkit"]
    status = query | {"sourceCode": "en", "targetCode": "pt"}
    assert "loaded" in web.get("/MTRestService/CheckModelStatus", params=status).json()
    ahead = web.post("/MTRestService/PreOrderBatch", params=query, json=["A spring."])
    assert (ahead.status_code, ahead.content) == (200, b"")


def test_omegat_reads_the_letters_of_opuscat_right(stack, web):
    """OmegaT decodes what it gets by the charset that is named, and as Latin 1 where none is."""
    query = {"tokenCode": stack.key, "srcLangCode": "en", "trgLangCode": "pt", "modelTag": ""}
    answer = web.get("/MTRestService/TranslateJson", params=query | {"input": "An invention and its application."})
    charset = answer.headers["content-type"].partition("charset=")[2] or "latin-1"
    read = json.loads(answer.content.decode(charset))["translation"]
    assert read == answer.json()["translation"]
    assert not read.isascii()


def test_opuscat_refuses_without_a_token(web):
    query = {"tokenCode": "0", "input": MARKED, "srcLangCode": "en", "trgLangCode": "pt", "modelTag": ""}
    refused = web.get("/MTRestService/TranslateJson", params=query)
    assert (refused.status_code, list(refused.json())) == (401, ["Message"])


def test_nothing_that_passed_a_face_stands_in_a_log(stack, translator, libre, web):
    text = f"The {MARKED} (10) is a spring."
    translator.translate_text(text, target_lang="PT-BR")
    translator.translate_document_upload(text.encode(), filename=f"{MARKED}.txt", target_lang="PT-BR")
    libre.translate(text, "en", "pt")
    query = {"tokenCode": stack.key, "input": text, "srcLangCode": "en", "trgLangCode": "xx", "modelTag": ""}
    assert web.get("/MTRestService/TranslateJson", params=query).status_code == 400
    assert web.get(f"/search/fullipccat/20260101/en/subgroup/5/none/{text}/").status_code == 401
    log = stack.log.read_text()
    assert "/MTRestService/{action}" in log
    assert MARKED.lower() not in log.lower()
    assert stack.key not in log
