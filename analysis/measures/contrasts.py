"""Whether groups of people differ in what they speak of: opt-in, and exploratory.

The tests ask how often differences this large would come about if groups were handed to these people by
chance. People chosen on purpose are no random sample, and codes are chosen after reading: a small p-value
points to a place worth reading again and proves nothing about people who were not interviewed, and a large
one says nothing, because few people can show little. Every row therefore carries how many codes were
tried, and none carries a star.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import narwhals as nw
import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import chi2, random_table

from analysis.frames import Table
from analysis.measures import tally
from analysis.measures.intervals import wilson
from analysis.measures.labels import group_of_participants
from analysis.measures.prevalence import rolled_up

COLUMNS = [
    "code",
    "groups",
    "people",
    "p",
    "method",
    "family",
    "p_bh",
    "p_holm",
    "v",
    "v_corrected",
    "why",
]
TEST_COLUMNS = [*COLUMNS[:3], "statistic", "observed", *COLUMNS[3:]]
DIFFERENCE_COLUMNS = [
    "code",
    "group",
    "other",
    "count",
    "total",
    "other_count",
    "other_total",
    "difference",
    "low",
    "high",
]
NOT_ASKED = "the study does not ask for contrasts, which people chosen on purpose seldom bear"
EXACT = "probability of the table of people"
STATISTICS = ("shares of excerpts", "chi-square of people")
DRAWS = 20_000
"""How many tables are drawn where they are too many to go through."""
FEASIBLE = 3_000_000
"""More partial tables than this are not gone through one by one."""
TIE = 1e-7
"""A table counts as no more probable than the one found up to this share more: rounding must not decide."""
LARGEST_CODE = 2.0**62
"""Margins that cannot be written into one whole number belong to tables that are too many anyway."""
BLOCK = 10_000_000
"""How many labels are held in memory at once while people are permuted."""


@dataclass(frozen=True)
class People:
    """Who is compared: `group` of each participant, their number of `excerpts`, and how many of those carry
    each code, as a table `hits` of participants × codes. `left_out` says who is not compared, in words."""

    group: pd.Series
    excerpts: pd.Series
    hits: pd.DataFrame
    left_out: str

    @property
    def groups(self) -> list[str]:
        """The groups that are compared, sorted."""
        return sorted(self.group.unique())

    @property
    def number(self) -> int:
        """How many people are compared."""
        return len(self.group)

    @cached_property
    def speaks(self) -> dict[str, np.ndarray]:
        """By code, how many people of each group speak of it, and how many do not: groups × 2."""
        said = self.hits.gt(0).groupby(self.group).agg(["sum", "size"])
        return {
            code: np.column_stack([said[code, "sum"], said[code, "size"] - said[code, "sum"]])
            for code in self.hits
        }


@dataclass(frozen=True)
class Counts:
    """As `People`, but counted where they live: how many of each of the `groups` speak of each code."""

    groups: list[str]
    number: int
    speaks: dict[str, np.ndarray]
    left_out: str = ""


@dataclass(frozen=True)
class Exact:
    """A p-value, and how it was come by: "exact", or the draws and the seed."""

    p: float
    method: str


@dataclass(frozen=True)
class Association:
    """Chi-square of a table without correction, its degrees of freedom and p, and Cramér's V.

    `v` is the square root of X² ÷ (n × the smaller number of lines less 1); `v_corrected` takes off what
    chance alone brings. All are blank for a table with a single row or column, and `v_corrected` also for
    one with too few people.
    """

    chi_square: float
    df: int
    p: float
    v: float
    v_corrected: float


@dataclass(frozen=True)
class Comparison:
    """Groups compared: the rows of `by_code` and `permuted` together, those of `differences`, or why none.

    `tests` has `statistic` and `observed` besides; for the exact test the statistic is `EXACT`, and nothing
    is observed but the table itself.
    """

    tests: pd.DataFrame
    differences: pd.DataFrame
    why: str


def people(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    by: str,
    groups: Sequence[str] | None = None,
) -> People:
    """The people of the groups of `by`, a column of the roster, and what they said.

    A person who is quoted nowhere counts as one who says nothing. Subcodes count for the codes above them,
    and an excerpt once per code. `groups` chooses and defaults to all. Field notes are nobody's voice and
    stay outside. People without a group, rows that name nobody, and groups in which nobody is named are
    left out, and `left_out` says so. A ValueError says when `by` is no column, when the roster names
    nobody, or which interview excerpt names no participant of the roster.

    Source: the study's own tables.
    """
    if by not in roster:
        raise ValueError(f'by="{by}" is no column of the roster; it has {", ".join(roster)}')
    if roster["participant"].isna().all():
        raise ValueError("the roster names no participant, so people cannot be compared")
    said = excerpts.loc[excerpts["source"] == "interview", ["excerpt", "participant"]]
    stray = said.loc[~said["participant"].isin(roster["participant"].dropna()), "excerpt"]
    if len(stray):
        raise ValueError(f'excerpt "{stray.iloc[0]}" names no participant of the roster to count it for')
    group = group_of_participants(roster, by).sort_index()
    asked = [*groups] if groups is not None else sorted(roster[by].dropna().unique())
    compared = group[group.isin(asked)].astype(object)
    pairs = rolled_up(codings, codebook).merge(said, on="excerpt")
    hits = pd.crosstab(pairs["participant"], pairs["code"])
    hits = hits.reindex(index=compared.index, columns=codebook["code"], fill_value=0)
    spoken = said["participant"].value_counts().reindex(compared.index, fill_value=0)
    return People(compared, spoken, hits, _left_out(roster, by, asked, compared))


def counted(codings: Table, excerpts: Table, codebook: pd.DataFrame, roster: pd.DataFrame, by: str) -> Counts:
    """The people of the groups of `by` and what they speak of, asked where the excerpts live.

    Everybody whom the roster lists counts, those who are quoted nowhere as people who say nothing. A
    ValueError says that interview excerpts name nobody whose group is known.

    Source: `tally.under_codes`.
    """
    spoken = tally.kinds(excerpts, roster, by)
    if spoken.loc[spoken["source"] == "interview", "group"].isna().any():
        raise ValueError(
            "some interview excerpts name no participant with a group, so people cannot be compared"
        )
    sizes = roster.groupby(by)["n"].sum().astype(int)
    rows = tally.under_codes(excerpts, codings, codebook, roster, by, spoken)
    said = (
        rows[rows["source"] == "interview"].groupby(["code", "group"])["people"].sum().unstack(fill_value=0)
    )
    said = said.reindex(index=codebook["code"], columns=sizes.index, fill_value=0)
    tables = {code: np.column_stack([line, sizes - line]) for code, line in said.iterrows()}
    return Counts([*sizes.index], int(sizes.sum()), tables)


def compared(
    codings: Table,
    excerpts: Table,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    by: str,
    asked: bool = True,
) -> Comparison:
    """The groups of `by` compared, code by code, if that is `asked` for and the record names its speakers.

    Exploratory: people who were chosen on purpose are no sample, and their differences speak of them alone.
    People who live in an engine are counted and not shuffled, so they have no rows of `permuted`.

    Sources: those of `by_code`, `permuted` and `differences`.
    """
    found = counted if isinstance(excerpts, nw.LazyFrame) else people
    try:
        whom = found(codings, excerpts, codebook, roster, by) if asked else NOT_ASKED
    except ValueError as error:
        whom = str(error)
    if isinstance(whom, str):
        empty = (pd.DataFrame(columns=columns) for columns in (TEST_COLUMNS, DIFFERENCE_COLUMNS))
        return Comparison(*empty, whom)
    shuffled = [permuted(whom)] if isinstance(whom, People) else []
    tests = pd.concat([by_code(whom).assign(statistic=EXACT), *shuffled], ignore_index=True)
    order = {code: place for place, code in enumerate(codebook["code"])}
    tests = tests.sort_values("code", key=lambda codes: codes.map(order), kind="stable", ignore_index=True)
    return Comparison(tests.reindex(columns=TEST_COLUMNS), differences(whom), "")


def _left_out(roster: pd.DataFrame, by: str, asked: list[str], compared: pd.Series) -> str:
    said = [f'group "{name}" has no people and is left out' for name in asked if name not in set(compared)]
    unnamed = int(roster.loc[roster["participant"].isna(), "n"].sum())
    ungrouped = int((roster["participant"].notna() & roster[by].isna()).sum())
    said += [f"people without a name left out: {unnamed}"] if unnamed else []
    said += [f"people without a group left out: {ungrouped}"] if ungrouped else []
    return "; ".join(said)


def by_code(people: People | Counts, draws: int = DRAWS, seed: int = 1) -> pd.DataFrame:
    """How surely the groups differ in who speaks of a code, in people: one row per code of the codebook.

    Columns `code, groups, people, p, method, family, p_bh, p_holm, v, v_corrected, why`. `p` is of the exact
    test of groups × (speaks of it, does not), `method` how it was come by. `family` is the number of codes
    tested, for which `p_bh` and `p_holm` are adjusted. A code that everybody or nobody speaks of, and one
    with fewer than two groups, cannot be tested: blank, outside of the family, and `why` says so, as it
    names who is left out. `v` is Cramér's V, `v_corrected` the bias-corrected one.

    Sources: those of the exact test, the association and the adjustments in this module.
    """
    rows = []
    for code, table in people.speaks.items():
        untested = _untestable(table)
        found = Exact(np.nan, "") if untested else fisher_freeman_halton(table, draws, seed)
        strength = association(table)
        why = [untested, people.left_out]
        if not untested and np.isnan(strength.v_corrected):
            why.insert(0, "too few people for the corrected V")
        rows.append((code, found.p, found.method, strength.v, strength.v_corrected, _joined(why)))
    tested = pd.DataFrame(rows, columns=["code", "p", "method", "v", "v_corrected", "why"])
    return _within_family(tested, people)[COLUMNS]


def permuted(
    people: People, statistic: str = STATISTICS[0], draws: int = 9_999, seed: int = 1
) -> pd.DataFrame:
    """How surely the groups differ, when the groups of people are shuffled: one row per code.

    Columns `code, groups, people, statistic, observed, p, method, family, p_bh, p_holm, why`. People are
    permuted and not excerpts, because the excerpts of one person are not independent. `statistic` is the
    largest difference between two groups' "shares of excerpts", in which talkative people weigh more, or
    the "chi-square of people". Groups without an excerpt have no share and are passed over.
    p = (1 + hits) ÷ (1 + draws), hits being the draws with at least the observed statistic. Source: Phipson
    and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, article 39.
    """
    if statistic not in STATISTICS:
        raise ValueError(f'statistic="{statistic}" is not one of {", ".join(STATISTICS)}')
    if draws < 1:
        raise ValueError(f"draws={draws}: at least one shuffle is needed")
    of_shares = statistic == STATISTICS[0]
    observed, hits = _shuffled(people, _largest_difference if of_shares else _chi_squares, draws, seed)
    tested = pd.DataFrame({"code": people.hits.columns, "statistic": statistic, "observed": observed})
    tested["p"] = (1 + hits) / (1 + draws)
    tested["method"] = f"permutation of people, {draws:,} draws, seed {seed}"
    untested = [
        _untestable_shares(people, code) if of_shares else _untestable(table)
        for code, table in people.speaks.items()
    ]
    tested["why"] = [_joined([reason, people.left_out]) for reason in untested]
    blank = np.array(untested, dtype=object) != ""
    tested.loc[blank, ["observed", "p"]], tested.loc[blank, "method"] = np.nan, ""
    kept = [*COLUMNS[:3], "statistic", "observed", *COLUMNS[3:8], "why"]
    return _within_family(tested, people)[kept]


def differences(people: People | Counts, confidence: float = 0.95) -> pd.DataFrame:
    """By how much the share of people who speak of a code differs: one row per code and pair of groups.

    Columns `code, group, other, count, total, other_count, other_total, difference, low, high`: people of
    either group who speak of it, of how many, the difference of the two shares and its interval by
    `newcombe`. Intervals are not adjusted for how many there are.

    Source: `newcombe`.
    """
    rows = []
    for code, table in people.speaks.items():
        for one, other in combinations(range(len(table)), 2):
            names = people.groups[one], people.groups[other]
            (count, rest), (other_count, other_rest) = table[one], table[other]
            rows.append((code, *names, count, count + rest, other_count, other_count + other_rest))
    columns = ["code", "group", "other", "count", "total", "other_count", "other_total"]
    counted = pd.DataFrame(rows, columns=columns)
    numbers = counted[columns[3:]].astype(int)
    return counted.assign(**numbers).join(newcombe(*(numbers[name] for name in numbers), confidence))


def newcombe(
    count: pd.Series,
    total: pd.Series,
    other_count: pd.Series,
    other_total: pd.Series,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The difference of two shares of people and its hybrid score interval: `difference, low, high`.

    The difference is count ÷ total − other_count ÷ other_total; blank where a total is 0. Source: method 10
    of Newcombe (1998), Stat. Med. 17, 873–890. It takes the two groups to be drawn independently, which a
    purposive sample is not: read it as a scale for how little a few people can say.

    >>> newcombe(*(pd.Series([number]) for number in (56, 70, 48, 80))).round(4)
       difference     low    high
    0         0.2  0.0524  0.3339
    """
    one, other = wilson(count, total, confidence), wilson(other_count, other_total, confidence)
    share = count.astype(float) / total.where(total > 0).astype(float)
    other_share = other_count.astype(float) / other_total.where(other_total > 0).astype(float)
    difference = share - other_share
    below = ((share - one["low"]) ** 2 + (other["high"] - other_share) ** 2) ** 0.5
    above = ((one["high"] - share) ** 2 + (other_share - other["low"]) ** 2) ** 0.5
    return pd.DataFrame({"difference": difference, "low": difference - below, "high": difference + above})


