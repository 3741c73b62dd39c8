"""A part of a study: who is in it, what is theirs, and what the record does not say."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import bounds, within

ROSTER = pd.DataFrame(
    {
        "participant": ["P1", "P2", "P3"],
        "borough": ["A", "B", "B"],
        "care": ["acute", "acute", None],
        "role": ["nurse"] * 3,
        "role_group": ["nurse"] * 3,
        "n": 1,
        "service_leads": 0,
        "stated": True,
        "lead": False,
    }
)
ROLES = pd.DataFrame({"label": ["nurse"], "role_group": ["nurse"], "broader": [None], "lead": [False]})
EXCERPTS = pd.DataFrame(
    {
        "excerpt": ["E1", "E2", "E3", "E4"],
        "participant": ["P1", "P2", "P3", None],
        "speaker": ["Nurse"] * 4,
        "source": ["interview"] * 4,
        "text": ["a", "b", "c", "d"],
    }
)
CODEBOOK = pd.DataFrame(
    {"code": ["top", "low"], "parent": [None, "top"], "name": ["Top", "Low"], "level": None}
)
CODINGS = pd.DataFrame({"excerpt": ["E1", "E2", "E3", "E4"], "code": ["low", "low", "top", "low"]})


def part(**groups):
    return within.part(EXCERPTS, CODINGS, ROSTER, ROLES, groups)


def test_with_no_group_named_the_part_is_the_whole():
    whole = part()
    pd.testing.assert_frame_equal(whole.excerpts, EXCERPTS)
    pd.testing.assert_frame_equal(whole.roster, ROSTER)
    assert whole.unsaid == {}


def test_people_and_their_excerpts_and_codings_are_kept_and_what_is_not_said_is_counted():
    b = part(borough=["B"])
    assert [*b.roster["participant"]] == ["P2", "P3"]
    assert [*b.excerpts["excerpt"]] == [*b.codings["excerpt"]] == ["E2", "E3"]
    assert b.unsaid == {"borough": 1}


def test_groups_of_one_attribute_add_up_and_attributes_narrow_each_other():
    assert [*part(borough=["A", "B"]).excerpts["excerpt"]] == ["E1", "E2", "E3"]
    both = part(borough=["A", "B"], care=["acute"])
    assert [*both.excerpts["excerpt"]] == ["E1", "E2"]
    assert both.unsaid == {"borough": 1, "care": 2}


def test_a_label_says_the_role_group_and_nothing_else():
    assert [*part(role_group=["nurse"]).excerpts["excerpt"]] == ["E1", "E2", "E3", "E4"]


def test_an_attribute_that_the_roster_lacks_is_named():
    with pytest.raises(ValueError, match="within: ward is no column of the roster; it has participant"):
        part(ward=["1"])


@pytest.mark.parametrize("text", ["borough", "=A", "borough="])
def test_a_text_that_names_no_group_is_refused(text):
    with pytest.raises(ValueError, match="expected attribute=group"):
        within.grouped([text])


def test_a_group_may_have_the_sign_in_its_name():
    assert within.grouped(["ward=a=b"]) == {"ward": ("a=b",)}


@given(st.lists(st.sampled_from(["A", "B"]), unique=True))
def test_parts_that_share_no_group_share_no_excerpt_and_lose_none(groups):
    others = [name for name in ("A", "B") if name not in groups]
    one, other = (part(borough=names).excerpts for names in (groups, others))
    assert not {*one["excerpt"]} & {*other["excerpt"]}
    assert {*one["excerpt"]} | {*other["excerpt"]} == {"E1", "E2", "E3"}


def test_rows_are_chosen_by_code_and_unit_and_an_unknown_code_is_named():
    rows = pd.DataFrame({"code": ["a", "a", "b"], "unit": ["excerpts", "people", "excerpts"]})
    assert [*within.chosen(rows, [], "excerpts")["code"]] == ["a", "b"]
    assert len(within.chosen(rows, ["a"], "people")) == 1
    with pytest.raises(ValueError, match="codes: c is not among"):
        within.chosen(rows, ["c"], "people")


def test_within_groups_no_open_excerpt_has_a_chance_and_the_whole_is_placed_as_ever(paper):
    people = (paper.roster, paper.roles)
    whole = within.part(paper.excerpts, paper.codings, *people, {})
    placed = bounds.place(paper.excerpts, *people, "borough")
    pd.testing.assert_frame_equal(within.place(whole, *people, "borough").chance, placed.chance)
    nurses = within.part(paper.excerpts, paper.codings, *people, {"role_group": ["nurse"]})
    narrow = within.place(nurses, *people, "borough")
    assert narrow.chance.isna().all(axis=None)
    each = bounds.one_by_one(placed, paper.excerpts, paper.roster).possible
    of_nurses = bounds.one_by_one(narrow, nurses.excerpts, paper.roster).possible
    pd.testing.assert_frame_equal(of_nurses, each.loc[nurses.excerpts["excerpt"]])
