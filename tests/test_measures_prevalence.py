"""How often a code stands in each group."""

from itertools import product

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import bounds, prevalence
from analysis.measures.within import chosen

BYS = st.sampled_from(["borough", "role_group"])
READINGS = st.sampled_from(["any", "none"])
SEEDS = st.integers(0, 99)
TWO = small.persons(("A", "nurse"), ("B", "nurse"))
"""p1 in A, p2 in B"""
SPREAD = small.people(("A", "nurse", 3), ("B", "nurse", 1))
"""A roster in which a nurse may be from either borough."""


@pytest.fixture(scope="module")
def record():
    paper = study.load("bussu-marshall-2020")
    return small.Small(paper.roster, paper.roles, paper.excerpts, paper.codings, paper.codebook)


@pytest.fixture(scope="module")
def wide(record):
    return record.count()


@pytest.fixture(scope="module")
def narrow(record):
    return record.count(unstated_roles="none")


@pytest.fixture(scope="module")
def by_role(record):
    return record.count("role_group")


def cells(rows, code, *columns, unit="excerpts"):
    """The values of a code in each group."""
    return rows.loc[(rows["code"] == code) & (rows["unit"] == unit), [*columns]].to_numpy().tolist()


def test_an_excerpt_counts_for_its_code_and_for_every_code_above():
    rows = small.study(TWO, small.said_by("p1", "p2"), ("E1", "left-a"), ("E2", "right")).count()
    assert cells(rows, "left-a", "least") == cells(rows, "left", "least") == [[1], [0]]
    assert cells(rows, "top", "least") == [[1], [1]]


def test_an_excerpt_that_two_coders_coded_alike_counts_once():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "left-a", "x"), ("E1", "left-a", "y")).count()
    assert cells(rows, "left-a", "most") == cells(rows, "left", "most") == [[1], [0]]


def by_participant(of, roster=None):
    roster = of.roster if roster is None else roster
    return prevalence.by_participant(of.excerpts, of.codings, of.codebook, roster)


def test_a_participant_spoke_of_a_code_and_of_those_above_it_once_whoever_coded_it():
    said = small.said_by("p1", "p1")
    rows = by_participant(
        small.study(TWO, said, ("E1", "left-a", "x"), ("E1", "left-a", "y"), ("E2", "left"))
    )
    assert [*rows] == ["participant", *small.study(TWO, said).codebook["code"]]
    assert rows.set_index("participant").loc["p1", ["top", "left", "left-a", "right"]].tolist() == [
        1,
        1,
        1,
        0,
    ]
    assert rows.set_index("participant").loc["p2"].tolist() == [0] * (len(rows.columns) - 1)


def test_printed_groups_are_no_participants():
    of = small.study(TWO, small.said_by("p1"), ("E1", "left"))
    groups = pd.concat([of.roster, SPREAD], ignore_index=True)
    pd.testing.assert_frame_equal(by_participant(of, groups), by_participant(of))


def test_field_notes_are_nobodys_words():
    of = small.study(TWO, small.said_by("p1", "p2"), ("E1", "left"), ("E2", "left"))
    of.excerpts.loc[1, "source"] = "field notes"
    assert by_participant(of)["left"].tolist() == [1, 0]


def test_where_no_excerpt_names_its_participant_nobody_is_said_to_be_silent():
    of = small.study(TWO, small.said_by("p1"), ("E1", "left"))
    of.excerpts["participant"] = None
    rows = by_participant(of)
    assert rows.empty
    assert [*rows] == ["participant", *of.codebook["code"]]


def test_ones_add_up_to_the_people_counted_by_group(simulated):
    args = (simulated.excerpts, simulated.codings, simulated.codebook, simulated.roster)
    rows = prevalence.by_participant(*args).drop(columns="participant")
    spoken = simulated.excerpts.dropna(subset="participant").query("source == 'interview'")
    pairs = prevalence.rolled_up(simulated.codings, simulated.codebook).merge(spoken, on="excerpt")
    people = pairs.groupby("code")["participant"].nunique()
    assert rows.sum().to_dict() == people.reindex(rows.columns, fill_value=0).to_dict()
    assert set(rows.to_numpy().ravel()) == {0, 1}


