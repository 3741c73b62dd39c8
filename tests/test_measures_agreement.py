"""Agreement between the coders of a study."""

from itertools import product

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import agreement, alpha, coefficients

CODES = [code for code, _, _ in small.CODES]
EXCERPTS = [f"E{number}" for number in range(1, 6)]
SPOTS = st.tuples(st.sampled_from(EXCERPTS), st.sampled_from(CODES), st.sampled_from(["K", "L", "M"]))
CODED = st.lists(SPOTS, unique=True, max_size=14)
DOCUMENTS = st.lists(st.sampled_from(["d", "g", None]), min_size=5, max_size=5)
READINGS = st.sampled_from(agreement.READINGS)

HAND = [
    *[("E1", "right", "K"), ("E1", "right", "L")],
    *[("E2", "right", "K"), ("E2", "other", "L")],
    *[("E3", "other", "K"), ("E3", "other", "L")],
    *[("E4", "other", "K"), ("E4", "other", "L"), ("E4", "left-a", "L")],
    ("E5", "left-a", "K"),
]
"""K and L on five excerpts: they differ on E2, on one of L's codes for E4, on E5 by his silence."""


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


def quotations(documents=(None,) * 5):
    said = [
        (excerpt, document, f"{excerpt} is said")
        for excerpt, document in zip(EXCERPTS, documents, strict=True)
    ]
    return small.text(said, ["excerpt", "document", "text"])


def by_code(coded, documents=(None,) * 5, **choices):
    return agreement.by_code(small.codings(*coded), quotations(documents), small.codebook(), **choices)


def row(code, coded=HAND, documents=(None,) * 5, **choices):
    return by_code(coded, documents, **choices).set_index("code").loc[code]


def told(rows):
    """Rows as tuples, blanks as None."""
    return [tuple(None if pd.isna(cell) else cell for cell in line) for line in rows.itertuples(index=False)]


def judging(coded, documents, uncoded):
    """Who judged which excerpt, by a second route: pair by pair."""
    at = dict(zip(EXCERPTS, documents, strict=True))
    put = {(excerpt, coder) for excerpt, _, coder in coded}
    seen = {(at[excerpt], coder) for excerpt, coder in put}
    everybody = {coder for _, coder in put}
    inside = {
        (excerpt, coder)
        for excerpt, coder in product({excerpt for excerpt, _ in put}, everybody)
        if at[excerpt] is None or (at[excerpt], coder) in seen
    }
    return inside if uncoded == "in" else put


def test_two_coders_by_hand_where_silence_is_a_judgement():
    # By hand: right on E1 by both, on E2 by K: the table is [[3, 0], [1, 1]], chance (4·3 + 1·2) / 25.
    found = row("right")
    assert found[["coders", "units", "percent", "uncoded"]].tolist() == [2, 5, 80, "in"]
    assert found["kappa"] == pytest.approx((4 / 5 - 14 / 25) / (1 - 14 / 25))
    assert found["pabak"] == pytest.approx(0.6)
    assert found["ac1"] == pytest.approx((0.8 - 2 * 0.3 * 0.7) / (1 - 2 * 0.3 * 0.7))
    assert found["alpha"] == pytest.approx(1 - 9 * 2 / (2 * 3 * 7))
    assert found["prevalence"] == pytest.approx(3 / 10)


def test_where_silence_is_no_judgement_the_excerpt_with_one_coder_is_left_out():
    found = row("right", uncoded="out")
    assert found[["units", "percent", "prevalence", "uncoded"]].tolist() == [4, 75, 3 / 8, "out"]
    assert row("left-a")["units"] == 5


def test_leaving_silence_out_hides_that_one_coder_saw_nothing_to_code():
    coded = [("E1", "right", "K"), ("E1", "right", "L"), ("E2", "right", "K"), ("E3", "right", "L")]
    assert row("right", coded)["percent"] == pytest.approx(100 / 3)
    assert row("right", coded, uncoded="out")["percent"] == 100


def test_a_coder_judged_only_the_documents_in_which_they_coded_something():
    judged = agreement.judged(small.codings(*HAND), quotations(["d", "d", "d", "d", "g"]))
    assert judged["K"].tolist() == [True] * 5
    assert judged["L"].tolist() == [True, True, True, True, False]
    assert row("right", documents=["d", "d", "d", "d", "g"])["units"] == 4


