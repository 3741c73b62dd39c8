"""When interviews stop bringing new codes."""

from itertools import pairwise, permutations
from math import comb

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import saturation


def held(*interviews, codes="abcdefghij"):
    """A table of interviews × codes from the letters that came up in each interview."""
    rows = [[code in codes_of for code in codes] for codes_of in interviews]
    names = [f"I{number}" for number in range(1, len(interviews) + 1)]
    table = pd.DataFrame(rows, pd.Index(names, name="interview"), [*codes], dtype=bool)
    return table.loc[:, table.any()]


INCIDENCES = st.lists(st.text("abcdef", max_size=6), min_size=1, max_size=8).map(lambda rows: held(*rows))
FIRST_SEEN = held(*["abc", "ab", "d", "e", "af", "bg", "", "a", "c"])
"""New codes: 3, 0, 1, 1, then 1, 1, 0, 0, 0."""


def coded(counts):
    """Codings in which the codes c0, c1, … stand on so many excerpts."""
    rows = [(f"E{place}", f"c{code}") for code, count in enumerate(counts) for place in range(count)]
    return small.codings(*rows)


def by_estimator(codings, incidence, rare=saturation.RARE):
    return saturation.unseen(codings, incidence, rare).set_index("estimator")


def times_met(counts, interviews):
    """A table in which code number i came up in the first counts[i] interviews."""
    return pd.DataFrame(np.arange(interviews)[:, None] < np.array(counts)[None], dtype=bool)


def test_a_code_counts_once_per_interview_and_empty_interviews_stay_in():
    excerpts = small.said_by("p1", "p1", "p3").assign(document=["D1", "D1", "D3"])
    documents = pd.DataFrame({"document": ["D3", "D1", "D2"], "order": [3, 1, 2]})
    interviews, order = saturation.by_document(excerpts, documents)
    codings = small.codings(("E1", "b", "x"), ("E1", "b", "y"), ("E2", "b"), ("E3", "a"))
    table = saturation.incidence(codings, interviews, order)
    assert table.index.tolist() == ["D1", "D2", "D3"]
    assert table.astype(int).to_dict("list") == {"a": [0, 0, 1], "b": [1, 0, 0]}


def test_participants_stand_for_interviews_in_order_of_appearance():
    interviews, order = saturation.by_participant(small.said_by("p2", small.FIELD_NOTES, "p1", "p2", None))
    assert order == ["p2", "p1"]
    assert interviews.to_dict() == {"E1": "p2", "E3": "p1", "E4": "p2"}


def test_growth_counts_codes_new_ones_and_those_so_far():
    rows = saturation.growth(held("ab", "", "bc"))
    assert rows["interview"].tolist() == ["I1", "I2", "I3"]
    assert rows[["order", "codes", "new", "seen"]].to_numpy().tolist() == [
        [1, 2, 2, 2],
        [2, 0, 0, 2],
        [3, 2, 1, 3],
    ]


def test_rarefaction_by_hand():
    # "a" came up in 2 of 3 interviews and is missed by one drawn in 1/3; "b" in 1 of 3: 2/3, and 1/3 of two.
    rows = saturation.rarefied(held("ab", "a", ""))
    assert rows["expected"].tolist() == pytest.approx([1, 5 / 3, 2])


@small.properties
@given(INCIDENCES)
def test_rarefaction_is_the_published_formula(incidence):
    n, counts = len(incidence), incidence.sum().tolist()
    expected = [sum(1 - comb(n - held_in, k) / comb(n, k) for held_in in counts) for k in range(1, n + 1)]
    assert saturation.rarefied(incidence)["expected"].tolist() == pytest.approx(expected, abs=1e-12)


@small.few
@given(st.lists(st.text("abcd", max_size=4), min_size=1, max_size=5))
def test_rarefaction_is_the_mean_over_all_orders(interviews):
    grown = [saturation.growth(held(*order))["seen"] for order in permutations(interviews)]
    expected = saturation.rarefied(held(*interviews))["expected"]
    assert expected.tolist() == pytest.approx(np.mean(grown, axis=0).tolist())


def test_the_mean_of_random_orders_comes_to_rarefaction():
    incidence = pd.DataFrame(np.random.default_rng(7).random((40, 60)) < np.linspace(0.01, 0.4, 60))
    drawn, exact = saturation.permuted(incidence, draws=4_000), saturation.rarefied(incidence)
    assert drawn["mean"].tolist() == pytest.approx(exact["expected"].tolist(), abs=0.25)


def test_rarefaction_is_exact_for_a_thousand_interviews():
    incidence = times_met([1, 500, 1000], 1000)
    expected = saturation.rarefied(incidence)["expected"]
    assert expected[[0, 499, 999]].tolist() == pytest.approx([1.501, 2.5, 3])