def test_an_excerpt_under_two_sister_codes_counts_once_for_the_code_above():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "left-a"), ("E1", "left-b"), ("E1", "left")).count()
    assert cells(rows, "left-a", "least") == cells(rows, "left-b", "least") == [[1], [0]]
    assert cells(rows, "left", "least") == cells(rows, "top", "least") == [[1], [0]]


def test_a_person_counts_once_however_often_they_say_it():
    rows = small.study(TWO, small.said_by("p1", "p1"), ("E1", "left-a"), ("E2", "left-b")).count()
    assert cells(rows, "left", "least") == [[2], [0]]
    assert cells(rows, "left", "least", unit="people") == [[1], [0]]


def test_a_share_of_excerpts_is_of_the_excerpts_of_its_group_and_has_no_interval():
    rows = small.study(TWO, small.said_by("p1", "p1", "p2"), ("E1", "right")).count()
    assert cells(rows, "right", "denominator", "share") == [[2, 0.5], [1, 0]]
    assert rows.loc[rows["unit"] == "excerpts", ["low", "high"]].isna().all(axis=None)


def test_a_share_of_people_is_of_the_people_of_its_group_and_has_one():
    roster = small.persons(*[("A", "nurse")] * 20, ("B", "nurse"))
    rows = small.study(roster, small.said_by("p21"), ("E1", "right")).count()
    (nobody, one) = cells(rows, "right", "least", "denominator", "share", "low", "high", unit="people")
    assert nobody == pytest.approx([0, 20, 0, 0, 0.1611], abs=5e-5)
    assert one == pytest.approx([1, 1, 1, 0.2065, 1], abs=5e-5)


def test_zeros_are_included_for_every_code_group_and_unit():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "right")).count()
    assert len(rows) == len(small.CODES) * 2 * 2
    assert cells(rows, "other", "least", "most", "expected") == [[0, 0, 0], [0, 0, 0]]


def test_a_group_in_which_nobody_is_quoted_has_a_row_and_no_share():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "right")).count()
    assert cells(rows, "right", "denominator")[1] == [0]
    assert pd.isna(cells(rows, "right", "share")[1]) == [True]


def test_a_printed_label_leaves_bounds_a_model_and_no_share():
    made = small.study(SPREAD, small.quoted("Nurse", "Nurse"), ("E1", "left-a"), ("E2", "left-b"))
    rows = made.count(min_people=4)
    assert cells(rows, "left", "least", "most", "expected") == [[0, 2, 1.5], [0, 2, 0.5]]
    assert rows[["denominator", "share", "low", "high"]].isna().all(axis=None)
    assert set(rows["unit"]) == {"excerpts"}


def test_one_excerpt_without_a_participant_is_enough_to_count_no_people():
    made = small.study(TWO, small.excerpts(("p1", None), (None, "Nurse")), ("E1", "right"))
    assert set(made.count()["unit"]) == {"excerpts"}


def test_a_label_too_narrow_to_hide_in_may_be_anywhere_and_is_expected_nowhere():
    made = small.study(SPREAD, small.quoted("Nurse"), ("E1", "left-a"))
    rows = made.count(min_people=5)
    assert cells(rows, "top", "least", "most") == [[0, 1], [0, 1]]
    assert rows.loc[rows["code"].isin(["left-a", "left", "top"]), "expected"].isna().all()
    assert cells(rows, "right", "expected") == [[0], [0]]


def test_field_notes_fit_every_borough_and_leave_the_expected_number_blank():
    quotations = small.quoted("Nurse", small.FIELD_NOTES, "Nurse")
    coded = ("E1", "left"), ("E2", "right"), ("E3", "left")
    rows = small.study(SPREAD, quotations, *coded).count(min_people=4)
    assert cells(rows, "top", "least", "most") == [[0, 3], [0, 3]]
    assert cells(rows, "left", "expected") == [[1.5], [0.5]]
    assert rows.loc[rows["code"].isin(["right", "top"]), "expected"].isna().all()


def test_field_notes_belong_to_no_role_group():
    quotations = small.quoted("Nurse", small.FIELD_NOTES)
    rows = small.study(SPREAD, quotations, ("E1", "top"), ("E2", "top")).count("role_group")
    assert cells(rows, "top", "least", "most", "expected", "denominator", "share") == [[1, 1, 1, 1, 1]]


def test_field_notes_alone_say_nothing_of_people():
    # Nobody is known to have said it, and an interval around 0 would claim that nobody did.
    rows = small.study(TWO, small.quoted(small.FIELD_NOTES), ("E1", "right")).count()
    assert set(rows["unit"]) == {"excerpts"}


