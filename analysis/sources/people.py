"""Who speaks: the roster of a study, from a project's cases, or from its sources if it has none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from analysis.sources import naming
from analysis.sources.places import Placed
from analysis.sources.project import GROUP, kept
from analysis.study import CONTRACT

EVERYONE = "everyone"
"""The one group of a study whose people have no attribute."""
TAKEN = {
    *(field["name"] for field in CONTRACT["roster"]["fields"]),
    EVERYONE,
    "role_group",
    "stated",
    "lead",
    "guid",
} - {"role"}
"""Columns of a roster that mean something else than an attribute of that name would."""
FEWEST, MOST = 2, 12
"""Groups of an attribute that people are compared by."""
SILENT = ("note", "picture")
"""Media of sources in which nobody is interviewed."""


@dataclass(frozen=True)
class People:
    """The interviewees of a study.

    `by` is what they were taken from: cases or sources. `ids` has the participant of each case or source;
    `members` the rows of the project's members, or such rows made of sources.
    """

    by: str
    ids: dict[str, str]
    members: pd.DataFrame


def found(placed: Placed, by: str | None) -> People:
    """The people, from "cases" or "sources" as `by` says; without it from cases, if they say something."""
    project = placed.project
    cases = kept(project["cases"])
    members = kept(project["members"])
    if not by:
        spoken = len(members) or project["passages"]["case"].notna().any()
        by = "cases" if len(cases) and (spoken or project["sources"].empty) else "sources"
    if by == "cases":
        names = _named_after_sources(cases, members, project["sources"])
        inner = project["sources"].loc[project["sources"]["within"].notna(), ["id", "within"]]
        inner = members.merge(inner.rename(columns={"id": "inner", "within": "source"}), on="source")
        inner = inner[inner["start"].isna()].drop(columns="source").rename(columns={"inner": "source"})
        members = pd.concat([members, inner], ignore_index=True) if len(inner) else members
        return People(by, dict(zip(cases["id"], _ids(names, "case"), strict=True)), members)
    sources = kept(project["sources"])
    people = {*sources.loc[~sources["medium"].isin(SILENT) & sources["within"].isna(), "id"]}
    ids = _ids(sources["name"], "document")
    ids = {source: one for source, one in zip(sources["id"], ids, strict=True) if source in people}
    made = pd.DataFrame({"case": [*ids], "source": [*ids], "start": pd.NA, "end": pd.NA})
    within = sources[sources["within"].isin(ids)]
    inner = pd.DataFrame({"case": within["within"], "source": within["id"], "start": pd.NA, "end": pd.NA})
    return People(
        by, ids, pd.concat([made, inner], ignore_index=True).astype({"start": "Int64", "end": "Int64"})
    )


def _ids(names: Iterable[object], otherwise: str) -> list[str]:
    """Ids without semicolons, which part the people of a document."""
    return naming.unique([naming.clean(name).replace(";", ",") for name in names], otherwise)


def _named_after_sources(cases: pd.DataFrame, members: pd.DataFrame, sources: pd.DataFrame) -> list[object]:
    """The names of cases; a nameless one, as MAXQDA has them, is called as its source."""
    names = sources.drop_duplicates("id").set_index("id")["name"]
    of = members.drop_duplicates("case").set_index("case")["source"]
    given = cases["name"].map(naming.clean)
    return [name or names.get(of.get(case)) for case, name in zip(cases["id"], given, strict=True)]


def speakers(people: People, passages: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Who speaks in each passage, by its index, and how many do.

    It is the case that the passage names, or the one whose piece of the source holds the passage, or, where
    no piece does, the one that the whole source is about. Missing, if there is none or several.
    """
    whole = people.members[people.members["start"].isna()]
    held = passages[["source", "start", "end"]].reset_index(names="at")
    pairs = held.merge(whole[["case", "source"]], on="source")[["at", "case"]]
    pieces = people.members[people.members["start"].notna()].rename(columns={"start": "first", "end": "last"})
    if len(pieces):
        inside = held.dropna().merge(pieces[["case", "source", "first", "last"]], on="source")
        inside = inside[(inside["first"] <= inside["start"]) & (inside["end"] <= inside["last"])]
        pairs = pd.concat([pairs[~pairs["at"].isin(inside["at"])], inside[["at", "case"]]])
    named = passages["case"].dropna()
    pairs = pairs.drop_duplicates()
    pairs = pairs[~pairs["at"].isin(named.index)]
    counts = pairs["at"].value_counts()
    one = pairs[pairs["at"].map(counts) == 1].set_index("at")["case"]
    case = passages["case"].fillna(one.reindex(passages.index))
    many = counts.reindex(passages.index, fill_value=0).where(passages["case"].isna(), 1)
    return case.map(people.ids), many


