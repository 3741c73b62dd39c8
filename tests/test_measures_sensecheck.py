"""What people answered, tallied: disagreement is named whatever the numbers; sheets hold a page of words."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import codebook, properties, shuffled, text

from analysis.measures import sensecheck
from analysis.study import CONTRACT

CODEBOOK = codebook()
ANSWERS = [*sensecheck.ANSWERS]


def responses(*rows):
    """Rows of code, workshop, answer, people, and if need be a comment."""
    full = [(*row, None)[:5] for row in rows]
    frame = text([(*row[:3], row[4]) for row in full], ["code", "workshop", "answer", "comment"])
    return frame.assign(people=pd.array([row[3] for row in full], dtype="Int64"))


def tally(*rows):
    return sensecheck.tally(responses(*rows), CODEBOOK, ["left", "right"]).set_index(["code", "workshop"])


def test_answers_are_those_of_the_contract():
    (field,) = (one for one in CONTRACT["responses"]["fields"] if one["name"] == "answer")
    assert field["constraints"]["enum"] == ANSWERS


@pytest.mark.parametrize(
    ("given_", "comes_to"),
    [
        ([], "not asked"),
        (["not so"], "not so"),
        (["it depends", "that is so"], "that is so, or it depends"),
        (["it depends", "not so"], "not so, or it depends"),
        (["not so", "that is so"], "disagreement"),
        (ANSWERS, "disagreement"),
    ],
)
def test_answers_come_to_what_was_said_and_contradiction_to_disagreement(given_, comes_to):
    assert sensecheck.outcome(given_) == comes_to


def test_one_against_many_is_a_disagreement():
    rows = tally(("left", "North", "that is so", 40), ("left", "North", "not so", 1))
    assert rows.loc[("left", "all"), "outcome"] == "disagreement"
    assert rows.loc[("left", "all"), ["that_is_so", "not_so", "it_depends", "people"]].tolist() == [
        40,
        1,
        0,
        41,
    ]


def test_workshops_that_agree_within_and_not_among_each_other_are_a_disagreement():
    rows = tally(("left", "North", "that is so", 3), ("left", "South", "not so", 4))
    assert rows.loc["left", "outcome"].to_dict() == {
        "all": "disagreement",
        "North": "that is so",
        "South": "not so",
    }


def test_an_answer_of_nobody_is_no_answer():
    rows = tally(("left", "North", "that is so", 3), ("left", "North", "not so", 0))
    assert rows.loc[("left", "all"), "outcome"] == "that is so"
    assert tally(("left", "North", "not so", 0)).loc[("left", "all"), "outcome"] == "not asked"


def test_a_theme_nobody_was_asked_about_says_so_and_another_code_gets_a_row():
    rows = tally(("left-a", None, "it depends", 2, "On the ward."))
    assert rows.index.tolist() == [
        ("left", "all"),
        ("left-a", "all"),
        ("left-a", "not named"),
        ("right", "all"),
    ]
    assert rows.loc[("left", "all"), "outcome"] == "not asked"
    assert rows.loc[("left-a", "not named"), "comments"] == "it depends: “On the ward.”"


def test_comments_stand_with_their_workshop_in_an_order_that_tells_of_nobody():
    rows = tally(
        ("left", "North", "not so", 1, "Never."),
        ("left", "North", "that is so", 1, "Often."),
        ("left", "North", "that is so", 1, "Always."),
    )
    said = "that is so: “Always.”; that is so: “Often.”; not so: “Never.”"
    assert rows.loc["left", "comments"].to_dict() == {"all": "", "North": said}


@properties
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["left", "right"]),
            st.sampled_from(["North", "South", None]),
            st.sampled_from(ANSWERS),
            st.integers(0, 9),
        )
    ),
    st.integers(0, 99),
)
def test_workshops_sum_to_all_and_the_order_of_rows_makes_no_difference(rows, seed):
    frame = responses(*rows)
    told = sensecheck.tally(frame, CODEBOOK, ["left", "right"])
    assert told.equals(sensecheck.tally(shuffled(frame, seed), CODEBOOK, ["left", "right"]))
    each = told[told["workshop"] != "all"]
    for code, row in sensecheck.summed(told).set_index("code").iterrows():
        assert each.loc[each["code"] == code, "people"].sum() == row["people"]
        mine = [answer for one, _, answer, people in rows if one == code and people]
        assert (row["outcome"] == "disagreement") == ({"that is so", "not so"} <= {*mine})


def test_the_finding_is_the_analysts_own_and_never_made_up():
    rows = CODEBOOK.assign(definition=["d"] * 5 + [None], finding=["f", None, None, None, None, None])
    said = sensecheck.findings(rows).fillna("")
    assert said["found"].tolist() == ["f", "", "", "", "", ""]
    assert said["about"].tolist() == ["d", "d", "d", "d", "d", ""]
    assert sensecheck.findings(CODEBOOK).isna().all(axis=None)


def ranking(*rows):
    """Rows of code, excerpt, words; in the order of the rule, all cleared."""
    frame = pd.DataFrame(rows, columns=["code", "excerpt", "words"])
    return frame.assign(rank=frame.groupby("code").cumcount() + 1, cleared=True)


def on_sheets(rows, speakers=None, book=CODEBOOK):
    said = {row[1]: None for row in rows} | (speakers or {})
    excerpts = text([*said.items()], ["excerpt", "participant"])
    found = sensecheck.on_sheets(ranking(*rows), excerpts, book)
    return [*zip(found["code"], found["excerpt"], strict=True)]


def test_a_sheet_has_the_first_three_quotations_that_fit():
    rows = [("left", f"E{number}", words) for number, words in enumerate([100, 90, 40, 20, 10], start=1)]
    assert on_sheets(rows) == [("left", "E1"), ("left", "E3"), ("left", "E4")]


def test_a_long_finding_leaves_less_room_for_quotations():
    book = CODEBOOK.assign(definition="word " * 200)
    assert on_sheets([("left", "E1", 30), ("left", "E2", 20)], book=book) == [("left", "E2")]


def test_no_two_quotations_of_a_sheet_are_of_one_person():
    rows = [("left", "E1", 9), ("left", "E2", 9), ("left", "E3", 9)]
    assert on_sheets(rows, {"E1": "p1", "E2": "p1", "E3": "p2"}) == [("left", "E1"), ("left", "E3")]


def test_a_quotation_stands_on_one_sheet_and_the_theme_with_fewer_chooses_first():
    rows = [("left", "E1", 9), ("left", "E2", 9), ("right", "E1", 9)]
    assert on_sheets(rows) == [("left", "E2"), ("right", "E1")]


def test_what_is_not_cleared_is_on_no_sheet():
    excerpts = text([("E1", None)], ["excerpt", "participant"])
    uncleared = ranking(("left", "E1", 9)).assign(cleared=False)
    assert sensecheck.on_sheets(uncleared, excerpts, CODEBOOK).empty