def test_a_speaker_of_an_unknown_borough_is_not_lost_among_the_people():
    roster = small.persons(("A", "nurse"), ("B", "nurse"), (None, "nurse"))
    rows = small.study(roster, small.said_by("p1", "p3"), ("E1", "right"), ("E2", "right")).count()
    said = rows[(rows["code"] == "right") & (rows["unit"] == "people")]
    assert said.empty or said["most"].sum() >= 2


def test_the_columns_are_those_of_the_contract_with_the_grouping_in_its_place():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "right")).count()
    assert list(rows) == [
        "code", "name", "level", "borough", "unit", "least", "most", "expected", "denominator", "share",
        "share_of_code", "people", "low", "high",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["level", "name", "unit", "order"])
def test_a_grouping_called_like_a_column_of_the_result_is_counted_or_refused_by_name(by):
    # A level of care, a hospital unit: any column of a roster can be a grouping.
    made = small.study(TWO.rename(columns={"borough": by}), small.said_by("p1"), ("E1", "right"))
    try:
        rows = made.count(by)
    except ValueError as error:
        assert by in str(error)  # noqa: PT017 - a refusal is as good as a count
    else:
        assert {"A", "B"} <= {*rows[[by]].to_numpy().ravel()}


def test_rows_come_in_the_order_of_the_codebook_then_of_the_groups():
    rows = small.study(TWO, small.said_by("p1"), ("E1", "right")).count()
    assert [*dict.fromkeys(rows["code"])] == [code for code, *_ in small.CODES]
    assert rows["borough"].tolist()[:4] == ["A", "A", "B", "B"]


def test_nothing_coded_and_nothing_quoted_give_zeros():
    for quotations in (small.quoted("Nurse"), small.quoted()):
        rows = small.study(SPREAD, quotations).count()
        assert rows[["least", "most", "expected"]].eq(0).all(axis=None)
        assert len(rows) == len(small.CODES) * 2


def test_the_excerpts_behind_a_code_are_named_sorted_and_once():
    made = small.study(
        TWO, small.said_by("p2", "p1"), ("E2", "left-b"), ("E2", "left"), ("E1", "left-a", "x")
    )
    assert prevalence.excerpts_behind("left", made.codings, made.codebook) == ["E1", "E2"]
    assert prevalence.excerpts_behind("other", made.codings, made.codebook) == []


def test_dimensions_and_themes_are_kept_and_subthemes_are_not():
    rows = prevalence.above_subthemes(small.study(TWO, small.said_by("p1"), ("E1", "left-a")).count())
    assert [*dict.fromkeys(rows["code"])] == ["top", "left", "right", "other"]
    assert rows.index.tolist() == [*range(len(rows))]


@small.few
@given(small.studies())
def test_an_excerpt_stands_once_under_each_code_it_belongs_to(made):
    pairs = prevalence.rolled_up(made.codings, made.codebook)
    assert not pairs.duplicated().any()
    found = {code: {*pairs.loc[pairs["code"] == code, "excerpt"]} for code, *_ in small.CODES}
    assert found == small.under(made)


@small.few
@given(small.studies(notes=False), BYS)
def test_with_participants_known_least_most_and_expected_are_the_count_of_excerpts_and_of_people(made, by):
    rows = made.count(by)
    speaker = made.excerpts.set_index("excerpt")["participant"]
    group = made.roster.set_index("participant")[by]
    for row in rows.to_dict("records"):
        said = [speaker[excerpt] for excerpt in small.under(made)[row["code"]]]
        said = [one for one in (said if row["unit"] == "excerpts" else {*said}) if group[one] == row[by]]
        assert row["least"] == row["most"] == row["expected"] == len(said)


@small.few
@given(small.studies(notes=False), BYS)
def test_with_participants_known_the_groups_of_a_code_add_up_to_all_that_stand_under_it(made, by):
    rows = made.count(by).query("unit == 'excerpts'").groupby("code")["least"].sum()
    assert rows.to_dict() == {code: len(stand) for code, stand in small.under(made).items()}


