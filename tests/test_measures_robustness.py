"""Which conclusions hang on one participant, one coder or one distinction between codes."""

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import robustness

COUNTED = st.lists(
    st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.sampled_from("abc"), st.sampled_from("xyz")),
    unique=True,
    min_size=1,
)


def excerpts_per_code(codings):
    return codings.groupby("code")["excerpt"].nunique()


def share_by_coder(codings):
    """The share of each code in the codings of each coder."""
    return codings.groupby("coder")["code"].value_counts(normalize=True)


def row(rows, left_out, conclusion):
    return rows[(rows["left_out"] == left_out) & (rows["conclusion"] == conclusion)].iloc[0]


def test_leaving_out_one_coder_by_hand():
    # "a" stands on three excerpts, one of them only for y; "b" on two for y alone; "c" on one for both.
    coded = [("E1", "a", "x"), ("E2", "a", "x"), ("E3", "a", "y"), ("E1", "b", "y"), ("E2", "b", "y")]
    codings = small.codings(*coded, ("E1", "c", "x"), ("E1", "c", "y"))
    rows = robustness.leave_out(codings, "coder", excerpts_per_code)
    assert list(rows) == robustness.COLUMNS
    without_y = rows[rows["left_out"] == "y"].drop(columns=["left_out", "why"])
    assert without_y.astype(object).fillna("blank").to_numpy().tolist() == [
        ["a", 3, 2, -1, 1, 1],
        ["b", 2, "blank", "blank", 2, "blank"],
        ["c", 1, 1, 0, 3, 2],
    ]
    assert row(rows, "y", "b")["why"] == "no number without it"


def test_a_conclusion_that_does_not_move_has_no_row():
    codings = small.codings(("E1", "a", "x"), ("E1", "a", "y"))
    rows = robustness.leave_out(codings, "coder", excerpts_per_code)
    assert rows.empty
    assert list(rows) == robustness.COLUMNS


def test_a_conclusion_moves_when_only_its_rank_does():
    before = pd.Series({"a": 3, "b": 2})
    rows = robustness.moves(before, pd.Series({"a": 3, "b": 4}), "p1")
    assert rows[["change", "rank_all", "rank_without"]].to_numpy().tolist() == [[0, 1, 2], [2, 2, 1]]


def test_equal_numbers_share_the_smaller_rank():
    rows = robustness.moves(pd.Series({"a": 2, "b": 2, "c": 1}), pd.Series({"a": 1, "b": 2, "c": 1}), "p1")
    ranks = rows.set_index("conclusion")[["rank_all", "rank_without"]]
    assert ranks.to_numpy().tolist() == [[1, 2], [3, 2]]
    assert ranks.index.tolist() == ["a", "c"]


def test_levels_of_an_index_are_joined_in_the_conclusion():
    codings = small.codings(("E1", "a", "x"), ("E2", "b", "x"), ("E1", "a", "y"))
    rows = robustness.leave_out(codings, "excerpt", share_by_coder)
    assert row(rows, "E1", "x × b")[["all", "without", "change"]].tolist() == [0.5, 1, 0.5]


def test_a_participant_is_left_out_by_a_column_merged_to_the_codings():
    quotations = small.said_by("p1", "p1", "p2")
    codings = small.codings(("E1", "a"), ("E2", "a"), ("E3", "a"))
    placed = codings.merge(quotations[["excerpt", "participant"]], on="excerpt")
    rows = robustness.leave_out(placed, "participant", excerpts_per_code)
    assert rows[["left_out", "without"]].to_numpy().tolist() == [["p1", 1], ["p2", 2]]


def test_codings_of_nobody_in_particular_always_stay():
    codings = small.codings(("E1", "a", "x"), ("E2", "a"))
    rows = robustness.leave_out(codings, "coder", excerpts_per_code)
    assert rows[["left_out", "all", "without"]].to_numpy().tolist() == [["x", 2, 1]]


def test_where_nothing_is_left_the_statistic_is_not_asked():
    def fussy(codings):
        assert len(codings)
        return excerpts_per_code(codings)

    rows = robustness.leave_out(small.codings(("E1", "a", "x")), "coder", fussy)
    assert rows[["left_out", "why"]].to_numpy().tolist() == [["x", "no coding is left"]]
    assert rows["without"].isna().all()


def test_a_conclusion_that_appears_says_that_there_was_none_before():
    rows = robustness.moves(pd.Series({"a": float("nan")}), pd.Series({"a": 1.0}), "p1")
    assert rows["why"].item() == "no number before"
    assert rows[["change", "rank_all"]].isna().all(axis=None)


def test_no_codings_and_no_conclusions_give_no_moves():
    rows = robustness.leave_out(small.codings(), "coder", excerpts_per_code)
    assert rows.empty
    assert robustness.largest(rows).empty
    assert "times" in robustness.largest(rows)


@small.properties
@given(COUNTED)
def test_each_change_is_that_of_counting_again(coded):
    codings = small.codings(*coded)
    rows = robustness.leave_out(codings, "coder", excerpts_per_code)
    for one in rows.itertuples():
        left = {(excerpt, code) for excerpt, code, coder in coded if coder != one.left_out}
        count = sum(code == one.conclusion for _, code in left)
        assert (0 if pd.isna(one.without) else one.without) == count
        assert one.all == len({excerpt for excerpt, code, _ in coded if code == one.conclusion})


@small.properties
@given(COUNTED, st.integers(0, 99))
def test_the_order_of_the_codings_does_not_matter(coded, seed):
    codings = small.codings(*coded)
    other = small.shuffled(codings, seed)
    rows = [robustness.leave_out(one, "coder", excerpts_per_code) for one in (codings, other)]
    pd.testing.assert_frame_equal(*rows)


