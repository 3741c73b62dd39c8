"""The codebook as a tree."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import codes

SEEDS = st.integers(0, 99)


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


@pytest.fixture(scope="module")
def tree(record):
    return codes.tree(record.codebook, record.codings)


def numbers(*coded, book=None):
    book = small.codebook() if book is None else book
    return codes.tree(book, small.codings(*coded)).set_index("code")["excerpts"].to_dict()


def test_each_code_is_followed_by_its_subcodes_with_their_depth():
    rows = codes.tree(small.codebook(), small.codings())
    assert rows["code"].tolist() == ["top", "left", "left-a", "left-b", "right", "other"]
    assert rows["depth"].tolist() == [0, 1, 2, 2, 1, 0]


def test_each_code_names_the_top_of_its_branch():
    rows = codes.tree(small.codebook(), small.codings())
    assert rows["top"].tolist() == ["top", "top", "top", "top", "top", "other"]


def test_an_excerpt_counts_for_each_code_above_it_and_once():
    found = numbers(("E1", "left-a", "x"), ("E1", "left-a", "y"), ("E1", "left-b"), ("E2", "left-b"))
    assert found == {"top": 2, "left": 2, "left-a": 1, "left-b": 2, "right": 0, "other": 0}


def test_a_subcode_may_stand_before_its_parent_in_the_file():
    book = small.codebook([("leaf", "root", "theme"), ("root", None, "dimension")])
    assert codes.tree(book, small.codings())["code"].tolist() == ["root", "leaf"]
    assert numbers(("E1", "leaf"), book=book) == {"root": 1, "leaf": 1}


def test_an_empty_codebook_is_an_empty_tree():
    rows = codes.tree(small.codebook([]), small.codings())
    assert rows.empty
    assert list(rows) == ["code", "parent", "depth", "top", "name", "level", "excerpts"]


def test_an_excerpt_stands_under_the_top_of_every_branch_it_is_coded_in():
    coded = small.codings(("E2", "left-b"), ("E1", "left-a"), ("E1", "right"), ("E1", "other"))
    pairs = codes.top_of(small.codebook(), coded)
    assert pairs.to_numpy().tolist() == [["E1", "other"], ["E1", "top"], ["E2", "top"]]


def test_nothing_coded_stands_under_nothing():
    assert codes.top_of(small.codebook(), small.codings()).empty


def test_facts_count_codes_by_level_and_the_tables_that_print_excerpts():
    found = codes.facts(small.codebook(), small.quoted("Nurse"))
    assert found == {
        "codes at the top": 2, "codes: dimension": 2, "codes: theme": 2, "codes: subtheme": 2,
        "tables of excerpts": 1,
    }  # fmt: skip


@small.properties
@given(small.studies())
def test_the_numbers_of_the_tree_are_those_of_the_excerpts_under_each_code(made):
    rows = codes.tree(made.codebook, made.codings).set_index("code")["excerpts"]
    assert rows.to_dict() == {code: len(stand) for code, stand in small.under(made).items()}


@small.properties
@given(small.studies())
def test_a_code_has_at_least_as_many_excerpts_as_each_below_it_and_no_more_than_all_together(made):
    rows = codes.tree(made.codebook, made.codings).set_index("code")["excerpts"]
    assert rows["left"] >= max(rows["left-a"], rows["left-b"])
    assert rows["top"] >= max(rows["left"], rows["right"])
    assert rows.max() <= made.codings["excerpt"].nunique()


@small.properties
@given(small.studies(), SEEDS)
def test_the_order_of_the_codings_does_not_matter(made, seed):
    other = small.shuffled(made.codings, seed)
    pd.testing.assert_frame_equal(codes.tree(made.codebook, made.codings), codes.tree(made.codebook, other))
    pd.testing.assert_frame_equal(
        codes.top_of(made.codebook, made.codings), codes.top_of(made.codebook, other)
    )


@small.properties
@given(small.studies(), SEEDS)
def test_the_order_of_the_codebook_orders_sisters_and_changes_no_number(made, seed):
    book = small.shuffled(made.codebook, seed)
    before, after = (codes.tree(one, made.codings).set_index("code") for one in (made.codebook, book))
    pd.testing.assert_frame_equal(before, after.loc[before.index])
    sisters = after.index[after["parent"] == "left"].tolist()
    assert sisters == book.loc[book["parent"] == "left", "code"].tolist()


def test_the_published_codebook_has_eighteen_codes_in_the_order_of_the_tables(record, tree):
    assert tree["code"].tolist() == record.codebook["code"].tolist()
    assert tree["depth"].value_counts().to_dict() == {0: 3, 1: 7, 2: 8}


def test_the_key_dimensions_have_eight_seven_and_four_excerpts(tree):
    tops = tree[tree["depth"] == 0].set_index("code")["excerpts"]
    assert tops.to_dict() == {"impact": 8, "gap": 7, "bottom-up": 4}


def test_the_published_themes_have_four_four_four_and_three(tree):
    themes = tree[tree["level"] == "theme"].set_index("code")["excerpts"]
    assert themes.to_dict() == {"top-down": 4, "service-change": 4, "barriers": 4, "expectations": 3}


def test_every_published_excerpt_stands_under_one_key_dimension_that_of_its_table(record):
    pairs = codes.top_of(record.codebook, record.codings)
    assert pairs["excerpt"].tolist() == record.excerpts["excerpt"].tolist()
    tables = record.codebook.set_index("code")["printed_in"]
    assert pairs["code"].map(tables).tolist() == record.excerpts["printed_in"].tolist()


def test_the_facts_of_the_published_codebook(record):
    found = codes.facts(record.codebook, record.excerpts)
    assert found == {
        "codes at the top": 3, "codes: dimension": 3, "codes: theme": 4, "codes: subtheme": 11,
        "tables of excerpts": 3,
    }  # fmt: skip
