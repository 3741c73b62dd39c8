"""Numbers of people that are protected together, and the reader who knows all that is shown."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import few, properties

from analysis.measures import release

CODEBOOK = pd.DataFrame({"code": ["top", "one", "two"], "parent": [None, "top", "top"]})


def people(**cells):
    """People by borough and role from cells like A_nurse=5."""
    rows = [(*name.split("_"), count) for name, count in cells.items()]
    return pd.DataFrame(rows, columns=["borough", "role", "people"])


def said(staff, spoken, across=("borough", "role")):
    """The counts of the first so many people of each cell who speak of a code: `spoken` has them by code."""
    rows = []
    for code, counts in spoken.items():
        cells = staff.assign(of=staff["people"], people=counts)
        for by in across:
            table = cells.groupby(by)[["people", "of"]].sum().reset_index().rename(columns={by: "group"})
            rows.append(table.assign(by=by, code=code))
    return pd.concat(rows, ignore_index=True)


def shown(numbers, code, *group):
    row = numbers[numbers["code"].eq(code) & numbers["group"].map(group.__eq__)]
    return bool(row["shown"].iloc[0])


STAFF = people(A_nurse=8, A_doctor=7, B_nurse=9, B_doctor=6)


def test_a_small_group_joins_the_next_larger_ones():
    groups = pd.DataFrame({"role": list("abcde"), "people": [1, 2, 9, 30, 3]})
    assert release.merged(groups, 5) == {
        "role": {"a": "others", "b": "others", "c": "c", "d": "d", "e": "others"}
    }


def test_a_group_of_the_threshold_itself_is_too_small_to_hide_in():
    groups = pd.DataFrame({"role": ["a", "b", "c"], "people": [5, 6, 30]})
    assert release.merged(groups, 5)["role"] == {"a": "others", "b": "others", "c": "c"}


def test_a_grouping_of_which_one_group_is_left_is_not_told_of():
    groups = pd.DataFrame({"role": ["a", "b"], "ward": ["x", "y"], "people": [3, 40]})
    assert release.merged(groups, 5) == {}


def test_no_merged_group_is_small():
    generator = np.random.default_rng(1)
    for _ in range(200):
        sizes = pd.DataFrame({"role": range(8), "people": generator.integers(1, 12, 8)})
        for groups in release.merged(sizes, 5).values():
            assert sizes.groupby(sizes["role"].map(groups))["people"].sum().gt(5).all()


def test_hiding_a_small_number_alone_hides_nothing():
    """Eleven in all less nine in B are two in A."""
    spoken = said(STAFF, {"one": [1, 1, 5, 4]}, across=("borough",))
    puzzle = release.puzzle(STAFF, spoken, CODEBOOK, {"one"})
    alone = puzzle.numbers.assign(shown=puzzle.numbers["people"].ne(2))
    found = release.exposed(puzzle, alone)
    assert found.loc[found["code"].eq("one"), ["least", "most"]].to_numpy().tolist() == [[2, 2]]
    assert not len(release.exposed(puzzle, release.protected(puzzle)))


def test_a_number_may_follow_from_the_other_grouping():
    """By borough the 2 and the total are hidden; by role all is shown, and adds up to the total."""
    spoken = said(STAFF, {"one": [1, 1, 5, 4]})
    puzzle = release.puzzle(STAFF, spoken, CODEBOOK, {"one"})
    numbers = puzzle.numbers
    hidden = numbers["code"].eq("one") & numbers["group"].map([(), ("A",)].__contains__)
    found = release.exposed(puzzle, numbers.assign(shown=~hidden & ~numbers["follows"]))
    assert found.loc[found["code"].eq("one"), ["least", "most"]].to_numpy().tolist() == [[2, 2]]
    protected = release.protected(puzzle)
    assert not len(release.exposed(puzzle, protected))
    assert not shown(protected, "one", "A")


def test_a_number_may_follow_from_the_code_above():
    """Nobody of A speaks of `two`, so those who speak of the code above speak of `one`."""
    staff = people(A_nurse=20, B_nurse=20)[["borough", "people"]]
    spoken = said(staff, {"top": [6, 12], "one": [6, 9], "two": [0, 6]}, across=("borough",))
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"one", "two"})
    numbers = puzzle.numbers
    hidden = numbers["code"].eq("one") & numbers["by"].map(bool)
    told = numbers.assign(shown=~hidden & ~numbers["follows"])
    reader = release._Reader(puzzle, told)  # noqa: SLF001
    members = puzzle.sums[[numbers.index[hidden][0]]].toarray()[0]
    least, most = (reader.end(members, sign) for sign in (1, -1))
    assert (least, most) == (6, 6)


def test_a_parent_with_codings_of_its_own_may_be_said_without_its_subcodes():
    staff = people(A_nurse=20, B_nurse=20)[["borough", "people"]]
    spoken = said(staff, {"top": [6, 12], "one": [6, 9], "two": [0, 6]}, across=("borough",))
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"top", "one", "two"})
    hidden = puzzle.numbers["code"].eq("one") & puzzle.numbers["by"].map(bool)
    told = puzzle.numbers.assign(shown=~hidden & ~puzzle.numbers["follows"])
    place = puzzle.numbers.index[hidden][0]
    assert release._Reader(puzzle, told).end(puzzle.sums[[place]].toarray()[0], 1) < 6  # noqa: SLF001


def brute(puzzle, numbers):
    """The least and the most of every number over all whole unknowns that fit, one by one."""
    size = puzzle.sums.shape[1]
    laws, sums = puzzle.laws.A.toarray(), puzzle.sums.toarray()
    low = np.full(len(numbers), np.iinfo(int).max)
    high = np.full(len(numbers), -1)
    top = 4  # the largest group
    grid = np.array([*product(range(top + 1), repeat=size)])
    held = grid @ laws.T
    fits = ((held >= puzzle.laws.lb) & (held <= puzzle.laws.ub)).all(axis=1)
    values = grid[fits] @ sums.T
    people, of = numbers["people"].to_numpy(), numbers["of"].to_numpy(float, na_value=np.nan)
    certain = ~np.isnan(of) & ((people == 0) | (people == of))
    ends = 0 if (certain & ~numbers["shown"].to_numpy()).any() else 1
    inside = np.where(np.isnan(of), values >= 0, (values >= ends) & (values <= of - ends))
    values = values[np.where(numbers["shown"], values == people, inside).all(axis=1)].astype(int)
    return np.minimum(low, values.min(axis=0)), np.maximum(high, values.max(axis=0))


@properties
@given(st.lists(st.integers(0, 3), min_size=2, max_size=2), st.lists(st.booleans(), min_size=12, max_size=12))
@pytest.mark.slow
def test_the_attack_finds_what_trying_everything_finds(counts, mask):
    staff = pd.DataFrame({"borough": ["A", "B"], "people": [4, 3]})
    both = [min(size, one + 1) for size, one in zip([4, 3], counts, strict=True)]
    spoken = said(staff, {"top": both, "one": counts}, across=("borough",))
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"top", "one"})
    shown = pd.Series(mask[: len(puzzle.numbers)]) & ~puzzle.numbers["follows"]
    numbers = puzzle.numbers.assign(shown=shown)
    least, most = brute(puzzle, numbers)
    reader = release._Reader(puzzle, numbers)  # noqa: SLF001
    for place in range(len(numbers)):
        members = puzzle.sums[[place]].toarray()[0]
        ends = [reader.end(members, sign) for sign in (1, -1)]
        assert ends == [least[place], most[place]]


@few
@given(st.data())
def test_whatever_people_say_no_small_number_can_be_worked_out(data):
    sizes = [data.draw(st.integers(3, 12)) for _ in range(4)]
    staff = people(A_nurse=sizes[0], A_doctor=sizes[1], B_nurse=sizes[2], B_doctor=sizes[3])
    one, two = ([data.draw(st.integers(0, size)) for size in sizes] for _ in range(2))
    top = [
        data.draw(st.integers(max(a, b), min(size, a + b)))
        for a, b, size in zip(one, two, sizes, strict=True)
    ]
    spoken = said(staff, {"top": top, "one": one, "two": two})
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"one", "two"})
    numbers = release.protected(puzzle, 3)
    assert not len(release.exposed(puzzle, numbers, 3))
    told = numbers[numbers["shown"]]
    assert not told["follows"].any()
    missing = (told["of"] - told["people"]).fillna(0)
    assert not told["people"].between(1, 2).any()
    assert not missing.between(1, 2).any()
    printed = numbers[~numbers["follows"]]
    assert printed["why"].eq("").eq(printed["shown"]).all()


def test_few_who_speak_of_a_code_and_not_of_the_one_below_it_are_told_of_by_neither():
    """By taking numbers from each other: two speak of `two` alone in A, three of `one` alone."""
    staff = people(A_nurse=20, B_nurse=20)[["borough", "people"]]
    spoken = said(staff, {"top": [12, 11], "one": [10, 11], "two": [9, 8]}, across=("borough",))
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"one", "two"})
    follows = puzzle.numbers[puzzle.numbers["follows"]]
    assert {2, 3} <= {*follows["people"]}
    all_shown = puzzle.numbers.assign(shown=~puzzle.numbers["follows"])
    assert {2, 3} <= {*release.exposed(puzzle, all_shown)["people"]}
    numbers = release.protected(puzzle)
    assert not len(release.exposed(puzzle, numbers))
    assert numbers["shown"].any()


def test_two_subcodes_tell_how_many_speak_of_both():
    staff = people(A_nurse=30, B_nurse=30)[["borough", "people"]]
    spoken = said(staff, {"top": [20, 20], "one": [12, 10], "two": [11, 10]}, across=("borough",))
    follows = release.puzzle(staff, spoken, CODEBOOK, {"one", "two"}).numbers.query("follows")
    both_in_a = 12 + 11 - 20
    assert both_in_a in follows.loc[follows["group"].map(("A",).__eq__), "people"].tolist()


def test_where_nothing_else_helps_that_nobody_or_everybody_does_is_hidden():
    """Random studies found this one: almost everybody of it says everything."""
    cells = [("x", "y0", 9), ("x", "y1", 4), ("x", "y2", 2), ("z", "y0", 6), ("z", "y1", 6), ("z", "y2", 4)]
    staff = pd.DataFrame(cells, columns=["x", "y", "people"])
    counts = {
        "top": {"x": [15, 16], "y": [15, 10, 6]},
        "one": {"x": [14, 16], "y": [15, 10, 5]},
        "two": {"x": [13, 16], "y": [14, 10, 5]},
    }
    rows = [
        (by, group, code, count, staff.loc[staff[by] == group, "people"].sum())
        for code, both in counts.items()
        for by, numbers in both.items()
        for group, count in zip(sorted(staff[by].unique()), numbers, strict=True)
    ]
    spoken = pd.DataFrame(rows, columns=["by", "group", "code", "people", "of"])
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"one", "two"})
    assert not len(release.exposed(puzzle, release.protected(puzzle)))


def test_of_three_subcodes_it_is_not_told_that_one_person_speaks_of_two():
    book = pd.DataFrame({"code": ["top", "one", "two", "three"], "parent": [None, "top", "top", "top"]})
    staff = people(A_nurse=40, B_nurse=40)[["borough", "people"]]
    spoken = said(
        staff, {"top": [29, 20], "one": [10, 10], "two": [10, 10], "three": [10, 10]}, across=("borough",)
    )
    puzzle = release.puzzle(staff, spoken, book, {"one", "two", "three"})
    shown = puzzle.numbers.assign(shown=~puzzle.numbers["follows"])
    assert 1 in release.exposed(puzzle, shown)["least"].tolist()
    assert not len(release.exposed(puzzle, release.protected(puzzle)))


def test_what_stands_in_no_table_is_not_told_either():
    """Everybody of A speaks of it, so seven doctors do, and two of the nine others who might."""
    staff = people(A_x=7, A_y=8, B_x=9, B_y=14)
    spoken = said(staff, {"one": [7, 8, 2, 6]})
    puzzle = release.puzzle(staff, spoken, CODEBOOK, {"one"})
    assert not ((puzzle.numbers["people"] < 5) & ~puzzle.numbers["follows"]).any()
    shown = puzzle.numbers.assign(shown=~puzzle.numbers["follows"])
    found = release.exposed(puzzle, shown)
    assert found["code"].isna().all()
    assert [2, 2] in found[["least", "most"]].to_numpy().tolist()
    assert not len(release.exposed(puzzle, release.protected(puzzle)))


def test_of_two_groups_together_nobody_is_hidden_as_few_are():
    """Else a blank would be known to be somebody, and five in two blanks would be one to four in each."""
    staff = people(A_x=4, A_y=0, A_z=7, B_x=1, B_y=4, B_z=6, C_x=7, C_y=8, C_z=9)
    spoken = said(staff, {"one": staff["people"].tolist()})
    numbers = release.protected(release.puzzle(staff, spoken, CODEBOOK, {"one"}))
    pairs = numbers[numbers["of"].isna() & ~numbers["follows"]]
    assert not pairs.loc[pairs["people"].lt(5), "shown"].any()


def test_more_groups_and_codes_than_can_be_tried_are_refused():
    many = pd.DataFrame({"a": range(120), "b": range(120), "people": 9})
    spoken = said(many.rename(columns={"a": "borough", "b": "role"}), {"one": 9})
    with pytest.raises(ValueError, match="more than can be tried"):
        release.puzzle(many.rename(columns={"a": "borough", "b": "role"}), spoken, CODEBOOK, {"one"})


def test_what_need_not_be_hidden_is_shown():
    spoken = said(STAFF, {"one": [4, 3, 5, 2]})
    puzzle = release.puzzle(STAFF, spoken, CODEBOOK, {"one"})
    assert release.protected(puzzle)["shown"].all()
    assert not puzzle.numbers["follows"].any()


def test_numbers_that_cannot_be_are_refused():
    spoken = said(STAFF, {"one": [4, 3, 5, 2]})
    spoken.loc[spoken["by"] == "role", "people"] += 1
    puzzle = release.puzzle(STAFF, spoken, CODEBOOK, {"one"})
    numbers = puzzle.numbers.assign(people=puzzle.numbers["people"].where(puzzle.numbers["people"].ne(7), 2))
    with pytest.raises(ValueError, match="no counts of people fit"):
        release.protected(replace(puzzle, numbers=numbers))
