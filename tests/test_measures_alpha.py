"""Krippendorff's alpha."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from analysis.measures import alpha

NAMES = ["K", "L", "M", "N"]
BINARY = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]
LETTERS = ["a a b b d c c c e d d a", "b a b b b c c c e d d d"]
FOUR_CODERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
"""Krippendorff (2011), examples A, B and C."""
SETS = [({"a"}, {"a"}), ({"a", "b"}, {"a"}), ({"a", "b"}, {"b", "c"}), ({"c"}, {"d"})]
NUMBERS = st.lists(st.lists(st.sampled_from([1, 2, 3, 5, None]), min_size=3, max_size=3), max_size=7)
CODES = st.frozensets(st.sampled_from("abc"))
WHOLE = st.lists(st.tuples(CODES, CODES), max_size=6)
DOCUMENTS = st.lists(st.sampled_from("dgk"), min_size=7, max_size=7)


def lines(*coders):
    """Units × coders, from a line of numbers or letters for each coder; a point is a blank."""
    split = {name: line.split() for name, line in zip(NAMES, coders, strict=False)}
    read = {name: [None if one == "." else one for one in line] for name, line in split.items()}
    return pd.DataFrame(read)


def units(rows):
    return pd.DataFrame(rows, columns=NAMES[: len(rows[0]) if rows else 3], dtype=object)


def brute(rows, apart):
    """Alpha from its definition, pair by pair."""
    paired = [[value for value in row if value is not None] for row in rows]
    paired = [row for row in paired if len(row) > 1]
    said = [value for row in paired for value in row]
    observed = sum(apart(*pair) / (len(row) - 1) for row in paired for pair in permutations(row, 2))
    expected = sum(apart(*pair) for pair in permutations(said, 2)) / max(len(said) - 1, 1)
    return 1 - observed / expected if expected else float("nan")


def by_rank(rows):
    """The ordinal distance as it is printed: the judgements from one value to the other, the ends by half."""
    paired = [[value for value in row if value is not None] for row in rows]
    said = [value for row in paired if len(row) > 1 for value in row]

    def apart(one, other):
        low, high = sorted((one, other))
        between = sum(low <= value <= high for value in said)
        return (between - (said.count(low) + said.count(high)) / 2) ** 2

    return apart


def same(one, other):
    return other == pytest.approx(one, nan_ok=True)


def test_three_units_by_hand():
    # By hand: one unit of three differs, o = 2; values a 3 times, b 3 times: 18 of 30 pairs; 1 − 2 / (18/5).
    assert alpha.coefficient(lines("a a b", "a b b")) == pytest.approx(1 - 2 / (18 / 5))


def test_the_binary_example_of_krippendorff_comes_out():
    assert alpha.coefficient(lines(*BINARY)) == pytest.approx(0.095238, abs=5e-7)


def test_the_nominal_example_of_krippendorff_comes_out():
    assert alpha.coefficient(lines(*LETTERS)) == pytest.approx(0.691964, abs=5e-7)


@pytest.mark.parametrize(
    ("distance", "value"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107)]
)
def test_the_example_with_blanks_comes_out_with_and_without_the_unit_judged_once(distance, value):
    frame = lines(*FOUR_CODERS)
    assert alpha.coefficient(frame, distance) == pytest.approx(value, abs=5e-7)
    assert alpha.coefficient(frame.drop(11), distance) == alpha.coefficient(frame, distance)


def test_sets_of_codes_have_the_alphas_32_193_and_4_17():
    assert alpha.coefficient(units(SETS), "masi") == pytest.approx(32 / 193)
    assert alpha.coefficient(units(SETS), "jaccard") == pytest.approx(4 / 17)


@pytest.mark.parametrize(
    ("one", "other", "masi", "jaccard"),
    [
        ("", "", 0, 0),
        ("", "a", 1, 1),
        ("ab", "ab", 0, 0),
        ("ab", "a", 1 - 1 / 2 * 2 / 3, 1 / 2),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3, 2 / 3),
        ("a", "b", 1, 1),
    ],
)
def test_sets_are_apart_by_what_they_share_and_how_one_holds_the_other(one, other, masi, jaccard):
    pair = frozenset(one), frozenset(other)
    assert alpha.masi(*pair) == alpha.masi(*pair[::-1]) == pytest.approx(masi)
    assert alpha.jaccard(*pair) == alpha.jaccard(*pair[::-1]) == pytest.approx(jaccard)


@pytest.mark.parametrize("distance", alpha.DISTANCES)
def test_where_all_values_are_the_same_alpha_is_undefined_and_not_1(distance):
    value = frozenset("a") if distance in alpha.SETS else 1
    assert np.isnan(alpha.coefficient(units([(value, value), (value, value)]), distance))
    assert np.isnan(alpha.coefficient(units([]), distance))


def test_alpha_falls_below_0_where_coders_differ_throughout():
    # By hand: two units, each a and b: 1 − 4 / (8 / 3).
    assert alpha.coefficient(lines("a b", "b a")) == pytest.approx(-0.5)


def test_ordered_categories_are_taken_in_their_order_and_not_by_the_alphabet():
    scale = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
    words = lines("low middle high . low", "low high high low middle").astype(scale)
    numbers = lines("1 2 3 . 1", "1 3 3 1 2")
    assert alpha.coefficient(words, "ordinal") == alpha.coefficient(numbers, "ordinal")


@small.properties
@given(NUMBERS)
def test_alpha_is_its_definition_pair_by_pair(rows):
    assert same(brute(rows, lambda one, other: one != other), alpha.coefficient(units(rows)))
    assert same(
        brute(rows, lambda one, other: (one - other) ** 2), alpha.coefficient(units(rows), "interval")
    )
    assert same(brute(rows, by_rank(rows)), alpha.coefficient(units(rows), "ordinal"))


@small.properties
@given(WHOLE)
def test_alpha_on_sets_is_its_definition_pair_by_pair(rows):
    assert same(brute(rows, alpha.masi), alpha.coefficient(units(rows), "masi"))
    assert same(brute(rows, alpha.jaccard), alpha.coefficient(units(rows), "jaccard"))


def test_alpha_is_nltks():
    frame = lines(*LETTERS)
    answers = [(name, unit, value) for name in frame for unit, value in frame[name].items()]
    assert alpha.coefficient(frame) == pytest.approx(AnnotationTask(answers).alpha())


@small.properties
@given(NUMBERS, st.integers(0, 99), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_neither_order_nor_names_nor_units_judged_once_change_alpha(rows, seed, distance):
    frame = units(rows)
    once = pd.DataFrame([[5, None, None]], columns=NAMES[:3], dtype=object)
    other = pd.concat([frame, once]).sample(frac=1, random_state=seed)[["M", "K", "L"]]
    renamed = other.rename(columns=str.upper)
    assert same(alpha.coefficient(frame, distance), alpha.coefficient(renamed, distance))


@small.properties
@given(NUMBERS)
def test_for_two_values_every_distance_says_the_same(rows):
    two = [[value and min(value, 2) for value in row] for row in rows]
    nominal = alpha.coefficient(units(two))
    assert same(nominal, alpha.coefficient(units(two), "interval"))
    assert same(nominal, alpha.coefficient(units(two), "ordinal"))
    sets = [[None if value is None else frozenset([value]) for value in row] for row in two]
    assert same(nominal, alpha.coefficient(units(sets), "masi"))


def resampled(frame, documents, distance, times, seed):
    """The alphas of resamples, document by document: a second route to the interval."""
    paired = frame.notna().sum(axis=1) > 1
    parts = [part for _, part in frame[paired].groupby(documents[paired])]
    drawn = np.random.default_rng(seed).multinomial(len(parts), [1 / len(parts)] * len(parts), size=times)
    whole = [
        pd.concat([part for part, n in zip(parts, line, strict=True) for _ in range(n)]) for line in drawn
    ]
    found = [alpha.coefficient(one, distance) for one in whole]
    return [value for value in found if not np.isnan(value)]


@small.few
@given(NUMBERS, DOCUMENTS, st.sampled_from(["nominal", "interval"]))
def test_the_interval_is_that_of_documents_drawn_and_put_together_one_by_one(rows, documents, distance):
    frame, documents = units(rows), pd.Series(documents[: len(rows)], dtype="str")
    found = alpha.interval(frame, documents, distance, confidence=0.8, resamples=20, seed=3)
    if np.isnan(found.low):
        assert np.isnan(alpha.coefficient(frame, distance)) or found.why.startswith("no interval: ")
        return
    drawn = resampled(frame, documents, distance, 20, 3)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.1, 0.9])))
    assert found.why.startswith(f"interval without {20 - len(drawn)} of 20 resamples") or len(drawn) == 20


@small.few
@given(WHOLE, DOCUMENTS, st.sampled_from(alpha.SETS))
def test_the_interval_on_sets_is_too(rows, documents, distance):
    frame, documents = units(rows), pd.Series(documents[: len(rows)], dtype="str")
    found = alpha.interval(frame, documents, distance, resamples=20, seed=5)
    if not np.isnan(found.low):
        drawn = resampled(frame, documents, distance, 20, 5)
        assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    frame, documents = lines(*FOUR_CODERS), pd.Series([*"aabbccddeeff"])
    one, again, other = (alpha.interval(frame, documents, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one.low < alpha.coefficient(frame) < one.high


def test_units_without_a_document_are_drawn_one_by_one():
    frame = lines(*LETTERS)
    alone = pd.Series([f"d{number:02}" for number in range(12)])
    blank = alpha.interval(frame, pd.Series([None] * 12, dtype="str"))
    assert blank == alpha.interval(frame, alone)


def test_documents_are_found_by_the_name_of_the_unit():
    frame, documents = lines(*LETTERS), pd.Series([*"aabbccddeeff"])
    assert alpha.interval(frame, documents[::-1]) == alpha.interval(frame, documents)


def test_whole_documents_make_the_interval_wider_where_their_excerpts_are_alike():
    frame = pd.concat([lines(*LETTERS)] * 8, ignore_index=True)
    whole = alpha.interval(frame, pd.Series([*range(12)] * 8))
    single = alpha.interval(frame, pd.Series(range(96)))
    assert single.high - single.low < whole.high - whole.low


def test_resamples_without_variation_are_counted_in_words():
    found = alpha.interval(lines("a a b", "a b b"), pd.Series([*"dgk"]), resamples=500)
    assert found.why.startswith("interval without ")
    assert found.why.endswith("of 500 resamples, in which every judgement is the same")


def test_one_document_has_no_interval():
    found = alpha.interval(lines(*LETTERS), pd.Series(["d"] * 12))
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert found.why == "no interval: fewer than two documents"


def test_an_undefined_alpha_has_no_interval_and_needs_no_other_reason():
    found = alpha.interval(lines("a a", "a a"), pd.Series(["d", "g"]))
    assert np.isnan(found.low)
    assert found.why == ""


def test_a_distance_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match=r'distance="ratio" is not one of nominal, ordinal, interval, masi'):
        alpha.coefficient(lines(*LETTERS), "ratio")
    with pytest.raises(ValueError, match=r'distance="ordinal" has no interval'):
        alpha.interval(lines(*FOUR_CODERS), pd.Series([*"aabbccddeeff"]), "ordinal")


def test_values_that_do_not_fit_the_distance_are_named():
    with pytest.raises(ValueError, match=r'"interval" takes numbers; found "a"'):
        alpha.coefficient(lines("1 a", "1 2"), "interval")
    with pytest.raises(ValueError, match=r'"ordinal" takes numbers or ordered categories; found "low"'):
        alpha.coefficient(lines("low high", "low low"), "ordinal")
    with pytest.raises(ValueError, match=r'"a" is no set of codes'):
        alpha.coefficient(lines("a b", "a b"), "masi")