def association(table: np.ndarray | pd.DataFrame) -> Association:
    """Chi-square of a table of counts, without correction, and Cramér's V; empty lines are left out.

    Sources: Cramér (1946), Mathematical Methods of Statistics, 282; the correction for bias is Bergsma's
    (2013), J. Korean Stat. Soc. 42, 323–328. Where an expected count is below about 5 the p-value is rough:
    see `fisher_freeman_halton`. V near 1 does not say that a difference matters. A ValueError says when the
    table does not hold counts.
    """
    counts = _counts(table)
    total, (rows, columns) = counts.sum(), counts.shape
    if min(rows, columns) < 2:  # noqa: PLR2004 - one line has nothing to be compared with
        return Association(np.nan, 0, np.nan, np.nan, np.nan)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    chi_square, df = float(((counts - expected) ** 2 / expected).sum()), (rows - 1) * (columns - 1)
    excess = max(chi_square / total - df / (total - 1), 0)
    lines = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return Association(
        chi_square,
        df,
        float(chi2.sf(chi_square, df)),
        float((chi_square / total / (min(rows, columns) - 1)) ** 0.5),
        float((excess / lines) ** 0.5) if lines > 0 else np.nan,
    )


def fisher_freeman_halton(
    table: np.ndarray | pd.DataFrame, draws: int = DRAWS, seed: int = 1, feasible: int = FEASIBLE
) -> Exact:
    """The exact two-sided p-value of a table of counts of any size, and how it was come by.

    The probability, given the margins, of all tables that are no more probable than this one. Every table
    is gone through while that takes at most `feasible` partial tables; else `draws` tables are drawn with
    these margins, and p = (1 + hits) ÷ (1 + draws). Where the margins allow one table only, p is 1. A
    ValueError says when the table does not hold counts. Sources: Freeman and Halton (1951), Biometrika 38,
    141–149; two-sided by probability, as in Mehta and Patel (1983), J. Am. Stat. Assoc. 78, 427–434.

    >>> fisher_freeman_halton([[3, 1], [1, 3]])
    Exact(p=0.4857142857142857, method='exact')
    """
    counts = _counts(table)
    p = _enumerated(counts, feasible)
    if p is not None:
        return Exact(p, "exact")
    return Exact(_drawn(counts, draws, seed), f"Monte Carlo, {draws:,} draws, seed {seed}")


