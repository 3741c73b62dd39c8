"""The intervals of a share: of people, and of the excerpts of people who speak more than once."""

import itertools
import tracemalloc
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import study
from analysis.measures import intervals

SHARES = st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
CLOSE = 1e-12


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


def wilson(count, total, confidence=0.95):
    """The interval of one share."""
    return tuple(intervals.wilson(pd.Series([count]), pd.Series([total]), confidence).loc[0, ["low", "high"]])


def test_one_of_two_people_says_next_to_nothing():
    # By hand: z² = 3.8415, middle 0.5, half = z / (1 + z²/2) × sqrt(0.125 + z²/16).
    assert wilson(1, 2) == pytest.approx((0.0945, 0.9055), abs=5e-5)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(81, 263, 0.2553, 0.3662), (0, 20, 0, 0.1611), (20, 20, 0.8389, 1)]
)
def test_the_textbook_intervals_come_out(count, total, low, high):
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


def test_nobody_asked_gives_a_blank_and_not_an_error():
    rows = intervals.wilson(pd.Series([0, 0, 1]), pd.Series([0, None, 2], dtype="Int64"))
    assert rows.isna().all(axis=1).tolist() == [True, True, False]


def test_no_shares_give_no_intervals():
    rows = intervals.wilson(pd.Series([], dtype=int), pd.Series([], dtype="Int64"))
    assert rows.empty
    assert list(rows) == ["low", "high"]


def test_the_rows_keep_their_index():
    rows = intervals.wilson(pd.Series([1, 2], index=[7, 3]), pd.Series([4, 4], index=[7, 3]))
    assert rows.index.tolist() == [7, 3]
    assert rows.loc[3].tolist() == pytest.approx(wilson(2, 4))


@small.properties
@given(SHARES, st.floats(0.5, 0.999))
def test_the_share_lies_inside_and_the_interval_inside_0_and_1(share, confidence):
    low, high = wilson(*share, confidence)
    assert 0 <= low <= share[0] / share[1] + CLOSE
    assert share[0] / share[1] - CLOSE <= high <= 1


@small.properties
@given(SHARES)
def test_at_either_end_the_share_is_as_far_off_as_the_score_test_allows(share):
    (count, total), z = share, NormalDist().inv_cdf(0.975)
    for end in wilson(count, total):
        distance = abs(count / total - end)
        assert distance == pytest.approx(z * (end * (1 - end) / total) ** 0.5, abs=1e-6)


@small.properties
@given(SHARES)
def test_those_who_did_not_say_it_have_the_mirrored_interval(share):
    count, total = share
    low, high = wilson(count, total)
    assert wilson(total - count, total) == pytest.approx((1 - high, 1 - low))


@small.properties
@given(SHARES, st.floats(0.5, 0.98))
def test_more_confidence_and_fewer_people_widen_the_interval(share, confidence):
    count, total = share
    low, high = wilson(count, total, confidence)
    surer = wilson(count, total, confidence + 0.01)
    more = wilson(2 * count, 2 * total, confidence)
    assert surer[0] <= low + CLOSE
    assert high - CLOSE <= surer[1]
    assert more[1] - more[0] < high - low


@small.properties
@given(st.lists(SHARES, min_size=1))
def test_each_row_has_the_interval_it_would_have_alone(shares):
    counts, totals = (pd.Series(column) for column in zip(*shares, strict=True))
    alone = pd.DataFrame([wilson(*one) for one in shares], columns=["low", "high"])
    pd.testing.assert_frame_equal(intervals.wilson(counts, totals), alone)


def test_even_the_nineteen_leads_of_the_ninety_people_listed_leave_a_wide_interval(record):
    leads, listed = record.roster["service_leads"].sum(), record.roster["n"].sum()
    # By hand: middle (0.2111 + 0.0213) / 1.0427 = 0.2229, half 1.8797 × 0.04437 = 0.0834.
    assert (leads, listed) == (19, 90)
    assert wilson(leads, listed) == pytest.approx((0.1395, 0.3063), abs=1e-4)


def group_of(*people, code="care"):
    """What `clustered` takes of one group, of people as pairs: excerpts under the code, and in all."""
    ids = range(len(people))
    here, excerpts = (pd.Series(column, ids) for column in zip(*people, strict=True))
    return intervals.alike(pd.DataFrame({code: here}), excerpts, pd.Series("A", ids))


