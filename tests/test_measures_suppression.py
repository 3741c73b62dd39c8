"""What may be printed of a table of people, held against every table that a reader could think of."""

import time

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import suppression

BEYOND = 6
"""One more than anybody counts in the small tables: what reaches it has no upper bound."""
COUNTS = st.lists(st.integers(0, 5), max_size=BEYOND - 1).map(lambda where: [*map(where.count, range(6))])
HIDDEN = st.lists(st.booleans(), min_size=12, max_size=12)
LEAST = st.integers(0, 1)


def table(*rows, index="abcdefgh", columns="uvwxyz"):
    return pd.DataFrame([*rows], index=list(index)[: len(rows)], columns=list(columns)[: len(rows[0])])


def two_by_three(cells):
    return table(cells[:3], cells[3:])


def small_numbers(full, threshold, zeros=False):
    return full.ge(0 if zeros else 1) & full.lt(threshold)


def primary_only(counts, threshold=5):
    full = suppression.with_margins(counts)
    return full.mask(small_numbers(full, threshold))


def every_table(shape, most=BEYOND):
    """All tables of a shape with 0 to `most` people a cell, margins and all."""
    cells = np.indices([most + 1] * (shape[0] * shape[1])).reshape(shape[0] * shape[1], -1).T
    tables = cells.reshape(-1, *shape)
    tables = np.concatenate([tables, tables.sum(axis=2, keepdims=True)], axis=2)
    return np.concatenate([tables, tables.sum(axis=1, keepdims=True)], axis=1)


ALL_SMALL = every_table((2, 3))


def thought_of(published, least=0):
    """The least and the most of each hidden number over every table that fits, by trying them all."""
    shown = published.to_numpy(dtype=float, na_value=np.nan)
    hidden = np.isnan(shown)
    places = [*map(tuple, np.argwhere(hidden))]
    tables = ALL_SMALL
    for row, column in np.ndindex(3, 4):
        given = tables[:, row, column]
        enough = given >= (least if row < 2 and column < 3 else 0)
        tables = tables[enough if hidden[row, column] else given == shown[row, column]]
    low, high = tables.min(axis=0), tables.max(axis=0)
    endless = high[:2, :3] == BEYOND
    margins = np.append(endless, endless.any(axis=1, keepdims=True), axis=1)
    unlimited = np.append(margins, margins.any(axis=0, keepdims=True), axis=0)
    return {place: (low[place], None if unlimited[place] else high[place]) for place in places}


def ends(rows):
    return [
        (low, None if pd.isna(high) else high) for low, high in zip(rows["least"], rows["most"], strict=True)
    ]


def test_what_is_missing_in_a_row_follows_from_its_total():
    published = pd.DataFrame({"nurse": [None], "doctor": [9], "all": [12]}, index=["yes"])
    rows = suppression.bounds(published)
    assert rows.to_numpy().tolist() == [["yes", "nurse", 3, 3, "exactly 3"]]


def test_two_hidden_in_a_row_share_what_is_left_of_its_total():
    published = pd.DataFrame([[None, None, 9, 16]], index=["a"], columns=["u", "v", "w", "all"])
    assert suppression.bounds(published)["says"].tolist() == ["0 to 7", "0 to 7"]
    assert suppression.bounds(published, least=1)["says"].tolist() == ["1 to 6", "1 to 6"]


def test_three_small_cells_of_a_3_by_3_table_are_recovered_exactly_from_its_margins():
    counts = table([3, 20, 10], [15, 2, 10], [12, 10, 4])
    found = suppression.exposed(primary_only(counts))
    assert found[["row", "column"]].agg("".join, axis=1).tolist() == ["au", "bv", "cw"]
    assert found["says"].tolist() == ["exactly 3", "exactly 2", "exactly 4"]


@pytest.mark.parametrize("places", [[0, 4, 8], [0, 1, 3], [0, 1, 2], [0, 1, 5], [0, 4, 5]])
def test_wherever_three_small_cells_stand_they_are_recovered_and_then_withstand(places):
    cells = np.array([20, 10, 12, 15, 30, 10, 12, 10, 40])
    cells[places] = [3, 2, 4]
    counts = table(*cells.reshape(3, 3).tolist())
    found = suppression.exposed(primary_only(counts))
    assert sorted(found["least"]) == sorted(found["most"]) == [2, 3, 4]
    made = suppression.suppress(counts)
    assert len(suppression.exposed(made.published, least=1)) == 0
    assert made.published.isna().to_numpy()[:3, :3].ravel()[places].all()


