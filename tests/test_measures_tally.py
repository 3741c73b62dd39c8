"""Counting where the excerpts live: by hand, by a plain count in Python, and the same in an engine."""

from collections import Counter, defaultdict
from dataclasses import replace

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.frames import collected
from analysis.measures import bounds, codes, contrasts, cooccurrence, disclosure, prevalence, tally, voices

BYS = st.sampled_from(["borough", "role_group"])
TWO = small.persons(("A", "nurse"), ("B", "nurse"))
"""p1 in A, p2 in B"""
SIZES = [(52, 12), (12, 6), (6, 3), (3, 1)]
"""Binary digits of a number, and of a piece: from all codes in one number to a number for each code."""


def spoken(made, by="borough"):
    return tally.kinds(made.excerpts, made.roster, by)


def under_codes(made, by="borough"):
    return tally.under_codes(made.excerpts, made.codings, made.codebook, made.roster, by, spoken(made, by))


def counted(rows):
    """How often each row is there, blank cells as None: a table of counts without its order."""
    *columns, number = rows
    cells = rows[columns].astype(object).where(rows[columns].notna(), None)
    keys = [*cells.itertuples(index=False, name=None)]
    assert len({*keys}) == len(keys)
    return dict(zip(keys, rows[number].tolist(), strict=True))


def said_by_kind(made, by):
    """The excerpts of each person of a kind, by a second route: row by row."""
    group = dict(zip(made.roster["participant"], made.roster[by], strict=True))
    found = defaultdict(set)
    for one in made.excerpts.itertuples():
        named = not pd.isna(one.participant)
        of = group[one.participant] if named else None
        of = None if pd.isna(of) else of
        tells = of is None and one.source == "interview" and not pd.isna(one.speaker)
        kind = (named, of, one.source, one.speaker if tells else None)
        found[one.participant if named else one.excerpt, kind].add(one.excerpt)
    return found


def plain_kinds(made, by):
    return Counter((*kind, len(said)) for (_, kind), said in said_by_kind(made, by).items())


def plain_under_codes(made, by):
    found = Counter()
    for (_, kind), said in said_by_kind(made, by).items():
        for code, those in small.under(made).items():
            if here := len(said & those):
                found[code, *kind, here, len(said)] += 1
    return found


def plain_together(made, who=None):
    """How many excerpts, or people, stand under just these codes."""
    held = defaultdict(set)
    for code, those in small.under(made).items():
        for excerpt in those:
            if who is None or excerpt in who:
                held[excerpt if who is None else who[excerpt]].add(code)
    return Counter(tuple(code in codes for code, _, _ in small.CODES) for codes in held.values())


@st.composite
def mixed(draw):
    """A study in which some speakers are named and some are not, and some people have no group."""
    made = draw(small.studies(most_excerpts=12))
    blank = draw(st.lists(st.booleans(), min_size=len(made.excerpts), max_size=len(made.excerpts)))
    lost = draw(st.lists(st.booleans(), min_size=len(made.roster), max_size=len(made.roster)))
    named = made.excerpts["participant"].mask(pd.Series(blank, dtype=bool))
    borough = made.roster["borough"].mask(pd.Series(lost, dtype=bool))
    return replace(
        made,
        excerpts=made.excerpts.assign(participant=named),
        roster=made.roster.assign(borough=borough),
    )


def test_how_many_people_have_how_many_excerpts():
    quotations = small.excerpts(
        ("p1", "Nurse"), ("p1", None), ("p2", "Nurse"), (None, "Nurse"), (None, "Nurse"), small.FIELD_NOTES
    )
    assert counted(spoken(small.study(TWO, quotations))) == {
        (True, "A", "interview", None, 2): 1,
        (True, "B", "interview", None, 1): 1,
        (False, None, "interview", "Nurse", 1): 2,
        (False, None, "field notes", None, 1): 1,
    }


def test_people_who_said_as_much_under_a_code_are_counted_together():
    three = small.persons(("A", "nurse"), ("A", "nurse"), ("B", "nurse"))
    made = small.study(
        three,
        small.said_by("p1", "p1", "p2", "p2", "p3"),
        *[("E1", "left-a"), ("E2", "left-b"), ("E3", "left-a"), ("E3", "left-b"), ("E5", "other")],
    )
    of = (True, "A", "interview", None)
    assert counted(under_codes(made)) == {
        ("left-a", *of, 1, 2): 2,
        ("left-b", *of, 1, 2): 2,
        **{(code, *of, here, 2): 1 for code in ("left", "top") for here in (1, 2)},
        ("other", True, "B", "interview", None, 1, 1): 1,
    }


def test_a_coding_counts_once_however_often_it_is_put_and_by_whom():
    once = small.study(TWO, small.said_by("p1", "p2"), ("E1", "left-a"), ("E2", "right"))
    again = [("E1", "left-a", "x"), ("E1", "left-a", "y"), ("E1", "left", "y"), ("E2", "right")] * 2
    often = replace(once, codings=small.codings(*again))
    pd.testing.assert_frame_equal(under_codes(once), under_codes(often))
    pd.testing.assert_frame_equal(
        tally.together(once.codings, once.codebook), tally.together(often.codings, often.codebook)
    )