def _counts(table: np.ndarray | pd.DataFrame) -> np.ndarray:
    """The table as whole numbers, without rows and columns of zeros."""
    found = np.asarray(table, dtype=float)
    if found.ndim != 2:  # noqa: PLR2004 - a table has rows and columns
        raise ValueError(f"a table of rows and columns is expected, and this has {found.ndim} dimensions")
    wrong = found[~((found >= 0) & (found == np.floor(found)) & np.isfinite(found))]
    if len(wrong):
        raise ValueError(f'"{wrong[0]:g}" stands in the table; counts, 0 or more, are expected')
    counts = found.astype(np.int64)
    return counts[counts.any(axis=1)][:, counts.any(axis=0)]


def _cost(counts: np.ndarray) -> np.ndarray:
    """The sum of log x! over each line: the larger, the less probable is a table with these margins."""
    return gammaln(counts + 1.0).sum(axis=-1)


def _enumerated(counts: np.ndarray, feasible: int) -> float | None:
    """The p-value from all tables with these margins, or None where they are too many.

    The rows are dealt to two halves. For each half all partial tables are listed by what they use up of
    the columns' margins, equal ones once with their number; a partial table of one half goes with those of
    the other that use up exactly the rest. Rows and columns change places where there are more columns.
    """
    if min(counts.shape, default=0) < 2:  # noqa: PLR2004 - the margins of a single line leave one table
        return 1.0
    sides = (counts.sum(axis=1), counts.sum(axis=0))
    lines, margins = min((sides, sides[::-1]), key=lambda side: (len(side[1]), _halves(*side)[0]))
    margins = np.sort(margins)[::-1]  # the largest follows from the others
    if np.prod(margins + 1.0) > LARGEST_CODE:
        return None
    one, other = (_partial(half, margins, feasible) for half in _halves(lines, margins)[1])
    if one is None or other is None:
        return None
    least = _cost(counts).sum() - np.log1p(TIE)
    whole = _cost(lines) + _cost(margins) - gammaln(counts.sum() + 1.0)
    everything = int(_code(margins, margins))
    fitting = ((mine, other[everything - used]) for used, mine in one.items() if everything - used in other)
    return float(min(sum(_tail(mine, theirs, least, whole) for mine, theirs in fitting), 1))