@small.few
@given(small.studies(notes=False, most_excerpts=8), BYS)
def test_every_share_is_its_count_over_its_denominator_and_lies_in_its_interval(made, by):
    rows = made.count(by)
    told = rows[rows["denominator"] > 0]
    assert (told["share"] * told["denominator"].astype(float)).tolist() == pytest.approx(
        told["least"].tolist()
    )
    people = told[told["unit"] == "people"]
    assert (people["low"] - 1e-12 <= people["share"]).all()
    assert (people["share"] <= people["high"] + 1e-12).all()


@small.few
@given(small.studies(), READINGS, BYS)
def test_the_expected_number_lies_between_the_least_and_the_most(made, reading, by):
    rows = small.blinded(made).count(by, unstated_roles=reading, min_people=2).dropna(subset="expected")
    assert (rows["least"] <= rows["expected"] + 1e-12).all()
    assert (rows["expected"] <= rows["most"] + 1e-12).all()


@small.few
@given(small.studies(notes=False), st.integers(1, 6))
def test_the_true_count_lies_within_the_bounds_of_the_blinded_record(made, least):
    keys = ["code", "borough"]
    truth = made.count().query("unit == 'excerpts'").set_index(keys)["least"]
    blind = small.blinded(made).count(min_people=least).set_index(keys)
    assert (blind["least"] <= truth).all()
    assert (truth <= blind["most"]).all()


@small.few
@given(small.studies(), READINGS, st.integers(1, 4))
def test_the_bounds_are_sharp_some_way_to_give_excerpts_to_people_reaches_each(made, reading, least):
    rows = small.blinded(made).count(unstated_roles=reading, min_people=least).query("unit == 'excerpts'")
    labels = made.excerpts["speaker"].where(made.excerpts["source"] == "interview")
    choices = [small.compatible(label, made, reading, least) for label in labels]
    ways = [dict(zip(made.excerpts["excerpt"], way, strict=True)) for way in product(*choices)]
    stand = small.under(made)
    for row in rows.itertuples():
        counts = [sum(way[excerpt] == row.borough for excerpt in stand[row.code]) for way in ways]
        assert (row.least, row.most) == (min(counts), max(counts))


@small.few
@given(small.studies(), st.booleans(), SEEDS)
def test_the_order_of_the_rows_matters_only_in_the_codebook_which_orders_the_result(made, blind, seed):
    keys = ["code", "borough", "unit"]
    one = small.blinded(made) if blind else made
    other = small.reordered(one, seed, "excerpts", "roster", "roles", "codings", "codebook")
    before, after = (each.count(min_people=2).set_index(keys) for each in (one, other))
    assert [*dict.fromkeys(after.index.get_level_values("code"))] == other.codebook["code"].tolist()
    pd.testing.assert_frame_equal(before, after.loc[before.index])


def test_every_published_theme_runs_in_every_borough_from_nothing_to_all_of_it(wide):
    totals = {"top-down": 4, "service-change": 4, "barriers": 4, "expectations": 3}
    for theme, total in totals.items():
        assert cells(wide, theme, "least", "most") == [[0, total]] * 3


def test_so_does_every_other_published_code(record, wide):
    totals = prevalence.rolled_up(record.codings, record.codebook)["code"].value_counts()
    assert (wide["least"] == 0).all()
    assert (wide["most"] == wide["code"].map(totals)).all()


def test_the_narrower_reading_changes_only_borough_b(wide, narrow):
    wide = prevalence.above_subthemes(wide)
    changed = narrow.loc[wide["most"] != narrow["most"], ["code", "borough", "most"]]
    assert changed.to_numpy().tolist() == [["gap", "B", 5], ["barriers", "B", 3], ["expectations", "B", 2]]
    pd.testing.assert_frame_equal(wide.drop(columns="most"), narrow.drop(columns="most"))


def test_the_narrower_reading_says_nothing_of_subthemes_nor_of_codes_without_a_level(wide, narrow):
    assert set(narrow["level"]) == {"dimension", "theme"} < set(wide["level"])


def test_a_single_open_quotation_is_expected_nowhere(wide):
    assert wide.loc[wide["code"] == "feeling-vulnerable", "expected"].isna().all()


def test_the_expected_numbers_of_a_published_theme_add_up_to_it_unless_it_holds_field_notes(wide):
    sums = wide.groupby("code")["expected"].agg(lambda numbers: numbers.sum(skipna=False))
    assert sums[["impact", "top-down", "gap", "barriers", "expectations"]].tolist() == pytest.approx(
        [8, 4, 7, 4, 3]
    )
    single = {"feeling-vulnerable"}  # one quotation: its borough is not even expected
    assert set(sums.index[sums.isna()]) == {"bottom-up", "distributed-leadership", "senior-support"} | single