def test_a_person_without_a_group_is_told_apart_by_the_label():
    roster = small.persons((None, "nurse"), ("B", "nurse"))
    quotations = small.excerpts(("p1", "Nurse"), ("p1", "Hospital nurse"), ("p2", "Nurse"))
    assert counted(spoken(small.study(roster, quotations))) == {
        (True, None, "interview", "Nurse", 1): 1,
        (True, None, "interview", "Hospital nurse", 1): 1,
        (True, "B", "interview", None, 1): 1,
    }


def test_an_excerpt_that_is_called_like_a_participant_is_not_theirs():
    quotations = small.said_by("p1", None).assign(excerpt=["E1", "p1"])
    made = small.study(TWO, quotations, ("E1", "other"), ("p1", "other"))
    assert sorted(counted(under_codes(made)).values()) == [1, 1]


@pytest.mark.parametrize("where", [lambda made: made, small.elsewhere])
@pytest.mark.parametrize("many", [1, 63, 64, 5000])
def test_people_with_many_excerpts_are_counted_to_the_last(where, many):
    said = small.said_by(*["p1"] * many, "p2")
    coded = [(excerpt, "left-a") for excerpt in said["excerpt"]]
    rows = counted(under_codes(where(small.study(TWO, said, *coded))))
    one, other = (True, "A", "interview", None, many, many), (True, "B", "interview", None, 1, 1)
    assert rows == {(code, *which): 1 for code in ("left-a", "left", "top") for which in (one, other)}


@pytest.mark.parametrize("where", [lambda made: made, small.elsewhere])
def test_seventy_codes_in_chains_take_several_numbers(where):
    chains = [(f"c{n}", f"c{n - 1}" if n % 7 else None, "theme") for n in range(70)]
    coded = [(f"E{n + 1}", f"c{n}") for n in range(70)]
    made = small.study(TWO, small.said_by(*["p1", "p2"] * 35), *coded)
    made = where(replace(made, codebook=small.codebook(chains)))
    rows = under_codes(made)
    total = (rows["here"] * rows["people"]).groupby(rows["code"]).sum()
    assert total.to_dict() == {f"c{n}": 7 - n % 7 for n in range(70)}
    sets = tally.together(made.codings, made.codebook)
    held = [tuple(code for code in sets if code != "n" and row[code]) for _, row in sets.iterrows()]
    assert sorted(held) == sorted(tuple(f"c{m}" for m in range(n - n % 7, n + 1)) for n in range(70))
    assert sets["n"].eq(1).all()


@pytest.mark.parametrize("where", [lambda made: made, small.elsewhere])
def test_a_codebook_that_goes_round_in_circles_is_counted_and_not_followed_for_ever(where):
    made = small.study(TWO, small.said_by("p1", "p2"), ("E1", "x"), ("E2", "y"))
    made = where(replace(made, codebook=small.codebook([("x", "y", None), ("y", "x", None)])))
    assert set(counted(under_codes(made)).values()) == {1}
    assert under_codes(made)["code"].value_counts().to_dict() == {"x": 2, "y": 2}


@pytest.mark.parametrize("where", [lambda made: made, small.elsewhere])
@pytest.mark.parametrize("lacking", ["codings", "excerpts and codings", "codebook and codings"])
def test_what_is_empty_is_counted_as_nothing(where, lacking):
    made = small.study(TWO, small.said_by(*["p1"] * ("excerpts" not in lacking)))
    made = where(replace(made, codebook=small.codebook([])) if "codebook" in lacking else made)
    sets = tally.together(made.codings, made.codebook)
    assert [*sets] == [*made.codebook["code"], "n"]
    assert sets.empty
    rows = under_codes(made)
    assert [*rows] == ["code", *tally.KIND, "here", "said", "people"]
    assert rows.empty
    assert len(spoken(made)) == ("excerpts" not in lacking)


@pytest.mark.parametrize(("digits", "piece"), SIZES)
@small.few
@given(mixed(), BYS)
def test_the_counts_are_those_of_a_plain_count_however_codes_are_kept_in_numbers(digits, piece, made, by):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "DIGITS", max(digits, len(made.excerpts).bit_length()))
        patch.setattr(tally, "PIECE", piece)
        assert counted(spoken(made, by)) == plain_kinds(made, by)
        assert counted(under_codes(made, by)) == plain_under_codes(made, by)
        assert counted(tally.together(made.codings, made.codebook)) == plain_together(made)


@small.properties
@given(mixed())
def test_the_pairs_and_the_sets_of_people_are_those_of_a_plain_count(made):
    pairs = prevalence.rolled_up(made.codings, made.codebook)
    wanted = {(excerpt, code) for code, those in small.under(made).items() for excerpt in those}
    assert not pairs.duplicated().any()
    assert {*pairs.itertuples(index=False, name=None)} == wanted
    of = made.excerpts.dropna(subset="participant")[["excerpt", "participant"]].set_axis(
        ["excerpt", "who"], axis=1
    )
    who = dict(of.itertuples(index=False, name=None))
    assert counted(tally.together(made.codings, made.codebook, of)) == plain_together(made, who)


