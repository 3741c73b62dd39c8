"""How often intervals hold where the truth is known: the counting itself, and what is known of it."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures import calibration
from analysis.measures.calibration import UNTRIED


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


@pytest.mark.slow
def test_the_same_seed_gives_the_same_table_and_another_seed_another(rows):
    pd.testing.assert_frame_equal(calibration.coverage(studies=60), rows)
    assert not calibration.coverage(studies=60, seed=2).equals(rows)


def test_shares_are_shares_and_wilson_is_always_printed(rows):
    assert rows[["printed", "coverage"]].stack().between(0, 1).all()
    assert (rows.loc[rows["method"] == "wilson", "printed"] == 1).all()


def test_more_people_give_narrower_intervals(rows):
    sampled = rows[rows["method"] != "bounds"]  # they are wide by what is unknown, and not by chance
    middle = sampled[sampled["prevalence"] == 0.5].pivot_table("width", "people", ["method", "clustering"])
    assert (middle.dropna(axis="columns").diff().dropna() < 0).all(axis=None)


def test_bounds_contain_the_truth_in_every_study_and_are_narrower_than_everything(rows):
    bounds = rows[rows["method"] == "bounds"]
    assert (bounds["coverage"] == 1).all()
    assert (bounds["width"] < bounds["prevalence"]).all()
    assert (bounds["width"] > 0).all()


def test_wilson_with_many_people_covers_as_exactly_computed():
    """The exact coverage of 20 people and a share of a half, from the binomial distribution."""
    from scipy.stats import binom

    from analysis.measures.intervals import wilson

    counts = pd.Series(range(21))
    ends = wilson(counts, pd.Series(20, counts.index))
    exact = binom.pmf(counts, 20, 0.5)[(ends["low"] <= 0.5) & (ends["high"] >= 0.5)].sum()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "METHODS", [one for one in calibration.METHODS if one[0] == "wilson"])
        found = calibration.coverage(studies=4000)
    (cell,) = found[
        (found["method"] == "wilson")
        & (found["people"] == 20)
        & (found["prevalence"] == 0.5)
        & (found["clustering"] == "weak")
    ]["coverage"]
    assert cell == pytest.approx(exact, abs=0.015)


def test_an_exact_test_keeps_the_truth_as_exactly_computed():
    """Two groups of five and a share of a half: every table, weighed by its chance."""
    from scipy.stats import binom, fisher_exact

    chance = {
        (one, two): binom.pmf(one, 5, 0.5) * binom.pmf(two, 5, 0.5)
        for one in range(6)
        for two in range(6)
        if 0 < one + two < 10
    }
    wrong = sum(
        c for (one, two), c in chance.items() if fisher_exact([[one, 5 - one], [two, 5 - two]])[1] <= 0.05
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "METHODS", [one for one in calibration.METHODS if one[0] == "exact test"])
        found = calibration.coverage(studies=4000)
    cell = found[(found["people"] == 5) & (found["clustering"] == "weak")].iloc[0]
    assert cell["coverage"] == pytest.approx(1 - wrong, abs=0.01)
    assert cell["printed"] == pytest.approx(sum(chance.values()), abs=0.01)


def test_differences_and_agreement_are_marked_by_the_smaller_group_and_by_documents():
    tried = CALIBRATED.assign(method=["newcombe", "alpha"] * 2)
    differences = pd.DataFrame({"total": [40, 40], "other_total": [6, 4], "low": 0.1, "high": 0.2})
    assert calibration.of_differences(differences, tried)["holds"].tolist() == ["90–90 %", UNTRIED]
    agreed = pd.DataFrame({"documents": [30, 30, 3], "coders": [2, 3, 2], "low": 0.1, "high": 0.2})
    assert calibration.of_agreement(agreed, tried)["holds"].tolist() == ["as claimed", UNTRIED, UNTRIED]


def test_counting_by_hand():
    found = pd.DataFrame(
        {
            "printed": [True, True, False, True],
            "holds": [False, True, None, True],
            "width": [0.2, 0.2, None, 0.5],
        }
    )
    counted = calibration.fares(found)
    assert counted["printed"] == 0.75
    assert counted["coverage"] == pytest.approx(2 / 3)
    assert counted["width"] == pytest.approx(0.3)


CALIBRATED = pd.DataFrame(
    {
        "method": "wilson",
        "unit": "people",
        "people": [5, 5, 20, 20],
        "coverage": [0.90, 0.99, 0.94, 0.96],
    }
)


def counted(people, unit="people"):
    return pd.DataFrame({"unit": unit, "people": pd.array(people, "Int64"), "low": 0.1, "high": 0.6})


def test_an_interval_is_marked_with_what_it_held_at_the_next_smaller_number_of_people():
    rows = calibration.of_shares(counted([5, 19, 20, 400]), CALIBRATED)
    assert rows["holds"].tolist() == ["90–99 %", "90–99 %", "as claimed", "as claimed"]
    assert rows["low"].notna().all()


def test_an_interval_that_nobody_calibrated_is_withdrawn():
    for rows in (
        calibration.of_shares(counted([4, None]), CALIBRATED),
        calibration.of_shares(counted([20], unit="excerpts"), CALIBRATED),
        calibration.of_shares(counted([20]), CALIBRATED, confidence=0.9),
    ):
        assert rows[["low", "high"]].isna().all(axis=None)
        assert rows["holds"].str.startswith("withdrawn: ").all()


def test_an_interval_that_fails_too_often_is_withdrawn_and_says_how_often():
    poor = CALIBRATED.assign(coverage=[0.4, 0.8, 0.94, 0.96])
    rows = calibration.of_shares(counted([5, 20]), poor)
    assert rows["holds"].tolist() == ["withdrawn: 40–80 %", "as claimed"]
    assert rows["low"].isna().tolist() == [True, False]


def test_marking_adds_a_column_and_changes_no_other():
    rows = counted([5, 20])
    assert calibration.of_shares(rows, CALIBRATED).drop(columns="holds").equals(rows)


@pytest.mark.parametrize("distance", ["masi", "jaccard"])
def test_the_truth_of_sets_is_what_many_excerpts_come_to(distance):
    """Coverage is about the truth: one large study's interval is narrow and lies around it."""
    cell = calibration.Cell(3000, 0.25, 20.0, 1, np.random.default_rng(1))
    found = calibration._alpha_of_sets(cell, distance)  # noqa: SLF001
    assert found["holds"].all()
    assert found["width"].iloc[0] < 0.03


def test_an_interval_for_sets_is_marked_by_its_distance():
    tried = pd.concat([CALIBRATED.assign(method="alpha, masi"), CALIBRATED.assign(method="alpha, jaccard")])
    rows = pd.DataFrame(
        {"distance": ["masi", "jaccard"], "coders": 2, "documents": 40, "low": 0.1, "high": 0.2}
    )
    assert calibration.of_agreement(rows, tried)["holds"].tolist() == ["as claimed", "as claimed"]
    assert calibration.of_agreement(rows.assign(coders=3), tried)["holds"].tolist() == [UNTRIED] * 2
