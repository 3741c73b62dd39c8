"""Whose voice is quoted, against who was interviewed."""

import pandas as pd

from analysis.measures.labels import known_group, place_of, steps_up
from analysis.measures.sample import NOT_STATED


def shares(excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """Each role group's share of the people listed and of the quotations, sorted by people.

    Field notes are nobody's voice and stay outside. `ratio` is share of quotations ÷ share of
    people: 1 where a group is quoted as much as it was interviewed, 0 where it is never quoted,
    blank where nobody of the group is listed.

    Source: two plain shares beside each other.
    """
    spoken = excerpts[excerpts["source"] == "interview"]
    group = known_group(spoken, roster, roles, "role_group").fillna(NOT_STATED)
    listed = roster["n"].groupby(roster["role_group"].astype(object).fillna(NOT_STATED)).sum()
    rows = pd.DataFrame({"people": listed, "excerpts": group.value_counts()}).fillna(0).astype(int)
    rows = rows[rows.index != NOT_STATED] if set(rows.index) == {NOT_STATED} else rows
    rows["people_share"] = rows["people"] / max(rows["people"].sum(), 1)
    rows["excerpts_share"] = rows["excerpts"] / max(rows["excerpts"].sum(), 1)
    rows["ratio"] = rows["excerpts_share"] / rows["people_share"].where(rows["people"] > 0)
    rows = rows.rename_axis("role_group").reset_index()
    rows = rows.sort_values(["people", "role_group"], ascending=[False, True], ignore_index=True)
    return rows[["role_group", "people", "people_share", "excerpts", "excerpts_share", "ratio"]]


def facts(voices: pd.DataFrame) -> dict[str, object]:
    """What the voices say in single values, by name.

    Source: `shares`.
    """
    quoted = voices.loc[voices["excerpts"] > 0, "role_group"]
    return {"role groups quoted": ", ".join(sorted(quoted)), "quotations": int(voices["excerpts"].sum())}


def labels_not_listed(excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame) -> list[str]:
    """The labels beside quotations that nobody is listed by, as first printed; case is ignored.

    Somebody is listed by a label if a row of the roster has it or a narrower one.

    Source: roles.csv, where steps between labels are an analyst's judgement.
    """
    unsaid = (excerpts["source"] == "interview") & excerpts["participant"].isna()
    spoken = excerpts.loc[unsaid, "speaker"].dropna()
    printed = {label.casefold(): label for label in reversed([*spoken])}
    chains = [steps_up(role, roles) for role in roster["role"].dropna().unique()]
    listed = {step for chain in chains for step in chain}
    absent = [label for key, label in printed.items() if place_of(key, roles) not in listed]
    return sorted(absent)
