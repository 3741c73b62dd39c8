"""A study's tables from a project: people, documents, codes, excerpts, codings and notes.

The selections of a tool are not the excerpts of a study: the same words selected once for each code are one
excerpt with several codings. Every row of the project gets `into`, what it has become, or keeps `why` it was
left out.
"""

from dataclasses import dataclass

import pandas as pd

from analysis.sources import naming, people
from analysis.sources.people import People
from analysis.sources.places import Placed
from analysis.sources.project import kept

KEY = ["source", "start", "end", "region", "words", "case"]
"""What makes two passages one excerpt: the place, or, where none is known, the words and who says them."""
NOTED = {
    "sources": "documents",
    "codes": "codebook",
    "cases": "roster",
    "passages": "excerpts",
    "codings": "excerpts",
}
"""The table of a study in which stands what a note is about."""
LINES = {
    "codebook": ("color", "codable"),
    "excerpts": ("region",),
    "codings": ("coded_at", "weight"),
    "notes": ("author", "date"),
}
"""Columns that tools fill with a word or a number, and that may hold anything in a file that was damaged."""


@dataclass
class Folder:
    """A study as tables of texts, blank where nothing is known; `titles` are the names of columns as given.

    `texts` has the plain text of documents, by their id. `accounts` are the project's tables with `into`.
    """

    people: People
    tables: dict[str, pd.DataFrame]
    texts: dict[str, str]
    titles: dict[str, dict[str, str]]
    accounts: dict[str, pd.DataFrame]
    unplaced: int = 0
    merged: int = 0
    shared: int = 0
    cleaned: int = 0


def build(placed: Placed, by: str | None = None) -> Folder:
    """The study that a placed project is. `by` says what people are: "cases" or "sources"."""
    project = placed.project
    for frame in project.tables.values():
        frame["into"] = pd.Series(None, index=frame.index, dtype="str")
    who = people.found(placed, by)
    folder = Folder(who, {}, {}, {}, project.tables)
    folder.tables["roster"], folder.titles["roster"] = people.roster(placed, who)
    documents = _documents(placed, folder)
    codes = _codebook(placed, folder)
    passages = _excerpts(placed, folder, documents)
    _codings(placed, folder, codes, passages)
    _notes(placed, folder, {"sources": documents, "codes": codes, "cases": who.ids, "passages": passages})
    _account(placed, folder, documents, codes)
    for table, names in LINES.items():
        for name in names:
            folder.tables[table][name] = _lines(folder.tables[table][name])
    return folder


def _lines(column: pd.Series) -> pd.Series:
    """The column with each value on one line, without space around it."""
    return _as(column, {one: naming.clean(one) or None for one in column.dropna().unique()})


def _as(column: pd.Series, names: dict[str, str] | pd.Series) -> pd.Series:
    """The column with each value under its other name, of texts even if nothing is in it."""
    return column.map(names).astype("str")


def _documents(placed: Placed, folder: Folder) -> dict[str, str]:
    """documents.csv, and the document of each source."""
    project, who = placed.project, folder.people
    sources = kept(project["sources"])
    ids = dict(zip(sources["id"], naming.unique(sources["name"], "document"), strict=True))
    order = {one: number for number, one in enumerate(who.ids)}
    speak = who.members[who.members["case"].isin(order)].drop_duplicates(["source", "case"])
    speak = speak.sort_values("case", key=lambda case: case.map(order))
    spoken = _as(speak["case"], who.ids).groupby(speak["source"]).agg(";".join)
    frame = pd.DataFrame({"document": [*ids.values()]}, index=[*ids], dtype="str")
    frame["medium"] = [*sources["medium"]]
    frame["within"] = [*_as(sources["within"], ids)]
    frame["participants"] = spoken.reindex(frame.index)
    folder.texts = {ids[source]: text for source, text in placed.texts.items() if source in ids}
    numbers = {document: f"texts/{number:04d}.txt" for number, document in enumerate(folder.texts, start=1)}
    frame["characters"] = [
        str(len(folder.texts[one])) if one in folder.texts else None for one in frame["document"]
    ]
    frame["text_file"] = _as(frame["document"], numbers)
    frame["guid"] = [naming.guid(source, "sources", one) for source, one in ids.items()]
    values = kept(project["values"])
    rows = values[(values["of"] == "sources") & values["owner"].isin(ids)]
    if who.by == "sources":
        rows = rows[~rows["owner"].isin(who.ids)]
    folder.tables["documents"] = _with_values(folder, "documents", frame, rows, project["variables"])
    return ids


