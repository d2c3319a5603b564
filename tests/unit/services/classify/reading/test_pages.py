"""The text of pages made one: heads, feet and counts gone, words and paragraphs whole, and nothing else lost."""

import pytest

from services.classify.reading.pages import lines_of

BODY = "The brush has a handle and a head that carries bristles of several kinds"


def page(number, *lines, foot="- {} -"):
    return "\r\n".join(["WO 2024/123456   PCT/BR2024/001", *lines, foot.format(number)])


def test_what_the_pages_repeat_at_their_edges_is_left_out():
    pages = [page(number, f"{BODY} {word}") for number, word in enumerate(["one.", "two.", "three.", "four."], start=7)]
    assert " ".join(lines_of(pages)) == " ".join(f"{BODY} {word}." for word in ("one", "two", "three", "four"))


def test_page_numbers_are_left_out_where_numbers_stand_amid_the_pages_too():
    pages = [
        f"The brush of\ntable\none\n{number}00\n{number}01\n{number}02\na\nb\n{number + 6}" for number in range(1, 5)
    ]
    lines = " ".join(lines_of(pages)).split()
    assert [lines.count(str(number)) for number in (7, 8, 9, 10, 101, 402)] == [0, 0, 0, 0, 1, 1]


def test_heads_that_alternate_from_left_to_right_are_left_out_too():
    heads = ["US 12,345 B2", "Smith et al."] * 4
    pages = [f"{head}\nThe text of {word}." for head, word in zip(heads, "abcdefgh", strict=True)]
    assert lines_of(pages) == [f"The text of {word}." for word in "abcdefgh"]


def test_a_page_number_is_left_out_of_a_short_document_too_and_no_other_number():
    assert lines_of(["A brush.\n1", "2\nA handle."]) == ["A brush.", "A handle."]
    assert lines_of(["A brush.\n12"]) == ["A brush.", "12"]


def test_what_is_repeated_amid_the_pages_stays():
    pages = [f"Head\na\nb\nThe same claim.\nc\nd\n{number}" for number in range(1, 6)]
    assert lines_of(pages).count("The same claim.") == 5


def test_a_sentence_that_is_repeated_all_over_the_pages_stays_at_their_edges_too():
    sentence = f"{BODY} and more."
    pages = [page(number, *[sentence] * 9) for number in range(1, 6)]
    assert " ".join(lines_of(pages)).count(sentence) == 45


def test_counts_in_the_margin_are_left_out_where_they_are_several():
    assert lines_of(["5\n10\n15\nA brush.\n20"]) == ["A brush."]
    assert lines_of(["a\nb\nc\nA brush of\n5\nbristles.\nd\ne\nf"])[4] == "5"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("A toothbrush has bris-\ntles and a head.", "A toothbrush has bristles and a head."),
        ("A toothbrush has bris\ufffetles and a head.", "A toothbrush has bristles and a head."),
        ("A toothbrush has bris\u00ad\ntles and a head.", "A toothbrush has bristles and a head."),
        ("A snap-fit head, a snap-\nfit handle.", "A snap-fit head, a snap-fit handle."),
        ("1-(2,4-\ndihydroxyphenyl)", "1-(2,4-dihydroxyphenyl)"),
        ("Val-Tyr\ufffePhe-Ile", "Val-Tyr-Phe-Ile"),
        ("low-\nand high-pressure", "low- and high-pressure"),
        ("a toothbrush, its head -\nand its handle", "a toothbrush, its head - and its handle"),
    ],
)
def test_words_that_the_end_of_a_line_broke_are_put_together(broken, whole):
    assert lines_of([broken]) == [whole]


def test_lines_are_joined_to_paragraphs_until_one_ends_early_or_another_begins():
    lines = [
        "[0001] The brush has a handle and a head that",
        "carries bristles of several kinds, which clean",
        "teeth.",
        "The head is held by a snap connection, and worn",
        "bristles can be replaced without a new handle,",
        "[0002] There is no other part to it at all now.",
        "Claims",
        "1. A toothbrush with a handle and with bristles",
        "2. The toothbrush of claim 1, wherein the head",
    ]
    assert lines_of(["\n".join(lines)]) == [
        " ".join(lines[:3]),
        " ".join(lines[3:5]),
        *lines[5:9],
    ]


def test_a_paragraph_goes_on_over_the_end_of_a_page():
    assert lines_of([f"{BODY} with\n1", "2\nmany uses, and more."]) == [f"{BODY} with many uses, and more."]


def test_chinese_lines_are_joined_without_a_space():
    assert lines_of(["一种牙刷包括手柄和刷头其中刷头具有刷毛并且\n手柄是软的。"]) == [
        "一种牙刷包括手柄和刷头其中刷头具有刷毛并且手柄是软的。"
    ]


def test_signs_of_printing_are_made_letters_and_controls_are_nothing():
    assert lines_of(["a \ufb01lter\x02 of \ufb02our\x00"]) == ["a filter of flour"]


def test_no_pages_have_no_lines():
    assert lines_of([]) == lines_of(["", "\r\n"]) == []
