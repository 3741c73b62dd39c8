"""Which numbers of people may leave together: who belongs to which groups, and who speaks of which code.

Tables of one study are one puzzle to their reader. A number that is hidden in one of them may follow from
the others: from the same code by another grouping, from the code above, from the sizes of the groups. So
all of them are attacked at once, and more is hidden until the attack fails.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from analysis.measures import MIN_PEOPLE
from analysis.measures.suppression import solved

OTHERS = "others"
"""What groups become that are too small to be told of."""
NUMBERS = ["code", "by", "group", "people", "of"]
PRINTED = 2
"""Groupings that people are told of at a time."""
MOST = 10_000
"""Unknowns: beyond that an attack takes hours."""
SLACK = 1e-6
"""The solver's numbers are as good as this."""
UNFIT = "no counts of people fit all that is shown; expected numbers of one study"


@dataclass(frozen=True)
class Puzzle:
    """All numbers of people that may be printed of a study, and how they hang together.

    `numbers` has a row for each, `code, by, group, people, of, follows`: the people of a group who speak of a
    code, out of how many; or those of a group, where there is no code and no `of`. `by` is a tuple of
    groupings and `group` one of a value for each; of nothing it is everybody. A number that `follows` is
    never printed: its reader takes others from each other. Each is a sum of unknowns: how many people have
    each combination of groups, and how many of them speak of each code. `sums` says of which (numbers ×
    unknowns), `laws` what holds of the unknowns whatever is printed. `within` are sums that stand in no
    table: the people of one combination of groups who speak of a code, who do not, and who are there.
    """

    numbers: pd.DataFrame
    sums: csr_array
    laws: LinearConstraint
    within: csr_array


def merged(people: pd.DataFrame, threshold: int = MIN_PEOPLE) -> dict[str, dict[str, str]]:
    """What becomes of every group: itself, or `others` where it is too small to be told of.

    `people` has the groupings and `people`, a row for each combination. By grouping: each group and what it
    becomes. Too small is a group of `threshold` people or fewer, as in it no number could be hidden between
    none and all; where the small ones together are so few as well, the next larger joins them. A grouping
    of which no two groups are left is not among what comes back.

    Source: Hundepool, Domingo-Ferrer, Franconi, Giessing, Schulte Nordholt, Spicer and de Wolf (2012),
    Statistical Disclosure Control, Wiley, section 3.2 (global recoding).

    >>> merged(pd.DataFrame({"borough": ["A", "B", "C", "D"], "people": [20, 9, 2, 30]}))
    {'borough': {'A': 'A', 'B': 'others', 'C': 'others', 'D': 'D'}}
    """
    becomes = {}
    for name in people.columns.drop("people"):
        sizes = people.groupby(name)["people"].sum().sort_values(kind="stable")
        small = sizes.le(threshold)
        if small.any():
            small |= sizes.cumsum().shift(fill_value=0).le(threshold)
        groups = {group: OTHERS if small[group] else group for group in sorted(sizes.index)}
        if len({*groups.values()}) > 1:
            becomes[name] = groups
    return becomes


def puzzle(people: pd.DataFrame, said: pd.DataFrame, codebook: pd.DataFrame, used: set[str]) -> Puzzle:
    """The puzzle of a study.

    `people` has the groupings and `people`, a row for each combination that somebody has. `said` has `by,
    group, code, people, of`, a row for each code and each group of the groupings that codes are counted
    across; a person counts once for a code, and for those above it. `used` are the codes that stand on
    excerpts themselves: of one that is not among them people speak by way of its subcodes only.

    Source: tables with linear relations, Fischetti and Salazar-González (2001), see `protected`.
    """
    wide = _combinations(people.drop(columns="people"))
    across = [*dict.fromkeys(said["by"])]
    narrow = wide[across].drop_duplicates(ignore_index=True)
    parents = codebook.set_index("code")["parent"].reindex([*dict.fromkeys(said["code"])])
    size = len(wide) + len(parents) * len(narrow)
    if size > MOST:
        raise ValueError(
            f"{size:,} combinations of groups and codes are more than can be tried; compare fewer groupings"
        )
    starts = {code: len(wide) + place * len(narrow) for place, code in enumerate(parents.index)}
    counted = pd.concat([_of_people(people), _in_all(said), _in_groups(said)], ignore_index=True)
    sums = np.zeros((len(counted), size))
    for place, row in enumerate(counted.itertuples()):
        start, unknown = (0, wide) if row.code is None else (starts[row.code], narrow)
        sums[place, start : start + len(unknown)] = _among(unknown, row.by, row.group)
    numbers, all_sums = _with_what_follows(counted, sums, parents, used)
    laws = _laws(people, wide, narrow, parents, used)
    return Puzzle(numbers, csr_array(all_sums), laws, _within(wide, narrow, len(parents)))


