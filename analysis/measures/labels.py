"""Role labels and the steps between them: who may stand behind a label that is printed."""

import pandas as pd


def steps_up(label: str, roles: pd.DataFrame) -> list[str]:
    """The label and everything above it by `broader`, lower case, nearest first.

    >>> roles = pd.DataFrame({"label": ["district nurse", "nurse"], "broader": ["nurse", None]})
    >>> steps_up("District nurse", roles)
    ['district nurse', 'nurse']
    """
    broader = roles.dropna(subset="broader")
    above = dict(zip(broader["label"].str.casefold(), broader["broader"].str.casefold(), strict=True))
    chain = [label.casefold()]
    while chain[-1] in above and above[chain[-1]] not in chain:
        chain.append(above[chain[-1]])
    return chain


def is_lead(label: str, roles: pd.DataFrame) -> bool:
    """Whether the label says that the person leads."""
    return bool(roles.loc[roles["label"].str.casefold() == label.casefold(), "lead"].any())


def is_stated(label: str, roles: pd.DataFrame) -> bool:
    """Whether the label states a profession; a label that roles.csv lacks states itself."""
    return bool(roles.loc[roles["label"].str.casefold() == label.casefold(), "stated"].all())


def people_fitting(label: str, roster: pd.DataFrame, roles: pd.DataFrame) -> pd.Series:
    """How many people of each roster row the label fits, of those whose profession is stated.

    Two labels fit when they are equal or one lies above the other. A label without "lead" fits
    leads too; a label with it fits only the leads among those whom the label one step up fits.
    """
    lead = is_lead(label, roles)
    chain = steps_up(label, roles)
    places = chain[1:] if lead and len(chain) > 1 else chain
    distinct = roster["role"].dropna().unique()
    fits = {row: row.casefold() in places or places[0] in steps_up(row, roles) for row in distinct}
    people = roster["service_leads"] if lead else roster["n"]
    return people.where(roster["role"].map(fits).eq(True) & roster["stated"], 0).astype(int)
