"""Whose voice is quoted."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import voices

SEEDS = st.integers(0, 99)


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


@pytest.fixture(scope="module")
def heard(record):
    return voices.shares(record.excerpts, record.roster, record.roles)


def shares(roster, quotations, ladder=small.LADDER):
    return voices.shares(quotations, roster, small.roles(ladder)).set_index("role_group")


def test_the_ratio_is_the_share_of_quotations_over_the_share_of_people():
    roster = small.people(("A", "nurse", 3), ("B", "social worker", 1))
    rows = shares(roster, small.quoted("Nurse", "Social worker"))
    assert rows.loc["nurse"].tolist() == pytest.approx([3, 0.75, 1, 0.5, 2 / 3])
    assert rows.loc["social worker"].tolist() == pytest.approx([1, 0.25, 1, 0.5, 2])


def test_a_group_that_is_never_quoted_has_the_ratio_0():
    rows = shares(small.people(("A", "nurse"), ("A", "social worker")), small.quoted("Nurse"))
    assert rows.loc["social worker", ["excerpts", "ratio"]].tolist() == [0, 0]


def test_a_group_that_is_quoted_and_not_listed_has_a_blank_ratio():
    rows = shares(small.people(("A", "physiotherapist", 2, 1)), small.quoted("Lead therapist"))
    assert rows.loc["therapist", ["people", "excerpts"]].tolist() == [0, 1]
    assert pd.isna(rows.loc["therapist", "ratio"])


def test_field_notes_are_nobodys_voice():
    roster = small.people(("A", "nurse"))
    with_notes = shares(roster, small.quoted("Nurse", small.FIELD_NOTES))
    pd.testing.assert_frame_equal(with_notes, shares(roster, small.quoted("Nurse")))


def test_field_notes_stay_outside_even_where_they_name_a_participant():
    notes = small.said_by("p1").assign(source="field notes")
    assert shares(small.persons(("A", "nurse")), notes)["excerpts"].to_dict() == {"nurse": 0}


def test_a_participant_speaks_for_the_group_they_are_listed_in():
    roster = small.persons(("A", "nurse"), ("A", "physiotherapist"))
    rows = shares(roster, small.excerpts(("p2", "Therapist"), ("p2", None)))
    assert rows["excerpts"].to_dict() == {"nurse": 0, "physiotherapist": 2}


def test_a_speaker_without_a_label_is_in_a_group_of_the_not_stated():
    rows = shares(small.people(("A", "nurse")), small.quoted("Nurse", None))
    assert rows["excerpts"].to_dict() == {"nurse": 1, "not stated": 1}


def test_groups_stand_by_the_number_of_people_and_then_by_name():
    roster = small.people(("A", "social worker", 1), ("A", "physiotherapist", 1), ("A", "nurse", 2))
    assert shares(roster, small.quoted()).index.tolist() == ["nurse", "physiotherapist", "social worker"]


def test_with_nobody_quoted_every_share_of_quotations_is_0():
    rows = shares(small.people(("A", "nurse")), small.quoted())
    assert rows.loc["nurse"].tolist() == [1, 1, 0, 0, 0]


def test_without_a_table_of_roles_there_are_no_groups_to_compare():
    rows = shares(small.people(("A", "nurse"), ladder=[]), small.quoted("Nurse"), ladder=[])
    assert rows.empty
    assert voices.facts(rows.reset_index()) == {"role groups quoted": "", "quotations": 0}


@small.few
@given(small.studies())
def test_shares_sum_to_one_and_count_every_quotation_once(made):
    rows = voices.shares(made.excerpts, made.roster, made.roles)
    quotations = (made.excerpts["source"] == "interview").sum()
    assert rows["people"].sum() == made.roster["n"].sum()
    assert rows["people_share"].sum() == pytest.approx(1)
    assert rows["excerpts"].sum() == quotations
    assert rows["excerpts_share"].sum() == pytest.approx(1 if quotations else 0)


@small.few
@given(small.studies(notes=False))
def test_the_ratios_weighted_by_people_average_to_one_where_every_speaker_is_listed(made):
    rows = voices.shares(made.excerpts, made.roster, made.roles)
    assert (rows["ratio"] * rows["people_share"]).sum() == pytest.approx(1 if len(made.excerpts) else 0)


@small.few
@given(small.studies(), SEEDS)
def test_the_order_of_the_rows_does_not_matter(made, seed):
    other = small.reordered(made, seed, "excerpts", "roster", "roles")
    before, after = (voices.shares(one.excerpts, one.roster, one.roles) for one in (made, other))
    pd.testing.assert_frame_equal(before, after)


def test_a_label_is_listed_if_a_row_has_it_or_a_narrower_one():
    roster = small.people(("A", "district nurse"), ("A", "physiotherapist", 1, 1))
    quotations = small.quoted("Nurse", "community NURSE", "Lead therapist", "Hospital nurse", "Social worker")
    absent = voices.labels_not_listed(quotations, roster, small.roles())
    assert absent == ["Hospital nurse", "Social worker"]


def test_a_label_that_is_not_listed_is_told_once():
    absent = voices.labels_not_listed(small.quoted("Porter", "PORTER"), small.people(), small.roles())
    assert absent == ["Porter"]


def test_neither_field_notes_nor_known_participants_have_a_label_to_look_for():
    quotations = small.excerpts(("p1", "Porter"), small.FIELD_NOTES, (None, None))
    assert voices.labels_not_listed(quotations, small.persons(("A", "nurse")), small.roles()) == []


def test_the_seventeen_published_quotations_come_from_five_of_ten_role_groups(heard):
    found = voices.facts(heard)
    assert found["quotations"] == 17
    assert found["role groups quoted"] == (
        "nurse, occupational therapist, physiotherapist, social worker, therapist"
    )
    assert len(heard) == 10


def test_nurses_are_a_third_of_the_people_listed_and_over_half_of_the_quotations(heard):
    nurses = heard.set_index("role_group").loc["nurse"]
    assert nurses.tolist() == pytest.approx([31, 31 / 90, 9, 9 / 17, (9 / 17) / (31 / 90)])


def test_no_doctor_and_no_service_lead_is_quoted(heard):
    silent = heard.set_index("role_group").loc[["doctor", "service lead"]]
    assert silent["people"].tolist() == [3, 10]
    assert silent[["excerpts", "ratio"]].eq(0).all(axis=None)


def test_two_kinds_of_specialist_nurse_are_quoted_and_not_listed(record):
    absent = voices.labels_not_listed(record.excerpts, record.roster, record.roles)
    assert absent == ["Specialist nurse", "Specialist palliative nurse"]