def quantile(people, tail, resamples=20_000):
    """The share that so many of the resamples fall below, and the one that as many lie above: the interval
    whose percentiles these are. By hand, from the formula of Hesterberg (2015)."""
    n = len(people)
    t = -NormalDist().inv_cdf(tail) * ((n - 1) / n) ** 0.5
    rows = intervals.clustered(*group_of(*people), ["care"], 2 * stats.t.cdf(t, n - 1) - 1, resamples)
    return rows.loc[0, "low"], rows.loc[0, "high"]


def hold(people, shares, weights, tails, slack):
    """Whether the interval's ends are the percentiles of these shares, up to so much of their number."""
    shares, weights = np.asarray(shares), np.asarray(weights) / np.sum(weights)
    for tail in tails:
        low, high = quantile(people, tail)
        assert weights[shares < low - CLOSE].sum() <= tail + slack
        assert weights[shares <= low + CLOSE].sum() >= tail - slack
        assert weights[shares > high + CLOSE].sum() <= tail + slack
        assert weights[shares >= high - CLOSE].sum() >= tail - slack


@pytest.mark.parametrize(
    "people",
    [
        [(1, 1), (0, 3)],
        [(1, 1), (0, 1), (0, 1)],
        [(2, 2), (1, 3), (0, 4)],
        [(1, 2), (1, 2), (0, 5), (3, 4)],
        [(0, 1), (0, 1), (0, 1), (1, 1), (1, 1)],
    ],
)
def test_the_ends_are_percentiles_of_all_ways_to_draw_a_few_people(people):
    draws = np.array([*itertools.product(people, repeat=len(people))]).sum(axis=1)
    hold(people, draws[:, 0] / draws[:, 1], np.ones(len(draws)), (0.02, 0.05, 0.1, 0.2), slack=0.006)


def test_of_people_who_say_one_thing_each_as_many_are_drawn_as_the_binomial_says():
    people, many = [(1, 1)] * 12 + [(0, 1)] * 28, np.arange(41)
    hold(people, many / 40, stats.binom.pmf(many, 40, 0.3), (0.005, 0.025, 0.1, 0.25, 0.4), slack=0.008)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drawing_sorts_of_people_is_drawing_people_one_by_one(seed):
    rng = np.random.default_rng(seed)
    said = rng.integers(1, 12, 30)
    people = [*zip(rng.binomial(said, rng.beta(1, 2, 30)).tolist(), said.tolist(), strict=True)]
    drawn = np.array(people)[rng.integers(30, size=(20_000, 30))].sum(axis=1)
    shares = drawn[:, 0] / drawn[:, 1]
    hold(people, shares, np.ones(len(shares)), np.linspace(0.005, 0.45, 20), slack=0.014)
    # Excerpts drawn one by one would give an interval that is too narrow to be taken for it.
    narrow = np.random.default_rng(seed).binomial(
        said.sum(), sum(here for here, _ in people) / said.sum(), 20_000
    )
    with pytest.raises(AssertionError):
        hold(people, narrow / said.sum(), np.ones(20_000), [0.025], slack=0.014)


