"""Agreement between coders in one number."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from analysis.measures import alpha, coefficients

NAMES = ["K", "L", "M", "N"]
FIRST = [[20, 5], [10, 15]]
SECOND = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
PSYCHIATRISTS = """
    00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
    00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss (1971): 30 patients, five diagnoses, six psychiatrists each."""
FOUR_CODERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
COUNTS = st.integers(0, 12)
TABLES = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(COUNTS, min_size=size, max_size=size), min_size=size, max_size=size)
)


def judgements(*lines):
    """Units × coders, from a line of values for each coder; a point is a blank."""
    coders = zip(NAMES, lines, strict=False)
    return pd.DataFrame(
        {name: [None if one == "." else one for one in line.split()] for name, line in coders}
    )


def frames(values="abc", coders=(2, 4), blanks=True):
    """Frames of units × coders."""
    cell = st.sampled_from([*values, *"." * blanks])
    return st.integers(*coders).flatmap(
        lambda number: st.lists(st.lists(cell, min_size=number, max_size=number), max_size=8).map(
            lambda units: (
                judgements(*[" ".join(line) for line in zip(*units, strict=True)])
                if units
                else pd.DataFrame(columns=NAMES[:number], dtype="str")
            )
        )
    )


def same(one, other):
    return other == pytest.approx(one, nan_ok=True)


def every(frame):
    """All that takes a frame of judgements."""
    found = [function(frame) for function in (coefficients.percent, coefficients.pabak, coefficients.ac1)]
    return [*found, alpha.coefficient(frame)]


def told(table):
    """The judgements behind a table of two coders."""
    cells = [(str(row), str(column)) for row, line in enumerate(table) for column in range(len(line))]
    numbers = [number for line in table for number in line]
    units = [cell for cell, number in zip(cells, numbers, strict=True) for _ in range(number)]
    return pd.DataFrame(units, columns=NAMES[:2], dtype="str")


def table(rows):
    return pd.DataFrame(rows)


def test_two_of_four_excerpts_alike_is_half_and_no_more_than_chance():
    frame = judgements("yes yes no no", "yes no yes no")
    # By hand: both use each value half of the time, so chance is 1/2 too.
    assert coefficients.percent(frame) == 50
    assert coefficients.pabak(frame) == 0
    assert coefficients.ac1(frame) == 0
    assert coefficients.kappa(coefficients.crossed(frame)) == 0


def test_each_unit_counts_the_pairs_of_those_who_judged_it():
    frame = judgements("a a .", "a b .", "a b b", ". a .")
    # By hand: 3 of 3 pairs, then (a, b, b, a) 2 of 6, and the third unit has no pair.
    assert coefficients.percent(frame) == pytest.approx(100 * (1 + 1 / 3) / 2)


def test_counts_say_how_many_gave_each_value():
    counted = coefficients.counts(judgements("a b .", "a a ."))
    assert counted.to_dict("list") == {"a": [2, 1, 0], "b": [0, 1, 0]}


def test_the_textbook_kappas_come_out():
    assert coefficients.kappa(table(FIRST)) == pytest.approx(0.4)
    assert coefficients.kappa_error(table(FIRST)) == pytest.approx(0.1270, abs=5e-5)
    assert coefficients.kappa(table(SECOND)) == pytest.approx(0.491525, abs=5e-7)
    assert coefficients.kappa(table([[50, 100], [50, 800]])) == pytest.approx(0.318182, abs=5e-7)


def test_the_textbook_value_of_fleiss_comes_out():
    patients = table([[int(number) for number in line] for line in PSYCHIATRISTS.split()])
    assert patients.shape == (30, 5)
    assert coefficients.fleiss(patients) == pytest.approx(0.430245, abs=5e-7)


def test_the_four_coders_of_gwet_agree_by_ac1_as_printed():
    frame = judgements(*FOUR_CODERS)
    assert coefficients.percent(frame) == pytest.approx(81.81818)
    assert coefficients.ac1(frame) == pytest.approx(0.77544, abs=5e-6)


def test_at_the_same_percent_agreement_kappa_falls_with_the_prevalence_and_pabak_does_not():
    # Feinstein and Cicchetti (1990).
    even, rare = [[40, 9], [6, 45]], [[80, 10], [5, 5]]
    assert [coefficients.percent(told(one)) for one in (even, rare)] == pytest.approx([85, 85])
    assert [coefficients.pabak(told(one)) for one in (even, rare)] == pytest.approx([0.7, 0.7])
    assert [coefficients.kappa(table(one)) for one in (even, rare)] == pytest.approx([0.70, 0.32], abs=5e-3)
    assert coefficients.ac1(told(rare)) > coefficients.ac1(told(even))


def test_a_table_of_two_coders_is_square_though_each_uses_values_of_their_own():
    crossed = coefficients.crossed(judgements("a a . b", "c a a ."))
    assert crossed.index.tolist() == crossed.columns.tolist() == ["a", "c"]
    assert crossed.to_numpy().tolist() == [[1, 1], [0, 0]]


def test_one_value_throughout_leaves_kappa_blank_with_the_reason_in_words():
    frame = judgements("a a", "a a")
    assert pd.isna(coefficients.kappa(coefficients.crossed(frame)))
    assert pd.isna(coefficients.kappa_error(coefficients.crossed(frame)))
    assert pd.isna(coefficients.fleiss(coefficients.counts(frame)))
    assert coefficients.undefined(frame) == "undefined: every judgement is the same"
    assert (coefficients.percent(frame), coefficients.pabak(frame), coefficients.ac1(frame)) == (100, 1, 1)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pd.DataFrame(), "the record names no coders"),
        (judgements(". .", ". ."), "the record names no coders"),
        (judgements("a b"), "needs two coders"),
        (judgements("a b", ". ."), "needs two coders"),
        (judgements("a .", ". b"), "undefined: nothing is judged by two coders"),
        (judgements("a .", "b b"), ""),
    ],
)
def test_what_cannot_be_computed_is_said_in_words(frame, why):
    assert coefficients.undefined(frame) == why
    if why:
        assert all(pd.isna(value) for value in every(frame))


def test_an_empty_table_has_no_kappa():
    empty = coefficients.crossed(judgements("a .", ". b"))
    assert pd.isna(coefficients.kappa(empty))
    assert pd.isna(coefficients.kappa_error(empty))
    assert pd.isna(coefficients.fleiss(table([])))
    assert pd.isna(coefficients.fleiss(table([[1, 0], [0, 1]])))


@small.properties
@given(TABLES)
def test_kappa_is_nltks(rows):
    frame = told(rows)
    if coefficients.undefined(frame):
        assert pd.isna(coefficients.kappa(table(rows)))
        return
    answers = [(name, unit, value) for name in frame for unit, value in frame[name].items()]
    assert coefficients.kappa(table(rows)) == pytest.approx(AnnotationTask(answers).kappa())


@small.properties
@given(TABLES)
def test_the_standard_error_is_the_slope_of_kappa_times_the_spread_of_the_shares(rows):
    counted = table(rows).astype(float)
    total, value = counted.to_numpy().sum(), coefficients.kappa(counted)
    # Where a coder hardly varies kappa bends too much for slopes taken by hand.
    if pd.isna(value) or coefficients.kappa_error(counted) > 1:
        return
    shares, step, slopes = counted / total, 1e-6, counted * 0
    for row in counted.index:
        for column in counted:
            nudged = shares.copy()
            nudged.loc[row, column] += step
            slopes.loc[row, column] = (
                coefficients.kappa(nudged / nudged.to_numpy().sum() * 1e3) - value
            ) / step
    mean = (shares * slopes).to_numpy().sum()
    spread = (shares * slopes**2).to_numpy().sum() - mean**2
    error = (max(spread, 0) / total) ** 0.5
    assert coefficients.kappa_error(counted) == pytest.approx(error, rel=1e-2, abs=1e-3)


@small.properties
@given(TABLES, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_coders_nor_of_the_values_changes_kappa(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    other = table(rows).T.iloc[order, order]
    assert same(coefficients.kappa(table(rows)), coefficients.kappa(other))
    assert same(coefficients.kappa_error(table(rows)), coefficients.kappa_error(other))


@small.properties
@given(frames(), st.integers(0, 99))
def test_neither_the_order_of_units_and_coders_nor_their_names_change_anything(frame, seed):
    other = frame.sample(frac=1, random_state=seed)[[*frame][::-1]]
    renamed = other.replace({"a": "b", "b": "c", "c": "a"}).rename(columns=str.upper)
    assert same(every(frame), every(renamed))
    assert coefficients.undefined(renamed) == coefficients.undefined(frame)


@small.properties
@given(frames(blanks=False, coders=(2, 4)))
def test_coders_who_agree_throughout_have_1_where_there_is_something_to_tell_apart(frame):
    agreed = frame.apply(lambda _: frame["K"])
    expected = 1 if len({*frame["K"]}) > 1 else float("nan")
    assert same(coefficients.fleiss(coefficients.counts(agreed)), expected)
    assert same(alpha.coefficient(agreed), expected)


@small.properties
@given(frames(coders=(2, 2), blanks=False))
def test_pabak_is_percent_agreement_on_another_scale(frame):
    assert same(coefficients.pabak(frame, categories=3), (3 * coefficients.percent(frame) / 100 - 1) / 2)


@small.properties
@given(frames(coders=(3, 4), blanks=False))
def test_alpha_is_fleiss_kappa_but_for_the_small_sample(frame):
    # Krippendorff (2011): 1 − alpha = (1 − kappa) × (n − 1) / n for n judgements.
    size = max(frame.size, 1)
    kappa = coefficients.fleiss(coefficients.counts(frame))
    assert same(alpha.coefficient(frame), 1 - (1 - kappa) * (size - 1) / size)


def test_a_subject_with_fewer_judgements_is_named():
    with pytest.raises(ValueError, match=r'subject "P2" has 2 judgements and another has 3'):
        coefficients.fleiss(pd.DataFrame({"x": [3, 1], "y": [0, 1]}, index=["P1", "P2"]))


def test_fewer_categories_than_are_found_are_refused():
    for coefficient in (coefficients.pabak, coefficients.ac1):
        with pytest.raises(ValueError, match=r"categories=2, but 3 different values are found"):
            coefficient(judgements("a b c", "a b c"), categories=2)


def test_what_is_no_table_of_counts_is_refused():
    with pytest.raises(ValueError, match=r'has the value "-1"; counts from 0 up'):
        coefficients.kappa(table([[1, -1], [0, 1]]))
    with pytest.raises(ValueError, match=r"table of 1 × 2 values is not square"):
        coefficients.kappa_error(table([[1, 2]]))
    with pytest.raises(ValueError, match=r'two columns of judgements; found: "K", "L", "M"'):
        coefficients.crossed(judgements("a", "a", "a"))
