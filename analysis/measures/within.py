"""A part of a study: the people of some groups, and the excerpts that the record says are theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import pandas as pd

from analysis.frames import Table, length
from analysis.measures import bounds
from analysis.measures.labels import known_group


@dataclass(frozen=True)
class Part:
    """The rows of a study that lie within some groups.

    `number` is how many excerpts these are. `unsaid` counts, by attribute, the excerpts of which the record
    does not say the group. They are left out, whatever their group may be.
    """

    excerpts: Table
    codings: Table
    roster: pd.DataFrame
    unsaid: dict[str, int]
    number: int


def part(
    excerpts: Table,
    codings: Table,
    roster: pd.DataFrame,
    roles: pd.DataFrame,
    within: Mapping[str, Sequence[str]],
) -> Part:
    """The people who are in one of the groups named for each attribute, and their excerpts and codings.

    `within` has groups by attribute, a column of the roster; with nothing in it the part is the whole. An
    excerpt's group is its participant's, and its role group also that of the label printed beside it. Where
    excerpts live in an engine only the participant counts, and `within` has groupings only.

    Source: the roster and roles.csv.
    """
    if unknown := within.keys() - {*roster}:
        raise ValueError(
            f"within: {', '.join(sorted(unknown))} is no column of the roster; it has {', '.join(roster)}"
        )
    if isinstance(excerpts, nw.LazyFrame):
        return _in_an_engine(excerpts, codings, roster, within)
    listed = _listed(roster, within)
    kept = pd.Series(data=True, index=excerpts.index)
    unsaid = {}
    for attribute, groups in within.items():
        known = known_group(excerpts, roster, roles, attribute)
        unsaid[attribute] = int(known.isna().sum())
        kept &= known.astype("str").isin(groups)  # ages, say, are numbers
    here = excerpts[kept]
    return Part(here, codings[codings["excerpt"].isin(here["excerpt"])], listed, unsaid, len(here))


def _in_an_engine(
    excerpts: nw.LazyFrame, codings: Table, roster: pd.DataFrame, within: Mapping[str, Sequence[str]]
) -> Part:
    if strange := within.keys() - {*excerpts.collect_schema()}:
        raise ValueError(f"within: {', '.join(sorted(strange))} is no grouping of the study")
    here, unsaid = excerpts, {}
    for attribute, groups in within.items():
        unsaid[attribute] = length(excerpts.filter(nw.col(attribute).is_null()))
        here = here.filter(nw.col(attribute).cast(nw.String).is_in([*groups]))
    return Part(here, codings, _listed(roster, within), unsaid, length(here))


def _listed(roster: pd.DataFrame, within: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The people who are in one of the groups named for each attribute."""
    kept = pd.Series(data=True, index=roster.index)
    for attribute, groups in within.items():
        kept &= roster[attribute].astype("str").isin(groups)
    return roster[kept]


def place(here: Part, roster: pd.DataFrame, roles: pd.DataFrame, by: str) -> bounds.Placement:
    """Where the excerpts of a part may be from, placed against everybody who is listed.

    Whoever is left out may have spoken all the same. Within groups no excerpt whose group is open has a
    chance: a model's number of the whole less that of a part could be that of a single quotation.

    Source: `bounds.place`.
    """
    placed = bounds.place(here.excerpts, roster, roles, by)
    if not here.unsaid:
        return placed
    return replace(placed, chance=placed.chance.mask(placed.several))


def grouped(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Groups by attribute, from texts that each say one: `attribute=group`.

    Source: this project's own notation.

    >>> grouped(["borough=A", "borough=B", "care=acute care"])
    {'borough': ('A', 'B'), 'care': ('acute care',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        attribute, sign, group = text.partition("=")
        if not (sign and attribute and group):
            raise ValueError(f'within: "{text}" names no group; expected attribute=group')
        found[attribute] = (*found.get(attribute, ()), group)
    return found


def chosen(rows: pd.DataFrame, codes: Sequence[str], unit: str) -> pd.DataFrame:
    """The rows of `prevalence.count` for some codes, all if none is named, counted in one unit; none where
    nothing is counted.

    Source: `prevalence.count`.
    """
    if len(rows) and (unknown := {*codes} - {*rows["code"]}):
        raise ValueError(f"codes: {', '.join(sorted(unknown))} is not among the codes that are counted")
    wanted = rows["code"].isin(codes) if codes else pd.Series(data=True, index=rows.index)
    return rows[wanted & rows["unit"].eq(unit)].reset_index(drop=True)
