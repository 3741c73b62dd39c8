"""Places of a text in whatever unit, taken for what they are or refused."""

import re

import numpy as np
import pytest
import small
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.sources import offsets, places
from analysis.sources.offsets import MARK, Unit
from analysis.sources.project import Project, SourceError, frames

TEXT = (
    "\ufeffThe ward was calm.\r\nThen – at nine 😀 – the café rang twice,\r\n"
    "nobody came, and the naïve 🎉 nurse left.\r\n"
)
EVERY = [
    Unit(counted, crlf, mark) for counted in offsets.COUNTED for crlf in (2, 1) for mark in (False, True)
]


def counted_by_hand(text, unit, place):
    """Where a place of the plain text is in another unit, by writing out all that stands before it."""
    body = offsets.plain(text)
    before, at, length = "", 0, 0
    stored = text.removeprefix(MARK)
    while at < place:
        if stored.startswith("\r\n"):
            length += unit.crlf
            stored = stored[2:]
        elif stored.startswith("\n") and "\r\n" not in text:
            length += unit.crlf
            stored = stored[1:]
        else:
            sign = stored[0]
            length += {
                "code points": 1,
                "UTF-16 units": len(sign.encode("utf-16-le")) // 2,
                "UTF-8 bytes": len(sign.encode()),
            }[unit.counted]
            stored = stored[1:]
        at += 1
        before += body[at - 1]
    mark = {"code points": 1, "UTF-16 units": 1, "UTF-8 bytes": 3}[unit.counted]
    return length + (mark if unit.mark and text.startswith(MARK) else 0)


def detected(text, places, quoted=None, known=None):
    return offsets.decide({"a text": offsets.tried(text, places, quoted)}, known)["a text"]


def words(text):
    return [one.span() for one in re.finditer(r"\w+", offsets.plain(text))]


def in_unit(text, unit, spans):
    return [tuple(counted_by_hand(text, unit, end) for end in span) for span in spans]


@pytest.mark.parametrize("unit", EVERY, ids=str)
def test_every_unit_is_found_out_from_where_words_end(unit):
    spans = words(TEXT)
    found = detected(TEXT, in_unit(TEXT, unit, spans))
    assert found.unit == unit
    assert found.score == 1
    assert found.spans.tolist() == [list(span) for span in spans]
    assert len(offsets.tried(TEXT, [])) == len(EVERY)


@pytest.mark.parametrize("unit", EVERY, ids=str)
def test_quotations_decide_where_there_are_any(unit):
    spans = [(24, 31), (38, 51), (59, 70)]
    said = [offsets.plain(TEXT)[start:end] for start, end in spans]
    found = detected(TEXT, in_unit(TEXT, unit, spans), [said[0], said[1][:7] + "…", ""])
    assert found.spans.tolist() == [list(span) for span in spans]


@small.properties
@given(st.text("ab é😀\n", min_size=4, max_size=60), st.sampled_from(EVERY), st.booleans(), st.booleans())
def test_the_places_of_any_text_come_back(body, unit, windows, marked):
    text = (MARK if marked else "") + (body.replace("\n", "\r\n") if windows else body)
    spans = words(text)
    assume(spans)
    places = np.array(in_unit(text, unit, spans))
    assert offsets.in_code_points(text, unit, places).tolist() == [list(span) for span in spans]


def test_plain_text_without_a_mark_is_the_same_in_every_unit():
    assert offsets.units("The ward was calm.\n") == [Unit("code points")]


def test_a_place_within_a_sign_is_no_place():
    assert offsets.in_code_points("a😀b", Unit("UTF-16 units"), np.array([[1, 2]])).tolist() == [[1, -1]]


def test_a_unit_in_which_a_passage_has_no_place_is_none():
    with pytest.raises(offsets.OffsetError, match=r"no unit fits: .* 50% of the passages have no place"):
        detected("The ward was calm.", [(0, 3), (4, 99)])


def test_whoever_knows_the_unit_need_not_be_believed_by_the_text():
    sloppy = {"sloppy": offsets.tried("The ward was calm.", [(1, 6), (2, 7)], only=[Unit("code points")])}
    assert offsets.decide(sloppy, least=0)["sloppy"].score == 0


def test_a_tie_is_settled_by_the_rest_of_the_file():
    file = {
        "clear": offsets.tried("😀 The ward was calm 😀 and so it stayed.", [(3, 6), (7, 11), (24, 27)]),
        "tie": offsets.tried("😀 a b c d", [(4, 5)]),
    }
    assert offsets.decide(file)["tie"].unit == Unit("UTF-16 units")
    assert offsets.decide(file, Unit("code points"))["tie"].spans.tolist() == [[3, 4]]


def test_a_text_with_few_passages_is_believed_if_its_file_is():
    text = "The ward was calm and so it stayed all night, and then the café rang."
    sloppy = offsets.tried("The ward was calm.", [(0, 2)])
    assert offsets.decide({"good": offsets.tried(text, words(text)), "sloppy": sloppy})["sloppy"].score == 0.5
    with pytest.raises(offsets.OffsetError):
        offsets.decide({"sloppy": sloppy})


def test_a_text_with_few_passages_is_not_believed_in_a_unit_of_its_own():
    """One wrong place makes the right unit impossible; the next best one would move the other passages."""
    unit, text = (
        Unit("UTF-16 units"),
        "😀 The 🎉 ward was calm 😀 and so it stayed all night, and the café rang.",
    )
    good = offsets.ends(text, unit)[np.array(words(text))]
    small_, (first, second) = "😀 We 🎉 wait 😀 here.", ((3, 5), (9, 13))
    assert offsets.tried(small_, [first, second])[0].unit == unit
    wrong = offsets.tried(small_, [first, (7, 9), (4, 6), (8, 11)])
    assert wrong[0].unit == Unit("code points")
    with pytest.raises(offsets.OffsetError, match=r"wrong: no unit fits: .*code points"):
        offsets.decide({"good": offsets.tried(text, good), "wrong": wrong})