def _tail(mine: np.ndarray, theirs: np.ndarray, least: float, whole: float) -> float:
    """The probability of the tables made of two kinds of partial tables, from a cost of `least` on.

    Either is costs and ways. Summed from the least probable on, so that small p-values keep their digits.
    """
    cost, ways = theirs
    above = np.append((ways * np.exp(cost[0] - cost))[::-1].cumsum()[::-1], 0)
    reach = above[np.searchsorted(cost, least - mine[0])]
    return float((mine[1] * np.exp(whole - mine[0] - cost[0]) * reach).sum())


def _halves(lines: np.ndarray, margins: np.ndarray) -> tuple[float, tuple[list[int], list[int]]]:
    """The sums of the lines, dealt out for like numbers of partial tables, and the log of the larger."""
    halves: tuple[list[int], list[int]] = ([], [])
    work = [0.0, 0.0]
    for line in sorted(lines.tolist(), reverse=True):
        half = int(work[1] < work[0])
        halves[half].append(line)
        work[half] += np.log(np.minimum(np.sort(margins)[:-1], line) + 1.0).sum()
    return max(work), halves


def _partial(half: list[int], margins: np.ndarray, feasible: int) -> dict[int, np.ndarray] | None:
    """All tables of these lines within the margins, by what they use up; None where they are too many.

    Two rows each: the costs from the smallest on, and in how many ways each comes about.
    """
    used, cost, ways = np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1)
    for line in half:
        parts = _parts(line, margins, feasible)
        if parts is None or len(parts) * len(used) > feasible:
            return None
        before, part = np.divmod(np.arange(len(parts) * len(used)), len(parts))
        fits = (_cells(used, margins)[before] + parts[part] <= margins).all(axis=1)
        before, part = before[fits], part[fits]
        used, cost = used[before] + _code(parts, margins)[part], cost[before] + _cost(parts)[part]
        used, cost, ways = _alike_once(used, cost, ways[before])
    found, starts = np.unique(used, return_index=True)
    return dict(zip(found.tolist(), np.split(np.stack([cost, ways]), starts[1:], axis=1), strict=True))


