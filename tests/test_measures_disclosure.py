"""How far a label is widened before anything is computed from it."""

import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import disclosure

LABELS = st.sampled_from([label for label, *_ in small.LADDER])
LISTED = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from([*small.STATED, "service lead"]),
        st.integers(1, 4),
        st.integers(0, 1),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


def widened(label, *rows, **choices):
    return disclosure.widen(label, small.people(*rows), small.roles(), "borough", **choices)


def behind(step, rows):
    """The boroughs of those whom a label fits, one for each of them, by a second route."""
    found = []
    for borough, role, n, leads in rows:
        place = "therapist" if step == "lead therapist" else step
        fits = role != "service lead" and (place in small.line(role) or role in small.line(place))
        found += [borough] * (leads if step == "lead therapist" else n) * fits
    return found


def test_a_label_that_fits_five_people_in_two_boroughs_stays():
    assert widened("Nurse", ("A", "nurse", 4), ("B", "nurse", 1)) == "nurse"


def test_a_label_that_fits_four_people_is_widened_until_five_fit():
    rows = [("A", "district nurse", 3), ("B", "district nurse", 1), ("B", "hospital nurse", 1)]
    assert widened("District nurse", *rows) == "nurse"
    assert widened("District nurse", *rows, min_people=4) == "district nurse"


def test_many_people_in_one_borough_are_not_enough():
    rows = [("A", "district nurse", 50), ("B", "hospital nurse", 1)]
    assert widened("District nurse", *rows) == "nurse"


def test_a_label_with_nothing_wide_enough_above_it_is_not_used():
    assert widened("Nurse", ("A", "nurse", 4)) is None
    assert widened("Nurse", ("A", "nurse", 3), ("B", "nurse", 1)) is None
    assert widened("Porter", ("A", "nurse", 5), ("B", "nurse", 5)) is None
    assert widened("Nurse") is None


def test_one_cannot_hide_among_people_whose_profession_is_not_stated():
    rows = [("A", "nurse", 2), ("B", "nurse", 2), ("A", "service lead", 9, 9), ("B", None, 9)]
    assert widened("Nurse", *rows) is None


def test_people_of_an_unknown_borough_are_in_no_second_borough():
    assert widened("Nurse", ("A", "nurse", 5), (None, "nurse", 5)) is None


def test_a_lead_hides_among_those_who_are_led_where_leads_are_few():
    rows = [("A", "physiotherapist", 3, 1), ("B", "occupational therapist", 2)]
    assert widened("Lead therapist", *rows) == "therapist"


@small.properties
@given(LABELS, LISTED, st.integers(1, 6))
def test_no_label_ends_with_too_few_people_or_in_a_single_borough(label, rows, least):
    wide = widened(label, *rows, min_people=least)
    if wide is not None:
        boroughs = behind(wide, rows)
        assert len(boroughs) >= least
        assert len({*boroughs}) >= 2


@small.properties
@given(LABELS, LISTED, st.integers(1, 6))
def test_the_nearest_label_that_is_wide_enough_is_taken(label, rows, least):
    wide = widened(label, *rows, min_people=least)
    enough = [
        step
        for step in small.line(label)
        if len(behind(step, rows)) >= least and len({*behind(step, rows)}) >= 2
    ]
    assert wide == next(iter(enough), None)


@small.properties
@given(LABELS, LISTED, st.integers(1, 6))
def test_asking_for_more_people_never_gives_a_narrower_label(label, rows, least):
    steps = [*small.line(label), None]
    less, more = (widened(label, *rows, min_people=number) for number in (least, least + 1))
    assert steps.index(less) <= steps.index(more)


@small.properties
@given(LABELS, LISTED, st.integers(0, 99))
def test_the_order_of_the_rows_does_not_change_what_a_label_is_widened_to(label, rows, seed):
    roster, roles = small.shuffled(small.people(*rows), seed), small.shuffled(small.roles(), seed)
    assert disclosure.widen(label, roster, roles, "borough", 3) == widened(label, *rows, min_people=3)


def test_the_labels_used_are_counted_without_regard_to_case():
    roster = small.people(("A", "nurse", 4), ("B", "nurse", 2))
    used = disclosure.labels_used(small.quoted("Nurse", "nurse"), roster, small.roles(), "borough")
    assert used.to_numpy().tolist() == [["nurse", 2, "nurse", 6, 2]]


def test_a_label_that_is_not_used_shows_no_number_of_people():
    used = disclosure.labels_used(
        small.quoted("Nurse"), small.people(("A", "nurse", 3)), small.roles(), "borough"
    )
    assert used[["people", "groups"]].to_numpy().tolist() == [[0, 0]]
    assert used["widened_to"].isna().all()


def test_where_the_participant_is_known_no_label_is_used():
    roster = small.persons(("A", "nurse"), ("B", "nurse"))
    excerpts = small.excerpts(("p1", "Nurse"), ("p2", "Nurse"))
    assert disclosure.labels_used(excerpts, roster, small.roles(), "borough").empty


def test_field_notes_and_quotations_without_a_label_use_none():
    excerpts = small.quoted(small.FIELD_NOTES, None)
    roster = small.people(("A", "nurse", 5), ("B", "nurse", 5))
    assert disclosure.labels_used(excerpts, roster, small.roles(), "borough").empty
    assert disclosure.labels_used(excerpts.iloc[:0], roster, small.roles(), "borough").empty


def test_a_role_group_is_said_by_the_label_itself_and_nothing_is_widened(record):
    assert disclosure.labels_used(record.excerpts, record.roster, record.roles, "role_group").empty


@pytest.mark.parametrize("by", ["borough", "service"])
def test_the_published_labels_show_in_how_many_groups_people_are_and_never_in_which(record, by):
    used = disclosure.labels_used(record.excerpts, record.roster, record.roles, by)
    shown = {str(value) for value in used.to_numpy().ravel()}
    assert list(used) == ["label", "excerpts", "widened_to", "people", "groups"]
    assert shown.isdisjoint(record.roster[by])


def test_seventeen_published_quotations_use_eight_labels_of_which_one_is_widened(record):
    used = disclosure.labels_used(record.excerpts, record.roster, record.roles, "borough")
    assert used["excerpts"].sum() == 17
    changed = used[used["label"] != used["widened_to"]]
    assert changed.to_numpy().tolist() == [["lead therapist", 2, "therapist", 23, 3]]
    assert len(used) == 8
    assert used["people"].min() >= disclosure.MIN_PEOPLE
    assert used["groups"].min() >= 2