def test_a_hidden_cell_that_is_at_most_4_is_exposed_though_nobody_knows_it_exactly():
    counts = table([2, 2, 20], [2, 2, 20], [20, 20, 20])
    found = suppression.exposed(primary_only(counts))
    assert found["says"].tolist() == ["0 to 4"] * 4
    assert suppression.exposed(primary_only(counts, 3), threshold=3)["says"].tolist() == []


def test_a_large_number_that_is_hidden_and_can_be_worked_out_is_exposed_too():
    published = suppression.with_margins(table([8, 20], [10, 30])).astype(object)
    published.loc["a", "u"] = None
    assert suppression.exposed(published)["says"].tolist() == ["exactly 8"]


def test_a_small_number_that_is_simply_shown_is_exposed_and_a_zero_is_not():
    found = suppression.exposed(suppression.with_margins(table([0, 3], [9, 9])))
    assert found["says"].tolist() == ["shown as 3", "shown as 3"]
    assert found[["row", "column"]].to_numpy().tolist() == [["a", "v"], ["a", "all"]]


def test_a_table_without_small_numbers_is_printed_whole():
    made = suppression.suppress(table([5, 9], [0, 7]))
    pd.testing.assert_frame_equal(made.published, suppression.with_margins(table([5, 9], [0, 7])))
    assert made.hidden.empty
    assert made.left == 8


def test_the_cells_hidden_for_others_are_the_smallest_that_do():
    made = suppression.suppress(table([2, 50, 9, 40], [60, 70, 80, 90], [7, 50, 8, 40]))
    assert made.hidden[["row", "column", "people"]].to_numpy().tolist() == [
        ["a", "u", 2],
        ["a", "w", 9],
        ["c", "u", 7],
        ["c", "w", 8],
    ]
    assert made.hidden["why"].tolist() == ["fewer than 5 people"] + ["it would give another away"] * 3
    assert made.left == 20 - 4


def test_margins_are_hidden_where_no_cell_can_help():
    made = suppression.suppress(table([3, 0], [0, 8]))
    assert made.published["u"].isna().tolist() == [True, False, True]
    assert made.published.loc["a", "all"] is pd.NA
    assert made.published.loc["all", "all"] is pd.NA
    assert made.left == 3


def test_a_table_of_few_people_has_nothing_left_and_says_so():
    made = suppression.suppress(table([1, 2], [1, 0]))
    assert made.left == 0
    assert made.published.loc["b", "v"] == 0


def test_zeros_are_hidden_when_asked_for():
    counts = table([0, 9, 9], [8, 7, 9], [9, 9, 0])
    assert suppression.suppress(counts).hidden.empty
    made = suppression.suppress(counts, hide_zeros=True)
    assert made.hidden.loc[made.hidden["why"] == "nobody", ["row", "column"]].agg(
        "".join, axis=1
    ).tolist() == [
        "au",
        "cw",
    ]
    assert suppression.exposed(made.published).empty


def test_a_reader_who_knows_that_zeros_are_shown_is_reckoned_with():
    # By hand: 3 and 2 in a row that sums to 5 may be 0 and 5 for most readers, but 1 and 4 for this one.
    counts = table([3, 2, 9], [2, 3, 9], [9, 9, 9])
    assert suppression.exposed(primary_only(counts)).empty
    assert len(suppression.exposed(primary_only(counts), least=1)) == 4
    assert suppression.exposed(suppression.suppress(counts).published, least=1).empty


def test_themes_share_people_and_have_the_totals_of_rows_alone():
    made = suppression.suppress(table([2, 7, 9], [5, 8, 7]), margins="rows")
    assert made.published.shape == (2, 4)
    assert made.published.isna().sum().tolist() == [1, 1, 0, 0]
    assert suppression.suppress(table([2, 9, 9]), margins="none").hidden["people"].tolist() == [2]


@small.properties
@given(COUNTS, HIDDEN, LEAST)
def test_the_bounds_are_those_of_every_table_that_fits(cells, blank, least):
    full = suppression.with_margins(two_by_three(cells))
    blanks = np.array(blank).reshape(3, 4)
    if least:
        blanks &= full.gt(0).to_numpy(dtype=bool)
    published = full.mask(blanks)
    assert ends(suppression.bounds(published, least)) == [*thought_of(published, least).values()]


@small.properties
@given(COUNTS, st.integers(2, 4), st.booleans(), st.sampled_from(suppression.MARGINS))
def test_after_suppression_nobody_is_exposed_whatever_table_one_thinks_of(
    cells, threshold, hide_zeros, margins
):
    counts = two_by_three(cells)
    made = suppression.suppress(counts, threshold, margins, hide_zeros)
    whole = made.published.reindex(index=[*"ab", "all"], columns=[*"uvw", "all"])
    found = thought_of(whole, least=0 if hide_zeros else 1)
    for row, column in made.hidden[["row", "column"]].itertuples(index=False):
        low, high = found[whole.index.get_loc(row), whole.columns.get_loc(column)]
        assert high is None or (high >= threshold and low < high)