def _alike_once(used: np.ndarray, cost: np.ndarray, ways: np.ndarray) -> tuple[np.ndarray, ...]:
    """Partial tables that use up the same at the same cost, once, sorted by both."""
    near = cost.round(10)
    order = np.lexsort((near, used))
    used, near = used[order], near[order]
    first = np.flatnonzero(np.append(True, (np.diff(used) != 0) | (np.diff(near) != 0)))
    return used[first], cost[order][first], np.add.reduceat(ways[order], first)


def _parts(line: int, margins: np.ndarray, feasible: int) -> np.ndarray | None:
    """The ways to deal a line's sum to cells within the margins, a row each; None where they are many."""
    most = np.minimum(margins[1:], line)
    if np.prod(most + 1.0) > feasible:
        return None
    others = np.indices(most + 1).reshape(len(most), -1).T
    first = line - others.sum(axis=1)
    fits = (first >= 0) & (first <= margins[0])
    return np.column_stack([first, others])[fits]


def _code(cells: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Cells within the margins as one number a line, which adds up as they do."""
    return cells @ _places(margins)


def _cells(codes: np.ndarray, margins: np.ndarray) -> np.ndarray:
    return codes[:, None] // _places(margins) % (margins + 1)


def _places(margins: np.ndarray) -> np.ndarray:
    return np.cumprod([1, *(margins[:-1] + 1)])


def _drawn(counts: np.ndarray, draws: int, seed: int) -> float:
    if draws < 1:
        raise ValueError(f"draws={draws}: at least one table has to be drawn")
    tables = random_table(counts.sum(axis=1), counts.sum(axis=0)).rvs(
        draws, random_state=np.random.default_rng(seed)
    )
    hits = _cost(tables).sum(axis=-1) >= _cost(counts).sum() - np.log1p(TIE)
    return float((1 + hits.sum()) / (1 + draws))


def holm(p: pd.Series) -> pd.Series:
    """The p-values adjusted for their number, so that the chance of any false one stays below them.

    Blanks stay blank and do not count. A ValueError says when a number is no p-value. Source: Holm (1979),
    Scand. J. Stat. 6, 65–70.
    """
    ascending = _probabilities(p)
    left = np.arange(len(ascending), 0, -1)
    return (ascending * left).cummax().clip(upper=1).reindex(p.index)


def benjamini_hochberg(p: pd.Series) -> pd.Series:
    """The p-values adjusted for their number, so that the expected share of false ones stays below them.

    Blanks stay blank and do not count. It takes tests that are independent or depend positively, as those
    of codes and their subcodes do. A ValueError says when a number is no p-value. Source: Benjamini and
    Hochberg (1995), J. R. Stat. Soc. B 57, 289–300.
    """
    ascending = _probabilities(p)
    share = ascending * len(ascending) / np.arange(1, len(ascending) + 1)
    return share[::-1].cummin().clip(upper=1).reindex(p.index)


def _probabilities(p: pd.Series) -> pd.Series:
    """The p-values that are not blank, from the smallest on."""
    found = p.dropna().astype(float)
    wrong = found[~found.between(0, 1)]
    if len(wrong):
        raise ValueError(f'"{wrong.iloc[0]:g}" is no p-value; a number from 0 to 1 is expected')
    return found.sort_values(kind="stable")


def _untestable(table: np.ndarray) -> str:
    """Why people cannot be compared, blank where they can."""
    if len(table) < 2:  # noqa: PLR2004 - a comparison takes two
        return "fewer than two groups with people"
    silent = "" if table[:, 0].any() else "nobody speaks of it"
    return silent or ("" if table[:, 1].any() else "everybody speaks of it")


def _untestable_shares(people: People, code: str) -> str:
    """Why shares of excerpts cannot be compared, blank where they can."""
    quoted = people.excerpts.groupby(people.group).sum()
    if quoted.gt(0).sum() < 2:  # noqa: PLR2004 - a comparison takes two
        return "fewer than two groups with excerpts"
    hits = people.hits[code].sum()
    return {0: "nobody speaks of it", quoted.sum(): "every excerpt is about it"}.get(hits, "")


def _joined(reasons: list[str]) -> str:
    return "; ".join(reason for reason in reasons if reason)


def _within_family(tested: pd.DataFrame, people: People | Counts) -> pd.DataFrame:
    """The rows with who is compared and with p-values adjusted for the number of codes tested."""
    return tested.assign(
        groups=", ".join(people.groups),
        people=people.number,
        family=int(tested["p"].notna().sum()),
        p_bh=benjamini_hochberg(tested["p"]),
        p_holm=holm(tested["p"]),
    )


def _shuffled(
    people: People, measure: Callable[[People, np.ndarray], np.ndarray], draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The statistic of each code as found, and how many shuffles of people reach it."""
    if len(people.groups) < 2:  # noqa: PLR2004 - a comparison takes two
        return np.full(people.hits.shape[1], np.nan), np.zeros(people.hits.shape[1], dtype=np.int64)
    labels = np.array([people.groups.index(name) for name in people.group], dtype=np.int64)
    generator = np.random.default_rng(seed)
    observed = measure(people, labels[None])[0]
    hits = np.zeros(len(observed), dtype=np.int64)
    each = max(1, BLOCK // max(people.hits.shape[1] * len(people.groups), len(labels), 1))
    for start in range(0, draws, each):
        size = min(each, draws - start)
        order = generator.random((size, len(labels))).argsort(axis=1)
        hits += (measure(people, labels[order]) >= observed * (1 - TIE)).sum(axis=0)
    return observed, hits


def _in_groups(values: np.ndarray, labels: np.ndarray, groups: int) -> np.ndarray:
    """The sums of people's values in each group, for each row of labels: rows × groups × values."""
    return np.stack([(labels == group) @ values for group in range(groups)], axis=1)


def _largest_difference(people: People, labels: np.ndarray) -> np.ndarray:
    values = np.column_stack([people.hits.to_numpy(), people.excerpts.to_numpy()]).astype(float)
    sums = _in_groups(values, labels, len(people.groups))
    quoted = sums[:, :, -1:] > 0
    share = sums[:, :, :-1] / np.where(quoted, sums[:, :, -1:], 1)
    highest = np.where(quoted, share, -np.inf).max(axis=1)
    lowest = np.where(quoted, share, np.inf).min(axis=1)
    return np.maximum(highest - lowest, 0)


def _chi_squares(people: People, labels: np.ndarray) -> np.ndarray:
    speaks = people.hits.to_numpy() > 0
    sizes = np.bincount(labels[0], minlength=len(people.groups))[:, None]
    share = speaks.mean(axis=0)
    expected = sizes * share
    spread = expected * (1 - share)
    excess = _in_groups(speaks.astype(float), labels, len(people.groups)) - expected
    return (excess**2 / np.where(spread > 0, spread, np.inf)).sum(axis=1)
