"""Where an excerpt may come from: certainly, possibly, and by chance.

For every kind of excerpt the groups in which somebody may have said it. Where the record names the
participant that is one group and the bounds close on the count; where it prints only a role label
it is every group in which that role was interviewed; field notes fit every group and belong to no
role group.
"""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.frames import Table, collected
from analysis.measures import MIN_PEOPLE
from analysis.measures.disclosure import widen
from analysis.measures.labels import group_said, people_fitting
from analysis.measures.tally import KIND, kinds, number, placed

READINGS = ("any", "none")


@dataclass(frozen=True)
class Placement:
    """Where excerpts may be from, as tables of kinds of excerpts × groups.

    `kinds` says what each kind is like and how many `excerpts` are of it, `spoken` how many people have how
    many of them, see `tally.kinds`. `possible`: may an excerpt of the kind be from the group? `chance`: its
    share of the people who fit, a model and not data; blank where nothing may be said. `narrow`: were people
    without a stated profession left out, so that a group may be excluded wrongly?
    """

    by: str
    narrow: bool
    kinds: pd.DataFrame
    spoken: pd.DataFrame
    possible: pd.DataFrame
    chance: pd.DataFrame

    @property
    def most(self) -> pd.Series:
        """How many excerpts may be from each group."""
        return self.possible.mul(self.kinds["excerpts"], axis=0).sum()

    @property
    def several(self) -> pd.Series:
        """Whether an excerpt of the kind may be from several groups."""
        return self.possible.sum(axis=1) > 1


def place(
    excerpts: Table,
    roster: pd.DataFrame,
    roles: pd.DataFrame,
    by: str,
    unstated_roles: str = "any",
    min_people: int = MIN_PEOPLE,
) -> Placement:
    """The placement of every excerpt in the groups of `by`, a column of the roster.

    `unstated_roles="any"` lets a person without a stated profession stand behind every label, so that
    the bounds never exclude the truth; `"none"` is the narrower reading. A label fits every group, and
    gets no chance, where nothing wide enough lies above it or somebody whom it fits has no group.

    Source: bounds of what is only partly observed, as in Manski (2003), Partial Identification of
    Probability Distributions, Springer, chapter 1.
    """
    if by not in roster:
        raise ValueError(f'by="{by}" is no column of the roster; it has {", ".join(roster)}')
    if unstated_roles not in READINGS:
        raise ValueError(f'unstated_roles="{unstated_roles}" is not one of {", ".join(READINGS)}')
    spoken = kinds(excerpts, roster, by)
    rows = number(spoken)
    known = group_said(rows["group"], rows, roles, by)
    groups = sorted({*roster[by].dropna(), *known.dropna()})
    possible = pd.DataFrame({group: known.eq(group) for group in groups}, known.index, dtype=bool)
    chance = possible.astype(float)
    open_rows = known.isna() & ~(rows["source"].eq("field notes") & (by == "role_group"))
    labels = rows["speaker"].where(rows["source"] == "interview").str.casefold()
    for label, some in labels[open_rows].groupby(labels[open_rows], dropna=False).groups.items():
        wide = widen(label, roster, roles, by, min_people) if isinstance(label, str) else None
        people = people_fitting(wide, roster, roles) if wide else roster["n"] * 0
        may_be = people.gt(0) | (~roster["stated"] & (unstated_roles == "any"))
        anywhere = wide is None or roster.loc[may_be, by].isna().any()
        count = people.groupby(roster[by]).sum().reindex(groups, fill_value=0)
        possible.loc[some] = [anywhere or group in {*roster.loc[may_be, by]} for group in groups]
        chance.loc[some] = float("nan") if anywhere else (count / count.sum()).to_numpy()
    chance = chance.where(possible.sum(axis=1) != 1, possible.astype(float))
    return Placement(by, unstated_roles == "none", rows, spoken, possible, chance)


def one_by_one(placement: Placement, excerpts: pd.DataFrame, roster: pd.DataFrame) -> Placement:
    """The placement of some excerpts, each a row of the tables, by its id.

    Source: that of `place`.
    """
    rows = collected(placed(excerpts, roster, placement.by)).merge(
        placement.kinds.rename_axis("kind").reset_index()[["kind", *KIND]], how="left", on=KIND
    )
    kind = rows.set_index("excerpt")["kind"].reindex(pd.Index(excerpts["excerpt"], name="excerpt"))
    each = {name: getattr(placement, name).loc[kind].set_axis(kind.index) for name in ("possible", "chance")}
    return replace(placement, kinds=placement.kinds.loc[kind].set_axis(kind.index).assign(excerpts=1), **each)