@small.properties
@given(INCIDENCES, st.integers(0, 9))
def test_the_band_holds_the_mean_and_closes_at_the_end(incidence, seed):
    rows = saturation.permuted(incidence, draws=50, seed=seed)
    assert (rows["low"] - 1e-9 <= rows["high"]).all()
    assert rows["mean"].between(rows["low"].min() - 1e-9, rows["high"].max() + 1e-9).all()
    assert rows.iloc[-1][["mean", "low", "high"]].eq(incidence.shape[1]).all()
    assert rows["mean"].is_monotonic_increasing


def test_orders_are_repeatable_and_the_size_of_a_block_does_not_matter(monkeypatch):
    before = saturation.permuted(FIRST_SEEN, draws=30, seed=3)
    monkeypatch.setattr(saturation, "BLOCK", 1)
    pd.testing.assert_frame_equal(saturation.permuted(FIRST_SEEN, draws=30, seed=3), before)
    assert not saturation.permuted(FIRST_SEEN, draws=30, seed=4).equals(before)


def test_runs_overlap_and_are_held_against_the_base():
    rows = saturation.runs(FIRST_SEEN)
    assert rows["first"].tolist() == ["I5", "I6", "I7", "I8"]
    assert rows["last"].tolist() == ["I6", "I7", "I8", "I9"]
    assert rows["new"].tolist() == [2, 1, 0, 0]
    assert rows["ratio"].tolist() == pytest.approx([0.4, 0.2, 0, 0])


def test_with_few_new_codes_in_the_seventh_and_eighth_interview_the_rule_is_met_at_six_and_two():
    # By hand: 37 codes in the base of four, then 7 in interviews 5 and 6, 4 in 6 and 7, and 1 in 7 and 8.
    new, codes = [25, 6, 4, 2, 4, 3, 1, 0], range(45)
    bounds = np.cumsum([0, *new])
    incidence = pd.DataFrame([[low <= code < high for code in codes] for low, high in pairwise(bounds)])
    assert saturation.runs(incidence)["ratio"].tolist() == pytest.approx([7 / 37, 4 / 37, 1 / 37])
    row = saturation.reached(incidence).iloc[0]
    assert row[["interviews", "before_run", "why"]].tolist() == [8, 6, ""]
    assert saturation.reached(incidence, threshold=0)["why"].item() == "not reached within 8 interviews"


def test_a_ratio_at_the_threshold_is_low_enough():
    row = saturation.reached(FIRST_SEEN, threshold=0.2).iloc[0]
    assert row[["interview", "interviews", "before_run"]].tolist() == ["I7", 7, 5]


@pytest.mark.parametrize(
    ("interviews", "why"),
    [
        (["a"] * 5, "fewer interviews than base and run"),
        ([], "fewer interviews than base and run"),
        (["", "", "", "", "a", "b"], "no code in the base of 4 interviews"),
        (["a", "", "", "", "b", "c"], "not reached within 6 interviews"),
    ],
)
def test_where_the_rule_is_not_met_the_row_says_why(interviews, why):
    row = saturation.reached(held(*interviews)).iloc[0]
    assert row["why"] == why
    assert row[["interview", "interviews", "before_run", "ratio"]].isna().all()


def test_the_lower_bounds_by_hand():
    # Met once, once, once, twice, four times in ten: 9 / 10 × 3² / (2 × 1) more; on excerpts n is 9.
    counts = [1, 1, 1, 2, 4]
    rows = by_estimator(coded(counts), times_met(counts, 10))
    assert rows.loc["Chao2", ["seen", "estimate", "unseen"]].tolist() == pytest.approx([5, 9.05, 4.05])
    assert rows.loc["Chao1", "unseen"] == pytest.approx(8 / 9 * 4.5)


def test_without_codes_met_twice_the_bound_is_the_bias_corrected_one():
    counts = [1, 1, 1, 3]
    rows = by_estimator(coded(counts), times_met(counts, 10))
    assert rows["unseen"][["Chao2", "Chao1"]].tolist() == pytest.approx([9 / 10 * 3, 5 / 6 * 3])


def test_the_coverage_estimators_by_hand():
    # Coverage 1 − 3/9 = 2/3; squared variation 5 / (2/3) × 14 / (9 × 8) − 1 = 0.4583 for ACE, and for ICE,
    # where 4 interviews have rare codes, 5 / (2/3) × 4/3 × 14 / 81 − 1 = 0.7284.
    counts = [1, 1, 1, 2, 4, 20]
    rows = by_estimator(coded(counts), times_met(counts, 25))["estimate"]
    assert rows["ACE"] == pytest.approx(1 + 5 / (2 / 3) + 3 / (2 / 3) * (7.5 * 14 / 72 - 1))
    assert rows["ICE"] == pytest.approx(1 + 5 / (2 / 3) + 3 / (2 / 3) * (7.5 * 4 / 3 * 14 / 81 - 1))


def test_where_every_rare_code_was_met_once_the_coverage_is_unknown():
    rows = by_estimator(coded([1, 1, 12]), times_met([1, 1, 12], 20))
    assert rows.loc[["ICE", "ACE"], "estimate"].isna().all()
    assert rows.loc["ICE", "why"] == "every code met up to 10 times was met once, by a single interview"


