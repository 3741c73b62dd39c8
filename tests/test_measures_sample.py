"""Who was interviewed."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import sample

LISTED = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", None]),
        st.sampled_from([*small.STATED, "service lead", None]),
        st.integers(1, 9),
        st.integers(0, 1),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=8,
)
BY = st.lists(st.sampled_from(["borough", "role", "role_group"]), min_size=1, max_size=3, unique=True)
SEEDS = st.integers(0, 99)


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


@pytest.fixture(scope="module")
def reconciled(record):
    return sample.reconciliation(record.roster, record.interviews, "borough").set_index("borough")


@pytest.fixture(scope="module")
def found(record):
    return sample.facts(record.roster, record.interviews, record.roles, record.groupings, "borough")


def held(*rows):
    """Interviews: rows of borough, interviews, group interviews, people in these, sizes of these."""
    columns = ["interviews", "group_interviews", "group_participants"]
    frame = small.text([(row[0], row[4]) for row in rows], ["borough", "group_sizes"])
    return frame.assign(
        **{
            name: pd.array([row[place] for row in rows], dtype="Int64")
            for place, name in enumerate(columns, 1)
        }
    )


def reconcile(roster, interviews):
    rows = sample.reconciliation(roster, interviews, "borough").set_index("borough")
    return rows.astype(object).where(rows.notna(), None).T.to_dict("list")


def test_a_printed_group_counts_as_many_people_as_it_stands_for():
    roster = small.people(("B", "nurse", 3, 1), ("A", "nurse", 2), ("B", "nurse", 1))
    assert sample.count(roster, ["borough"]).to_numpy().tolist() == [["A", 2, 0], ["B", 4, 1]]


def test_people_without_an_attribute_are_a_group_of_their_own():
    roster = small.people((None, "nurse", 2), ("A", "nurse", 1))
    rows = sample.count(roster, ["borough"])
    assert rows["people"].tolist() == [1, 2]
    assert rows["borough"].tolist() == ["A", "not stated"]


def test_only_groups_that_somebody_is_in_have_a_row():
    rows = sample.count(small.people(("A", "nurse"), ("B", "social worker")), ["borough", "role_group"])
    assert rows[["borough", "role_group"]].to_numpy().tolist() == [["A", "nurse"], ["B", "social worker"]]


def test_an_empty_roster_has_no_groups():
    rows = sample.count(small.people(), ["borough"])
    assert rows.empty
    assert list(rows) == ["borough", "people", "service_leads"]


def test_without_a_table_of_roles_everybody_is_in_one_role_group():
    rows = sample.count(small.people(("A", "nurse", 2), ("B", "GP", 1), ladder=[]), ["role_group"])
    assert rows["people"].tolist() == [3]


def test_a_single_interview_implies_one_participant_and_a_group_interview_those_printed():
    rows = reconcile(small.people(("A", "nurse", 9, 0, 2)), held(("A", 6, 2, 5, "2; 3")))
    assert rows["A"] == rows["all"] == [9, 7, 6, 2, 9, 0]


def test_a_borough_whose_interviews_are_not_printed_leaves_the_total_open():
    rows = reconcile(small.people(("A", "nurse", 2), ("B", "nurse", 3)), held(("A", 2, 0, 0, None)))
    assert rows["B"] == [3, 3, None, None, None, None]
    assert rows["all"] == [5, 5, None, None, None, None]


def test_without_a_table_of_interviews_the_people_are_still_listed():
    rows = reconcile(small.people(("A", "nurse", 2), ("B", "nurse", 3)), held())
    assert [row[0] for row in rows.values()] == [2, 3, 5]
    assert {value for row in rows.values() for value in row[2:]} == {None}


def test_a_person_without_a_borough_still_counts_among_all_who_are_listed():
    rows = reconcile(small.people(("A", "nurse", 2), (None, "nurse", 1)), held(("A", 3, 0, 0, None)))
    assert rows["all"][0] == 3


def test_a_person_without_a_borough_is_no_borough_and_leaves_the_interviews_known():
    roster, interviews = small.people(("A", "nurse", 2), (None, "nurse", 1)), held(("A", 3, 0, 0, None))
    names = sample.facts(roster, interviews, small.roles(), ["borough"], "borough")
    assert names["boroughs"] == 1
    assert reconcile(roster, interviews)["all"][2:5] == [3, 0, 3]


def test_facts_without_interviews_say_nothing_of_interviews():
    roster = small.people(("A", "nurse", 2))
    names = [*sample.facts(roster, held(), small.roles(), ["borough"], "borough")]
    assert not [name for name in names if "interview" in name]


def test_the_sizes_of_group_interviews_are_told_once_each_and_in_order():
    interviews = held(("A", 9, 1, 10, "10"), ("B", 5, 3, 7, "3; 2; 2"))
    names = sample.facts(small.people(("A", "nurse")), interviews, small.roles(), ["borough"], "borough")
    assert names["people in a group interview"] == "2 or 3 or 10"


def test_a_step_that_nobody_is_listed_by_is_found_where_those_below_it_are():
    roster = small.people(("A", "physiotherapist"), ("B", "occupational therapist"), ("B", "service lead"))
    names = sample.facts(roster, held(), small.roles(), ["borough"], "borough")
    assert (names["boroughs with therapist"], names["boroughs with nurse"]) == (2, 0)


@small.properties
@given(LISTED, BY)
def test_the_groups_add_up_to_everybody(rows, by):
    counts = sample.count(small.people(*rows), by)
    assert counts["people"].sum() == sum(row[2] for row in rows)
    assert counts["service_leads"].sum() == sum(row[3] for row in rows)


@small.properties
@given(LISTED)
def test_a_finer_grouping_adds_up_to_a_coarser_one(rows):
    roster = small.people(*rows)
    fine = sample.count(roster, ["borough", "role"]).groupby("borough", dropna=False)["people"].sum()
    coarse = sample.count(roster, ["borough"]).set_index("borough")["people"]
    assert fine.tolist() == coarse.tolist()


@small.properties
@given(LISTED, BY, SEEDS)
def test_the_order_of_the_roster_does_not_matter(rows, by, seed):
    roster = small.people(*rows)
    shuffled = small.shuffled(roster, seed)
    pd.testing.assert_frame_equal(sample.count(roster, by), sample.count(shuffled, by))


@small.properties
@given(LISTED, SEEDS)
def test_the_order_of_roster_and_interviews_does_not_matter_to_the_reconciliation(rows, seed):
    roster, interviews = small.people(*rows), held(("C", 4, 1, 2, "2"), ("A", 5, 0, 0, None))
    other = reconcile(small.shuffled(roster, seed), small.shuffled(interviews, seed))
    assert other == reconcile(roster, interviews)


@small.properties
@given(LISTED)
def test_the_least_number_of_people_is_never_more_than_the_number_listed(rows):
    reconciled = sample.reconciliation(small.people(*rows), held(), "borough").dropna(subset="people_listed")
    assert (reconciled["people_least"] <= reconciled["people_listed"]).all()


def test_ninety_people_are_listed_and_nineteen_of_them_lead_a_service(record):
    rows = sample.count(record.roster, ["borough"]).set_index("borough")
    assert rows["people"].to_dict() == {"A": 36, "B": 22, "C": 32}
    assert (rows["people"].sum(), rows["service_leads"].sum()) == (90, 19)


@pytest.mark.parametrize("by", ["borough", "service", "role_group"])
def test_every_published_grouping_adds_up_to_ninety_and_nineteen(record, by):
    rows = sample.count(record.roster, [by])
    assert rows[["people", "service_leads"]].sum().tolist() == [90, 19]
    assert rows[by].notna().all()


def test_two_physiotherapists_of_borough_a_may_be_listed_twice(reconciled):
    assert reconciled["people_listed"].to_dict() == {"A": 36, "B": 22, "C": 32, "all": 90}
    assert reconciled["people_least"].to_dict() == {"A": 34, "B": 22, "C": 32, "all": 88}


def test_eighty_one_interviews_five_of_them_in_groups_imply_88_participants(reconciled):
    assert reconciled["interviews"].to_dict() == {"A": 36, "B": 23, "C": 22, "all": 81}
    assert reconciled["group_interviews"].to_dict() == {"A": 1, "B": 3, "C": 1, "all": 5}
    assert reconciled["participants_implied"].to_dict() == {"A": 37, "B": 27, "C": 24, "all": 88}


def test_that_88_stands_on_both_sides_is_coincidence_no_borough_agrees(reconciled):
    assert reconciled.loc["all", "people_least"] == reconciled.loc["all", "participants_implied"]
    boroughs = reconciled.drop(index="all")
    assert (boroughs["people_least"] != boroughs["participants_implied"]).all()
    assert reconciled["difference"].to_dict() == {"A": -1, "B": -5, "C": 8, "all": 2}


def test_the_facts_of_the_published_sample(found):
    assert (found["people listed"], found["interviews"], found["group interviews"]) == (90, 81, 5)
    assert (found["borough with most interviews"], found["people in a group interview"]) == ("A", "2 or 3")
    assert found["empty cells of borough and service"] == 0
    in_boroughs = {role: found[f"boroughs with {role}"] for role in ("nurse", "doctor", "social worker")}
    assert in_boroughs == {"nurse": 3, "doctor": 2, "social worker": 2}


def test_the_two_specialist_nurses_who_are_quoted_are_listed_nowhere(found):
    assert found["boroughs with specialist nurse"] == 0
