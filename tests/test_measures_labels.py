"""Who may stand behind a label that is printed."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import labels

LABELS = st.sampled_from([label for label, *_ in small.LADDER])
LISTED = st.sampled_from([*small.STATED, "service lead"])


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


def fitting(label, roster, ladder=small.LADDER):
    return labels.people_fitting(label, roster, small.roles(ladder)).tolist()


def test_the_steps_go_up_one_by_one_from_the_label_itself():
    steps = labels.steps_up("district nurse", small.roles())
    assert steps == ["district nurse", "community nurse", "nurse"]


def test_the_case_of_a_label_is_ignored():
    assert labels.steps_up("District NURSE", small.roles()) == labels.steps_up(
        "district nurse", small.roles()
    )
    roster = small.people(("A", "Nurse", 3))
    assert fitting("nURSE", roster) == fitting("nurse", roster) == [3]


def test_a_label_that_no_table_explains_stands_alone():
    assert labels.steps_up("Porter", small.roles()) == ["porter"]
    assert labels.steps_up("Nurse", small.roles([])) == ["nurse"]


def test_steps_that_lead_in_a_circle_end():
    circle = small.roles([("a", "a", "b", False, True), ("b", "b", "a", False, True)])
    assert labels.steps_up("a", circle) == ["a", "b"]


def test_a_label_fits_those_below_and_those_above_but_not_those_beside():
    roster = small.people(("A", "nurse", 1), ("A", "community nurse", 2), ("A", "hospital nurse", 4))
    assert fitting("nurse", roster) == [1, 2, 4]
    assert fitting("community nurse", roster) == [1, 2, 0]
    assert fitting("district nurse", roster) == [1, 2, 0]


def test_a_step_that_nobody_is_listed_by_still_holds_those_below_together():
    roster = small.people(("A", "physiotherapist", 2), ("A", "occupational therapist", 3))
    assert fitting("therapist", roster) == [2, 3]


def test_a_label_with_lead_fits_only_leads_and_a_label_without_it_fits_leads_too():
    roster = small.people(("A", "physiotherapist", 4, 1), ("B", "occupational therapist", 2))
    assert fitting("lead therapist", roster) == [1, 0]
    assert fitting("physiotherapist", roster) == [4, 0]


def test_a_label_with_lead_stands_one_step_up_among_those_who_are_led():
    assert labels.place_of("Lead Therapist", small.roles()) == "therapist"
    assert labels.place_of("Physiotherapist", small.roles()) == "physiotherapist"
    assert labels.place_of("Service lead", small.roles()) == "service lead"


def test_a_label_with_lead_fits_the_row_that_is_listed_by_it():
    # The row's own label says that they lead, also in a roster without the column service_leads.
    assert fitting("lead therapist", small.people(("A", "lead therapist", 2))) == [2]


def test_no_label_fits_a_person_whose_profession_is_not_stated():
    roster = small.people(("A", "service lead", 3, 3), ("B", None, 2), ("B", "nurse", 1))
    assert fitting("service lead", roster) == [0, 0, 0]
    assert fitting("nurse", roster) == [0, 0, 1]


def test_without_a_table_of_roles_a_label_fits_itself_alone():
    roster = small.people(("A", "nurse", 3), ("B", "district nurse", 2), ("B", None, 1), ladder=[])
    assert fitting("Nurse", roster, ladder=[]) == [3, 0, 0]


def test_nobody_fits_in_a_roster_without_a_row_or_without_a_role():
    assert fitting("nurse", small.people()) == []
    assert fitting("nurse", small.people(("A", None, 3))) == [0]


def test_a_participant_says_the_group_of_an_excerpt_and_a_label_alone_does_not():
    roster = small.persons(("A", "nurse"), ("B", "physiotherapist"))
    excerpts = small.excerpts(("p2", "Physiotherapist"), (None, "Nurse"), small.FIELD_NOTES)
    known = labels.known_group(excerpts, roster, small.roles(), "borough")
    assert known.fillna("?").tolist() == ["B", "?", "?"]


def test_a_label_says_the_role_group_and_field_notes_have_none():
    roster = small.persons(("A", "nurse"))
    excerpts = small.excerpts(("p1", None), (None, "Lead Therapist"), (None, None), small.FIELD_NOTES)
    known = labels.known_group(excerpts, roster, small.roles(), "role_group")
    assert known.fillna("?").tolist() == ["nurse", "therapist", "?", "?"]


def test_a_participant_with_a_blank_attribute_leaves_the_group_blank():
    roster = small.persons((None, "nurse"))
    known = labels.known_group(small.said_by("p1"), roster, small.roles(), "borough")
    assert known.isna().all()


@small.properties
@given(first=st.sampled_from(small.STATED), second=st.sampled_from(small.STATED))
def test_if_a_label_fits_a_row_the_labels_swapped_fit_too(first, second):
    there, back = fitting(first, small.people(("A", second))), fitting(second, small.people(("A", first)))
    assert there == back


@small.properties
@given(label=LABELS, listed=st.lists(st.tuples(st.just("A"), LISTED, st.integers(1, 4), st.integers(0, 1))))
def test_a_step_up_never_loses_anybody(label, listed):
    roster = small.people(*listed)
    counts = [sum(fitting(step, roster)) for step in labels.steps_up(label, small.roles())]
    assert counts == sorted(counts)


@small.properties
@given(label=LABELS, listed=st.lists(st.tuples(st.just("A"), LISTED, st.integers(1, 4), st.integers(0, 1))))
def test_a_label_fits_nobody_who_is_not_listed(label, listed):
    roster = small.people(*listed)
    people = labels.people_fitting(label, roster, small.roles())
    assert (people <= roster["n"]).all()
    assert (people >= 0).all()


@small.properties
@given(small.studies(), st.sampled_from(["borough", "role_group"]), st.integers(0, 99))
def test_the_order_of_the_rows_does_not_change_the_known_groups(made, by, seed):
    other = small.reordered(made, seed, "roster", "roles")
    known = labels.known_group(made.excerpts, made.roster, made.roles, by)
    pd.testing.assert_series_equal(known, labels.known_group(made.excerpts, other.roster, other.roles, by))


@pytest.mark.parametrize(
    ("label", "people"),
    [
        ("Nurse", 31),
        ("Community nurse", 22),
        ("Specialist palliative nurse", 10),
        ("Physiotherapist", 12),
        ("Occupational therapist", 11),
        ("Social Worker", 12),
        ("therapist", 23),
        ("Lead Therapist", 1),
        ("Service lead", 0),
        ("Hospital clinician", 0),
    ],
)
def test_so_many_listed_people_may_stand_behind_a_printed_label(record, label, people):
    assert labels.people_fitting(label, record.roster, record.roles).sum() == people


def test_every_published_quotation_has_a_role_group_and_none_has_a_borough(record):
    spoken = record.excerpts[record.excerpts["source"] == "interview"]
    assert labels.known_group(spoken, record.roster, record.roles, "role_group").notna().all()
    assert labels.known_group(record.excerpts, record.roster, record.roles, "borough").isna().all()
