"""How much may be said of people who could be recognised."""

import pandas as pd

from analysis.measures.labels import people_fitting, steps_up

MIN_PEOPLE = 5
"""The threshold when none is given: fewer people than this are not told apart."""


def widen(
    label: str, roster: pd.DataFrame, roles: pd.DataFrame, by: str, min_people: int = MIN_PEOPLE
) -> str | None:
    """The label, or the first one above it, that fits enough people to hide among.

    Enough is `min_people` people of a stated profession, in at least two groups of `by` (a column
    of the roster). None where no label above is wide enough: then nothing may be computed from it.
    """
    for step in steps_up(label, roles):
        people = people_fitting(step, roster, roles)
        groups = roster.loc[people > 0, by].nunique()
        if people.sum() >= min_people and groups >= 2:
            return step
    return None


def labels_used(
    excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame, by: str, min_people: int = MIN_PEOPLE
) -> pd.DataFrame:
    """Each label beside a quotation without a participant: what it was widened to, and over whom.

    One row a label: `label, excerpts, widened_to, people, groups`. It says in how many groups of
    `by` the people are, never in which.
    """
    spoken = excerpts[(excerpts["source"] == "interview") & excerpts["participant"].isna()]
    rows = []
    for label, count in spoken["speaker"].str.casefold().value_counts(sort=False).sort_index().items():
        wide = widen(label, roster, roles, by, min_people)
        people = people_fitting(wide, roster, roles) if wide else roster["n"] * 0
        groups = roster.loc[people > 0, by].nunique()
        rows.append((label, count, wide, int(people.sum()), groups))
    return pd.DataFrame(rows, columns=["label", "excerpts", "widened_to", "people", "groups"])
