"""How much may be said of people who could be recognised."""

import pandas as pd

from analysis.frames import Table
from analysis.measures import MIN_PEOPLE, tally
from analysis.measures.labels import group_said, people_fitting, steps_up

MIN_GROUPS = 2
"""In a single group even many people would tell where a quotation is from."""


def widen(
    label: str, roster: pd.DataFrame, roles: pd.DataFrame, by: str, min_people: int = MIN_PEOPLE
) -> str | None:
    """The label, or the first one above it, that fits enough people to hide among.

    Enough is `min_people` people of a stated profession in at least `MIN_GROUPS` groups of `by` (a column
    of the roster); those who may be listed twice or have no group are left out. None where no label
    above is wide enough: then nothing may be computed from it.

    Source: global recoding, Hundepool et al. (2012), Statistical Disclosure Control, Wiley, section 3.2.
    """
    for step in steps_up(label, roles):
        sure = (people_fitting(step, roster, roles) - roster["listed_again"]).clip(lower=0)
        people = sure.groupby(roster[by]).sum()
        if people.sum() >= min_people and people.gt(0).sum() >= MIN_GROUPS:
            return step
    return None


def labels_used(
    excerpts: Table, roster: pd.DataFrame, roles: pd.DataFrame, by: str, min_people: int = MIN_PEOPLE
) -> pd.DataFrame:
    """Each label beside a quotation whose group the record leaves open: what it was widened to.

    One row a label: `label, excerpts, widened_to, people, groups`. It says in how many groups of
    `by` the people are, never in which.

    Source: `widen`.
    """
    kinds = tally.number(tally.kinds(excerpts, roster, by))
    unsaid = group_said(kinds["group"], kinds, roles, by).isna()
    spoken = kinds[(kinds["source"] == "interview") & unsaid]
    rows = []
    for label, count in spoken.groupby(spoken["speaker"].str.casefold())["excerpts"].sum().items():
        wide = widen(label, roster, roles, by, min_people)
        people = people_fitting(wide, roster, roles) if wide else roster["n"] * 0
        groups = roster.loc[people > 0, by].nunique()
        rows.append((label, count, wide, int(people.sum()), groups))
    return pd.DataFrame(rows, columns=["label", "excerpts", "widened_to", "people", "groups"])