def _with_values(
    folder: Folder, table: str, frame: pd.DataFrame, rows: pd.DataFrame, variables: pd.DataFrame
) -> pd.DataFrame:
    """A table with a column for each variable of its rows; their own names are kept beside."""
    wide = people.by_owner(rows, variables)
    taken = {*frame.columns, "kind", "order", "date", "level", "printed_in"}
    folder.titles[table] = people.columns(wide.columns, taken)
    named = wide.rename(columns={title: column for column, title in folder.titles[table].items()})
    return frame.astype("str").join(named).reset_index(drop=True)


def _codebook(placed: Placed, folder: Folder) -> dict[str, str]:
    """codebook.csv, and the id of each code."""
    codes = kept(placed.project["codes"])
    at = {code: number for number, code in enumerate(codes["id"])}
    made = naming.codes(codes["name"], [at.get(parent) for parent in codes["parent"]])
    ids = dict(zip(codes["id"], made, strict=True))
    frame = pd.DataFrame({"code": made}, index=[*ids], dtype="str")
    frame["parent"] = [*_as(codes["parent"], ids)]
    frame["name"] = [naming.clean(name) or "code without a name" for name in codes["name"]]
    frame["definition"] = [naming.prose(text) for text in codes["definition"]]
    frame["color"], frame["codable"] = [*codes["color"]], [*codes["codable"]]
    frame["guid"] = [naming.guid(code, "codes", one) for code, one in ids.items()]
    values = kept(placed.project["values"])
    rows = values[(values["of"] == "codes") & values["owner"].isin(ids)]
    folder.tables["codebook"] = _with_values(folder, "codebook", frame, rows, placed.project["variables"])
    return ids


def _excerpts(placed: Placed, folder: Folder, documents: dict[str, str]) -> dict[str, str]:
    """excerpts.csv, and the excerpt of each passage."""
    passages = placed.project["passages"]
    _comments(placed)
    used = kept(passages).copy()
    used["words"] = used["text"].where(used["start"].isna())
    nowhere = used[["start", "region", "words"]].isna().all(axis=1)
    used.loc[nowhere, "words"] = used.loc[nowhere, "id"]  # of which nothing says that two are one
    used["found"] = placed.recovered.reindex(used.index).fillna(used["text"])
    used["number"] = used.groupby(KEY, dropna=False, sort=False).ngroup()
    one = used.drop_duplicates("number").copy()
    one["participant"], many = people.speakers(folder.people, one)
    alike = used["start"].isna() & used["region"].isna() & used["words"].notna()
    folder.merged = int(used.loc[alike, "number"].duplicated().sum())
    folder.unplaced, folder.shared = int((many == 0).sum()), int((many > 1).sum())
    order = {source: number for number, source in enumerate(documents)}
    one["order"] = one["source"].map(order)
    one = one.sort_values(["order", "start", "end", "region"], kind="stable", na_position="last")
    width = len(str(len(one)))
    one["excerpt"] = [f"X{number:0{width}d}" for number in range(1, len(one) + 1)]
    texts = one["found"].map(naming.prose)
    folder.cleaned = int((texts != one["found"].fillna("").str.strip()).sum())
    media = one["source"].map(placed.project["sources"].drop_duplicates("id").set_index("id")["medium"])
    frame = pd.DataFrame({"excerpt": one["excerpt"], "participant": one["participant"]})
    frame["source"] = media.map({"note": "field notes"}).fillna("interview")
    frame["text"], frame["document"] = texts, _as(one["source"], documents)
    frame[["start", "end", "region"]] = one[["start", "end", "region"]]
    frame["guid"] = [
        naming.guid(own, "passages", name) for own, name in zip(one["id"], one["excerpt"], strict=True)
    ]
    folder.tables["excerpts"] = frame.reset_index(drop=True)
    number = _as(used["number"], one.set_index("number")["excerpt"])
    passages.loc[used.index, "into"] = "excerpt " + number
    return dict(zip(used["id"], number, strict=True))


def _comments(placed: Placed) -> None:
    """A passage with a comment and no code is no excerpt; what is said of one that is left out is not lost.

    Both are notes about the document.
    """
    passages, notes, codings = (placed.project[name] for name in ("passages", "notes", "codings"))
    about = (notes["of"] == "passages") & notes["why"].isna()
    commented = passages["id"].isin(notes.loc[about, "owner"]) & ~passages["id"].isin(
        kept(codings)["passage"]
    )
    rows = commented & passages["why"].isna()
    passages.loc[rows, "why"] = "it carries a comment and no code, and is kept as a note about its document"
    gone = passages[passages["why"].notna()].drop_duplicates("id").set_index("id")["source"]
    coded = codings[codings["passage"].isin(gone.index)].drop_duplicates("id").set_index("id")["passage"]
    for of, source in (("passages", gone), ("codings", coded.map(gone))):
        moved = (notes["of"] == of) & notes["why"].isna() & notes["owner"].isin(source.index)
        notes.loc[moved, "owner"] = notes.loc[moved, "owner"].map(source)
        notes.loc[moved, "of"] = "sources"


