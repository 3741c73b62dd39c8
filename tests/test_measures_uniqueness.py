"""Who could be recognised by what they have in common with few."""

from collections import Counter

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import uniqueness

LISTED = st.lists(
    st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from([*small.STATED, None]), st.integers(1, 4)),
    max_size=8,
)
BY = ["borough", "role"]


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


def shared(*rows, by=BY, **choices):
    return uniqueness.combinations(small.people(*rows), by, **choices)


def labels(roster, quotations, **choices):
    return uniqueness.labels(quotations, roster, small.roles(), **choices)


def test_people_with_the_same_attributes_stand_in_one_row_and_groups_count_fully():
    rows = shared(("B", "nurse", 2), ("A", "nurse", 3), ("B", "nurse", 4), ("A", "social worker", 1))
    assert rows.to_numpy().tolist() == [
        ["A", "nurse", 3, 3, True],
        ["A", "social worker", 1, 1, True],
        ["B", "nurse", 6, 6, False],
    ]
    assert uniqueness.alone(rows) == 1


def test_rare_is_fewer_than_asked_for():
    rows = [("A", "nurse", 2), ("B", "nurse", 3)]
    assert shared(*rows, min_people=3)["rare"].tolist() == [True, False]
    assert shared(*rows, min_people=2)["rare"].tolist() == [False, False]


def test_what_is_not_stated_is_a_value_of_its_own_and_says_so():
    rows = shared(("A", None, 2), (None, "nurse", 5), ("A", "nurse", 1))
    assert rows[BY].to_numpy().tolist() == [["A", "not stated"], ["A", "nurse"], ["not stated", "nurse"]]
    assert rows["people"].tolist() == [2, 1, 5]


def test_those_listed_in_two_rows_count_once_and_those_of_one_row_are_different_people():
    twice = small.people(("A", "nurse", 2), ("A", "nurse", 2)).assign(
        listed_again=pd.array([0, 2], dtype="Int64")
    )
    assert uniqueness.combinations(twice, ["borough"])["people_least"].tolist() == [2]
    once = small.people(("A", "nurse", 2)).assign(listed_again=pd.array([2], dtype="Int64"))
    assert uniqueness.combinations(once, ["borough"])["people_least"].tolist() == [2]


def test_somebody_who_may_be_the_same_as_another_may_be_alone():
    rows = small.people(("A", "nurse", 1), ("A", "nurse", 1)).assign(
        listed_again=pd.array([0, 1], dtype="Int64")
    )
    assert uniqueness.alone(uniqueness.combinations(rows, BY)) == 1


def test_attributes_of_any_kind_are_told_apart():
    roster = small.people(("A", "nurse"), ("A", "nurse")).assign(age=[40, 41])
    assert uniqueness.alone(uniqueness.combinations(roster, ["age", "lead"])) == 2


@small.properties
@given(LISTED, st.integers(1, 6))
def test_counting_person_by_person_gives_the_same(rows, least):
    everybody = Counter(
        (borough or "not stated", role or "not stated") for borough, role, n in rows for _ in range(n)
    )
    found = shared(*rows, min_people=least)
    assert (
        dict(zip(zip(found["borough"], found["role"], strict=True), found["people"], strict=True))
        == everybody
    )
    assert uniqueness.alone(found) == [*everybody.values()].count(1)
    assert found["rare"].tolist() == [n < least for n in found["people"]]
    assert found[BY].to_numpy().tolist() == sorted(found[BY].to_numpy().tolist())


@small.properties
@given(LISTED)
def test_one_attribute_more_never_makes_anybody_less_rare(rows):
    fewer, more = shared(*rows, by=["borough"]), shared(*rows)
    assert fewer["people"].sum() == more["people"].sum()
    assert uniqueness.alone(fewer) <= uniqueness.alone(more)


@small.properties
@given(LISTED, st.integers(0, 99))
def test_the_order_of_the_roster_does_not_matter(rows, seed):
    roster = small.people(*rows)
    other = uniqueness.combinations(small.shuffled(roster, seed), BY)
    pd.testing.assert_frame_equal(uniqueness.combinations(roster, BY), other)


def test_a_label_fits_the_same_the_narrower_and_the_broader():
    roster = small.people(("A", "nurse", 1), ("A", "district nurse", 3), ("B", "hospital nurse", 2))
    rows = labels(roster, small.quoted("Community nurse", "nurse", "Nurse", small.FIELD_NOTES))
    assert rows.to_numpy().tolist() == [["community nurse", 1, 4, 4, True], ["nurse", 2, 6, 6, False]]


def test_a_quotation_without_a_label_may_be_anybodys():
    roster = small.people(("A", "nurse", 4), ("A", "service lead", 3, 3))
    assert labels(roster, small.quoted(None)).to_numpy().tolist() == [["not stated", 1, 7, 7, False]]


def test_a_label_that_nobody_is_listed_by_is_rare():
    rows = labels(small.people(("A", "nurse", 9)), small.quoted("Porter"))
    assert rows.to_numpy().tolist() == [["porter", 1, 0, 0, True]]


@small.few
@given(small.studies())
def test_every_quotation_stands_under_one_label_that_fits_somebody(made):
    rows = uniqueness.labels(made.excerpts, made.roster, made.roles)
    assert rows["excerpts"].sum() == (made.excerpts["source"] == "interview").sum()
    assert rows["people"].le(made.roster["n"].sum()).all()
    assert rows["rare"].equals(rows["people_least"] < 5)


def test_without_people_or_quotations_there_are_no_rows():
    assert shared().to_numpy().tolist() == []
    assert list(shared()) == ["borough", "role", "people", "people_least", "rare"]
    assert uniqueness.alone(shared()) == 0
    assert labels(small.people(), small.quoted()).empty


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ([], "by names no attribute"),
        (["team"], 'by="team" is no column of the roster; it has participant, borough'),
        (["n"], 'by="n" counts people'),
        (["role", "role"], 'by="role" stands twice'),
    ],
)
def test_what_is_no_attribute_is_an_error(by, says):
    with pytest.raises(ValueError, match=says):
        shared(("A", "nurse"), by=by)


def test_the_published_roster_has_twenty_people_alone_with_their_borough_service_and_role(record):
    rows = uniqueness.combinations(record.roster, ["borough", "service", "role"])
    assert rows["people"].sum() == 90
    assert uniqueness.alone(rows) == 20


def test_one_label_of_the_published_quotations_fits_one_person_only(record):
    rows = uniqueness.labels(record.excerpts, record.roster, record.roles).set_index("label")
    assert rows["excerpts"].sum() == 17
    assert rows.index[rows["rare"]].tolist() == ["lead therapist"]
    assert rows.loc["lead therapist", "people"] == 1