def _within(wide: pd.DataFrame, narrow: pd.DataFrame, codes: int) -> csr_array:
    """What stands in no table, as rows over the unknowns: of more groupings at once than are printed."""
    there = csr_array(_there(wide, narrow).astype(float))
    spoken = eye_array(codes * len(narrow), format="csr")
    silent = hstack([vstack([there] * codes), -spoken])
    spoken = hstack([csr_array((codes * len(narrow), len(wide))), spoken])
    alike = hstack([eye_array(len(wide)), csr_array((len(wide), codes * len(narrow)))])
    parts = [alike] * (wide.shape[1] > PRINTED) + [spoken, silent] * (narrow.shape[1] > 1)
    return vstack(parts, format="csr") if parts else csr_array((0, spoken.shape[1]))


def _there(wide: pd.DataFrame, narrow: pd.DataFrame) -> np.ndarray:
    """Which combinations of all groupings belong to each one of those that codes are counted across."""
    return np.array([_among(wide, narrow.columns, one) for one in narrow.itertuples(index=False, name=None)])


def _with_what_follows(
    counted: pd.DataFrame, sums: np.ndarray, parents: pd.Series, used: set[str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """The numbers, and those that a reader takes from each other along the codebook.

    They are the people who speak of a code and not of one below it, and, where a code has no excerpts of its
    own, how much its subcodes' people come to beyond its own: so many speak of two, or fewer of several.
    """
    differences = [{parent: 1, code: -1} for code, parent in parents.items() if parent in parents.index]
    below = parents.reset_index().groupby("parent")["code"].agg(list)
    differences += [
        dict.fromkeys(codes, 1) | {parent: -1}
        for parent, codes in below[below.str.len() > 1].items()
        if parent in parents.index and parent not in used
    ]
    coded = counted["code"].notna()
    at = {(row.code, row.by, row.group): row.Index for row in counted[coded].itertuples()}
    rows, more = [], []
    for weights in differences:
        for by, group in dict.fromkeys(
            zip(counted.loc[coded, "by"], counted.loc[coded, "group"], strict=True)
        ):
            places = {at[code, by, group]: weight for code, weight in weights.items()}
            people = sum(weight * counted["people"][place] for place, weight in places.items())
            rows.append((None, by, group, people, None))
            more.append(sum(weight * sums[place] for place, weight in places.items()))
    follows = pd.DataFrame(rows, columns=NUMBERS).astype({"people": int, "of": "Int64", "code": object})
    numbers = pd.concat([counted.assign(follows=False), follows.assign(follows=True)], ignore_index=True)
    return numbers, np.vstack([sums, *more])


def _combinations(groupings: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [*product(*(sorted(groupings[name].unique()) for name in groupings))], columns=groupings.columns
    )


def _among(unknown: pd.DataFrame, by: Iterable[str], group: Iterable[str]) -> np.ndarray:
    """Which combinations belong to a group."""
    member = np.ones(len(unknown), dtype=bool)
    for name, value in zip(by, group, strict=True):
        member &= unknown[name].to_numpy() == value
    return member


def _of_people(people: pd.DataFrame) -> pd.DataFrame:
    """The people of every two groups: by pairs of groupings, those of nobody too."""
    rows = []
    for pair in combinations(people.columns.drop("people"), 2):
        held = people.groupby([*pair])["people"].sum()
        groups = _combinations(people[[*pair]]).itertuples(index=False, name=None)
        rows += [(None, pair, group, int(held.get(group, 0)), None) for group in groups]
    return pd.DataFrame(rows, columns=NUMBERS).astype({"of": "Int64", "code": object})


def _in_groups(said: pd.DataFrame) -> pd.DataFrame:
    rows = said.assign(by=[(name,) for name in said["by"]], group=[(name,) for name in said["group"]])
    return rows[NUMBERS].astype({"of": "Int64", "code": object})


def _in_all(said: pd.DataFrame) -> pd.DataFrame:
    """The people who speak of a code, of everybody."""
    whole = said[said["by"] == said["by"].iloc[0]].groupby("code", sort=False)[["people", "of"]].sum()
    rows = whole.reset_index().assign(by=[()] * len(whole), group=[()] * len(whole))
    return rows[NUMBERS].astype({"of": "Int64", "code": object})


def _laws(
    people: pd.DataFrame, wide: pd.DataFrame, narrow: pd.DataFrame, parents: pd.Series, used: set[str]
) -> LinearConstraint:
    """The sizes of groups are known; who speaks of a code is there, and speaks of the code above."""
    rows, low, high = [], [], []
    for name in wide:
        for group, size in people.groupby(name)["people"].sum().items():
            rows.append((_among(wide, [name], [group])[None, :], {}))
            low, high = [*low, [size]], [*high, [size]]
    each = eye_array(len(narrow))
    there = _there(wide, narrow)
    for code, parent in parents.items():
        rows.append((there, {code: -each}))
        if parent in parents.index:
            rows.append((None, {parent: each, code: -each}))
        if (below := parents.index[parents == code]).size and code not in used:
            rows.append((None, dict.fromkeys(below, each) | {code: -each}))
    free = len(rows) - len(low)
    matrix = vstack([_side_by_side(row, len(wide), len(narrow), parents.index) for row in rows], format="csr")
    none, any_number = np.zeros(free * len(narrow)), np.full(free * len(narrow), np.inf)
    return LinearConstraint(matrix, np.concatenate([*low, none]), np.concatenate([*high, any_number]))


def _side_by_side(row: tuple, wide: int, narrow: int, codes: Iterable[str]) -> csr_array:
    """Laws as rows of a matrix: what they say of people, and of each code."""
    people, of_codes = row
    height = len(people) if people is not None else narrow
    first = csr_array(people.astype(float)) if people is not None else csr_array((height, wide))
    blank = csr_array((height, narrow))
    return hstack([first, *(of_codes.get(code, blank) for code in codes)], format="csr")


def protected(given: Puzzle, threshold: int = MIN_PEOPLE) -> pd.DataFrame:
    """The numbers of the puzzle with `shown` and `why`: blank, `small` or `would tell another`.

    Hidden are all numbers of 1 to `threshold` - 1 people, and those of all but so few; that nobody or
    everybody speaks of a code is shown, that nobody belongs to two groups is not. A reader is taken to know
    all that is shown, the sizes of the groups, how codes hang together, and that what is hidden of a code is
    neither none nor all. For each small number, also one that only `follows`, this must leave whole people
    that reach up to `threshold`, or down to all but so many; and nothing `within` may be known to be 1 or
    more and fewer than `threshold`. Where it is otherwise, what holds the bound is hidden as well: of the
    shown numbers with a share in it, by the multipliers of the linear program, the one of the fewest people;
    nobody and everybody last, as a hidden number may be they as well from then on. It ends, as with nothing
    shown any number of a group's people may speak of any code.

    Sources: Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4; Fischetti and
    Salazar-González (2001), Manag. Sci. 47, 1008–1027 (tables with linear relations).
    """
    numbers = given.numbers.copy()
    few, many = _small(numbers, threshold)
    numbers["shown"] = ~(few | many | numbers["follows"])
    numbers["why"] = np.where(few | many, "small", "")
    reader = _Reader(given, numbers)
    for _, members, enough, sign in _targets(given, numbers, threshold):
        while not reader.may_think(members, enough):
            told = reader.told_by(members, sign)
            numbers.loc[told, ["shown", "why"]] = False, "would tell another"
    return numbers


def exposed(given: Puzzle, numbers: pd.DataFrame, threshold: int = MIN_PEOPLE) -> pd.DataFrame:
    """What a reader can narrow down too far, of `numbers` with `shown`: the attack alone.

    One row each, `least, most`, the interval in whole people that a reader can work out, and the columns of
    `numbers`, blank for what stands in no table. One of few people must reach `threshold`, one of all but a
    few must reach down to all but so many, and nothing `within` may be known to be 1 or more and fewer than
    `threshold`. No rows: the tables withstand. Source as for `protected`; ends by two integer programs each.
    """
    reader = _Reader(given, numbers)
    rows = [
        (place, reader.end(members, 1), reader.end(members, -1))
        for place, members, enough, _ in _targets(given, numbers, threshold)
        if not reader.may_think(members, enough)
    ]
    found = pd.DataFrame(rows, columns=["place", "least", "most"]).astype({"place": "Int64"})
    return found.join(numbers, on="place")


def _targets(
    given: Puzzle, numbers: pd.DataFrame, threshold: int
) -> Iterator[tuple[int | None, np.ndarray, Callable[[np.ndarray], np.ndarray], int]]:
    """Sums of unknowns that a reader must be able to think of as large, small or nothing enough."""
    sums = given.sums.toarray()
    few, many = _small(numbers, threshold)
    for place in np.flatnonzero(few):
        yield place, sums[place], lambda thought: thought >= threshold, -1
    for place in np.flatnonzero(many):
        yield place, sums[place], lambda thought, of=numbers["of"][place]: thought <= of - threshold, 1
    for members in given.within.toarray():
        yield None, members, lambda thought: (thought >= threshold) | (thought <= 0), -1


class _Reader:
    """Somebody who knows what is shown and thinks of whole people that fit it.

    What was thought of once fits for good, as numbers are hidden and never shown again.
    """

    def __init__(self, given: Puzzle, numbers: pd.DataFrame) -> None:
        self.given, self.numbers = given, numbers
        self.matrix = vstack([given.sums, given.laws.A], format="csr")
        self.thoughts = np.zeros((0, given.sums.shape[1]))

    def may_think(self, members: np.ndarray, enough: Callable[[np.ndarray], np.ndarray]) -> bool:
        """Whether a sum may be large, small or nothing enough."""
        return bool(
            enough(self.thoughts @ members).any()
            or enough(np.array(self.end(members, -1)))
            or enough(np.array(self.end(members, 1)))
        )

    def end(self, members: np.ndarray, sign: int) -> int:
        """The least that a sum can be, or the most with the sign -1, in whole people."""
        thought = solved(sign * members, len(members), self.known())
        if thought is None:
            raise ValueError(UNFIT)
        self.thoughts = np.vstack([self.thoughts, thought])
        return int(members @ thought)

    def known(self) -> LinearConstraint:
        """What is known of the numbers, and the laws."""
        low, high = _ends(self.numbers)
        laws = self.given.laws
        return LinearConstraint(self.matrix, np.concatenate([low, laws.lb]), np.concatenate([high, laws.ub]))

    def told_by(self, members: np.ndarray, sign: int) -> int:
        """The number to be hidden next, as it holds the end of a sum: by the multipliers of the program."""
        weights = _multipliers(self.known(), members, sign)[: len(self.numbers)]
        shown, certain = self.numbers["shown"], _certain(self.numbers)
        for told in (shown & (np.abs(weights) > SLACK), shown & certain, shown):
            if told.any():
                order = self.numbers[told].assign(last=certain | self.numbers["people"].eq(0))
                return order.sort_values(["last", "people"], kind="stable").index[0]
        raise ValueError("the tables could not be protected: a reader could work out what is hidden in them")


def _small(numbers: pd.DataFrame, threshold: int) -> tuple[np.ndarray, np.ndarray]:
    """Which numbers are of few people, and which of all but a few; of those of two groups nobody is few."""
    missing = (numbers["of"] - numbers["people"]).fillna(0)
    few, many = (part.between(1, threshold - 1).to_numpy(bool) for part in (numbers["people"], missing))
    of_groups = (numbers["of"].isna() & ~numbers["follows"]).to_numpy(bool)
    return few | (of_groups & (numbers["people"] == 0).to_numpy(bool)), many


def _ends(numbers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most that each number can be by itself: what is shown, else what a blank says."""
    people, shown = numbers["people"].to_numpy(float), numbers["shown"].to_numpy(bool)
    of = numbers["of"].to_numpy(float, na_value=np.nan)
    inside = 0 if (_certain(numbers) & ~numbers["shown"]).any() else 1
    low = np.where(shown, people, np.where(np.isnan(of), 0, inside))
    high = np.where(shown, people, np.where(np.isnan(of), np.inf, of - inside))
    return low, high


def _certain(numbers: pd.DataFrame) -> pd.Series:
    """Which numbers say that nobody of a group speaks of a code, or everybody."""
    return numbers["of"].notna() & (numbers["people"].eq(0) | numbers["people"].eq(numbers["of"]))


def _multipliers(known: LinearConstraint, members: np.ndarray, sign: int) -> np.ndarray:
    """What each thing that is known does to the end of a sum, parts of people allowed; 0 where nothing."""
    fixed = known.lb == known.ub
    above, below = ~fixed & np.isfinite(known.ub), ~fixed & np.isfinite(known.lb)
    found = linprog(
        sign * members,
        A_ub=vstack([known.A[above], -known.A[below]], format="csr"),
        b_ub=np.concatenate([known.ub[above], -known.lb[below]]),
        A_eq=known.A[fixed],
        b_eq=known.lb[fixed],
    )
    weights = np.zeros(len(fixed))
    if found.success:
        weights[fixed] = found.eqlin.marginals
    return weights
