"""The interval of a share of people."""

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


# people drawn anew, each with all that they said

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


def test_the_interval_is_that_of_the_plain_bootstrap():
    found = intervals.clustered(*of_people(HERE, SAID), ["code"], resamples=20_000).iloc[0]
    tails = np.quantile(plain(HERE, SAID, 20_000, 3), intervals.tails(len(HERE), 0.95))
    assert found["share"] == HERE.sum() / SAID.sum()
    assert [found["low"], found["high"]] == pytest.approx(tails, abs=0.015)


def test_two_people_are_drawn_as_a_coin_is_tossed():
    """One says it once in two, the other never: shares of 0, 1/4 and 1/2 with chances 1/4, 1/2, 1/4."""
    shares = drawn_as_sorts(np.array([1, 0]), np.array([2, 2]), 40_000, 1)
    found = {share: (shares == share).mean() for share in (0.0, 0.25, 0.5)}
    assert found == pytest.approx({0.0: 0.25, 0.25: 0.5, 0.5: 0.25}, abs=0.01)


def test_what_is_drawn_for_a_cell_does_not_depend_on_others():
    under, spoken = of_people(HERE, SAID)
    alone = intervals.clustered(under, spoken, ["code"])
    more = [pd.concat([one, one.assign(group="B", people=one["people"] * 2)]) for one in (under, spoken)]
    both = intervals.clustered(*more, ["other", "code"])
    row = both[(both["group"] == "A") & (both["code"] == "code")].reset_index(drop=True)
    pd.testing.assert_frame_equal(row, alone)


def test_millions_of_people_of_few_sorts_have_a_narrow_interval():
    under, spoken = of_people(HERE, SAID)
    many = [one.assign(people=one["people"] * 1_000_000) for one in (under, spoken)]
    few, found = (intervals.clustered(*some, ["code"]).iloc[0] for some in ((under, spoken), many))
    assert found["share"] == few["share"]
    width = (few["high"] - few["low"]) / (found["high"] - found["low"])
    assert width == pytest.approx(1000, rel=0.3)  # a million times as many: a thousandth


@pytest.mark.parametrize(
    ("here", "said", "why"),
    [([1], [2], intervals.ALONE), ([0, 0], [2, 3], intervals.ALIKE), ([1, 2], [2, 4], intervals.ALIKE)],
)
def test_where_nobody_differs_there_is_no_interval_and_it_says_why(here, said, why):
    found = intervals.clustered(*of_people(here, said), ["code"]).iloc[0]
    assert np.isnan(found["low"])
    assert found["why"] == why


def test_nobody_gives_no_rows():
    under, spoken = of_people(HERE, SAID)
    assert intervals.clustered(under[:0], spoken[:0], ["code"]).empty