def test_the_record_prints_no_share_of_a_borough_and_no_person(wide):
    assert wide[["denominator", "share", "low", "high"]].isna().all(axis=None)
    assert set(wide["unit"]) == {"excerpts"}


def test_by_role_group_the_published_counts_are_exact_and_leave_out_two_field_notes(by_role):
    assert (by_role["least"] == by_role["most"]).all()
    assert (by_role["least"] == by_role["expected"]).all()
    sums = by_role.groupby("code")["least"].sum()
    assert sums[["impact", "gap", "bottom-up"]].tolist() == [8, 7, 2]
    assert by_role.drop_duplicates("role_group")["denominator"].sum() == 17


def test_nurses_say_four_three_and_two_of_the_published_excerpts(by_role):
    nurses = by_role[by_role["role_group"] == "nurse"].set_index("code")
    assert nurses.loc[["impact", "gap", "bottom-up"], "least"].tolist() == [4, 3, 2]
    assert nurses.loc["impact", "share"] == pytest.approx(4 / 9)


# intervals, and what they rest on


def test_a_share_of_excerpts_has_an_interval_that_resamples_speakers():
    """Two people with one excerpt under the code each, of two and of one: one person decides a resample."""
    roster = small.persons(("A", "nurse"), ("A", "nurse"), ("B", "nurse"))
    rows = small.study(
        roster, small.said_by("p1", "p1", "p2", "p3"), ("E1", "right"), ("E3", "right")
    ).count()
    (mine, other) = cells(rows, "right", "share", "people", "low", "high")
    assert mine[:2] == [2 / 3, 2]
    assert 0.5 <= mine[2] < 2 / 3 < mine[3] <= 1
    assert other[:2] == [0, 1]
    assert pd.isna(other[2:]).all(), "a group of one cannot be resampled"


def test_shares_of_a_code_are_parts_of_what_stands_under_it():
    roster = small.persons(("A", "nurse"), ("B", "nurse"))
    rows = small.study(
        roster, small.said_by("p1", "p1", "p1", "p2"), ("E1", "right"), ("E2", "right"), ("E4", "right")
    ).count()
    assert cells(rows, "right", "share_of_code") == [[2 / 3], [1 / 3]]
    assert cells(rows, "right", "share_of_code", unit="people") == [[1 / 2], [1 / 2]]
    assert rows.loc[rows["code"] == "left", "share_of_code"].isna().all(), "nothing stands under it"


def test_a_share_of_a_code_is_blank_where_any_count_is_open(wide):
    assert wide["share_of_code"].isna().all()


def test_shares_of_a_code_of_the_published_roles_add_up_to_one(by_role):
    total = by_role.groupby(["code", "unit"])["share_of_code"].sum(min_count=1).dropna()
    assert len(total)
    assert total.sub(1).abs().max() < 1e-9


def test_behind_a_number_are_as_many_excerpts_as_it_says(simulated):
    placed = bounds.place(simulated.excerpts, simulated.roster, simulated.roles, "borough")
    coded = (simulated.codings, simulated.codebook)
    counted = prevalence.count(placed, simulated.excerpts, *coded, simulated.roster)
    people = (simulated.excerpts, simulated.roster)
    pairs = prevalence.rolled_up(*coded)
    for row in chosen(counted, [], "excerpts").itertuples():
        found = prevalence.behind(placed, *people, pairs, row.code, row.borough)
        assert (len(found.are), found.open) == (row.least, [])


def test_where_the_record_is_silent_every_cell_of_a_code_has_the_same_excerpts(paper):
    """Else who compares the cells of two boroughs learns of a single quotation where it is not from."""
    placed = bounds.place(paper.excerpts, paper.roster, paper.roles, "borough", "none")
    pairs = prevalence.rolled_up(paper.codings, paper.codebook)
    for code in paper.codebook["code"]:
        cells = [prevalence.behind(placed, paper.excerpts, paper.roster, pairs, code, one) for one in "ABC"]
        assert all(cell.are == [] for cell in cells)
        assert cells[0].open == cells[1].open == cells[2].open
        assert cells[0].open
