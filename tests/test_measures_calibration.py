"""How often intervals hold where the truth is known: the counting itself, and what is known of it."""

import pandas as pd
import pytest

from analysis.measures import calibration


@pytest.fixture(autouse=True, scope="module")
def small_grid():
    """Four cells, as the whole grid takes long; `make calibrate` goes through it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "PEOPLE", (5, 20))
        patch.setattr(calibration, "PREVALENCE", (0.5,))
        yield


@pytest.fixture(scope="module")
def rows(small_grid):  # noqa: ARG001 - comes first
    return calibration.coverage(studies=60)


def test_the_grid_is_the_one_fixed_beforehand(rows):
    cells = len(calibration.PEOPLE) * len(calibration.PREVALENCE) * len(calibration.CLUSTERING)
    assert len(rows) == cells * len(calibration.METHODS)
    assert not rows.duplicated(["method", "people", "prevalence", "clustering"]).any()


def test_the_same_seed_gives_the_same_table_and_another_seed_another(rows):
    pd.testing.assert_frame_equal(calibration.coverage(studies=60), rows)
    assert not calibration.coverage(studies=60, seed=2).equals(rows)


def test_shares_are_shares_and_wilson_is_always_printed(rows):
    assert rows[["printed", "coverage"]].stack().between(0, 1).all()
    assert (rows.loc[rows["method"] == "wilson", "printed"] == 1).all()


def test_more_people_give_narrower_intervals(rows):
    middle = rows[rows["prevalence"] == 0.5].pivot_table("width", "people", ["method", "clustering"])
    assert (middle.diff().dropna() < 0).all(axis=None)


def test_wilson_with_many_people_covers_as_exactly_computed():
    """The exact coverage of 20 people and a share of a half, from the binomial distribution."""
    from scipy.stats import binom

    from analysis.measures.intervals import wilson

    counts = pd.Series(range(21))
    ends = wilson(counts, pd.Series(20, counts.index))
    exact = binom.pmf(counts, 20, 0.5)[(ends["low"] <= 0.5) & (ends["high"] >= 0.5)].sum()
    found = calibration.coverage(studies=4000)
    (cell,) = found[
        (found["method"] == "wilson")
        & (found["people"] == 20)
        & (found["prevalence"] == 0.5)
        & (found["clustering"] == "weak")
    ]["coverage"]
    assert cell == pytest.approx(exact, abs=0.015)


def test_counting_by_hand():
    found = pd.DataFrame({"low": [0.1, 0.4, None, 0.0], "high": [0.3, 0.6, None, 1.0]})
    counted = calibration.fares(found, 0.5)
    assert counted["printed"] == 0.75
    assert counted["coverage"] == pytest.approx(2 / 3)
