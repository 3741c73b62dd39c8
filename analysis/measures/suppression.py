"""What may be printed of a table of people, and what its reader can still work out.

A count of one or two people points at them, and hiding it alone hides nothing: its row's total less the
other cells gives it back. So a table is attacked as a reader would attack it, and more is hidden until
the attack fails.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, eye_array, hstack

from analysis.measures import MIN_PEOPLE

ALL = "all"
"""The label of a margin."""
MARGINS = ("both", "rows", "columns", "none")
EXACT = {"mip_rel_gap": 0.0}
"""The solver may otherwise stop a little short of the true bound."""
INFEASIBLE = 2
"""What the solver says where nothing fits."""
WHOLE = 1e-6
"""A number this near to a whole one is whole."""


@dataclass(frozen=True)
class Suppressed:
    """A table of people that may be printed, and what was done to it.

    `published` has the margins and is blank where a number is hidden: print every blank alike. `hidden`
    has a row for each of them, `row, column, people, why`, for the analysts alone. `left` is how many
    numbers above 0 are still shown; where it is 0 the table says nothing and is better left out.
    """

    published: pd.DataFrame
    hidden: pd.DataFrame
    left: int


@dataclass(frozen=True)
class _Cells:
    """Every number of a table: where it stands, and of which cells it is the sum."""

    places: pd.DataFrame
    people: np.ndarray
    inner: np.ndarray
    sums: csc_array


def with_margins(counts: pd.DataFrame, margins: str = "both") -> pd.DataFrame:
    """The table of counts of people with its totals, labelled `all`.

    `margins` says which: `rows` gives each row its total, `columns` each column, `both` also the total of
    everybody, `none` nothing. Total only what adds up: of themes, which share people, `rows` alone.

    Source: plain sums.

    >>> said = pd.DataFrame({"nurse": [3, 0], "doctor": [1, 6]}, index=["yes", "no"])
    >>> with_margins(said)
         nurse  doctor  all
    yes      3       1    4
    no       0       6    6
    all      3       7   10
    """
    if margins not in MARGINS:
        raise ValueError(f'margins="{margins}" is not one of {", ".join(MARGINS)}')
    table = _whole(counts, blanks=False)
    if ALL in [*table.index, *table.columns]:
        raise ValueError(f'the table has a row or a column "{ALL}" already; expected counts without totals')
    if margins in ("both", "rows"):
        table = table.assign(**{ALL: table.sum(axis=1).astype("Int64")})
    if margins in ("both", "columns"):
        total = table.sum().astype("Int64").to_frame(ALL).T
        table = pd.concat([table, total]).rename_axis(index=counts.index.name, columns=counts.columns.name)
    return table


def suppress(
    counts: pd.DataFrame, threshold: int = MIN_PEOPLE, margins: str = "both", hide_zeros: bool = False
) -> Suppressed:
    """The table of counts of people with its margins and without what would point at anybody.

    `counts` is rows × columns of whole numbers, each person in one cell. Hidden are all cells and margins
    of 1 to `threshold` - 1 people, with `hide_zeros` those of nobody too (that no nurse complained also
    says something of every nurse), and then as many others as it takes: for every hidden number the
    interval [least, most] that a reader can work out must have most >= `threshold` and least < most.
    The upper end decides, because who learns "at most 4" has learnt all that the threshold keeps back,
    while "at least 3" is harmless as long as it may be any number above; and an interval of a single
    number is the number. Where zeros are shown, a reader who knows it takes every hidden cell to be 1 or
    more; that is reckoned with.

    A hidden number is safe when another table fits all that is shown and has at least `threshold` there. That
    table is looked for with the least loss, people moved × size of the number to be hidden, cells before
    margins; then every number that proves needless is shown again, largest first; and no table is handed
    over that `exposed` objects to. A safe table always exists: without margins nothing can be worked out.

    It misleads where themes are rows, since people share them. Total the rows only; and where the sizes
    of groups are printed as well, make a table for each theme, those who said it and those who did not.
    It does not withstand somebody who knows some of the people counted, nor somebody who reruns this
    function on guesses, nor a second table of the same people: `release` protects all tables of a study.

    Sources: Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapters 4 and 5 (threshold rule,
    protection intervals); Cox (1995), J. Am. Stat. Assoc. 90, 1453–1462 (the move of least loss).
    """
    if threshold < 1 or threshold != int(threshold):
        raise ValueError(f'threshold="{threshold}" is no number of people; expected 1, 2, 3 or more')
    full = with_margins(counts, margins)
    cells, least = _cells(full), 0 if hide_zeros else 1
    primary = (cells.people > 0) & (cells.people < threshold)
    if hide_zeros:
        primary |= (cells.people == 0) & (cells.sums.sum(axis=1) > 0)  # a total over nothing tells nothing
    hidden = _protected(cells, primary, threshold, least)
    published = full.mask(hidden.reshape(full.shape))
    if len(exposed(published, threshold, least)):
        raise ValueError("the table could not be protected: a reader could work out what is hidden in it")
    listed = _listed(cells, primary, threshold)[hidden].reset_index(drop=True)
    return Suppressed(published, listed, int(published.gt(0).sum().sum()))


def _listed(cells: _Cells, primary: np.ndarray, threshold: int) -> pd.DataFrame:
    reasons = [f"fewer than {threshold} people", "nobody", "it would give another away"]
    why = np.select([primary & (cells.people > 0), primary], reasons[:2], reasons[2])
    return cells.places.assign(people=cells.people.astype(int), why=why)


def bounds(published: pd.DataFrame, least: int = 0) -> pd.DataFrame:
    """The least and the most people that a reader can work out for each hidden number.

    `published` is blank where hidden, with margins labelled `all` or without. `least` is what the reader
    takes a hidden cell to be at least: 1 where zeros are known to be shown. One row each, `row, column,
    least, most, says`; `most` is blank where nothing that is shown limits it, and `says` puts it in words.
    Found by two integer programs a number (Hundepool et al. 2012, Statistical Disclosure Control, Wiley,
    section 4.3).

    >>> said = pd.DataFrame({"nurse": [None, 4], "doctor": [9, None], "all": [12, 6]}, index=["yes", "no"])
    >>> bounds(said)
       row  column  least  most       says
    0  yes   nurse      3     3  exactly 3
    1   no  doctor      2     2  exactly 2
    """
    cells = _cells(published)
    _refuse_contradiction(cells, least)
    limits = _shown_limits(cells, least)
    shown = ~np.isnan(cells.people)
    free = cells.sums[shown].sum(axis=0) == 0
    rows = []
    for cell in np.flatnonzero(~shown):
        members = cells.sums[[cell]].toarray()[0]
        low = _smallest(members, limits)
        rows.append((low, None if members[free].any() else _smallest(members, limits, sign=-1)))
    return _told(cells.places[~shown], rows)


def exposed(published: pd.DataFrame, threshold: int = MIN_PEOPLE, least: int = 0) -> pd.DataFrame:
    """The numbers of a published table that a reader can work out exactly or as fewer than `threshold`.

    Rows as in `bounds`. A number of 1 to `threshold` - 1 people that is simply shown stands here too;
    zeros that are shown do not. No rows: the table withstands.

    Source: that of `bounds`.
    """
    cells = _cells(published)
    small = (cells.people > 0) & (cells.people < threshold)
    shown = _told(cells.places[small], [(int(n), int(n)) for n in cells.people[small]])
    hidden = bounds(published, least)
    narrow = hidden["most"].lt(threshold) | hidden["most"].eq(hidden["least"])
    found = [shown.assign(says="shown as " + shown["least"].astype("str")), hidden[narrow.fillna(False)]]
    return pd.concat(found, ignore_index=True)


def _told(places: pd.DataFrame, rows: list[tuple[int, int | None]]) -> pd.DataFrame:
    """The rows of `bounds`."""
    says = [
        f"exactly {low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
        for low, high in rows
    ]
    ends = pd.DataFrame(rows, columns=["least", "most"], index=places.index).astype("Int64")
    told = places.join(ends).assign(says=pd.Series(says, places.index, dtype="str"))
    return told.reset_index(drop=True)


def _whole(table: pd.DataFrame, blanks: bool) -> pd.DataFrame:
    """The table as whole numbers, under plain labels, or an error that says where it is none."""
    for axis, kind in ((table.index, "row"), (table.columns, "column")):
        if not axis.is_unique:
            twice = axis[axis.duplicated()][0]
            raise ValueError(f'the {kind} "{twice}" stands twice; expected every label once')
    values = table.astype(object).to_numpy(copy=True)
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        if pd.isna(value) and blanks:
            values[row, column] = pd.NA
        elif not isinstance(value, (int, float, np.number)) or not value >= 0 or value != np.floor(value):
            where = f'row "{table.index[row]}", column "{table.columns[column]}"'
            raise ValueError(f'{where} has "{value}"; expected a whole number of people, 0 or more')
    labels = [pd.Index([*axis], dtype=object, name=axis.name) for axis in (table.index, table.columns)]
    return pd.DataFrame(values, *labels).astype("Int64")


def _cells(published: pd.DataFrame) -> _Cells:
    """Every number of the table, as a sum over the cells within its margins."""
    table = _whole(published, blanks=True)
    rows, columns = (_belonging(axis) for axis in (table.index, table.columns))
    places = pd.MultiIndex.from_product([table.index, table.columns], names=["row", "column"])
    sums = (rows[:, None, :, None] & columns[None, :, None, :]).reshape(len(places), -1)
    where = places.to_frame(index=False)
    inner = (where["row"].ne(ALL) & where["column"].ne(ALL)).to_numpy(dtype=bool)
    people = table.to_numpy(dtype=float, na_value=np.nan).ravel()
    return _Cells(where, people, inner, csc_array(sums.astype(float)))


def _belonging(axis: pd.Index) -> np.ndarray:
    """Which of an axis' own labels belong to each of its labels: to a margin all."""
    within = axis[axis != ALL]
    return np.array([[label in (one, ALL) for one in within] for label in axis], dtype=bool).reshape(
        len(axis), len(within)
    )


