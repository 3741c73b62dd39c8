"""Whose voice is quoted, against who was interviewed."""

import pandas as pd

from analysis.frames import Table
from analysis.measures import tally
from analysis.measures.labels import group_said, place_of, steps_up
from analysis.measures.sample import NOT_STATED


def shares(excerpts: Table, roster: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """Each role group's share of the people listed and of the quotations, sorted by people.

    Field notes are nobody's voice and stay outside. `ratio` is share of quotations ÷ share of
    people: 1 where a group is quoted as much as it was interviewed, 0 where it is never quoted,
    blank where nobody of the group is listed.

    Source: two plain shares beside each other.
    """
    kinds = tally.number(tally.kinds(excerpts, roster, "role_group"))
    spoken = kinds[kinds["source"] == "interview"]
    group = group_said(spoken["group"], spoken, roles, "role_group").fillna(NOT_STATED)
    listed = roster["n"].groupby(roster["role_group"].astype(object).fillna(NOT_STATED)).sum()
    rows = (
        pd.DataFrame({"people": listed, "excerpts": spoken["excerpts"].groupby(group).sum()})
        .fillna(0)
        .astype(int)
    )
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


def labels_not_listed(excerpts: Table, roster: pd.DataFrame, roles: pd.DataFrame) -> list[str]:
    """The labels beside quotations that nobody is listed by; of two that differ by case only, one.

    Somebody is listed by a label if a row of the roster has it or a narrower one.

    Source: roles.csv, where steps between labels are an analyst's judgement.
    """
    kinds = tally.kinds(excerpts, roster, "role_group")
    spoken = kinds.loc[(kinds["source"] == "interview") & ~kinds["named"], "speaker"].dropna()
    printed = {label.casefold(): label for label in spoken}
    chains = [steps_up(role, roles) for role in roster["role"].dropna().unique()]
    listed = {step for chain in chains for step in chain}
    absent = [label for key, label in printed.items() if place_of(key, roles) not in listed]
    return sorted(absent)