def _codings(placed: Placed, folder: Folder, codes: dict[str, str], passages: dict[str, str]) -> None:
    """codings.csv: each code once on an excerpt for each coder."""
    codings, coders = placed.project["codings"], placed.project["coders"]
    used = kept(codings)
    known = kept(coders)
    names = dict(zip(known["id"], naming.unique(known["name"], "coder"), strict=True))
    frame = pd.DataFrame({"excerpt": _as(used["passage"], passages), "code": _as(used["code"], codes)})
    frame["coder"] = _as(used["coder"], names)
    frame["coded_at"], frame["weight"] = used["date"], used["weight"]
    frame = frame.astype("str")
    made = frame["excerpt"] + "\0" + frame["code"] + "\0" + frame["coder"].fillna("")  # ids may hold names
    frame["guid"] = [naming.guid(own, "codings", one) for own, one in zip(used["id"], made, strict=True)]
    again = frame.duplicated(["excerpt", "code", "coder"])
    codings.loc[frame.index, "into"] = "coding of " + frame["excerpt"] + " by " + frame["code"]
    repeated = frame.index[again]
    codings.loc[repeated, "why"] = (
        "the same coder has put the same code on the same passage already: " + frame.loc[repeated, "excerpt"]
    )
    codings.loc[repeated, "into"] = None
    frame = frame[~again].sort_values(["excerpt", "code", "coder"], kind="stable", na_position="last")
    folder.tables["codings"] = frame.reset_index(drop=True)
    worked = coders["id"].isin(used["coder"])
    coders.loc[worked & coders["why"].isna(), "into"] = "coder " + _as(coders["id"], names)
    coders.loc[~worked & coders["why"].isna(), "why"] = "nothing in the file was coded by them"


def _notes(placed: Placed, folder: Folder, ids: dict[str, dict[str, str]]) -> None:
    """notes.csv: memos and comments, with what they are about."""
    notes, codings, coders = (placed.project[name] for name in ("notes", "codings", "coders"))
    empty = notes["text"].map(naming.prose).eq("") & notes["why"].isna()
    notes.loc[empty, "why"] = "it is empty"
    used = kept(notes)
    passage = codings.drop_duplicates("id").set_index("id")["passage"]
    owner = used["owner"].where(used["of"] != "codings", _as(used["owner"], passage))
    table = used["of"].replace({"codings": "passages"})
    width = len(str(len(used)))
    frame = pd.DataFrame(
        {"note": [f"N{number:0{width}d}" for number in range(1, len(used) + 1)]}, index=used.index
    )
    frame["of"] = _as(used["of"], NOTED)
    frame["owner"] = [ids.get(of, {}).get(one) for of, one in zip(table, owner, strict=True)]
    frame.loc[frame["owner"].isna(), "of"] = None
    frame["name"], frame["text"] = used["name"].map(naming.clean), used["text"].map(naming.prose)
    names = coders.drop_duplicates("id").set_index("id")["name"].map(naming.clean)
    frame["author"] = _as(used["author"], names).fillna(used["author"])
    frame["date"] = used["date"]
    frame["guid"] = [
        naming.guid(own, "notes", note) for own, note in zip(used["id"], frame["note"], strict=True)
    ]
    frame = frame.astype("str")
    folder.tables["notes"] = frame.reset_index(drop=True)
    notes.loc[used.index, "into"] = "note " + frame["note"]


def _account(placed: Placed, folder: Folder, documents: dict[str, str], codes: dict[str, str]) -> None:
    """What the rows have become that no table above has marked."""
    project, who = placed.project, folder.people
    kinds = {
        "sources": ("document ", documents),
        "codes": ("code ", codes),
        "cases": ("participant ", who.ids),
    }
    for table, (word, ids) in kinds.items():
        frame = project[table]
        used = frame["why"].isna()
        frame.loc[used, "into"] = word + _as(frame.loc[used, "id"], ids)
    members, values, variables = (project[table] for table in ("members", "values", "variables"))
    if who.by == "sources":
        project["cases"]["into"] = None
        for frame, rows in ((project["cases"], True), (members, True), (values, values["of"] == "cases")):
            frame.loc[frame["why"].isna() & rows, "why"] = "the people of this study are its sources"
    members.loc[members["why"].isna(), "into"] = "participant of " + _as(members["source"], documents)
    values.loc[values["why"].isna(), "into"] = "attribute " + values["variable"]
    said = variables["name"].isin(kept(values)["variable"]) & variables["why"].isna()
    variables.loc[said, "into"] = "attribute " + variables["name"]
    variables.loc[~said & variables["why"].isna(), "why"] = "nothing in the file has a value of it"
    others = project["others"]
    others.loc[others["why"].isna(), "into"] = "part of another row"