def roster(placed: Placed, people: People) -> tuple[pd.DataFrame, dict[str, str]]:
    """The roster: `participant`, the attributes, `guid`; and the attributes' own names by column.

    A source's attribute is the person's too, if no case has it and no person's sources disagree.
    """
    values = kept(placed.project["values"])
    own = values[values["of"] == people.by]
    frame = pd.DataFrame({"participant": [*people.ids.values()]}, index=[*people.ids], dtype="str")
    rows = own[own["owner"].isin(people.ids)]
    if people.by == "cases":
        rows = pd.concat([rows, _of_their_sources(values, own, people)])
    wide = by_owner(rows, placed.project["variables"])
    titles = columns(wide.columns, TAKEN)
    frame = frame.join(wide.rename(columns={title: name for name, title in titles.items()}))
    table = "cases" if people.by == "cases" else "people"
    frame["guid"] = [
        naming.guid(case if people.by == "cases" else None, table, name) for case, name in people.ids.items()
    ]
    return frame.reset_index(drop=True), titles


def _of_their_sources(values: pd.DataFrame, own: pd.DataFrame, people: People) -> pd.DataFrame:
    """Values of sources as values of the cases whose sources they are, of variables that never disagree."""
    whole = people.members[people.members["start"].isna()][["case", "source"]].drop_duplicates()
    theirs = values[(values["of"] == "sources") & ~values["variable"].isin(own["variable"])]
    rows = whole.merge(theirs, left_on="source", right_on="owner")
    said = rows.groupby(["variable", "case"])["value"].nunique().groupby("variable").max()
    rows = rows[rows["variable"].map(said) == 1].drop_duplicates(["case", "variable"])
    return rows.assign(owner=rows["case"])


def by_owner(rows: pd.DataFrame, variables: pd.DataFrame) -> pd.DataFrame:
    """Owners × variables, in the order of the file; two values of one variable stand together.

    Of a group that says no more than that somebody is in it, the others are not.
    """
    text = rows.assign(value=rows["value"].map(naming.prose))
    order = [*dict.fromkeys(rows["variable"])]
    pairs = text.groupby(["owner", "variable"], sort=False)["value"].agg(_together)
    wide = pairs.unstack().reindex(columns=order) if len(pairs) else pd.DataFrame(columns=order)
    groups = {*variables.loc[variables["type"] == GROUP, "name"]}
    for name in order:
        if name in groups and {*wide[name].dropna()} == {"yes"}:
            wide[name] = wide[name].fillna("no")
    return wide


def _together(values: pd.Series) -> str:
    return "; ".join(dict.fromkeys(values))


def columns(names: Iterator[str], taken: set[str]) -> dict[str, str]:
    """A column for each name: letters, digits and underscores, none of those taken; column → name."""
    found: dict[str, str] = {}
    for name in names:
        column = naming.slug(naming.clean(name), "_") or "attribute"
        while column in taken or column in found:
            column += "_"
        found[column] = name
    return found


def groupings(frame: pd.DataFrame) -> list[str]:
    """The attributes that split the people: stated of at least half, in a few groups not all single."""
    found = []
    for name in frame.columns.difference(["participant", "guid"], sort=False):
        stated = frame[name].replace("", None).dropna()
        several = FEWEST <= stated.nunique() <= MOST and stated.nunique() < len(stated)
        if several and len(stated) * 2 >= len(frame):
            found.append(name)
    return found
