"""Who was interviewed: people, and how they square with the interviews that are printed."""

import pandas as pd

from analysis.measures.labels import steps_up

NOT_STATED = "not stated"
"""The group of people whose attribute is blank."""


def count(roster: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """People and service leads in each group of `by`, sorted; a blank attribute is `not stated`.

    Source: a plain count of the roster.
    """
    stated = roster.assign(**{name: roster[name].astype("str").fillna(NOT_STATED) for name in by})
    people = stated.groupby(by)[["n", "service_leads"]].sum().reset_index()
    return people.rename(columns={"n": "people"}).sort_values(by, ignore_index=True)


def reconciliation(roster: pd.DataFrame, interviews: pd.DataFrame, site: str) -> pd.DataFrame:
    """People listed beside the participants that the printed interviews imply, by site and in all.

    `people_least` leaves out those whom the record may list twice. A single interview implies one
    participant, a group interview those printed. `difference` is listed minus implied, in people. People
    without a site count in `all` and have a row of their own, to which no interviews belong.

    Source: plain arithmetic on the printed record.
    """
    people = {"people_listed": roster["n"], "people_least": roster["n"] - roster["listed_again"]}
    listed = pd.DataFrame(people).groupby(roster[site].astype("str").fillna(NOT_STATED)).sum()
    held = interviews.set_index(site)[["interviews", "group_interviews", "group_participants"]]
    rows = listed.join(held, how="outer").sort_index().astype("Int64")
    rows[[*people]] = rows[[*people]].fillna(0)
    if len(held):
        rows.loc[rows.index == NOT_STATED, [*held]] = 0
    rows.loc["all"] = rows.sum(skipna=False)
    single = rows["interviews"] - rows["group_interviews"]
    rows["participants_implied"] = single + rows.pop("group_participants")
    rows["difference"] = rows["people_listed"] - rows["participants_implied"]
    return rows.rename_axis(site).reset_index()


def facts(
    roster: pd.DataFrame, interviews: pd.DataFrame, roles: pd.DataFrame, groupings: list[str], site: str
) -> dict[str, object]:
    """What the sample says in single values, by name, for claims to be held against.

    Source: the counts of this module.
    """
    rows = reconciliation(roster, interviews, site).set_index(site)
    sites = rows.drop(index=["all", NOT_STATED], errors="ignore")
    found: dict[str, object] = {f"{site}s": len(sites), "people listed": rows.loc["all", "people_listed"]}
    found |= {f"people listed in {name}": people for name, people in sites["people_listed"].items()}
    if len(interviews):
        found["interviews"] = rows.loc["all", "interviews"]
        found |= {f"interviews in {name}": held for name, held in sites["interviews"].items()}
        most = sites.index[sites["interviews"].eq(sites["interviews"].max()).fillna(False)]
        found[f"{site} with most interviews"] = " and ".join(most)
        found["group interviews"] = rows.loc["all", "group_interviews"]
        sizes = interviews["group_sizes"].dropna().str.findall(r"\d+").explode().dropna()
        found["people in a group interview"] = " or ".join(sorted(set(sizes), key=int))
    above = {role: steps_up(role, roles) for role in roster["role"].dropna().unique()}
    for node in sorted({*roles["role_group"].dropna(), *roles["broader"].dropna()}):
        below = roster["role"].map({role: node.casefold() in chain for role, chain in above.items()})
        counted = below.eq(True) | roster["role_group"].eq(node)
        found[f"{site}s with {node}"] = roster.loc[counted, site].nunique()
    for other in groupings:
        if other not in (site, "role_group"):
            cells = roster[site].nunique() * roster[other].nunique()
            found[f"empty cells of {site} and {other}"] = cells - len(
                roster[[site, other]].dropna().drop_duplicates()
            )
    return found
