"""The interval of a share of people."""

from statistics import NormalDist

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

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
