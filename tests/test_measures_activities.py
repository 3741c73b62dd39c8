"""What was done where."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import activities

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e"]),
        st.sampled_from(["A", "B", "not named"]),
    ),
    unique=True,
    max_size=10,
)
DIRECTIONS = {"a": "top-down", "b": "top-down", "c": "bottom-up", "d": "mixed", "e": "bottom-up"}


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


@pytest.fixture(scope="module")
def placed(record):
    return activities.by_site(record.activities, "borough").set_index(["borough", "direction"])


@pytest.fixture(scope="module")
def found(record):
    return activities.facts(record.activities, "borough")


def held(*rows):
    """Activities: rows of activity, borough, name, direction, and if need be format and where."""
    full = [(*row, *("workshop", "Box 1")[len(row) - 4 :]) for row in rows]
    return small.text(full, ["activity", "borough", "name", "direction", "format", "where"])


def drawn(rows):
    return held(*[(key, borough, key.upper(), DIRECTIONS[key]) for key, borough in rows])


def counts(frame):
    return activities.by_site(frame, "borough").to_numpy().tolist()


def test_activities_of_a_borough_are_counted_by_direction_with_their_names_sorted():
    rows = held(
        ("b", "A", "Walks", "top-down"), ("a", "A", "Talks", "top-down"), ("c", "A", "Tea", "bottom-up")
    )
    assert counts(rows) == [["A", "bottom-up", 1, "Tea"], ["A", "top-down", 2, "Talks; Walks"]]


def test_an_activity_that_ran_in_two_boroughs_counts_in_each():
    rows = held(("a", "A", "Talks", "mixed"), ("a", "B", "Talks", "mixed"))
    assert counts(rows) == [["A", "mixed", 1, "Talks"], ["B", "mixed", 1, "Talks"]]


def test_two_activities_of_one_name_are_two():
    assert counts(held(("a", "A", "Talks", "mixed"), ("b", "A", "Talks", "mixed"))) == [
        ["A", "mixed", 2, "Talks; Talks"]
    ]


def test_activities_whose_borough_is_not_named_stand_apart_and_in_no_fact():
    rows = held(("a", "not named", "Talks", "mixed", "forum"))
    assert counts(rows) == [["not named", "mixed", 1, "Talks"]]
    assert activities.facts(rows, "borough") == {}


def test_a_study_without_activities_has_no_rows_and_no_facts():
    assert counts(held()) == []
    assert activities.facts(held(), "borough") == {}


def test_a_kind_of_activity_that_a_borough_lacks_is_counted_as_0():
    rows = held(("a", "A", "Talks", "mixed", "forum"), ("b", "B", "Tea", "mixed", "event"))
    found = activities.facts(rows, "borough")
    assert [found[f"{kind} in {name}"] for kind in ("forum", "event") for name in "AB"] == [1, 0, 0, 1]


def test_each_part_of_the_paper_names_its_boroughs_once_and_sorted():
    rows = held(
        ("a", "B", "Talks", "mixed", "forum", "Box 1; Methods"),
        ("b", "A", "Tea", "mixed", "event", "Box 1"),
        ("c", "A", "Walks", "mixed", "event", None),
    )
    found = activities.facts(rows, "borough")
    assert (found["boroughs in Box 1"], found["boroughs in Methods"]) == ("A, B", "B")


@small.properties
@given(ROWS)
def test_the_counts_add_up_to_the_rows_and_to_the_names(rows):
    counted = activities.by_site(drawn(rows), "borough")
    assert counted["activities"].sum() == len(rows)
    assert counted["names"].str.split("; ").str.len().tolist() == counted["activities"].tolist()


@small.properties
@given(ROWS, st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(rows, seed):
    frame, other = drawn(rows), small.shuffled(drawn(rows), seed)
    pd.testing.assert_frame_equal(activities.by_site(frame, "borough"), activities.by_site(other, "borough"))
    assert activities.facts(frame, "borough") == activities.facts(other, "borough")


def test_eleven_seven_and_two_published_activities_are_named_for_a_borough(placed):
    assert placed.xs("top-down", level="direction")["activities"].to_dict() == {
        "A": 11, "B": 7, "C": 2, "not named": 3,
    }  # fmt: skip


def test_four_published_activities_came_from_below_and_none_has_a_borough(placed):
    below = placed.xs("bottom-up", level="direction")["activities"]
    assert below.to_dict() == {"not named": 4}


def test_co_location_is_published_for_all_three_boroughs(placed):
    names = placed.xs("top-down", level="direction")["names"]
    assert names[["A", "B", "C"]].str.contains("Co-location of teams").all()


def test_the_facts_of_the_published_activities(found):
    assert [found[f"workstream in {name}"] for name in "ABC"] == [3, 3, 0]
    assert (found["boroughs in Box 1"], found["boroughs in Box 2"]) == ("A", "B")
    assert found["boroughs with top-down work"] == 3
    assert "boroughs with bottom-up work" not in found
