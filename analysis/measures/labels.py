"""Role labels and the steps between them: who may stand behind a label that is printed."""

import pandas as pd


def steps_up(label: str, roles: pd.DataFrame) -> list[str]:
    """The label and everything above it by `broader`, lower case, nearest first.

    Source: roles.csv, an analyst's judgement.

    >>> roles = pd.DataFrame({"label": ["district nurse", "nurse"], "broader": ["nurse", None]})
    >>> steps_up("District nurse", roles)
    ['district nurse', 'nurse']
    """
    steps = zip(roles["label"].tolist(), roles["broader"].tolist(), strict=True)  # asked often, so no frame
    above = {label.casefold(): broader.casefold() for label, broader in steps if isinstance(broader, str)}
    chain = [label.casefold()]
    while chain[-1] in above and above[chain[-1]] not in chain:
        chain.append(above[chain[-1]])
    return chain


def place_of(label: str, roles: pd.DataFrame) -> str:
    """Where the label stands among the others: a lead's stands one step up, with those who are led.

    Source: roles.csv, an analyst's judgement.
    """
    chain = steps_up(label, roles)
    return chain[1] if is_lead(label, roles) and len(chain) > 1 else chain[0]


def is_lead(label: str, roles: pd.DataFrame) -> bool:
    """Whether the label says that the person leads.

    Source: roles.csv, an analyst's judgement.
    """
    return bool(roles.loc[roles["label"].str.casefold() == label.casefold(), "lead"].any())


def people_fitting(label: str, roster: pd.DataFrame, roles: pd.DataFrame) -> pd.Series:
    """How many people of each roster row the label fits, of those whose profession is stated.

    Two labels fit when they are equal or one lies above the other. A label without "lead" fits
    leads too; a label with it fits only the leads among those whom the label one step up fits.

    Source: roles.csv, an analyst's judgement.
    """
    place = place_of(label, roles)
    above = steps_up(place, roles)
    distinct = roster["role"].dropna().unique()
    fits = {row: row.casefold() in above or place in steps_up(row, roles) for row in distinct}
    leads = roster["service_leads"].where(~roster["lead"], roster["n"])
    people = leads if is_lead(label, roles) else roster["n"]
    return people.where(roster["role"].map(fits).eq(True) & roster["stated"], 0).astype(int)


def group_of_participants(roster: pd.DataFrame, by: str) -> pd.Series:
    """The group of everybody whom the roster names, by participant.

    Source: the roster.
    """
    return roster.dropna(subset="participant").set_index("participant")[by]


def known_group(excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame, by: str) -> pd.Series:
    """Each excerpt's group where the record says it, else blank: from its participant, and for
    `role_group` also from the label printed beside it.

    Source: the roster and roles.csv.
    """
    group = excerpts["participant"].map(group_of_participants(roster, by))
    return group_said(group, excerpts, roles, by)


def group_said(group: pd.Series, rows: pd.DataFrame, roles: pd.DataFrame, by: str) -> pd.Series:
    """The group of each row of `source, speaker`, given that of its participant: a label printed beside it
    tells its role group.

    Source: roles.csv.
    """
    group = group.astype(object)
    if by == "role_group":
        group = group.where(rows["source"] == "interview")  # field notes belong to no role group
        printed = dict(zip(roles["label"].str.casefold(), roles["role_group"], strict=True))
        spoken = rows["speaker"].where(rows["source"] == "interview")
        group = group.fillna(spoken.str.casefold().map(printed))
    return group
