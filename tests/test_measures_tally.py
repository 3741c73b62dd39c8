"""Counting where excerpts live: known answers, a plain count beside it, and the same from an engine."""

from collections import Counter

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.frames import collected, lazy, united
from analysis.measures import bounds, codes, contrasts, cooccurrence, disclosure, prevalence, tally, voices

BYS = st.sampled_from(["borough", "role_group"])


@pytest.fixture(scope="module")
def simulated():
    return study.load("simulated-east-london")


def in_an_engine(excerpts, codings, roster, groupings=("borough", "role_group")):
    """The tables in DuckDB, excerpts with the groups of their participants."""
    people = roster.dropna(subset="participant")[["participant", *groupings]].astype("str")
    rows = excerpts.drop(columns=[*groupings], errors="ignore").merge(people, how="left", on="participant")
    return tuple(
        nw.from_native(one).lazy("duckdb") for one in (rows, codings[["excerpt", "code"]].astype("str"))
    )


def counted(made, by):
    spoken = tally.kinds(made.excerpts, made.roster, by)
    rows = tally.under_codes(made.excerpts, made.codings, made.codebook, made.roster, by, spoken)
    return spoken, rows


# by hand


def test_people_are_counted_by_how_much_they_say_and_how_much_of_it_stands_under_a_code():
    made = small.study(
        small.persons(("A", "nurse"), ("A", "nurse"), ("B", "nurse")),
        small.said_by("p1", "p1", "p2", "p2", "p3"),
        ("E1", "left-a", "K"),
        ("E1", "left-a", "L"),
        ("E1", "left-b"),
        ("E2", "left"),
        ("E4", "left-b"),
    )
    spoken, rows = counted(made, "borough")
    assert spoken[["group", "said", "people"]].to_numpy().tolist() == [["A", 2, 2], ["B", 1, 1]]
    left = rows[rows["code"] == "left"][["group", "here", "said", "people"]]
    assert sorted(left.to_numpy().tolist()) == [["A", 1, 2, 1], ["A", 2, 2, 1]]
    assert {*rows["code"]} == {"top", "left", "left-a", "left-b"}


def test_whoever_is_not_named_is_a_person_for_each_excerpt_and_field_notes_are_a_kind_of_their_own():
    made = small.study(
        small.people(("A", "nurse", 9)), small.quoted("Nurse", "nurse", small.FIELD_NOTES), ("E1", "left")
    )
    spoken, rows = counted(made, "borough")
    assert spoken["named"].sum() == 0
    assert spoken.set_index("source")["people"].to_dict() == {"interview": 1, "field notes": 1}
    assert tally.number(spoken)["excerpts"].sum() == 3
    assert rows[["here", "said", "people"]].drop_duplicates().to_numpy().tolist() == [[1, 1, 1]]


@pytest.mark.parametrize(("digits", "piece"), [(52, 12), (6, 3), (3, 1), (52, 52)])
def test_codes_may_need_several_numbers(monkeypatch, digits, piece):
    monkeypatch.setattr(tally, "DIGITS", digits)
    monkeypatch.setattr(tally, "PIECE", piece)
    names = [f"c{number:02d}" for number in range(70)]
    book = pd.DataFrame({"code": names, "parent": [None, *names[:-1]], "level": None, "name": names})
    codings = pd.DataFrame({"excerpt": ["E1", "E2", "E3"], "code": ["c69", "c10", "c00"]}, dtype="str")
    people = small.persons(("A", "nurse"))
    made = small.Small(people, small.roles(), small.said_by("p1", "p1", "p1", "p1"), codings, book)
    _, rows = counted(made, "borough")
    here = rows.set_index("code")["here"]
    assert (here["c00"], here["c05"], here["c10"], here["c11"], here["c69"]) == (3, 2, 2, 1, 1)
    assert len(rows) == 70
    assert rows["said"].eq(4).all()


@pytest.mark.parametrize("most", [1, 7, 5_000, 10**9])
def test_a_number_holds_as_much_as_anybody_says(most):
    digits = tally.Digits.of(small.codebook(), most)
    assert 2**digits.width > most
    assert digits.each * digits.width <= tally.DIGITS
    places = [digits.place(number) for number in range(len(digits.codes))]
    assert len({*places}) == len(places)
    assert all(shift + digits.width <= tally.DIGITS for _, shift in places)


def test_nothing_coded_gives_no_rows():
    _, rows = counted(small.study(small.persons(("A", "nurse")), small.said_by("p1")), "borough")
    assert rows.empty
    assert tally.together(small.codings(), small.codebook()).empty


def test_sets_of_codes_are_those_of_the_excerpts_and_of_the_people():
    codings = small.codings(("E1", "left-a"), ("E2", "left-a"), ("E2", "other"), ("E3", "other"))
    sets = tally.together(codings, small.codebook())
    found = {
        frozenset(name for name in sets if name != "n" and row[name]): row["n"] for _, row in sets.iterrows()
    }
    left = frozenset({"top", "left", "left-a"})
    assert found == {left: 1, left | {"other"}: 1, frozenset({"other"}): 1}
    who = pd.DataFrame({"excerpt": ["E1", "E2", "E3"], "who": ["p1", "p2", "p1"]}, dtype="str")
    people = tally.together(codings, small.codebook(), who)
    assert people[["left", "other", "n"]].to_numpy().tolist() == [[True, True, 2]]