@small.few
@given(mixed())
def test_the_number_of_each_kind_adds_up_to_all_excerpts(made):
    rows = tally.number(spoken(made))
    assert rows["excerpts"].sum() == len(made.excerpts)
    assert not rows.duplicated(tally.KIND).any()


def same(one, other):
    """Equal to the last digit."""
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@small.few
@given(mixed(), BYS)
@pytest.mark.parametrize(("digits", "piece"), SIZES[::2])
def test_an_engine_counts_small_studies_like_memory(digits, piece, made, by):
    there = small.elsewhere(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "DIGITS", digits)
        patch.setattr(tally, "PIECE", piece)
        same(under_codes(made, by), under_codes(there, by))
    same(made.count(by), there.count(by))


@pytest.fixture(scope="module")
def named(simulated):
    """The simulated study in memory and in an engine."""
    names = ("roster", "roles", "excerpts", "codings", "codebook")
    made = small.Small(*(getattr(simulated, name) for name in names))
    return made, small.elsewhere(made, simulated.groupings)


@pytest.fixture(scope="module")
def partly(named, simulated):
    """The same with every third speaker unnamed, and every tenth excerpt a field note."""
    excerpts = named[0].excerpts
    participant = excerpts["participant"].mask(excerpts.index % 3 == 0)
    source = excerpts["source"].mask(excerpts.index % 10 == 0, "field notes")
    made = replace(named[0], excerpts=excerpts.assign(participant=participant, source=source))
    return made, small.elsewhere(made, simulated.groupings)


@pytest.fixture(params=["named", "partly"])
def both(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["borough", "service", "role_group"])
def by(request):
    return request.param


@pytest.mark.parametrize("confidence", [0.95, None])
@pytest.mark.parametrize("reading", bounds.READINGS)
def test_an_engine_counts_what_memory_counts(both, by, reading, confidence):
    tables = []
    for one in both:
        placement = one.place(by, unstated_roles=reading)
        rows = prevalence.count(placement, one.excerpts, one.codings, one.codebook, one.roster, confidence)
        tables.append((placement, rows))
    (place, rows), (other_place, other_rows) = tables
    for name in ("kinds", "spoken", "possible", "chance"):
        same(getattr(place, name), getattr(other_place, name))
    same(rows, other_rows)
    assert rows["least"].sum() > 0


def test_intervals_are_the_same_from_an_engine(named, by):
    rows, others = (one.count(by) for one in named)
    same(rows, others)
    assert rows.loc[rows["unit"] == "excerpts", "low"].notna().any()
    assert rows.loc[rows["unit"] == "people", "low"].notna().all()


def test_an_engine_knows_the_same_voices_and_labels(both, by):
    same(*(voices.shares(made.excerpts, made.roster, made.roles) for made in both))
    same(*(disclosure.labels_used(made.excerpts, made.roster, made.roles, by) for made in both))
    absent, others = (voices.labels_not_listed(made.excerpts, made.roster, made.roles) for made in both)
    assert absent == others


def test_labels_of_the_unnamed_are_used(partly):
    one, other = (
        disclosure.labels_used(made.excerpts, made.roster, made.roles, "borough") for made in partly
    )
    same(one, other)
    assert len(one) > 1


def test_an_engine_hangs_as_many_excerpts_on_each_code_of_the_tree(named):
    here, there = named
    tree = codes.tree(here.codebook, here.codings)
    same(tree, codes.tree(there.codebook, there.codings))
    assert tree["excerpts"].sum() > len(tree)
    same(codes.top_of(here.codebook, here.codings), collected(codes.top_of(there.codebook, there.codings)))


@pytest.mark.parametrize(("which", "units"), [("named", ["excerpts", "people"]), ("partly", ["excerpts"])])
def test_an_engine_puts_the_same_codes_together(request, which, units):
    here, there = request.getfixturevalue(which)
    same(*(tally.together(made.codings, made.codebook) for made in (here, there)))
    carried = [cooccurrence.carried(made.codings, made.codebook) for made in (here, there)]
    same(*carried)
    rows, _ = cooccurrence.by_every_unit(here.codings, here.excerpts, here.codebook)
    others, why = cooccurrence.by_every_unit(there.codings, there.excerpts, there.codebook)
    same(rows[rows["unit"] != "characters"].reset_index(drop=True), others)
    assert [*others["unit"].unique()] == units
    assert "characters are counted in memory only" in why


def test_an_engine_finds_the_same_groups_to_differ(named, by):
    here, _ = named
    people = contrasts.people(here.codings, here.excerpts, here.codebook, here.roster, by)
    for made in named:
        counts = contrasts.counted(made.codings, made.excerpts, made.codebook, made.roster, by)
        same(contrasts.by_code(people), contrasts.by_code(counts))
        same(contrasts.differences(people), contrasts.differences(counts))