@small.properties
@given(st.lists(st.integers(0, 12), min_size=12, max_size=12), st.integers(1, 6), st.booleans())
def test_what_is_shown_is_true_and_what_is_small_is_hidden(cells, threshold, hide_zeros):
    counts = table(cells[:4], cells[4:8], cells[8:])
    made, full = (
        suppression.suppress(counts, threshold, hide_zeros=hide_zeros),
        suppression.with_margins(counts),
    )
    blank = made.published.isna()
    assert made.published.fillna(0).equals(full.mask(blank, 0))
    assert blank[small_numbers(full, threshold, hide_zeros)].ne(False).all(axis=None)
    assert len(made.hidden) == blank.sum().sum()
    assert made.left == (full.gt(0) & ~blank).sum().sum()


@small.few
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_no_number_is_hidden_for_others_that_could_be_shown(cells):
    made = suppression.suppress(table(cells[:3], cells[3:6], cells[6:]), 4)
    full = suppression.with_margins(table(cells[:3], cells[3:6], cells[6:]))
    for row in made.hidden[made.hidden["why"] == "it would give another away"].itertuples():
        more = made.published.copy()
        more.loc[row.row, row.column] = full.loc[row.row, row.column]
        assert len(suppression.exposed(more, 4, least=1))


@small.few
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_the_same_table_is_protected_the_same_way_every_time_and_stays_as_it_was(cells):
    counts = table(cells[:3], cells[3:6], cells[6:])
    before = counts.copy()
    first, second = suppression.suppress(counts), suppression.suppress(counts)
    pd.testing.assert_frame_equal(first.published, second.published)
    pd.testing.assert_frame_equal(counts, before)


def test_twenty_themes_by_ten_groups_take_a_few_seconds():
    counts = pd.DataFrame(np.random.default_rng(7).poisson(6, (20, 10)))
    start = time.monotonic()
    made = suppression.suppress(counts)
    assert time.monotonic() - start < 30  # a few on an idle machine
    assert len(made.hidden) > 50


def test_tables_without_rows_are_no_trouble():
    empty = pd.DataFrame(columns=["u", "v"])
    assert suppression.suppress(empty, hide_zeros=True).published.to_numpy().tolist() == [[0, 0, 0]]
    assert suppression.suppress(pd.DataFrame()).left == 0
    columns = ["row", "column", "least", "most", "says"]
    assert list(suppression.bounds(suppression.with_margins(empty))) == columns


def test_nobody_at_all_may_be_hidden_too():
    made = suppression.suppress(table([0, 0], [0, 0]), hide_zeros=True)
    assert made.published.isna().all(axis=None)
    assert set(made.hidden["why"]) == {"nobody"}


def test_a_table_that_is_still_exposed_is_never_handed_over(monkeypatch):
    monkeypatch.setattr(suppression, "_protected", lambda *given: given[1])
    with pytest.raises(ValueError, match="could not be protected"):
        suppression.suppress(table([3, 20], [20, 20]))


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (table([3, -1]), 'row "a", column "v" has "-1"; expected a whole number of people, 0 or more'),
        (table([3, 1.5]), 'column "v" has "1.5"'),
        (table([3, None]), 'column "v" has "None"'),
        (table([3, "two"]), 'column "v" has "two"'),
        (table([3, 1], columns="uu"), 'the column "u" stands twice'),
        (table([3, 1], [4, 1], index="aa"), 'the row "a" stands twice'),
        (table([3, 1]).rename(index={"a": "all"}), '"all" already'),
    ],
)
def test_what_is_no_table_of_people_is_an_error_that_says_where(counts, says):
    with pytest.raises(ValueError, match=says):
        suppression.suppress(counts)


def test_totals_that_do_not_add_up_are_an_error():
    wrong = suppression.with_margins(table([3, 4], [5, 6]))
    wrong.loc["all", "all"] = 99
    with pytest.raises(ValueError, match="no counts of people fit"):
        suppression.exposed(wrong)
    with pytest.raises(ValueError, match="no counts of people fit"):
        suppression.bounds(pd.DataFrame([[3, 3]], index=["all"], columns=["u", "v"]))


def test_thresholds_and_margins_that_mean_nothing_are_errors():
    with pytest.raises(ValueError, match='threshold="0" is no number of people'):
        suppression.suppress(table([1, 2]), 0)
    with pytest.raises(ValueError, match='margins="some" is not one of both, rows, columns, none'):
        suppression.suppress(table([1, 2]), margins="some")