def test_an_excerpt_of_no_known_document_is_judged_by_every_coder_of_the_study():
    judged = agreement.judged(small.codings(*HAND), quotations(["d", "d", "d", "d", None]))
    assert judged.loc["E5"].tolist() == [True, True]


def test_subcodes_count_for_the_code_above_coder_by_coder():
    coded = [("E1", "left-a", "K"), ("E1", "left-b", "L"), ("E2", "other", "K"), ("E2", "other", "L")]
    assert row("left", coded)["alpha"] == row("top", coded)["alpha"] == 1
    assert row("left-a", coded)["percent"] == 50
    assert row("left", coded, subcodes=False)["why"] == "undefined: nobody used the code"


def test_one_row_a_code_in_the_order_of_the_codebook():
    rows = by_code(HAND)
    assert rows["code"].tolist() == CODES
    assert [*rows] == agreement.COLUMNS


def test_what_is_blank_is_explained():
    coded = [("E1", "top", "K"), ("E1", "top", "L"), ("E2", "top", "K"), ("E2", "top", "L")]
    assert row("top", coded)["why"] == "undefined: every judgement is the same"
    unused = row("other", coded)
    assert unused["why"] == "undefined: nobody used the code"
    assert unused[["percent", "pabak", "ac1", "prevalence"]].tolist() == [100, 1, 1, 0]
    assert unused[["kappa", "alpha", "low", "high"]].isna().all()


def test_one_coder_alone_agrees_with_nobody():
    rows = by_code([line for line in HAND if line[2] == "K"])
    assert rows["why"].eq("needs two coders").all()
    assert rows[["percent", "kappa", "alpha", "prevalence"]].isna().all(axis=None)


def test_coders_who_never_met_say_so():
    coded = [("E1", "top", "K"), ("E2", "top", "L")]
    assert row("top", coded, uncoded="out")["why"] == "undefined: nothing is judged by two coders"


def test_kappa_stands_only_where_there_are_two_coders():
    found = row("right", [*HAND, ("E1", "other", "M")])
    assert pd.isna(found["kappa"])
    assert found["coders"] == 3
    assert found["why"].startswith("kappa is for exactly two coders")


def test_the_interval_draws_whole_documents():
    documents = ["d", "d", "g", "g", "k"]
    found, other = (row("right", documents=documents, resamples=200, seed=seed) for seed in (1, 2))
    judged = agreement.judged(small.codings(*HAND), quotations(documents))
    right = pd.DataFrame({"K": [1, 1, 0, 0, 0], "L": [1, 0, 0, 0, 0]}, index=EXCERPTS).where(judged)
    drawn = alpha.interval(right, pd.Series(documents, EXCERPTS), resamples=200, seed=1)
    assert found[["low", "high", "why"]].tolist() == [drawn.low, drawn.high, drawn.why]
    assert found["why"] != other["why"]


def test_in_a_single_document_there_is_no_interval():
    found = row("right", documents=["d"] * 5)
    assert found[["low", "high"]].isna().all()
    assert found["why"] == "no interval: fewer than two documents"


def test_sets_of_codes_by_hand():
    rows = agreement.on_sets(small.codings(*HAND), quotations()).set_index("distance")
    other, left, right = (frozenset([code]) for code in ("other", "left-a", "right"))
    pairs = [(right, right), (right, other), (other, other), (other, other | left), (left, frozenset())]
    sets = pd.DataFrame(pairs, columns=["K", "L"])
    assert rows.loc["masi", "alpha"] == pytest.approx(alpha.coefficient(sets, "masi"))
    assert rows.loc["jaccard", "alpha"] == pytest.approx(alpha.coefficient(sets, "jaccard"))
    assert rows["units"].tolist() == [5, 5]


def test_sets_of_codes_leave_out_who_did_not_judge():
    rows = agreement.on_sets(small.codings(*HAND), quotations(), uncoded="out")
    assert rows["units"].tolist() == [4, 4]
    assert rows["uncoded"].tolist() == ["out", "out"]
    assert [*rows] == agreement.SET_COLUMNS