def _shown_limits(cells: _Cells, least: int) -> LinearConstraint:
    """What everything that is shown says about the cells within the margins."""
    hidden = np.isnan(cells.people)
    low = np.where(hidden, np.where(cells.inner, least, 0), cells.people)
    return LinearConstraint(cells.sums, low, np.where(hidden, np.inf, cells.people))


def solved(
    objective: np.ndarray, within: int, limits: LinearConstraint, between: Bounds | None = None
) -> np.ndarray | None:
    """The people in each cell for which the objective is least; None where nothing fits.

    Without the demand for whole people a program is solved sooner, and in a single table its answer is
    whole all the same. Only where it is not are whole people asked for.

    Source: that of `bounds`.
    """
    if not within:
        return None if np.any(limits.lb > 0) else np.zeros(0)
    for whole in (0, 1):
        kinds = np.zeros_like(objective)
        kinds[:within] = whole
        found = milp(objective, integrality=kinds, bounds=between, constraints=limits, options=EXACT)
        if found.status == INFEASIBLE:
            return None
        if not found.success:
            raise ValueError(f"the bounds could not be found; the solver says: {found.message}")
        people = np.rint(found.x[:within])
        if np.abs(found.x[:within] - people).max() < WHOLE:
            break
    return people


def _smallest(members: np.ndarray, limits: LinearConstraint, sign: int = 1) -> int:
    """The least sum of these cells, or the most with the sign -1."""
    return int(members @ solved(sign * members, len(members), limits))


