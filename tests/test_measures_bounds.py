"""Where an excerpt may come from."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study

BYS = st.sampled_from(["borough", "role_group"])
READINGS = st.sampled_from(["any", "none"])
SEEDS = st.integers(0, 99)
TABLES = ["excerpts", "roster", "roles"]


@pytest.fixture(scope="module")
def record():
    paper = study.load("bussu-marshall-2020")
    return small.Small(paper.roster, paper.roles, paper.excerpts, paper.codings, paper.codebook)


@pytest.fixture(scope="module", params=["any", "none"])
def placed(request, record):
    return record.place_each(unstated_roles=request.param)


def possible(roster, quotations, **choices):
    """The boroughs in which each excerpt may have been said, as a word: A, AC, …"""
    rows = small.study(roster, quotations).place_each(min_people=2, **choices).possible
    return ["".join(borough for borough in rows if row[borough]) for _, row in rows.iterrows()]


def chances(roster, quotations, **choices):
    return small.study(roster, quotations).place_each(min_people=2, **choices).chance.to_numpy().tolist()


def test_a_quotation_may_be_from_every_borough_in_which_its_role_was_interviewed():
    roster = small.people(("A", "nurse", 3), ("B", "social worker", 1), ("C", "district nurse", 1))
    assert possible(roster, small.quoted("Nurse")) == ["AC"]
    assert chances(roster, small.quoted("Nurse")) == [[0.75, 0, 0.25]]


def test_a_person_without_a_stated_profession_may_stand_behind_every_label_but_has_no_chance():
    roster = small.people(("A", "nurse", 1), ("B", "service lead", 9, 9), ("C", "nurse", 1))
    assert possible(roster, small.quoted("Nurse")) == ["ABC"]
    assert possible(roster, small.quoted("Nurse"), unstated_roles="none") == ["AC"]
    assert chances(roster, small.quoted("Nurse")) == [[0.5, 0, 0.5]]


def test_a_known_participant_leaves_one_borough_whatever_the_label():
    roster = small.persons(("A", "nurse"), ("B", "nurse"))
    assert possible(roster, small.excerpts(("p2", "Nurse"))) == ["B"]
    assert chances(roster, small.excerpts(("p2", "Nurse"))) == [[0, 1]]


def test_a_label_too_narrow_to_hide_in_is_spread_over_every_borough_and_has_no_chance():
    roster = small.people(("A", "nurse", 9), ("B", "social worker", 1), ("C", "social worker", 1))
    assert possible(roster, small.quoted("Nurse"), unstated_roles="none") == ["ABC"]
    assert pd.isna(chances(roster, small.quoted("Nurse"))).all()


def test_a_label_is_spread_as_far_as_the_one_it_is_widened_to():
    roster = small.people(("A", "district nurse", 1), ("B", "hospital nurse", 1), ("C", "nurse", 2))
    rows = small.study(roster, small.quoted("District nurse", "District nurse")).place_each(min_people=4)
    assert rows.possible.all(axis=None)
    assert rows.chance.to_numpy().tolist() == [[0.25, 0.25, 0.5]] * 2


def test_field_notes_fit_every_borough_and_belong_to_no_role_group():
    made = small.study(small.people(("A", "nurse", 2), ("B", "nurse", 2)), small.quoted(small.FIELD_NOTES))
    assert made.place_each("borough").possible.all(axis=None)
    assert made.place_each("borough").chance.isna().all(axis=None)
    assert not made.place_each("role_group").possible.any(axis=None)


def test_a_quotation_without_a_label_may_be_from_anywhere():
    roster = small.people(("A", "nurse", 2), ("B", "nurse", 2))
    assert possible(roster, small.quoted(None, "Nurse"), unstated_roles="none") == ["AB", "AB"]
    assert pd.isna(chances(roster, small.quoted(None))).all()


def test_somebody_of_an_unknown_borough_may_be_in_any():
    # Bounds must never exclude the truth: the nurse without a borough may have been interviewed in C.
    roster = small.people(("A", "nurse"), ("B", "nurse"), (None, "nurse"), ("C", "social worker"))
    assert possible(roster, small.quoted("Nurse"), unstated_roles="none") == ["ABC"]


def test_somebody_of_an_unknown_borough_and_profession_may_be_in_any():
    roster = small.people(("A", "nurse"), ("B", "nurse"), (None, "service lead"), ("C", "social worker"))
    assert possible(roster, small.quoted("Nurse"), unstated_roles="any") == ["ABC"]


def test_without_a_table_of_roles_labels_are_still_placed_by_themselves():
    roster = small.people(("A", "Nurse", 2), ("B", "nurse", 2), ("C", "district nurse", 2), ladder=[])
    made = small.study(roster, small.quoted("nurse", "porter"), ladder=[])
    rows = made.place_each(unstated_roles="none", min_people=2)
    assert rows.possible.to_numpy().tolist() == [[True, True, False], [True, True, True]]


@pytest.mark.parametrize("ids", [(), ("p1",)])
def test_a_study_without_excerpts_or_with_one_keeps_a_row_for_each(ids):
    made = small.study(small.persons(("A", "nurse"), ("B", "nurse")), small.said_by(*ids))
    assert made.place_each().possible.shape == made.place_each().chance.shape == (len(ids), 2)


def test_a_column_in_which_everybody_is_blank_has_no_groups_or_an_error_that_names_it():
    made = small.study(small.people((None, "nurse", 5), (None, "nurse", 5)), small.quoted("Nurse"))
    try:
        rows = made.place_each("borough")
    except ValueError as error:
        assert "borough" in str(error)  # noqa: PT017 - either way is fine, a KeyError is not
    else:
        assert rows.possible.shape == (1, 0)


def test_a_grouping_or_reading_that_does_not_exist_is_refused_by_name():
    made = small.study(small.people(("A", "nurse", 2)), small.quoted("Nurse"))
    with pytest.raises(ValueError, match=r'by="ward".*borough'):
        made.place_each("ward")
    with pytest.raises(ValueError, match=r'unstated_roles="some".*any, none'):
        made.place_each(unstated_roles="some")


def test_placing_changes_none_of_the_tables_it_reads():
    made = small.study(small.people(("A", "nurse", 2), ("B", "nurse", 2)), small.quoted("Nurse"))
    before = [made.excerpts.copy(), made.roster.copy(), made.roles.copy()]
    made.place_each()
    for old, new in zip(before, [made.excerpts, made.roster, made.roles], strict=True):
        pd.testing.assert_frame_equal(old, new)


@small.properties
@given(small.studies(), READINGS, st.integers(1, 4))
def test_the_possible_boroughs_are_those_of_the_people_who_fit_and_no_others(made, reading, least):
    rows = small.blinded(made).place_each(unstated_roles=reading, min_people=least).possible
    labels = made.excerpts["speaker"].where(made.excerpts["source"] == "interview")
    wanted = [small.compatible(label, made, reading, least) for label in labels]
    assert [{borough for borough in rows if row[borough]} for _, row in rows.iterrows()] == wanted


@small.few
@given(st.data(), st.integers(1, 6))
@pytest.mark.parametrize("reading", ["any", "none"])
def test_the_true_borough_is_always_among_the_possible_ones(reading, data, least):
    # The narrower reading keeps the truth only where every profession is stated.
    made = data.draw(small.studies(unstated=reading == "any"))
    rows = small.blinded(made).place_each(unstated_roles=reading, min_people=least).possible
    truth = made.excerpts.merge(made.roster[["participant", "borough"]].dropna(), on="participant")
    assert all(rows.loc[one.excerpt, one.borough] for one in truth.itertuples())


@small.few
@given(small.studies(), BYS, READINGS)
def test_chances_sum_to_one_or_are_blank_and_are_nowhere_where_the_excerpt_cannot_be(made, by, reading):
    rows = small.blinded(made).place_each(by, unstated_roles=reading, min_people=2)
    sums = rows.chance.sum(axis=1, skipna=False)
    spread = rows.possible.any(axis=1)
    assert sums[spread].dropna().tolist() == pytest.approx([1] * int(sums[spread].notna().sum()))
    assert (rows.possible | ~(rows.chance > 0)).all(axis=None)


@small.few
@given(small.studies(notes=False), BYS)
def test_where_participants_are_known_every_excerpt_has_one_group_for_certain(made, by):
    rows = made.place_each(by)
    assert rows.possible.sum(axis=1).eq(1).all()
    assert (rows.chance == rows.possible).all(axis=None)


@small.few
@given(small.studies(), BYS, READINGS, SEEDS)
def test_the_order_of_the_rows_does_not_matter(made, by, reading, seed):
    blind = small.blinded(made)
    before, after = (
        one.place_each(by, unstated_roles=reading, min_people=2)
        for one in (blind, small.reordered(blind, seed, *TABLES))
    )
    pd.testing.assert_frame_equal(before.possible, after.possible.loc[before.possible.index])
    pd.testing.assert_frame_equal(before.chance, after.chance.loc[before.chance.index])


@small.few
@given(small.studies(), READINGS)
def test_alike_people_may_stand_in_one_row_or_in_many(made, reading):
    blind = small.blinded(made)
    counts = blind.roster.groupby(["borough", "role"])[["n", "service_leads"]].sum().reset_index()
    rows = [*counts.itertuples(index=False, name=None)]
    grouped = small.Small(small.people(*rows), blind.roles, blind.excerpts, blind.codings, blind.codebook)
    one, other = (each.place_each(unstated_roles=reading, min_people=2) for each in (blind, grouped))
    pd.testing.assert_frame_equal(one.possible, other.possible)
    pd.testing.assert_frame_equal(one.chance, other.chance)


def test_no_published_excerpt_is_pinned_on_a_borough(placed):
    assert placed.possible.sum(axis=1).min() >= 2
    assert placed.chance.drop(index=["E18", "E19"]).max(axis=None) < 1


def test_a_person_without_a_stated_profession_was_interviewed_in_every_borough(record):
    assert record.place_each().possible.all(axis=None)


def test_in_the_narrower_reading_only_social_workers_are_not_from_borough_b(record):
    rows = record.place_each(unstated_roles="none").possible
    assert rows[["A", "C"]].all(axis=None)
    assert rows.index[~rows["B"]].tolist() == ["E11", "E15"]


def test_a_published_nurse_is_from_each_borough_by_the_nurses_listed_there(record):
    chance = record.place_each().chance
    assert chance.loc["E01"].tolist() == pytest.approx([9 / 31, 12 / 31, 10 / 31])
    assert chance.loc["E06"].tolist() == pytest.approx([11 / 23, 5 / 23, 7 / 23])
    assert chance.loc[["E18", "E19"]].isna().all(axis=None)


def test_the_role_group_of_every_published_quotation_is_known_and_field_notes_have_none(record):
    rows = record.place_each("role_group").possible.sum(axis=1)
    assert rows.drop(index=["E18", "E19"]).eq(1).all()
    assert rows[["E18", "E19"]].tolist() == [0, 0]
