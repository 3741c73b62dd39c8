"""Whether groups of people differ in what they speak of."""

import itertools
from fractions import Fraction
from math import comb, factorial, prod

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.measures import contrasts, intervals

JOBS = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
PARTIES = [[762, 327, 468], [484, 239, 477]]
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1),
]
SHARES = st.integers(1, 200).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(pd.Series)
TABLES = st.sampled_from([(2, 2), (2, 3), (3, 2), (3, 3), (2, 4)]).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 3), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def newcombe(one, other):
    rows = contrasts.newcombe(*(pd.Series([number]) for number in (*one, *other)))
    return tuple(rows.loc[0, ["low", "high"]])


def tables_like(rows, columns):
    """All tables with these margins, one by one."""
    if len(rows) == 1:
        yield [columns]
        return
    for first in itertools.product(*[range(min(rows[0], column) + 1) for column in columns]):
        if sum(first) == rows[0]:
            left = [column - cell for column, cell in zip(columns, first, strict=True)]
            yield from ([first, *rest] for rest in tables_like(rows[1:], left))


def by_definition(table):
    """The exact p-value in fractions, over every table there is."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    weight = Fraction(prod(map(factorial, rows + columns)), factorial(sum(rows)))

    def chance(one):
        return weight / prod(factorial(cell) for row in one for cell in row)

    chances = [chance(one) for one in tables_like(rows, columns)]
    return float(sum(one for one in chances if one <= chance(table)))


def compared(sizes, *said, by="borough", **choices):
    """Boroughs A, B, … of so many people; rows of participant and code, each on an excerpt of its own."""
    roster = small.persons(*[("ABCDE"[place], "nurse") for place, n in enumerate(sizes) for _ in range(n)])
    quotations = small.said_by(*[participant for participant, _ in said])
    coded = small.codings(*[(f"E{number}", code) for number, (_, code) in enumerate(said, 1)])
    return contrasts.people(coded, quotations, small.codebook(), roster, by, **choices)


def code(rows, name):
    return rows.set_index("code").loc[name]


LEFT_FOR_A = [*[(f"p{n}", "left-a") for n in (1, 2, 3)], ("p5", "left-a"), ("p8", "other")]
"""Three of the four people of A speak of it, and one of the four of B."""


def test_two_groups_by_hand():
    rows = contrasts.by_code(compared([4, 4], *LEFT_FOR_A))
    assert list(rows) == contrasts.COLUMNS
    assert rows["code"].tolist() == [name for name, _, _ in small.CODES]
    left = code(rows, "left-a")
    assert left[["groups", "people", "method", "family", "why"]].tolist() == ["A, B", 8, "exact", 4, ""]
    assert left["p"] == pytest.approx(34 / 70)
    assert left["v"] == pytest.approx(0.5)
    # Bergsma: (2 / 8 − 1 / 7) / (2 − 1 / 7 − 1) = 0.125.
    assert left["v_corrected"] == pytest.approx(0.125**0.5)


def test_adjusted_p_values_are_those_of_the_family_of_codes_tested():
    rows = contrasts.by_code(compared([4, 4], *LEFT_FOR_A))
    assert rows["family"].eq(rows["p"].notna().sum()).all()
    pd.testing.assert_series_equal(rows["p_holm"], contrasts.holm(rows["p"]), check_names=False)
    assert code(rows, "left-a")["p_bh"] == pytest.approx(34 / 70 * 4 / 3)


def test_codes_that_cannot_be_tested_say_why_and_are_no_part_of_the_family():
    rows = contrasts.by_code(compared([1, 1], ("p1", "other"), ("p2", "other"), ("p1", "right")))
    assert code(rows, "other")["why"] == "everybody speaks of it"
    assert code(rows, "left")["why"] == "nobody speaks of it"
    assert code(rows, "right")["why"] == "too few people for the corrected V"
    assert rows["family"].eq(1 + 1).all()
    assert code(rows, "left")[["p", "p_bh", "p_holm", "v", "v_corrected"]].isna().all()


def test_a_group_without_people_is_left_out_and_named():
    people = compared([2, 2], ("p1", "other"), groups=["A", "B", "Z"])
    rows = contrasts.by_code(people)
    assert rows["groups"].eq("A, B").all()
    assert code(rows, "other")["why"] == 'group "Z" has no people and is left out'


def test_people_without_a_name_or_a_group_are_left_out_and_counted():
    roster = pd.concat(
        [small.persons(("A", "nurse"), ("B", "nurse"), (None, "nurse")), small.people(("C", "nurse", 5))],
        ignore_index=True,
    )
    people = contrasts.people(small.codings(), small.said_by("p3"), small.codebook(), roster, "borough")
    assert people.group.to_dict() == {"p1": "A", "p2": "B"}
    assert people.left_out == (
        'group "C" has no people and is left out; '
        "people without a name left out: 5; people without a group left out: 1"
    )


@pytest.mark.parametrize("choices", [{}, {"groups": ["A"]}, {"groups": []}])
def test_fewer_than_two_groups_are_no_comparison(choices):
    people = compared([3], ("p1", "other"), **choices)
    for rows in (contrasts.by_code(people), contrasts.permuted(people, "chi-square of people", 9)):
        assert rows["why"].str.startswith("fewer than two groups").all()
        assert rows["p"].isna().all()
    assert contrasts.permuted(people, draws=9)["why"].str.startswith("fewer than two groups").all()
    assert contrasts.differences(people).empty


def test_a_person_counts_once_and_field_notes_are_nobodys_voice():
    roster = small.persons(("A", "nurse"), ("B", "nurse"))
    quotations = small.said_by("p1", "p1", small.FIELD_NOTES)
    coded = small.codings(*[(f"E{number}", "other", coder) for number in (1, 2, 3) for coder in "xy"])
    people = contrasts.people(coded, quotations, small.codebook(), roster, "borough")
    assert people.hits["other"].tolist() == [2, 0]
    assert people.excerpts.tolist() == [2, 0]
    row = code(contrasts.differences(people), "other")
    assert row[["count", "total", "other_count", "other_total"]].tolist() == [1, 1, 0, 1]


def test_differences_carry_the_people_and_the_interval():
    row = code(contrasts.differences(compared([4, 4], *LEFT_FOR_A)), "left")
    assert row.iloc[:7].tolist() == ["A", "B", 3, 4, 1, 4, 0.5]
    assert tuple(row[["low", "high"]]) == pytest.approx(newcombe((3, 4), (1, 4)))


@pytest.mark.parametrize(
    ("table", "p"),
    [([[3, 1], [1, 3]], 0.485714), (JOBS, 0.782685), ([[4, 1, 0], [0, 2, 3]], 1 / 21)],
)
def test_the_textbook_tables_are_exact(table, p):
    found = contrasts.fisher_freeman_halton(table)
    assert found.method == "exact"
    assert found.p == pytest.approx(p, abs=5e-7)


@small.properties
@given(TABLES)
def test_the_exact_p_value_is_that_of_its_definition(table):
    assert contrasts.fisher_freeman_halton(table).p == pytest.approx(by_definition(table), rel=1e-9)


@small.properties
@given(st.lists(st.lists(st.integers(0, 300), min_size=2, max_size=2), min_size=2, max_size=2))
def test_a_table_of_two_by_two_is_fishers(table):
    expected = stats.fisher_exact(table)[1] if sum(map(sum, table)) else 1
    assert contrasts.fisher_freeman_halton(table).p == pytest.approx(expected, rel=1e-6)


@small.few
@given(TABLES, st.integers(0, 99))
def test_neither_the_order_of_lines_nor_empty_ones_matter(table, seed):
    counts = np.array(table)
    generator = np.random.default_rng(seed)
    mixed = generator.permutation(generator.permutation(counts, axis=0), axis=1)
    wider = np.pad(mixed.T, 1)
    p = contrasts.fisher_freeman_halton(counts).p
    assert contrasts.fisher_freeman_halton(wider).p == pytest.approx(p, rel=1e-9)


def test_a_small_p_value_keeps_its_digits():
    # Only the two tables without a mixed group are as improbable.
    assert contrasts.fisher_freeman_halton([[40, 0], [0, 40]]).p == pytest.approx(2 / comb(80, 40))
    three = np.diag([20, 20, 20])
    expected = 6 * factorial(20) ** 3 / factorial(60)
    assert contrasts.fisher_freeman_halton(three).p == pytest.approx(expected)


def test_ten_groups_of_two_hundred_people_are_gone_through():
    speaks = np.array([3, 5, 8, 2, 9, 12, 4, 7, 6, 10])
    found = contrasts.fisher_freeman_halton(np.column_stack([speaks, 20 - speaks]))
    assert found.method == "exact"
    drawn = contrasts.fisher_freeman_halton(np.column_stack([speaks, 20 - speaks]), feasible=1)
    assert found.p == pytest.approx(drawn.p, abs=0.01)


def test_too_many_tables_are_drawn_and_the_method_says_so():
    found = contrasts.fisher_freeman_halton(JOBS, feasible=100)
    assert found.method == "Monte Carlo, 20,000 draws, seed 1"
    assert found.p == pytest.approx(0.782685, abs=0.01)
    assert found == contrasts.fisher_freeman_halton(JOBS, feasible=100)
    assert found != contrasts.fisher_freeman_halton(JOBS, feasible=100, seed=2)
    assert contrasts.fisher_freeman_halton(np.diag([90] * 6), draws=99).p == 0.01


@pytest.mark.parametrize("table", [[[5, 3]], [[5], [3]], [[0, 0], [4, 2]], [[0, 0], [0, 0]]])
def test_where_the_margins_leave_one_table_p_is_1(table):
    assert contrasts.fisher_freeman_halton(table) == contrasts.Exact(1, "exact")
    found = contrasts.association(table)
    assert np.isnan([found.chi_square, found.p, found.v, found.v_corrected]).all()


def test_the_textbook_association():
    found = contrasts.association(PARTIES)
    assert (found.chi_square, found.df) == (pytest.approx(30.0701, abs=5e-5), 2)
    assert found.p == pytest.approx(2.954e-07, rel=1e-3)
    assert found.v == pytest.approx(0.104436, abs=5e-7)
    assert found.v_corrected == pytest.approx(0.100920, abs=5e-7)


@small.properties
@given(TABLES)
def test_chi_square_is_that_of_an_independent_implementation(table):
    counts = np.array(table)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    found = contrasts.association(table)
    if min(counts.shape) > 1:
        expected = stats.chi2_contingency(counts, correction=False)
        assert (found.chi_square, found.p) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)
        assert found.v == pytest.approx(stats.contingency.association(counts, "cramer"), abs=1e-9)
        assert np.isnan(found.v_corrected) or 0 <= found.v_corrected <= 1 + 1e-9


def test_the_textbook_difference_of_two_shares():
    assert newcombe((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@small.properties
@given(SHARES, SHARES)
def test_a_difference_the_other_way_round_has_the_mirrored_interval(one, other):
    low, high = newcombe(one, other)
    assert newcombe(other, one) == pytest.approx((-high, -low), abs=1e-12)
    assert -1 - 1e-12 <= low <= one[0] / one[1] - other[0] / other[1] + 1e-12


def test_against_a_share_that_is_all_but_sure_the_difference_is_as_unsure_as_the_other_share():
    low, high = newcombe((7, 20), (0, 10**9))
    alone = intervals.wilson(pd.Series([7]), pd.Series([20])).iloc[0]
    assert (low, high) == pytest.approx(tuple(alone), abs=1e-4)


def test_a_group_without_people_has_no_difference():
    columns = [pd.Series([1, 1]), pd.Series([2, 2]), pd.Series([0, 1]), pd.Series([0, 2])]
    assert contrasts.newcombe(*columns).isna().all(axis=1).tolist() == [True, False]
    assert contrasts.newcombe(*[pd.Series([], dtype=int)] * 4).empty


def test_the_published_family_is_adjusted_as_printed():
    p = pd.Series(PUBLISHED)
    assert contrasts.benjamini_hochberg(p).le(0.05).sum() == 4
    assert contrasts.holm(p).le(0.05).sum() == 3
    assert contrasts.benjamini_hochberg(p)[3] == pytest.approx(0.0095 * 15 / 4)
    assert contrasts.holm(p)[2] == pytest.approx(0.0019 * 13)


@small.properties
@given(P_VALUES, st.integers(0, 99))
def test_adjusting_follows_the_definitions(p, seed):
    order = np.random.default_rng(seed).permutation(len(p))
    ascending, m = sorted(p), len(p)
    for value, bh, holm in zip(p, contrasts.benjamini_hochberg(p), contrasts.holm(p), strict=True):
        first, last = ascending.index(value), m - ascending[::-1].index(value)
        assert bh == pytest.approx(min(1, *(ascending[k] * m / (k + 1) for k in range(last - 1, m))))
        assert holm == pytest.approx(min(1, max(ascending[k] * (m - k) for k in range(first + 1))))
    mixed = contrasts.holm(p.iloc[order])
    pd.testing.assert_series_equal(mixed.sort_index(), contrasts.holm(p))


def test_scipy_adjusts_to_the_same_false_discovery_rate():
    expected = stats.false_discovery_control(PUBLISHED)
    assert contrasts.benjamini_hochberg(pd.Series(PUBLISHED)).tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("adjust", [contrasts.holm, contrasts.benjamini_hochberg])
def test_blanks_stay_blank_and_do_not_count(adjust):
    assert adjust(pd.Series([0.02, None, 0.5])).fillna(-1).tolist() == pytest.approx([0.04, -1, 0.5])
    assert adjust(pd.Series([], dtype=float)).empty
    with pytest.raises(ValueError, match=r'"1\.2" is no p-value'):
        adjust(pd.Series([0.2, 1.2]))


def shuffles(people, statistic, draws=4_999, seed=1):
    return contrasts.permuted(people, statistic, draws, seed)


def test_shuffling_people_comes_to_the_exact_test_of_two_groups():
    rows = shuffles(compared([4, 4], *LEFT_FOR_A), "chi-square of people")
    left = code(rows, "left-a")
    assert left["observed"] == pytest.approx(contrasts.association([[3, 1], [1, 3]]).chi_square)
    assert left["p"] == pytest.approx(34 / 70, abs=0.03)
    assert left["method"] == "permutation of people, 4,999 draws, seed 1"


def test_the_largest_difference_is_one_of_shares_of_excerpts():
    said = [("p1", "left-a"), ("p1", "left-b"), ("p2", "other"), ("p3", "other"), ("p5", "left-a")]
    rows = shuffles(compared([2, 2, 2], *said), "shares of excerpts", draws=99)
    assert code(rows, "left")["observed"] == pytest.approx(1)  # 2 of 3, none of 1, 1 of 1
    assert code(rows, "left-b")["observed"] == pytest.approx(1 / 3)


def test_one_talkative_person_is_one_person_however_much_they_say():
    # Forty excerpts of one person beside one of each other: their group is as likely to be any.
    said = [("p1", "other")] * 40 + [(f"p{number}", "right") for number in range(2, 9)]
    row = code(shuffles(compared([4, 4], *said), "shares of excerpts"), "other")
    assert row["p"] == pytest.approx(1, abs=1e-3)


def test_the_share_of_shuffles_is_that_of_all_orders():
    said = [
        ("p1", "other"),
        ("p2", "other"),
        ("p2", "right"),
        ("p3", "right"),
        ("p4", "right"),
        ("p5", "right"),
    ]
    people = compared([2, 3], *said)
    hits, spoken = people.hits["other"].to_numpy(), people.excerpts.to_numpy()
    share = [
        abs(hits[[*a]].sum() / spoken[[*a]].sum() - np.delete(hits, a).sum() / np.delete(spoken, a).sum())
        for a in itertools.combinations(range(5), 2)
    ]
    row = code(shuffles(people, "shares of excerpts", draws=20_000), "other")
    assert row["observed"] == pytest.approx(share[0])
    assert row["p"] == pytest.approx(np.mean(np.array(share) >= share[0] - 1e-9), abs=0.02)


def test_groups_that_nobody_quotes_have_no_share():
    rows = shuffles(compared([2, 2, 2], ("p1", "other"), ("p3", "right")), "shares of excerpts", draws=99)
    assert code(rows, "other")["observed"] == 1
    rows = shuffles(compared([2, 2], ("p1", "other"), ("p2", "right")), "shares of excerpts", draws=99)
    assert rows["why"].eq("fewer than two groups with excerpts").all()


def test_a_code_on_every_excerpt_cannot_be_compared_by_shares():
    rows = shuffles(compared([1, 1], ("p1", "other"), ("p2", "other")), "shares of excerpts", draws=99)
    assert code(rows, "other")["why"] == "every excerpt is about it"


def test_shuffles_are_repeatable_and_the_size_of_a_block_does_not_matter(monkeypatch):
    people = compared([3, 3], *LEFT_FOR_A[:4])
    before = shuffles(people, "shares of excerpts", draws=50)
    monkeypatch.setattr(contrasts, "BLOCK", 1)
    pd.testing.assert_frame_equal(shuffles(people, "shares of excerpts", draws=50), before)


@small.few
@given(small.studies(notes=False), st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(made, seed):
    other = small.reordered(made, seed, "excerpts", "roster", "codings")
    rows = [
        contrasts.by_code(contrasts.people(one.codings, one.excerpts, one.codebook, one.roster, "borough"))
        for one in (made, other)
    ]
    pd.testing.assert_frame_equal(*rows)
    assert (rows[0]["p_holm"].dropna() >= rows[0]["p"].dropna()).all()
    assert (rows[0]["why"].ne("") | rows[0]["p"].notna()).all()


def test_the_people_have_to_be_named():
    quotations, roster = small.said_by("p1", "p7"), small.persons(("A", "nurse"))
    with pytest.raises(ValueError, match='by="ward" is no column of the roster'):
        contrasts.people(small.codings(), quotations, small.codebook(), roster, "ward")
    with pytest.raises(ValueError, match='excerpt "E2" names no participant of the roster'):
        contrasts.people(small.codings(), quotations, small.codebook(), roster, "borough")
    with pytest.raises(ValueError, match="the roster names no participant"):
        contrasts.people(
            small.codings(), quotations, small.codebook(), small.people(("A", "nurse")), "borough"
        )


def test_a_table_holds_counts():
    with pytest.raises(ValueError, match=r'"-1" stands in the table'):
        contrasts.association([[1, -1], [2, 2]])
    with pytest.raises(ValueError, match=r'"0\.5" stands in the table'):
        contrasts.fisher_freeman_halton([[1, 0.5], [2, 2]])
    with pytest.raises(ValueError, match="1 dimensions"):
        contrasts.fisher_freeman_halton([1, 2])
    with pytest.raises(ValueError, match="draws=0"):
        contrasts.fisher_freeman_halton(JOBS, draws=0, feasible=1)


def test_impossible_choices_are_refused():
    people = compared([1, 1])
    with pytest.raises(ValueError, match='statistic="t" is not one of shares of excerpts'):
        contrasts.permuted(people, "t")
    with pytest.raises(ValueError, match="draws=0"):
        contrasts.permuted(people, draws=0)


# all of it at once


def test_groups_compared_have_both_tests_of_each_code_in_the_order_of_the_codebook(simulated):
    coded = (simulated.codings, simulated.excerpts, simulated.codebook, simulated.roster)
    found = contrasts.compared(*coded, "borough")
    codes = simulated.codebook["code"].tolist()
    assert found.tests["code"].tolist() == [code for code in codes for _ in range(2)]
    assert found.tests["statistic"].tolist() == [
        "probability of the table of people",
        "shares of excerpts",
    ] * len(codes)
    assert len(found.differences) == 3 * len(codes)
    assert found.why == ""


@pytest.mark.parametrize("asked", [True, False])
def test_groups_that_are_not_compared_have_no_rows_and_a_reason(paper, simulated, asked):
    record = paper if asked else simulated
    found = contrasts.compared(
        record.codings, record.excerpts, record.codebook, record.roster, "borough", asked=asked
    )
    assert found.tests.empty
    assert found.differences.empty
    assert found.why.startswith("the roster names no participant" if asked else "the study does not ask")


@pytest.mark.parametrize("by", ["borough", "service", "role_group"])
@pytest.mark.parametrize("where", ["memory", "engine"])
def test_people_who_are_counted_are_those_who_are_looked_at_one_by_one(simulated, by, where):
    excerpts, codings, roster = simulated.excerpts, simulated.codings, simulated.roster
    people = contrasts.people(codings, excerpts, simulated.codebook, roster, by)
    if where == "engine":
        excerpts = excerpts.merge(roster[["participant", by]], on="participant", how="left")
        excerpts, codings = small.in_engine(excerpts), small.in_engine(codings)
    counts = contrasts.counted(codings, excerpts, simulated.codebook, roster, by)
    assert (counts.groups, counts.left_out) == (people.groups, people.left_out)
    assert [*counts.speaks] == [*people.speaks]
    for code, table in people.speaks.items():
        assert np.array_equal(counts.speaks[code], table)


def test_whoever_is_quoted_nowhere_counts_as_one_who_says_nothing():
    roster = small.persons(("A", "nurse"), ("A", "nurse"), ("B", "nurse"))
    made = small.study(roster, small.said_by("p1", small.FIELD_NOTES), ("E1", "left"), ("E2", "other"))
    counts = contrasts.counted(made.codings, made.excerpts, made.codebook, made.roster, "borough")
    for code, table in counts.speaks.items():
        assert table.tolist() == ([[1, 1], [0, 1]] if code in ("top", "left") else [[0, 2], [0, 1]])
    assert [*counts.speaks] == [*made.codebook["code"]]


@pytest.mark.parametrize("roster", [[("A", "nurse"), ("B", "nurse")], [(None, "nurse"), ("B", "nurse")]])
def test_people_are_not_counted_where_somebody_has_no_name_or_no_group(roster):
    unnamed = None if roster[0][0] else "p1"
    made = small.study(small.persons(*roster), small.said_by(unnamed, "p2"), ("E1", "left"))
    for one in (made, small.elsewhere(made)):
        with pytest.raises(ValueError, match="some interview excerpts name no participant with a group"):
            contrasts.counted(one.codings, one.excerpts, one.codebook, one.roster, "borough")