def test_the_textbook_alphas_of_sets_come_out_of_a_record():
    put = [("a", "a"), ("ab", "a"), ("ab", "bc"), ("c", "d")]
    coded = [
        (excerpt, code, coder)
        for excerpt, pair in zip(EXCERPTS, put, strict=False)
        for coder, codes in zip(["K", "L"], pair, strict=True)
        for code in codes
    ]
    rows = agreement.on_sets(small.codings(*coded), quotations())
    assert rows["alpha"].tolist() == pytest.approx([32 / 193, 4 / 17])


def test_disagreements_are_listed_quotation_by_quotation():
    documents = ["d", "d", "d", "g", None]
    rows = agreement.disagreements(small.codings(*HAND), quotations(documents))
    assert [*rows] == agreement.DISAGREEMENT_COLUMNS
    assert told(rows) == [
        ("E2", "d", "E2 is said", "other", "L", "K"),
        ("E2", "d", "E2 is said", "right", "K", "L"),
        ("E4", "g", "E4 is said", "left-a", "L", "K"),
        ("E5", None, "E5 is said", "left-a", "K", "L"),
    ]


def test_a_coder_who_did_not_judge_an_excerpt_disagrees_with_nobody():
    coded = [*HAND, ("E5", "left-b", "M")]
    rows = agreement.disagreements(small.codings(*coded), quotations(), uncoded="out")
    last = rows.loc[rows["excerpt"] == "E5", ["code", "used_by", "not_used_by"]]
    assert told(last) == [("left-a", "K", "M"), ("left-b", "M", "K")]


def test_several_coders_on_either_side_stand_in_order():
    coded = [("E1", "top", "M"), ("E1", "top", "K"), ("E2", "other", "L"), ("E2", "other", "N")]
    rows = agreement.disagreements(small.codings(*coded), quotations())
    assert told(rows[["used_by", "not_used_by"]]) == [("K; M", "L; N"), ("L; N", "K; M")]


@small.few
@given(CODED, DOCUMENTS, READINGS)
def test_each_code_has_the_coefficients_of_its_judgements(coded, documents, uncoded):
    rows = by_code(coded, documents, uncoded=uncoded, subcodes=False, resamples=2).set_index("code")
    seen, coders = judging(coded, documents, uncoded), sorted({coder for _, _, coder in coded})
    for code in CODES:
        cells = [
            [float((excerpt, code, coder) in coded) if (excerpt, coder) in seen else None for coder in coders]
            for excerpt in EXCERPTS
        ]
        judgements = pd.DataFrame(cells, columns=coders)
        expected = [coefficients.percent(judgements), alpha.coefficient(judgements)]
        assert rows.loc[code, ["percent", "alpha"]].tolist() == pytest.approx(expected, nan_ok=True)
        assert rows.loc[code, "ac1"] == pytest.approx(coefficients.ac1(judgements, 2), nan_ok=True)


@small.few
@given(CODED, DOCUMENTS, READINGS)
def test_a_row_lacks_nothing_without_a_reason(coded, documents, uncoded):
    rows = by_code(coded, documents, uncoded=uncoded, resamples=20)
    sets = agreement.on_sets(small.codings(*coded), quotations(documents), uncoded, resamples=20)
    for frame in (rows, sets):
        blank = frame.isna().any(axis=1)
        assert frame.loc[blank, "why"].ne("").all()
        assert (frame.loc[~blank, "why"].str.startswith("interval") | frame.loc[~blank, "why"].eq("")).all()


@small.few
@given(CODED, DOCUMENTS, READINGS)
def test_the_list_has_every_pair_of_excerpt_and_code_on_which_judges_differ(coded, documents, uncoded):
    rows = agreement.disagreements(small.codings(*coded), quotations(documents), uncoded)
    seen = judging(coded, documents, uncoded)
    expected = [
        (excerpt, code, "; ".join(sorted(used)), "; ".join(sorted(judges - used)))
        for excerpt, code in product(EXCERPTS, sorted(CODES))
        for judges in [{coder for one, coder in seen if one == excerpt}]
        for used in [{coder for coder in judges if (excerpt, code, coder) in coded}]
        if used and judges - used
    ]
    assert told(rows[["excerpt", "code", "used_by", "not_used_by"]]) == expected