def test_the_largest_change_of_each_conclusion():
    changes = pd.concat(
        [
            robustness.moves(pd.Series({"a": 4, "b": 2}), pd.Series({"a": 3, "b": 2}), "p1"),
            robustness.moves(pd.Series({"a": 4, "b": 2}), pd.Series({"a": 1, "b": 2}), "p2"),
        ]
    )
    rows = robustness.largest(changes).set_index("conclusion")
    assert rows.loc["a", ["left_out", "change", "times"]].tolist() == ["p2", -3, 2]
    assert rows.loc["b", ["left_out", "rank_without", "times"]].tolist() == ["p2", 1, 1]


def test_a_conclusion_that_is_lost_is_the_largest_change():
    lost = robustness.moves(pd.Series({"a": 1}), pd.Series(dtype=float), "p1")
    grown = robustness.moves(pd.Series({"a": 1}), pd.Series({"a": 100}), "p2")
    rows = robustness.largest(pd.concat([grown, lost]))
    assert rows[["left_out", "times"]].to_numpy().tolist() == [["p1", 2]]


def test_merging_two_codes_by_hand():
    coded = [("E1", "left", "x"), ("E1", "right", "x"), ("E2", "left", "y"), ("E2", "left-a", "y")]
    codings, codebook = robustness.merge(small.codings(*coded), small.codebook(), "left", "right")
    found = codings[["excerpt", "code", "coder"]].to_numpy().tolist()
    assert found == [["E1", "right", "x"], ["E2", "right", "y"], ["E2", "left-a", "y"]]
    assert codebook.set_index("code")["parent"].fillna("").to_dict() == {
        "top": "",
        "left-a": "right",
        "left-b": "right",
        "right": "top",
        "other": "",
    }


def test_merging_into_the_code_above_keeps_the_tree():
    _, codebook = robustness.merge(small.codings(), small.codebook(), "left", "top")
    assert codebook.set_index("code")["parent"]["left-a"] == "top"


def test_what_a_merger_moves():
    codings = small.codings(("E1", "left"), ("E2", "left"), ("E2", "right"))
    merged, _ = robustness.merge(codings, small.codebook(), "right", "left")
    rows = robustness.moves(excerpts_per_code(codings), excerpts_per_code(merged), "right into left")
    assert rows[["conclusion", "all", "why"]].to_numpy().tolist() == [["right", 1, "no number without it"]]


def test_merging_changes_neither_frame_it_was_given():
    codings, codebook = small.codings(("E1", "left")), small.codebook()
    robustness.merge(codings, codebook, "left", "right")
    assert codings["code"].tolist() == ["left"]
    pd.testing.assert_frame_equal(codebook, small.codebook())


@pytest.mark.parametrize(
    ("code", "into", "says"),
    [
        ("up", "left", 'code "up" is not in the codebook'),
        ("left", "left", 'code "left" cannot be merged into itself'),
        ("top", "left-a", '"left-a" lies below "top"; merge "left-a" into "top" instead'),
    ],
)
def test_mergers_that_make_no_codebook_are_refused(code, into, says):
    with pytest.raises(ValueError, match=says):
        robustness.merge(small.codings(), small.codebook(), code, into)


def test_a_column_has_to_be_there_and_to_name_somebody():
    codings = small.codings(("E1", "a"))
    with pytest.raises(ValueError, match='column="participant" is no column of the codings'):
        robustness.leave_out(codings, "participant", excerpts_per_code)
    with pytest.raises(ValueError, match='every "coder" of the codings is blank'):
        robustness.leave_out(codings, "coder", excerpts_per_code)


def test_a_conclusion_drawn_twice_is_told():
    twice = pd.Series([1, 2], index=["a", "a"])
    with pytest.raises(ValueError, match='the conclusion "a" twice'):
        robustness.moves(twice, twice, "p1")


def test_the_numbers_of_codes_without_a_participant_a_coder_or_a_distinction():
    """Trust is spoken of by P1 and P2, time by P1 alone; L coded nothing that K had not."""
    codebook = pd.DataFrame({"code": ["top", "trust", "time"], "parent": [None, "top", "top"]})
    excerpts = pd.DataFrame(
        {"excerpt": ["E1", "E2", "E3"], "participant": ["P1", "P2", "P1"], "source": "interview"}
    )
    codings = pd.DataFrame(
        [("E1", "trust", "K"), ("E1", "trust", "L"), ("E2", "trust", "K"), ("E3", "time", "K")],
        columns=["excerpt", "code", "coder"],
    )
    rows = robustness.of_codes(codings, excerpts, codebook).set_index(["reading", "conclusion"])
    person = rows.loc["without one participant"]
    assert person["all"].to_dict() == {"time": 1, "top": 2, "trust": 2}
    assert person["without"].to_dict() == {"time": 0, "top": 1, "trust": 1}
    assert person["times"].to_dict() == {"time": 2, "top": 2, "trust": 2}
    assert {*person["left_out"]} == {"participant"}, "whoever is left out is not named"
    assert rows.loc[("without one coder", "time"), "without"] == 0
    merged = rows.loc["with two sisters merged"]
    assert merged.loc["time", "left_out"] == "trust into time"
    assert merged.loc["time", "change"] == 1


def test_a_record_without_speakers_coders_and_sisters_moves_nothing():
    codebook = pd.DataFrame({"code": ["trust"], "parent": [None]})
    excerpts = pd.DataFrame({"excerpt": ["E1"], "participant": [None], "source": "interview"})
    codings = pd.DataFrame({"excerpt": ["E1"], "code": ["trust"], "coder": [None]})
    assert robustness.of_codes(codings, excerpts, codebook).empty