def test_millions_of_people_are_drawn_as_cheaply_as_a_hundred():
    sorts = pd.DataFrame(
        [(here, said) for said in range(1, 8) for here in range(said)], columns=["here", "said"]
    )
    assert len(sorts) == 28

    def peak(each):
        under = sorts[sorts["here"] > 0].assign(group="A", code="care", people=each)
        spoken = sorts.groupby("said").size().mul(each).rename("people").reset_index().assign(group="A")
        tracemalloc.start()
        rows = intervals.clustered(under, spoken, ["care"])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows.loc[0, "low"] < rows.loc[0, "share"] < rows.loc[0, "high"]
        return most

    assert peak(10_000_000 // 28) <= 1.1 * peak(4)


def test_a_cell_does_not_depend_on_other_cells_nor_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    excerpts = pd.Series(rng.integers(1, 9, 40))
    said = pd.DataFrame({code: rng.binomial(excerpts, share) for code, share in (("x", 0.2), ("y", 0.6))})
    group = pd.Series(np.where(excerpts.index < 15, "A", "B"))
    under, spoken = intervals.alike(said, excerpts, group)
    whole = intervals.clustered(under, spoken, ["x", "y"])
    assert whole["low"].notna().all()
    for row in whole.itertuples():
        here = group == row.group
        alone = intervals.alike(said.loc[here, [row.code]], excerpts[here], group[here])
        one = intervals.clustered(*alone, [row.code])
        pd.testing.assert_frame_equal(one, whole.loc[[row.Index]].reset_index(drop=True), check_exact=True)
    mixed = (small.shuffled(table, 1) for table in (under, spoken))
    pd.testing.assert_frame_equal(intervals.clustered(*mixed, ["x", "y"]), whole, check_exact=True)


@pytest.mark.parametrize(
    ("people", "share", "why"),
    [
        ([(1, 4)], 0.25, intervals.ALONE),
        ([(1, 4)] * 9, 0.25, intervals.ALIKE),
        ([(0, 1), (0, 7)], 0, intervals.ALIKE),
        ([(0, 0), (0, 0)], np.nan, intervals.ALIKE),
    ],
)
def test_one_alone_and_people_who_are_alike_get_a_share_and_the_reason_for_no_interval(people, share, why):
    rows = intervals.clustered(*group_of(*people), ["care"])
    assert rows.loc[0, ["share", "low", "high"]].tolist() == pytest.approx(
        [share, np.nan, np.nan], nan_ok=True
    )
    assert rows["why"].tolist() == [why]


def test_nobody_gives_no_rows():
    under, spoken = (table[:0] for table in group_of((1, 2)))
    rows = intervals.clustered(under, spoken, ["care"])
    assert [*rows] == ["group", "code", "share", "low", "high", "why"]
    assert rows.empty


def test_people_who_are_alike_are_counted_together():
    under, spoken = group_of((1, 2), (1, 2), (0, 2), (2, 3))
    assert under.to_numpy().tolist() == [["A", "care", 1, 2, 2], ["A", "care", 2, 3, 1]]
    assert spoken.to_numpy().tolist() == [["A", 2, 3], ["A", 3, 1]]


def test_people_who_said_as_much_may_stand_in_one_row_or_in_many():
    under, spoken = group_of((1, 2), (1, 2), (0, 2), (2, 3))
    split = spoken.loc[spoken.index.repeat(spoken["people"])].assign(people=1)
    one, other = (intervals.clustered(under, some, ["care"]) for some in (spoken, split))
    assert one["low"].notna().all()
    pd.testing.assert_frame_equal(one, other, check_exact=True)


# what is drawn

HERE = np.array([0, 0, 0, 1, 1, 2, 3, 0, 1, 2, 4, 0])
SAID = np.array([1, 2, 3, 2, 3, 2, 4, 5, 1, 6, 4, 3])
"""What twelve people said under a code, and in all."""


def of_people(here, said, group="A"):
    """What `clustered` takes, of people one by one."""
    ids = [f"p{number}" for number in range(len(here))]
    counts = pd.DataFrame({"code": here}, ids)
    return intervals.alike(counts, pd.Series(said, ids), pd.Series(group, ids))


def plain(here, said, resamples, seed):
    """The shares of a group whose people are drawn one by one, as one would write it first."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(here), size=(resamples, len(here)))
    return here[drawn].sum(axis=1) / said[drawn].sum(axis=1)


def drawn_as_sorts(here, said, resamples, seed):
    """The shares when sorts of people are drawn, as many as there are of each."""
    under, spoken = of_people(here, said)
    sorts = intervals.sorts_of(under, spoken.set_index("said")["people"])
    return intervals.drawn(sorts, resamples, seed)


@pytest.mark.parametrize("times", [1, 3])
def test_drawing_sorts_of_people_is_equal_in_distribution_to_drawing_people(times):
    here, said = np.tile(HERE, times), np.tile(SAID, times)
    one, other = plain(here, said, 20_000, 1), drawn_as_sorts(here, said, 20_000, 2)
    assert stats.ks_2samp(one, other).pvalue > 0.01
    assert abs(one.mean() - other.mean()) < 4 * one.std() / 100
    wrong = drawn_as_sorts(here, np.where(said > 3, said - 1, said), 20_000, 2)
    assert stats.ks_2samp(one, wrong).pvalue < 1e-6


def test_two_people_are_drawn_as_a_coin_is_tossed():
    """One says it once in two, the other never: shares of 0, 1/4 and 1/2 with chances 1/4, 1/2, 1/4."""
    shares = drawn_as_sorts(np.array([1, 0]), np.array([2, 2]), 40_000, 1)
    found = {share: (shares == share).mean() for share in (0.0, 0.25, 0.5)}
    assert found == pytest.approx({0.0: 0.25, 0.25: 0.5, 0.5: 0.25}, abs=0.01)