# a plain count beside it


@small.few
@given(small.studies(), BYS)
def test_a_plain_count_says_the_same(made, by):
    spoken, rows = counted(made, by)
    speaker = made.excerpts.set_index("excerpt")
    group = made.roster.set_index("participant")[by]
    said, here = Counter(), Counter()
    for excerpt, row in speaker.iterrows():
        who = row["participant"] if isinstance(row["participant"], str) else excerpt
        said[who, row["source"]] += 1
        for code, under in small.under(made).items():
            here[code, who, row["source"]] += excerpt in under
    for code in small.under(made):
        some = rows[rows["code"] == code]
        assert (some["here"] * some["people"]).sum() == len(small.under(made)[code])
        assert some["people"].sum() == sum(1 for (c, *_), n in here.items() if c == code and n)
    assert (spoken["said"] * spoken["people"]).sum() == len(made.excerpts)
    assert spoken["people"].sum() == len(said)
    assert {*spoken["group"].dropna()} <= {*group}


# the same from an engine


@small.few
@given(small.studies(), BYS)
def test_an_engine_counts_what_is_counted_in_memory(made, by):
    excerpts, codings = in_an_engine(made.excerpts, made.codings, made.roster)
    placed = bounds.place(excerpts, made.roster, made.roles, by)
    there = prevalence.count(placed, excerpts, codings, made.codebook, made.roster)
    pd.testing.assert_frame_equal(there, made.count(by), check_exact=True)


@pytest.mark.parametrize("by", ["borough", "role_group", "service"])
def test_every_measure_of_the_simulated_study_is_the_same_from_an_engine(simulated, by):
    record = simulated
    excerpts, codings = in_an_engine(record.excerpts, record.codings, record.roster, record.groupings)
    book, roster, roles = record.codebook, record.roster, record.roles
    for there, here in (
        (voices.shares(excerpts, roster, roles), voices.shares(record.excerpts, roster, roles)),
        (
            disclosure.labels_used(excerpts, roster, roles, by),
            disclosure.labels_used(record.excerpts, roster, roles, by),
        ),
        (codes.tree(book, codings), codes.tree(book, record.codings)),
        (cooccurrence.carried(codings, book), cooccurrence.carried(record.codings, book)),
        (
            prevalence.count(bounds.place(excerpts, roster, roles, by), excerpts, codings, book, roster),
            prevalence.count(
                bounds.place(record.excerpts, roster, roles, by),
                record.excerpts,
                record.codings,
                book,
                roster,
            ),
        ),
    ):
        pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_pairs_and_comparisons_of_the_simulated_study_are_the_same_from_an_engine(simulated):
    record = simulated
    excerpts, codings = in_an_engine(record.excerpts, record.codings, record.roster, record.groupings)
    there, why = cooccurrence.by_every_unit(codings, excerpts, record.codebook)
    here, _ = cooccurrence.by_every_unit(record.codings, record.excerpts, record.codebook)
    here = here[here["unit"] != "characters"]
    pd.testing.assert_frame_equal(there, here.reset_index(drop=True), check_exact=True, check_dtype=False)
    assert "characters are counted in memory only" in why
    coded = (codings, excerpts, record.codebook, record.roster)
    found = contrasts.compared(*coded, "borough")
    known = contrasts.compared(record.codings, record.excerpts, *coded[2:], "borough")
    exact = known.tests[known.tests["statistic"] == contrasts.EXACT].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.tests, exact, check_dtype=False)
    pd.testing.assert_frame_equal(found.differences, known.differences, check_dtype=False)


def test_people_who_are_not_named_cannot_be_compared_in_an_engine():
    made = small.study(small.persons(("A", "nurse")), small.quoted("Nurse"), ("E1", "left"))
    excerpts, codings = in_an_engine(made.excerpts, made.codings, made.roster)
    found = contrasts.compared(codings, excerpts, made.codebook, made.roster, "borough")
    assert "name no participant with a group" in found.why


# where tables live


@pytest.mark.parametrize("engine", [None, "duckdb"])
def test_digits_of_a_key_are_united(engine):
    rows = pd.DataFrame({"key": ["a", "b", "a", "a"], "one": [1, 4, 2, 2], "two": [8, 0, 8, 1]})
    table = lazy(rows) if engine is None else nw.from_native(rows).lazy(engine)
    assert collected(united(table, "key", ["one", "two"])).to_numpy().tolist() == [["a", 3, 9], ["b", 4, 0]]


def test_what_comes_from_an_engine_has_the_types_of_what_is_in_memory():
    rows = pd.DataFrame({"text": ["x", None], "n": [2, 1], "yes": [True, False]}).astype({"text": "str"})
    there = collected(nw.from_native(rows).lazy("duckdb"))
    pd.testing.assert_frame_equal(there, collected(lazy(rows)))
    assert there["n"].tolist() == [1, 2] if there["text"].isna().iloc[0] else [2, 1]
    total = nw.from_native(duckdb.sql("SELECT sum(i)::HUGEINT AS n FROM range(4) t(i)"))
    assert collected(total)["n"].dtype == np.int64
