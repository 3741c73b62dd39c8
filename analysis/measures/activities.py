"""Which organisational-development activities ran where, and who started them."""

from collections.abc import Iterable

import pandas as pd


def by_site(activities: pd.DataFrame, site: str) -> pd.DataFrame:
    """How many activities of each direction the record describes for a site, with their names.

    An activity that ran in several sites counts in each; `not named` gathers those whose site the
    record does not print.

    Source: a plain count of activities.csv.
    """
    groups = activities.sort_values("name").groupby([site, "direction"])
    return groups.agg(activities=("activity", "nunique"), names=("name", "; ".join)).reset_index()


def facts(activities: pd.DataFrame, site: str, sites: Iterable[str] = ()) -> dict[str, object]:
    """What the activities say in single values, by name; a site of `sites` without activities has 0.

    Source: `by_site`.
    """
    named = activities[activities[site] != "not named"]
    held = pd.crosstab(named["format"], named[site]).reindex(
        columns=sorted({*sites, *named[site]}), fill_value=0
    )
    found: dict[str, object] = {
        f"{kind} in {name}": int(held.loc[kind, name]) for kind in held.index for name in held.columns
    }
    for direction, rows in named.groupby("direction"):
        found[f"{site}s with {direction} work"] = rows[site].nunique()
    parts = named.assign(where=named["where"].str.split("; ")).explode("where")
    for part, rows in parts.groupby("where"):
        found[f"{site}s in {part}"] = ", ".join(sorted(set(rows[site])))
    return found