def _refuse_contradiction(cells: _Cells, least: int) -> None:
    within = cells.sums.shape[1]
    if solved(np.zeros(within), within, _shown_limits(cells, least)) is None:
        raise ValueError("no counts of people fit all that is shown; expected totals that add up")


def _protected(cells: _Cells, primary: np.ndarray, threshold: int, least: int) -> np.ndarray:
    """Which numbers to hide: the primary ones, and those without which a reader could find them.

    Each primary number has another table that explains all that is shown, and only what some such
    table changes is hidden. So a number hidden for others' sake is itself never certain.
    """
    targets = np.flatnonzero(primary)
    moved = {target: np.zeros_like(primary) for target in targets}
    hidden = primary.copy()
    for target in targets[np.argsort(cells.people[targets], kind="stable")]:
        moved[target] = _moved(cells, target, threshold, least, free=hidden, fixed=cells.people == 0)
        hidden |= moved[target]
    for needless in sorted(np.flatnonzero(hidden & ~primary), key=lambda cell: -cells.people[cell]):
        hidden = np.any([primary, *moved.values()], axis=0)
        fixed = ~hidden
        fixed[needless] = True
        again = {}
        for target in (target for target in targets if moved[target][needless]):
            again[target] = _moved(cells, target, threshold, least, free=primary, fixed=fixed)
            if again[target] is None:
                break
        else:
            moved |= again
    return np.any([primary, *moved.values()], axis=0)


def _moved(
    cells: _Cells, target: int, threshold: int, least: int, free: np.ndarray, fixed: np.ndarray
) -> np.ndarray | None:
    """The numbers that the table of least loss with at least `threshold` people at the target changes.

    Numbers that are `free` change without loss, `fixed` ones that are not free never. None where there
    is no such table.
    """
    size = len(cells.people)
    within = cells.sums.shape[1]
    everybody = cells.people.max()
    loss = np.where(free, 0, cells.people + np.where(cells.inner, 0, everybody))
    may = free | ~fixed
    more, fewer = np.where(may, np.inf, 0), np.where(may, cells.people - np.where(cells.inner, least, 0), 0)
    at_least = np.zeros(size)
    at_least[target], fewer[target] = threshold - cells.people[target], 0
    between = Bounds(
        np.concatenate([np.zeros(within), at_least, np.zeros(size)]),
        np.concatenate([np.full(within, np.inf), more, np.maximum(fewer, 0)]),
    )
    sums = hstack([cells.sums, -eye_array(size), eye_array(size)], format="csc")
    limits = LinearConstraint(sums, cells.people, cells.people)
    other = solved(np.concatenate([np.zeros(within), loss, loss]), within, limits, between)
    return None if other is None else cells.sums @ other != cells.people
