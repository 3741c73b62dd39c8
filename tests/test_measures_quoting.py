"""Which quotation stands where: hand-worked cells, the rule step by step, and what must hold of any study."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import codings, few, persons, quoted, reordered, said_by, studies, study, text

from analysis.measures import labels, quoting
from analysis.measures.prevalence import rolled_up
from analysis.study.levels import themes

NOBODY = text([], ["by", "code", "group", "excerpt", "note"])
LONG, FIT, SHORT = "so it goes " * 25, "so it goes " * 6, "so it goes"


def ranking_of(small, quotable=None, **choices):
    pairs = rolled_up(small.codings, small.codebook)
    cleared = small.excerpts["excerpt"] if quotable is None else quotable
    return quoting.ranked(small.excerpts, pairs, themes(small.codebook), [*cleared], **choices)


def group_of(small, by="borough"):
    return quoting.groups(small.excerpts, small.roster, small.roles, by)


def chosen_of(small, by="borough", selections=NOBODY, quotable=None):
    hand = selections[selections["by"] == by]
    return quoting.chosen(ranking_of(small, quotable), group_of(small, by), hand)


def displayed(small, by="borough", selections=NOBODY, quotable=None):
    pairs = rolled_up(small.codings, small.codebook)
    ranking, known = ranking_of(small, quotable), group_of(small, by)
    counted, told = small.count(by), themes(small.codebook)
    return quoting.display(counted, ranking, small.excerpts, pairs, known, selections, told, by)


def saying(*words, ids=("p1",), codes=("left",)):
    """A study in which the first people say these words, each under a code."""
    people = [ids[number % len(ids)] for number in range(len(words))]
    roster = persons(("A", "nurse"), ("B", "nurse"))
    excerpts = said_by(*people).assign(text=[*words])
    coded = [(f"E{number + 1}", codes[number % len(codes)]) for number in range(len(words))]
    return study(roster, excerpts, *coded)


def by_hand(*rows):
    return text([(*row, None) for row in rows], [*NOBODY])


def test_a_quotation_within_the_range_of_words_stands_before_a_shorter_and_a_longer_one():
    ranking = ranking_of(saying(LONG, SHORT, FIT))
    assert ranking["excerpt"].tolist() == ["E3", "E2", "E1"]
    assert ranking["words"].tolist() == [18, 3, 75]
    assert ranking["off"].tolist() == [0, 12, 15]


def test_the_range_of_words_is_the_notebooks_to_choose():
    ranking = ranking_of(saying(LONG, SHORT, FIT), least_words=1, most_words=5)
    assert ranking["excerpt"].tolist() == ["E2", "E3", "E1"]


def test_of_quotations_of_one_length_the_one_with_more_distinctive_words_comes_first():
    bare = "this and that and then some more of it, as it was, and there it was then"
    said = [bare, f"{bare} pathway budget", f"{bare} pathway budget", *[f"{bare} weather"] * 12]
    small = saying(*said, codes=["left"])
    coded = codings(*[(f"E{number}", "left" if number < 4 else "right") for number in range(1, 16)])
    pairs = rolled_up(coded, small.codebook)
    ranking = quoting.ranked(small.excerpts, pairs, ["left", "right"], [*small.excerpts["excerpt"]])
    left = ranking[ranking["code"] == "left"].set_index("excerpt")
    assert left["distinctive"].to_dict() == {"E1": 0, "E2": 2, "E3": 2}
    assert left.index.tolist() == ["E2", "E3", "E1"]


def test_what_is_left_is_decided_by_the_place_in_print_and_then_by_the_id():
    small = saying(FIT, FIT, FIT)
    printed = small.excerpts.assign(printed_in=["Table 2", "Table 1", "Table 1"], position=[1, 2, 1])
    pairs = rolled_up(small.codings, small.codebook)
    ranking = quoting.ranked(printed, pairs, ["left"], ["E1", "E2", "E3"])
    assert ranking["excerpt"].tolist() == ["E3", "E2", "E1"]
    assert ranking_of(small)["excerpt"].tolist() == ["E1", "E2", "E3"]


def test_what_is_not_cleared_comes_last_and_has_no_rank():
    ranking = ranking_of(saying(FIT, SHORT), quotable=["E2"])
    assert ranking["excerpt"].tolist() == ["E2", "E1"]
    assert ranking["rank"].tolist() == [1, pd.NA]


def test_field_notes_and_excerpts_without_a_text_are_no_quotations():
    small = study(
        persons(("A", "nurse")),
        said_by("p1", "field notes", "p1"),
        ("E1", "left"),
        ("E2", "left"),
        ("E3", "left"),
    )
    small.excerpts.loc[2, "text"] = None
    assert ranking_of(small)["excerpt"].tolist() == ["E1"]


def test_an_excerpt_under_a_subcode_stands_for_the_theme():
    small = saying(FIT, codes=["left-a"])
    assert chosen_of(small)[["code", "group", "excerpt"]].to_numpy().tolist() == [["left", "A", "E1"]]


def test_each_cell_has_the_first_of_its_quotations_and_says_what_decided():
    rows = chosen_of(saying(SHORT, FIT, FIT, ids=("p1", "p1", "p2")))
    assert rows.to_numpy().tolist() == [
        ["left", "A", "E2", "1 of 2 by the rule, for its length"],
        ["left", "B", "E3", "the only one"],
    ]


def test_no_quotation_stands_twice_and_as_many_cells_as_possible_have_one():
    """Both themes want E1; one of them has nothing else, so it has it, whichever comes first."""
    roster = persons(("A", "nurse"))
    excerpts = said_by("p1", "p1").assign(text=[FIT, SHORT])
    small = study(roster, excerpts, ("E1", "left"), ("E2", "left"), ("E1", "right"))
    rows = chosen_of(small)
    assert rows[["code", "excerpt"]].to_numpy().tolist() == [["left", "E2"], ["right", "E1"]]
    assert rows["why"].tolist() == [
        "2 of 2 by the rule; those before it stand in other cells",
        "the only one",
    ]


def test_a_choice_by_hand_wins_is_marked_and_is_taken_from_other_cells():
    small = saying(FIT, SHORT)
    rows = chosen_of(small, selections=by_hand(("borough", "left", "A", "E2")))
    assert rows.to_numpy().tolist() == [["left", "A", "E2", quoting.BY_HAND]]
    other = saying(FIT, SHORT, ids=("p1", "p2"))
    rows = chosen_of(other, selections=by_hand(("role_group", "left", "nurse", "E2")), by="role_group")
    assert rows["excerpt"].tolist() == ["E2"]


def test_a_choice_for_one_grouping_is_none_for_another():
    rows = chosen_of(saying(FIT, SHORT), selections=by_hand(("role_group", "left", "nurse", "E2")))
    assert rows["excerpt"].tolist() == ["E1"]


def test_a_display_has_the_numbers_of_the_counts_with_their_denominators():
    small = saying(FIT, SHORT, FIT, ids=("p1", "p1", "p2"), codes=["left", "left", "right"])
    rows = displayed(small).set_index(["code", "borough"])
    numbers = ["excerpts_least", "excerpts_most", "excerpts_of", "people", "people_of"]
    assert rows.loc[("left", "A"), numbers].tolist() == [2, 2, 2, 1, 1]
    assert rows.loc[("left", "B"), numbers].tolist() == [0, 0, 1, 0, 1]
    assert rows.loc[("right", "B"), ["excerpt", "words"]].tolist() == ["E3", 18]
    assert rows.loc[("right", "B"), "text"] == FIT


def test_a_cell_without_a_quotation_says_what_keeps_it_away():
    small = saying(FIT, SHORT, ids=("p1", "p2"))
    why = displayed(small, quotable=["E1"]).set_index(["code", "borough"])["why"]
    assert why["left", "A"] == "the only one"
    assert why["left", "B"] == quoting.SILENT["uncleared"]
    assert why["right", "A"] == quoting.SILENT["none"]


def test_where_all_quotations_of_a_cell_stand_elsewhere_it_says_so():
    small = study(persons(("A", "nurse")), said_by("p1"), ("E1", "left"), ("E1", "right"))
    why = displayed(small).set_index("code")["why"]
    assert sorted([why["left"], why["right"]]) == sorted(["the only one", quoting.SILENT["elsewhere"]])


def test_where_only_a_field_note_is_tied_to_a_group_it_is_no_quotation():
    small = study(persons(("A", "nurse")), said_by("p1", "field notes"), ("E1", "other"), ("E2", "left"))
    small.excerpts.loc[1, "participant"] = "p1"
    assert displayed(small).set_index("code").loc["left", "why"] == quoting.SILENT["notes"]


def test_a_label_says_the_role_group_and_never_the_borough():
    roster = persons(("A", "nurse"), ("B", "nurse"))
    small = study(roster, quoted("Nurse"), ("E1", "left"))
    assert displayed(small)["excerpt"].isna().all()
    assert set(displayed(small).query("excerpts_most > 0")["why"]) == {quoting.SILENT["unsaid"]}
    assert displayed(small, "role_group").set_index("code").loc["left", "excerpt"] == "E1"


def test_a_label_that_only_one_borough_has_still_says_no_borough():
    """What could be worked out is not what the record prints."""
    roster = persons(("A", "nurse"), ("B", "social worker"))
    small = study(roster, quoted("Social worker"), ("E1", "left"))
    assert displayed(small)["excerpt"].isna().all()


def test_a_grouping_called_as_a_column_of_the_display_is_refused():
    small = saying(FIT)
    counted = small.count().rename(columns={"borough": "words"})
    with pytest.raises(ValueError, match="another name"):
        quoting.display(
            counted,
            ranking_of(small),
            small.excerpts,
            rolled_up(small.codings, small.codebook),
            group_of(small),
            NOBODY,
            ["left"],
            "words",
        )


def test_the_book_lists_every_quotation_with_what_is_known_and_where_it_is_shown():
    small = saying(FIT, SHORT)
    ranking = ranking_of(small, quotable=["E1"])
    known = quoting.every_group(small.excerpts, small.roster, small.roles, ["borough", "role_group"])
    sheets = text([("left", "E1")], ["code", "excerpt"])
    used = quoting.shown(ranking, known, NOBODY, sheets)
    book = quoting.book(ranking, small.excerpts, small.codebook, known, used).set_index("excerpt")
    assert book.loc["E1", "known"] == "borough: A; role group: nurse"
    assert book.loc["E1", "used_in"] == "by borough; by role group; sheet"
    assert book["cleared"].to_dict() == {"E1": "yes", "E2": "no"}
    assert book["used_in"].isna().to_dict() == {"E1": False, "E2": True}


def test_a_study_without_any_quotation_has_empty_books_and_displays():
    small = study(persons(("A", "nurse")), said_by("field notes"), ("E1", "left"))
    assert ranking_of(small).empty
    assert chosen_of(small).empty
    assert displayed(small)["excerpt"].isna().all()


@few
@given(studies(), st.integers(0, 99))
def test_the_order_of_rows_makes_no_difference(small, seed):
    other = reordered(small, seed, "roster", "excerpts", "codings")
    assert displayed(small).equals(displayed(other))
    assert ranking_of(small).equals(ranking_of(other))


@few
@given(studies())
def test_no_quotation_stands_twice_in_a_display_and_each_is_of_the_group_that_the_record_says(small):
    for by in ("borough", "role_group"):
        rows = chosen_of(small, by)
        assert rows["excerpt"].is_unique
        known = labels.known_group(small.excerpts, small.roster, small.roles, by)
        said = dict(zip(small.excerpts["excerpt"], known, strict=True))
        assert [said[one] for one in rows["excerpt"]] == rows["group"].tolist()
        under = {
            *zip(*rolled_up(small.codings, small.codebook)[["code", "excerpt"]].to_numpy().T, strict=True)
        }
        assert {*zip(rows["code"], rows["excerpt"], strict=True)} <= under


@few
@given(studies(), st.sets(st.integers(1, 5)))
def test_what_is_not_cleared_is_in_no_display(small, numbers):
    cleared = {f"E{number}" for number in numbers}
    rows = displayed(small, quotable=cleared)
    assert {*rows["excerpt"].dropna()} <= cleared


@few
@given(studies())
def test_whatever_the_rule_puts_before_a_cells_quotation_stands_in_another_cell(small):
    ranking, known = ranking_of(small), group_of(small)
    rows = chosen_of(small)
    for row in rows.itertuples():
        cell = ranking[(ranking["code"] == row.code) & (ranking["excerpt"].map(known) == row.group)]
        rank = cell.set_index("excerpt")["rank"]
        assert {*rank.index[rank < rank[row.excerpt]]} <= {*rows["excerpt"]}


def test_no_quotation_of_the_paper_stands_in_a_borough(paper):
    known = quoting.groups(paper.excerpts, paper.roster, paper.roles, "borough")
    assert known.isna().all()
    pairs = rolled_up(paper.codings, paper.codebook)
    ranking = quoting.ranked(paper.excerpts, pairs, paper.themes, paper.quotable)
    assert len(ranking) == 17
    assert quoting.chosen(ranking, known, paper.selections).empty


def test_the_notebooks_begin_with_the_rules_own_numbers():
    from analysis.runs.specification import specification

    defaults = specification()["parameters"]
    assert defaults["least_words"]["default"] == quoting.LEAST_WORDS
    assert defaults["most_words"]["default"] == quoting.MOST_WORDS