def test_a_place_that_is_none_is_a_fault_of_its_row():
    text = "Über alles. The ward was calm and so it stayed all night. "
    rows = [{"source": "good", "start": start, "end": end} for start, end in words(text)]
    rows += [{"source": "short", "start": 0, "end": 2}, {"source": "short", "start": 3, "end": 23}]
    made = {
        "sources": [
            {"id": "good", "name": "G", "text": text},
            {"id": "short", "name": "S", "text": "We wait.\nNobody came.\n"},
        ],
        "passages": [{"id": str(at), "where": f"row {at}"} | row for at, row in enumerate(rows)],
        "codes": [{"id": "c", "name": "c"}],
        "codings": [{"id": str(at), "passage": str(at), "code": "c"} for at in range(len(rows))],
    }
    last = f"row {len(rows) - 1}"
    with pytest.raises(SourceError, match=f"{last}: it begins or ends where the text has no place"):
        places.place("it", Project("", "", "", frames(made), {}))
    placed = places.place("it", Project("", "", "", frames(made), {}), skip_broken=True)
    for table in ("passages", "codings"):
        assert placed.project[table]["why"].notna().tolist() == [False] * (len(rows) - 1) + [True]
    assert placed.recovered.dropna().tolist()[-1] == "We"


def test_a_text_with_many_passages_is_believed_for_itself_alone():
    text = "The ward was calm and so it stayed all night, and then the café rang. " * 9
    moved = [(start + 1, end + 1) for start, end in words(text)[:20]]
    good = {name: offsets.tried(text, words(text)) for name in "abcdefgh"}
    with pytest.raises(offsets.OffsetError, match="moved: no unit fits"):
        offsets.decide(good | {"moved": offsets.tried(text, moved)})


def test_line_ends_that_a_file_has_lost_a_half_of_are_still_counted_as_two():
    text = "The ward\nwas calm\nand so it stayed\nall night.\n"
    spans = words(text)
    places = [tuple(end + text.count("\n", 0, end) for end in span) for span in spans]
    assert detected(text, places).spans.tolist() == [list(span) for span in spans]


def test_scripts_without_spaces_have_no_inside_of_words():
    text = "病房里很安静。😀护士说没有人来。"
    assert detected(text, [(2, 5), (8, 10)], known=Unit("code points")).score == 1


def test_passages_that_end_within_words_are_not_believed():
    with pytest.raises(
        offsets.OffsetError, match=r"no unit fits: .* (0% of the ends|of the passages have no place)"
    ):
        detected("The ward was calm.", [(1, 6), (2, 7)])


def test_quotations_that_stand_elsewhere_are_not_believed():
    with pytest.raises(offsets.OffsetError, match=r"no unit fits: .* 50% of the quotations agree"):
        detected("The ward was calm.", [(0, 3), (4, 8)], ["The", "was"])


def test_of_units_that_fit_alike_the_one_that_the_tool_is_known_for_is_taken():
    text = "😀 a b c d"
    with pytest.raises(offsets.OffsetError, match="several units fit alike"):
        detected(text, [(4, 5)])
    known = detected(text, [(4, 5)], known=Unit("UTF-16 units"))
    assert known.spans.tolist() == [[3, 4]]


def test_no_passages_need_no_unit():
    assert detected(TEXT, []).spans.shape == (0, 2)


def test_one_place_moved_is_seen_where_the_tool_quotes():
    spans = words(TEXT)
    said = [offsets.plain(TEXT)[start:end] for start, end in spans]
    moved = in_unit(TEXT, EVERY[4], spans)
    moved[3] = (moved[3][0] + 1, moved[3][1] + 1)
    found = detected(TEXT, moved, said)
    assert found.score == pytest.approx(1 - 1 / len(spans))


def test_one_text_departs_from_its_file_for_more_than_a_chance():
    text = "﻿The ward was calm.\r\nThen – at nine 😀 – the café rang twice,\r\nnobody came.\r\n"
    unit = Unit("UTF-16 units", 2)
    file = {name: offsets.tried(text, in_unit(text, unit, words(text))) for name in "abc"}
    start, end = in_unit(text, unit, [words(text)[7]])[0]
    file["sloppy"] = offsets.tried(text, [(start, end - 1)])  # where another unit happens to end a word
    assert {str(one.unit) for one in offsets.decide(file).values()} == {str(unit)}


def test_where_no_script_has_gaps_a_unit_is_not_guessed():
    text = "今天\r\n天气很好。\r\n我们去公园。\r\n" * 4
    places = in_unit(text, Unit("code points", 2), [(3, 5), (9, 11), (20, 22)])
    with pytest.raises(offsets.OffsetError, match="several units fit alike"):
        offsets.decide({"it": offsets.tried(text, places)})


def test_a_few_lost_line_ends_are_seen_in_the_passages_behind_them():
    text = "The ward was calm and so it stayed.\nNobody came.\nAll was well that night.\n"
    spans = words(text)
    places = [tuple(end + text.count("\n", 0, end) for end in span) for span in spans]
    assert detected(text, places).spans.tolist() == [list(span) for span in spans]


def test_a_quotation_that_was_renamed_says_nothing_of_a_place():
    spans = words(TEXT)
    said = [offsets.plain(TEXT)[start:end] for start, end in spans[:2]] + ["A title"] * (len(spans) - 2)
    assert detected(TEXT, in_unit(TEXT, EVERY[4], spans), said).unit == EVERY[4]
