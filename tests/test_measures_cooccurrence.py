"""Which codes stand together."""

import itertools

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import cooccurrence, prevalence

NAMES = [code for code, _, _ in small.CODES]
BOOK = small.codebook()
FLAT = small.codebook([(code, None, None) for code in "abc"])


def placed(*spans):
    """Excerpts E1, E2, … at these places: start, end, and if need be the document."""
    full = [(*span, "D")[:3] for span in spans]
    frame = small.said_by(*["p1"] * len(full))
    return frame.assign(
        document=pd.array([one[2] for one in full], dtype="str"),
        start=pd.array([one[0] for one in full], dtype="Int64"),
        end=pd.array([one[1] for one in full], dtype="Int64"),
    )


def counts(rows):
    """both, either, code_count, other_count and total by pair."""
    columns = ["both", "either", "code_count", "other_count", "total"]
    return {(row.code, row.other): tuple(getattr(row, name) for name in columns) for row in rows.itertuples()}


SPANS = st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from("DE")).map(
    lambda span: (span[0], span[0] + span[1], span[2])
)
CODED_SPANS = st.lists(st.tuples(SPANS, st.sets(st.sampled_from("abc"))), max_size=7)


def test_pairs_on_the_same_excerpts_by_hand():
    coded = small.codings(("E1", "a"), ("E1", "b"), ("E2", "a"), ("E2", "b"), ("E3", "b"), ("E3", "c"))
    rows = cooccurrence.by_excerpt(coded, small.said_by(*["p1"] * 4), FLAT)
    assert list(rows) == cooccurrence.COLUMNS
    assert counts(rows) == {("a", "b"): (2, 3, 2, 3, 4), ("b", "c"): (1, 3, 3, 1, 4)}
    assert rows["unit"].eq("excerpts").all()
    assert rows["jaccard"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert rows["lift"].tolist() == pytest.approx([2 * 4 / 6, 1 * 4 / 3])


def test_pairs_that_the_same_people_speak_of_by_hand():
    quotations = small.said_by("p1", "p1", "p2", small.FIELD_NOTES, "p3")
    coded = small.codings(("E1", "a"), ("E2", "b"), ("E3", "b"), ("E4", "a"), ("E4", "c"))
    rows = cooccurrence.by_participant(coded, quotations, FLAT)
    assert counts(rows) == {("a", "b"): (1, 2, 1, 2, 3)}
    assert rows["unit"].tolist() == ["people"]


def test_overlap_is_counted_in_characters():
    coded = small.codings(("E1", "a"), ("E2", "b"))
    rows = cooccurrence.by_overlap(coded, placed((0, 10), (6, 14), (20, 25)), FLAT)
    assert counts(rows) == {("a", "b"): (4, 14, 10, 8, 19)}
    assert rows["jaccard"].item() == pytest.approx(4 / 14)
    assert rows["lift"].item() == pytest.approx(4 * 19 / 80)


def test_excerpts_that_touch_do_not_overlap():
    coded = small.codings(("E1", "a"), ("E2", "b"), ("E3", "b"))
    assert cooccurrence.by_overlap(coded, placed((0, 5), (5, 9), (0, 5, "E")), FLAT).empty


def test_two_codes_on_one_excerpt_overlap_and_a_code_under_itself_counts_once():
    coded = small.codings(("E1", "a", "x"), ("E1", "a", "y"), ("E2", "a"), ("E1", "b"))
    rows = cooccurrence.by_overlap(coded, placed((0, 6), (3, 10)), FLAT)
    assert counts(rows) == {("a", "b"): (6, 10, 10, 6, 10)}


def test_the_stretches_of_an_overlap_are_unbroken():
    coded = small.codings(("E1", "a"), ("E2", "b"), ("E3", "b"), ("E4", "b"), ("E5", "a"), ("E5", "b"))
    spans = placed((0, 20), (2, 6), (4, 8), (10, 12), (3, 4, "E"))
    rows = cooccurrence.overlaps(coded, spans, FLAT, "b", "a")
    assert rows.to_numpy().tolist() == [["D", 2, 8], ["D", 10, 12], ["E", 3, 4]]


@small.properties
@given(CODED_SPANS)
def test_overlap_is_that_of_sets_of_characters(made):
    coded = [(f"E{number}", code) for number, (_, codes) in enumerate(made, 1) for code in codes]
    rows = cooccurrence.by_overlap(
        small.codings(*coded), placed(*[span for span, _ in made]), FLAT, zeros=True
    )
    under = {code: set() for code in "abc"}
    everything = set()
    for (start, end, document), codes in made:
        letters = {(document, at) for at in range(start, end)}
        everything |= letters
        for code in codes:
            under[code] |= letters
    expected = {
        (one, other): (
            len(under[one] & under[other]),
            len(under[one] | under[other]),
            len(under[one]),
            len(under[other]),
            len(everything),
        )
        for one, other in itertools.combinations("abc", 2)
    }
    assert counts(rows) == expected


@small.properties
@given(CODED_SPANS)
def test_the_stretches_add_up_to_the_overlap(made):
    coded = small.codings(*[(f"E{n}", code) for n, (_, codes) in enumerate(made, 1) for code in codes])
    spans = placed(*[span for span, _ in made])
    rows = cooccurrence.overlaps(coded, spans, FLAT, "a", "b")
    both = {pair: found[0] for pair, found in counts(cooccurrence.by_overlap(coded, spans, FLAT)).items()}
    assert (rows["end"] - rows["start"]).sum() == both.get(("a", "b"), 0)
    assert not rows.merge(rows, left_on=["document", "end"], right_on=["document", "start"]).size


@small.few
@given(small.studies())
def test_counts_are_those_of_sets_of_excerpts(made):
    rolled = prevalence.rolled_up(made.codings, made.codebook)
    rows = cooccurrence.by_excerpt(rolled, made.excerpts, made.codebook, ancestors=True, zeros=True)
    under = small.under(made)
    assert len(rows) == 15
    for (one, other), found in counts(rows).items():
        sizes = [len(under[one] & under[other]), len(under[one] | under[other])]
        assert found == (*sizes, len(under[one]), len(under[other]), len(made.excerpts))


@small.few
@given(small.studies(), st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(made, seed):
    other = small.reordered(made, seed, "excerpts", "codings", "codebook")
    pairs = [
        cooccurrence.by_participant(one.codings, one.excerpts, one.codebook, zeros=True)
        for one in (made, other)
    ]
    pd.testing.assert_frame_equal(*pairs)


@small.few
@given(small.studies())
def test_zeros_only_add_pairs_that_never_stand_together(made):
    rows, every = (
        cooccurrence.by_excerpt(made.codings, made.excerpts, made.codebook, zeros=zeros)
        for zeros in (False, True)
    )
    pd.testing.assert_frame_equal(every[every["both"] > 0].reset_index(drop=True), rows)
    assert every["jaccard"].dropna().between(0, 1).all()


def test_a_code_is_no_pair_with_one_above_it_unless_asked():
    coded = small.codings(*[("E1", code) for code in NAMES])
    quotations = small.said_by("p1")
    pairs = set(counts(cooccurrence.by_excerpt(coded, quotations, BOOK)))
    every = set(counts(cooccurrence.by_excerpt(coded, quotations, BOOK, ancestors=True)))
    assert every - pairs == {
        ("left", "top"),
        ("left", "left-a"),
        ("left", "left-b"),
        ("left-a", "top"),
        ("left-b", "top"),
        ("right", "top"),
    }


def test_a_code_that_is_never_used_has_blank_ratios_among_zeros():
    rows = cooccurrence.by_excerpt(small.codings(("E1", "a")), small.said_by("p1"), FLAT, zeros=True)
    by_pair = rows.set_index(["code", "other"])
    assert by_pair.loc[("a", "b"), "jaccard"] == 0
    assert pd.isna(by_pair.loc[("b", "c"), "jaccard"])
    assert by_pair["lift"].isna().all()


@pytest.mark.parametrize(
    "by", [cooccurrence.by_excerpt, cooccurrence.by_participant, cooccurrence.by_overlap]
)
def test_nothing_coded_gives_no_pairs(by):
    for excerpts in (placed(), placed((0, 4))):
        assert by(small.codings(), excerpts, FLAT).empty
    empty = by(small.codings(), placed(), small.codebook([]), zeros=True)
    assert list(empty) == cooccurrence.COLUMNS


def test_a_hundred_thousand_codings_are_counted_at_once():
    generator = np.random.default_rng(1)
    excerpts = placed(*[(at * 7, at * 7 + 10) for at in range(20_000)])
    coded = pd.DataFrame(
        {
            "excerpt": excerpts["excerpt"].to_numpy()[generator.integers(0, 20_000, 100_000)],
            "code": np.array([*"abc"])[generator.integers(0, 3, 100_000)],
        }
    )
    rows = cooccurrence.by_overlap(coded, excerpts, FLAT)
    assert rows["total"].eq(19_999 * 7 + 10).all()
    assert cooccurrence.by_excerpt(coded, excerpts, FLAT)["total"].eq(20_000).all()


def test_codings_that_nothing_explains_are_told():
    with pytest.raises(ValueError, match='code "z" of the codings is not in the codebook'):
        cooccurrence.by_excerpt(small.codings(("E1", "z")), small.said_by("p1"), FLAT)
    with pytest.raises(ValueError, match='excerpt "E9" of the codings is not in the excerpts'):
        cooccurrence.by_excerpt(small.codings(("E9", "a")), small.said_by("p1"), FLAT)
    with pytest.raises(ValueError, match='code "z" is not in the codebook'):
        cooccurrence.overlaps(small.codings(), placed(), FLAT, "a", "z")


def test_people_are_not_counted_where_a_speaker_is_unknown():
    with pytest.raises(ValueError, match='excerpt "E2" is coded and names no participant'):
        cooccurrence.by_participant(small.codings(("E1", "a"), ("E2", "a")), small.said_by("p1", None), FLAT)


def test_a_coded_excerpt_needs_a_place_that_ends_after_its_start():
    with pytest.raises(ValueError, match='excerpt "E1" is coded and has no place'):
        cooccurrence.by_overlap(small.codings(("E1", "a")), placed((None, 5)), FLAT)
    with pytest.raises(ValueError, match='"E1" runs from 5 to 5; it has to end later'):
        cooccurrence.by_overlap(small.codings(("E1", "a")), placed((5, 5)), FLAT)
    assert cooccurrence.by_overlap(small.codings(("E1", "a")), placed((0, 5), (None, None)), FLAT).empty


def test_every_unit_that_the_record_allows_is_counted_and_the_others_have_a_reason(simulated, paper):
    pairs, why = cooccurrence.by_every_unit(simulated.codings, simulated.excerpts, simulated.codebook)
    assert list(dict.fromkeys(pairs["unit"])) == ["excerpts", "people", "characters"]
    assert why == ""
    pairs, why = cooccurrence.by_every_unit(paper.codings, paper.excerpts, paper.codebook)
    assert pairs.empty, "each printed excerpt stands under one code"
    assert "names no participant" in why
    assert "has no place" in why