def test_with_no_rare_code_nothing_is_unseen():
    rows = by_estimator(coded([12, 15]), times_met([12, 15], 20))
    assert rows["unseen"].tolist() == [0, 0, 0, 0]


def test_one_interview_says_nothing_of_others():
    rows = by_estimator(coded([1, 2]), times_met([1, 1], 1))
    assert rows.loc["Chao2", "why"] == "a single interview says nothing of others"
    assert pd.isna(rows.loc["Chao2", "estimate"])


def test_a_code_on_one_excerpt_counts_once_however_many_coders_put_it_there():
    once = small.codings(("E1", "a", "x"), ("E1", "b", "x"), ("E2", "b", "x"))
    twice = pd.concat([once, once.assign(coder="y")])
    incidence = times_met([1, 2], 4)
    pd.testing.assert_frame_equal(saturation.unseen(twice, incidence), saturation.unseen(once, incidence))


@small.properties
@given(st.lists(st.integers(1, 8), min_size=1, max_size=12))
def test_no_estimate_is_below_what_was_seen(counts):
    rows = by_estimator(coded(counts), times_met(counts, 9))
    assert (rows["unseen"].dropna() >= -1e-12).all()
    assert (rows["why"].ne("") == rows["estimate"].isna()).all()


def test_no_interviews_give_empty_tables_and_reasons():
    incidence = saturation.incidence(small.codings(), pd.Series(dtype="str"), [])
    for rows in (saturation.growth, saturation.permuted, saturation.rarefied, saturation.runs):
        assert rows(incidence).empty
    assert saturation.unseen(small.codings(), incidence)["why"].eq("no code is seen").all()


def test_interviews_without_any_code_stay_at_nothing():
    incidence = held("", "", "")
    assert saturation.permuted(incidence)["high"].tolist() == [0, 0, 0]
    assert saturation.rarefied(incidence)["expected"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("orders", "says"),
    [([1, None], 'document "D2" has no "order"'), ([4, 4], 'documents "D1" and "D2" have the same "order"')],
)
def test_documents_need_an_order(orders, says):
    documents = pd.DataFrame({"document": ["D1", "D2"], "order": pd.array(orders, dtype="Int64")})
    with pytest.raises(ValueError, match=says):
        saturation.by_document(small.said_by().assign(document=None), documents)


def test_an_excerpt_from_a_document_that_is_not_listed_is_told():
    documents = pd.DataFrame({"document": ["D1"], "order": [1]})
    with pytest.raises(ValueError, match='"D9" has an excerpt and no place in the order'):
        saturation.by_document(small.said_by("p1").assign(document="D9"), documents)


def test_a_coded_excerpt_outside_of_every_interview_is_told():
    with pytest.raises(ValueError, match='excerpt "E2" is in no interview'):
        saturation.incidence(small.codings(("E1", "a"), ("E2", "a")), pd.Series({"E1": "I1"}), ["I1"])


def test_an_interview_has_one_place():
    with pytest.raises(ValueError, match='"I1" is in the order twice'):
        saturation.incidence(small.codings(), pd.Series(dtype="str"), ["I1", "I1"])


def test_impossible_choices_are_refused():
    with pytest.raises(ValueError, match="base=0, run=2"):
        saturation.runs(FIRST_SEEN, base=0)
    with pytest.raises(ValueError, match="threshold=-1"):
        saturation.reached(FIRST_SEEN, threshold=-1)
    with pytest.raises(ValueError, match="draws=0"):
        saturation.permuted(FIRST_SEEN, draws=0)


def test_an_interview_is_a_document_else_a_participant_else_nothing():
    excerpts = pd.DataFrame(
        {
            "excerpt": ["E1", "E2"],
            "document": ["D2", "D1"],
            "participant": ["P1", "P2"],
            "source": "interview",
        }
    )
    documents = pd.DataFrame({"document": ["D1", "D2", "D3"], "order": [2, 1, 3]})
    held, order, what = saturation.interviews(excerpts, documents)
    assert (held.to_dict(), order, what) == ({"E1": "D2", "E2": "D1"}, ["D2", "D1", "D3"], "document")
    assert saturation.interviews(excerpts, documents.assign(order=None))[1] == ["D1", "D2", "D3"]
    assert saturation.interviews(excerpts, documents[:0])[1:] == (["P1", "P2"], "participant")
    nobody = excerpts.assign(participant=None)
    assert saturation.interviews(nobody, documents[:0])[1:] == ([], "")


def test_the_curve_joins_the_order_of_the_study_with_random_orders():
    came_up = pd.DataFrame({"a": [True, True], "b": [False, True]}, index=["I1", "I2"])
    rows = saturation.curve(came_up)
    assert rows["seen"].tolist() == [1, 2]
    assert rows["expected"].tolist() == [1.5, 2]
    assert rows["mean"].iloc[1] == rows["low"].iloc[1] == rows["high"].iloc[1] == 2