@small.few
@given(CODED, DOCUMENTS, READINGS, st.integers(0, 99))
def test_neither_the_order_of_rows_nor_the_names_of_coders_change_the_numbers(
    coded, documents, uncoded, seed
):
    codings, excerpts, choices = (
        small.codings(*coded),
        quotations(documents),
        {"uncoded": uncoded, "resamples": 20},
    )
    other = small.shuffled(codings, seed).replace({"coder": {"K": "Zoë", "M": "Al"}})
    before = agreement.by_code(codings, excerpts, small.codebook(), **choices)
    after = agreement.by_code(other, small.shuffled(excerpts, seed), small.codebook(), **choices)
    pd.testing.assert_frame_equal(before, after)
    before, after = (
        agreement.on_sets(codings, excerpts, **choices),
        agreement.on_sets(other, excerpts, **choices),
    )
    pd.testing.assert_frame_equal(before, after)


@small.few
@given(CODED, DOCUMENTS)
def test_renaming_codes_changes_nothing_but_their_names(coded, documents):
    codings, book = small.codings(*coded), small.codebook()
    names = dict(zip(CODES, ["z", "y", "x", "w", "v", "u"], strict=True))
    renamed = book.replace({"code": names, "parent": names})
    before = agreement.by_code(codings, quotations(documents), book, resamples=20)
    after = agreement.by_code(codings.replace({"code": names}), quotations(documents), renamed, resamples=20)
    pd.testing.assert_frame_equal(before.drop(columns="code"), after.drop(columns="code"))


@small.few
@given(CODED, DOCUMENTS, READINGS)
def test_a_coder_who_repeats_another_agrees_throughout(coded, documents, uncoded):
    alone = [(excerpt, code, "K") for excerpt, code, _ in coded]
    twins = [*{*alone}, *{(excerpt, code, "L") for excerpt, code, _ in alone}]
    rows = by_code(twins, documents, uncoded=uncoded, resamples=20)
    assert rows["percent"].dropna().eq(100).all()
    varied = rows["prevalence"].between(0, 1, inclusive="neither")
    assert rows.loc[varied, ["kappa", "alpha"]].to_numpy() == pytest.approx(1)
    assert rows.loc[~varied, ["kappa", "alpha"]].isna().all(axis=None)
    assert agreement.disagreements(small.codings(*twins), quotations(documents), uncoded).empty


def test_the_published_record_names_no_coders(record):
    rows = agreement.by_code(record.codings, record.excerpts, record.codebook)
    sets = agreement.on_sets(record.codings, record.excerpts)
    assert rows["code"].tolist() == record.codebook["code"].tolist()
    assert {*rows["why"], *sets["why"]} == {"the record names no coders"}
    assert rows["units"].eq(0).all()
    listed = agreement.disagreements(record.codings, record.excerpts)
    assert listed.empty
    assert [*listed] == agreement.DISAGREEMENT_COLUMNS
    assert agreement.with_subcodes(record.codings, record.codebook).empty


def test_no_codings_and_no_codes_give_empty_tables():
    nothing = small.codings()
    assert by_code([])["why"].eq("the record names no coders").all()
    rows = agreement.by_code(nothing, quotations(), small.codebook([]))
    assert rows.empty
    assert [*rows] == agreement.COLUMNS
    assert agreement.disagreements(nothing, quotations()[:0]).empty


def test_excerpts_without_columns_for_document_and_text_will_do():
    bare = quotations()[["excerpt"]]
    pd.testing.assert_frame_equal(
        agreement.by_code(small.codings(*HAND), bare, small.codebook()), by_code(HAND)
    )
    assert agreement.disagreements(small.codings(*HAND), bare)["text"].isna().all()


def test_a_record_that_names_coders_here_and_there_is_refused():
    with pytest.raises(ValueError, match=r'1 of 2 rows name no coder, such as excerpt "E2", code "top"'):
        by_code([("E1", "top", "K"), ("E2", "top")])


def test_what_the_tables_do_not_have_is_named():
    with pytest.raises(ValueError, match=r'the code "tpo" is not among those of the codebook'):
        by_code([("E1", "tpo", "K")])
    with pytest.raises(ValueError, match=r'the excerpt "E9" is not among those of the excerpts'):
        by_code([("E9", "top", "K")])
    with pytest.raises(ValueError, match=r'"E1" stands in two rows'):
        agreement.disagreements(small.codings(*HAND), pd.concat([quotations(), quotations()]))


def test_a_reading_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match=r'uncoded="maybe" is not one of in, out'):
        by_code(HAND, uncoded="maybe")
