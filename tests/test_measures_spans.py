"""Agreement on which characters stand under a code."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import alpha, coefficients, spans

LENGTHS = {"d": 12, "empty": 0, "g": 7}
CODERS = ["K", "L", "M"]


@st.composite
def marked(draw):
    """Passages: code, coder, document, start, end."""
    document = draw(st.sampled_from(["d", "g"]))
    start = draw(st.integers(0, LENGTHS[document] - 1))
    end = draw(st.integers(start + 1, LENGTHS[document]))
    return draw(st.sampled_from("xy")), draw(st.sampled_from(CODERS)), document, start, end


PASSAGES = st.lists(marked(), min_size=1, max_size=10)


def tables(passages):
    """Codings and excerpts, one excerpt a passage."""
    rows = [(f"E{number}", *passage) for number, passage in enumerate(passages, start=1)]
    codings = small.codings(*[row[:3] for row in rows])
    excerpts = small.text([(row[0], row[3]) for row in rows], ["excerpt", "document"])
    places = {
        name: pd.array([row[at] for row in rows], dtype="Int64") for name, at in (("start", 4), ("end", 5))
    }
    return codings, excerpts.assign(**places)


def characters(*passages, lengths=LENGTHS):
    return spans.characters(*tables(passages), pd.Series(lengths))


def of_characters(*passages, lengths=LENGTHS):
    return spans.alpha(*tables(passages), pd.Series(lengths))


def judgements(passages, code, lengths=LENGTHS):
    """Characters × coders, 1 under the code, 0 not, blank where the coder did not judge the document."""
    coders, frames = sorted({coder for _, coder, *_ in passages}), []
    for document, length in lengths.items():
        text = pd.DataFrame(np.nan, index=range(length), columns=coders)
        for _, coder, where, *_ in passages:
            if where == document:
                text[coder] = text[coder].fillna(0)
        for put, coder, where, start, end in passages:
            if (put, where) == (code, document):
                text.loc[start : end - 1, coder] = 1
        frames.append(text)
    return pd.concat(frames, ignore_index=True)


def test_a_thousand_characters_of_two_coders():
    # K 0–150, L 100–200: 50 by both, 100 by K only, 50 by L only, 800 by neither.
    rows = characters(("x", "K", "d", 0, 150), ("x", "L", "d", 100, 200), lengths={"d": 1000})
    found = rows.loc[0]
    assert found[["code", "coder", "other", "why"]].tolist() == ["x", "K", "L", ""]
    assert found[["characters", "both", "coder_only", "other_only", "neither"]].tolist() == [
        1000,
        50,
        100,
        50,
        800,
    ]
    assert found["percent"] == 85
    assert found["kappa"] == pytest.approx(0.318182, abs=5e-7)


def test_alpha_of_a_thousand_characters_by_hand():
    rows = of_characters(("x", "K", "d", 0, 150), ("x", "L", "d", 100, 200), lengths={"d": 1000})
    # By hand: 250 of 2000 judgements use the code, 150 characters differ: 1 − 1999 · 300 / (2 · 250 · 1750).
    assert rows.loc[0, "alpha"] == pytest.approx(1 - 1999 * 300 / (2 * 250 * 1750))
    assert rows.loc[0, ["coders", "characters", "prevalence", "why"]].tolist() == [2, 1000, 0.125, ""]


def test_overlapping_and_touching_spans_of_one_coder_count_once():
    pieces = [
        ("x", "K", "d", 0, 4),
        ("x", "K", "d", 2, 6),
        ("x", "K", "d", 6, 8),
        ("x", "K", "d", 1, 3),
    ]
    ben = ("x", "L", "d", 5, 9)
    pd.testing.assert_frame_equal(characters(*pieces, ben), characters(("x", "K", "d", 0, 8), ben))
    pd.testing.assert_frame_equal(of_characters(*pieces, ben), of_characters(("x", "K", "d", 0, 8), ben))


def test_an_excerpt_coded_twice_by_the_same_coder_counts_once():
    codings, excerpts = tables([("x", "K", "d", 0, 4), ("x", "L", "d", 2, 6)])
    twice, lengths = pd.concat([codings, codings]), pd.Series(LENGTHS)
    once = spans.characters(codings, excerpts, lengths)
    pd.testing.assert_frame_equal(once, spans.characters(twice, excerpts, lengths))


def test_the_last_character_of_a_text_and_the_first_of_the_next_do_not_meet():
    rows = characters(
        ("x", "K", "d", 11, 12), ("x", "L", "d", 0, 1), ("x", "L", "g", 0, 1), ("x", "K", "g", 6, 7)
    )
    assert rows.loc[0, ["both", "coder_only", "other_only", "characters"]].tolist() == [0, 2, 2, 19]


def test_only_documents_that_both_judged_are_compared():
    rows = characters(("x", "K", "d", 0, 4), ("x", "L", "d", 0, 4), ("x", "K", "g", 0, 7))
    assert rows.loc[0, ["characters", "both", "coder_only"]].tolist() == [12, 4, 0]


def test_a_document_without_the_code_is_judged_where_something_else_was_coded():
    rows = characters(("x", "K", "d", 0, 4), ("y", "L", "d", 0, 1)).set_index("code")
    assert rows.loc["x", ["coder_only", "neither", "kappa"]].tolist() == [4, 8, 0]


def test_every_pair_of_coders_has_a_row_for_every_code():
    rows = characters(*[(code, coder, "d", 0, 2) for code in "yx" for coder in reversed(CODERS)])
    pairs = [*combinations(CODERS, 2)]
    assert [*rows[["code", "coder", "other"]].itertuples(index=False, name=None)] == [
        (code, *pair) for code in "xy" for pair in pairs
    ]
    assert [*rows] == spans.COLUMNS


def test_what_is_undefined_says_so_in_words():
    rows = characters(
        ("x", "K", "g", 0, 7), ("x", "L", "g", 0, 7), ("y", "M", "d", 0, 1), ("y", "K", "d", 0, 1)
    )
    why = rows.set_index(["code", "coder", "other"])["why"]
    assert why["x", "K", "L"] == "undefined: every judgement is the same"
    assert why["y", "K", "L"] == "undefined: nobody used the code"
    assert why["x", "L", "M"] == "undefined: no document is judged by two coders"
    assert rows.loc[rows["why"] != "", "kappa"].isna().all()


def test_coders_of_different_documents_have_nothing_to_compare():
    rows = of_characters(("x", "K", "d", 0, 4), ("x", "L", "g", 0, 4))
    assert rows["why"].tolist() == ["undefined: no document is judged by two coders"]
    assert rows["characters"].tolist() == [0]
    assert rows[["alpha", "prevalence"]].isna().all(axis=None)


@small.properties
@given(PASSAGES)
def test_the_counts_are_those_of_the_characters_one_by_one(passages):
    rows = characters(*passages)
    for found in rows.dropna(subset="coder").itertuples():
        both = judgements(passages, found.code)[[found.coder, found.other]].dropna()
        cells = [(one, two) for one in (1, 0) for two in (1, 0)]
        counted = [int((both == [*pair]).all(axis=1).sum()) for pair in cells]
        assert [found.both, found.coder_only, found.other_only, found.neither] == counted
        assert found.characters == len(both)
        assert found.percent == pytest.approx(coefficients.percent(both), nan_ok=True)
        assert found.kappa == pytest.approx(coefficients.kappa(coefficients.crossed(both)), nan_ok=True)


@small.properties
@given(PASSAGES)
def test_alpha_is_that_of_the_characters_one_by_one(passages):
    rows = of_characters(*passages)
    for found in rows.itertuples():
        frame = judgements(passages, found.code)
        assert found.alpha == pytest.approx(alpha.coefficient(frame), nan_ok=True)
        assert found.characters == (frame.notna().sum(axis=1) > 1).sum() or found.why == "needs two coders"
        assert (found.why == "") == (not np.isnan(found.alpha))


@small.few
@given(PASSAGES, st.integers(0, 99))
def test_neither_the_order_of_rows_nor_the_names_of_coders_change_alpha(passages, seed):
    codings, excerpts = tables(passages)
    other = small.shuffled(codings, seed).replace({"coder": {"K": "Zoë"}})
    lengths = pd.Series(LENGTHS)
    before = spans.alpha(codings, excerpts, lengths)
    pd.testing.assert_frame_equal(before, spans.alpha(other, small.shuffled(excerpts, seed), lengths[::-1]))


@small.few
@given(PASSAGES)
def test_coders_who_mark_the_same_passages_agree_throughout(passages):
    twins = [(code, coder, *place) for code, _, *place in passages for coder in CODERS]
    assert characters(*twins)["percent"].eq(100).all()
    for rows, name in ((characters(*twins), "kappa"), (of_characters(*twins), "alpha")):
        assert rows.loc[rows["why"] == "", name].to_numpy() == pytest.approx(1)


def test_hundreds_of_thousands_of_spans_are_swept_at_once():
    draw, number = np.random.default_rng(1), 200_000
    start = draw.integers(0, 10**6, number)
    codings = pd.DataFrame({"excerpt": np.arange(number), "code": draw.integers(0, 50, number)}).astype("str")
    codings["coder"] = pd.array(draw.choice(["K", "L"], number), dtype="str")
    excerpts = codings[["excerpt"]].assign(
        document="d", start=start, end=start + draw.integers(1, 99, number)
    )
    rows = spans.characters(codings, excerpts, pd.Series({"d": 10**9}))
    assert rows[["both", "coder_only", "other_only", "neither"]].sum(axis=1).eq(10**9).all()


def test_the_published_record_names_no_coders():
    record = study.load("bussu-marshall-2020")
    for measure in (spans.characters, spans.alpha):
        rows = measure(record.codings, record.excerpts, pd.Series(dtype="int64"))
        assert rows["why"].eq("the record names no coders").all()
        assert rows["code"].tolist() == sorted(record.codings["code"].unique())


def test_one_coder_alone_and_no_coder_at_all_give_reasons_or_nothing():
    assert characters(("x", "K", "d", 0, 1))["why"].tolist() == ["needs two coders"]
    assert of_characters(("x", "K", "d", 0, 1))["why"].tolist() == ["needs two coders"]
    empty = [characters(), of_characters()]
    assert [[*frame] for frame in empty] == [spans.COLUMNS, spans.ALPHA_COLUMNS]
    assert all(frame.empty for frame in empty)


def test_a_record_without_positions_says_so():
    codings, excerpts = tables([("x", "K", "d", 0, 1), ("x", "L", "d", 0, 1)])
    rows = spans.characters(codings, excerpts[["excerpt"]], pd.Series(LENGTHS))
    assert rows["why"].tolist() == ["the record does not say where in a text excerpts stand"]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 13), (3, 3), (4, 2)])
def test_a_span_outside_its_text_is_named(start, end):
    message = rf'excerpt "E2": found document "d", start "{start}", end "{end}", length "12"; 0 ≤ start < end'
    for measure in (characters, of_characters):
        with pytest.raises(ValueError, match=message):
            measure(("x", "K", "d", 0, 1), ("x", "L", "d", start, end))


def test_a_document_without_a_length_and_an_excerpt_without_a_place_are_named():
    with pytest.raises(
        ValueError, match=r'excerpt "E2": found document "h".* the lengths do not have the document'
    ):
        characters(("x", "K", "d", 0, 1), ("x", "L", "h", 0, 1))
    with pytest.raises(ValueError, match=r'excerpt "E2": .* a document, a start and an end are expected'):
        characters(("x", "K", "d", 0, 1), ("x", "L", "d", 0, None))


def test_a_document_with_two_lengths_is_refused():
    codings, excerpts = tables([("x", "K", "d", 0, 1), ("x", "L", "d", 0, 1)])
    with pytest.raises(ValueError, match=r'the document "d" stands there twice'):
        spans.characters(codings, excerpts, pd.Series([5, 5], index=["d", "d"]))
