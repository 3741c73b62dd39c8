"""What must hold between the rows of a table and between tables, beyond each cell's own form."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.study import selecting, sentences
from analysis.study.cells import Found
from analysis.study.contract import CONTRACT
from analysis.study.problems import Problem, listed, nearest, shown

Tables = dict[str, pd.DataFrame]
PACKAGE = "datapackage.json"
EVERY = "all"
LABELLED = {"roster": "role", "excerpts": "speaker"}
"""The columns that hold labels of roles.csv; of excerpts in interviews only."""


def broken(
    sound: Tables, whole: Tables, contract: dict[str, Any], choices: dict[str, Any]
) -> Iterator[Problem]:
    """Every rule that the tables break. Frames are indexed by line number.

    `sound` are tables without an error, `whole` those with all of their rows: what joins them can be held to
    that even where another cell is wrong.
    """
    for table, schema in contract.items():
        if table in whole:
            yield from _repeated(table, whole[table], schema)
            yield from _dangling(table, whole, schema)
    yield from _notes(whole, contract)
    for rule in (_rows, _groups, _role_labels, _steps_up, _claims, _responses):
        yield from rule(sound)
    yield from selecting.broken(sound, choices)
    if choices.get("uncoded_excerpts", "error") == "error":
        yield from _uncoded(whole)


def _repeated(table: str, frame: pd.DataFrame, schema: dict[str, Any]) -> Iterator[Problem]:
    for key in keys(schema):
        rows = frame[frame[key].notna().any(axis=1)]
        again = rows[rows.duplicated(key, keep=False)][key].fillna("")  # seldom any, of many rows
        first = {tuple(row): line for line, row in reversed([*again.iterrows()])}
        for line, row in again[again.duplicated()].iterrows():
            says = sentences.repeated(row, first[tuple(row)])
            near = free_id(row.iloc[0], [*frame[key[0]].dropna()]) if len(key) == 1 else None
            yield Problem(f"{table}.csv", line, " + ".join(key), says, near)


def keys(schema: dict[str, Any]) -> list[list[str]]:
    """The columns whose values stand together in one row only, of each key of a table."""
    unique = [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
    return [*filter(None, [schema.get("primaryKey"), *unique])]


def free_id(value: str, taken: list[str]) -> str:
    """The next id of the same make that nobody has.

    >>> free_id("E07", ["E07", "E19"])
    'E20'
    """
    stem, digits = re.fullmatch(r"(.*?)(\d*)", value, re.DOTALL).groups()
    numbers = [int(i[len(stem) :]) for i in taken if re.fullmatch(re.escape(stem) + r"\d+", i)]
    return f"{stem}{max(numbers, default=1) + 1:0{len(digits)}d}"


def _dangling(table: str, tables: Tables, schema: dict[str, Any]) -> Iterator[Problem]:
    for link in schema.get("foreignKeys", []):
        if link["table"] in tables:
            yield from _unknown(table, tables[table][link["field"]].dropna(), link, tables[link["table"]])


def _unknown(table: str, values: pd.Series, link: dict[str, str], target: pd.DataFrame) -> Iterator[Problem]:
    """Values of a column that name nothing in the table to which it leads."""
    file, field, other = f"{table}.csv", link["field"], link["table"]
    legal = target[link["key"]].dropna()
    if len(values) and legal.empty:
        why = (
            f'whose column "{link["key"]}" is blank or missing' if len(target) else "which has only a header"
        )
        says = f'"{shown(values.iloc[0])}" is in no row of {other}.csv, {why}; write the ids there'
        yield Problem(file, values.index[0], field, says)
        return
    known = {*legal}
    separator = link.get("separator")
    for line, cell in values.items():
        for value in [part.strip() for part in cell.split(separator)] if separator else [cell]:
            if value and value not in known:
                near = parted(value, known, separator) or nearest(value, legal)
                yield Problem(file, line, field, sentences.unknown(value, f"{other}.csv"), near)


def parted(value: str, known: set[str], separator: str | None) -> str | None:
    """Several ids with another sign between them, as they should be."""
    parts = [part.strip() for part in re.split(r"[,/&+\n]| and ", value)]
    return f"{separator} ".join(parts) if separator and len(parts) > 1 and {*parts} <= known else None


def _notes(tables: Tables, contract: dict[str, Any]) -> Iterator[Problem]:
    """A note is about a row of the table that it names, or about the study as a whole."""
    notes = tables.get("notes", pd.DataFrame(columns=["of", "owner"]))
    for line, row in notes[notes["of"].isna() & notes["owner"].notna()].iterrows():
        says = f'the cell is blank; expected the table in which "{shown(row["owner"])}" stands'
        yield Problem("notes.csv", line, "of", says)
    for line, of in notes.loc[notes["of"].notna() & notes["owner"].isna(), "of"].items():
        says = f"the cell is blank; expected which row of {of}.csv the note is about"
        yield Problem("notes.csv", line, "owner", says)
    for of, rows in notes.dropna(subset=["of", "owner"]).groupby("of"):
        if of in tables:
            key = contract[of]["fields"][0]["name"]
            link = {"field": "owner", "table": of, "key": key}
            yield from _unknown("notes", rows["owner"], link, tables[of])


def _rows(tables: Tables) -> Iterator[Problem]:
    """What rows of the large tables break by themselves."""
    for rule in sentences.RULES:
        rows = tables.get(rule.table, pd.DataFrame(columns=rule.of))
        for line, row in rows[rule.broken(rows)].iterrows():
            yield Problem(f"{rule.table}.csv", line, rule.column, *rule.says(row))


def _groups(tables: Tables) -> Iterator[Problem]:
    columns = ["interviews", "group_interviews", "group_participants", "group_sizes"]
    interviews = tables.get("interviews", pd.DataFrame(columns=columns))
    for line, row in interviews[interviews["group_interviews"] > interviews["interviews"]].iterrows():
        says = f'"{row["group_interviews"]}" is more than the interviews of the row, "{row["interviews"]}"'
        yield Problem("interviews.csv", line, "group_interviews", says, row["interviews"])
    for line, row in interviews[interviews["group_sizes"].notna()].iterrows():
        sizes = [int(size) for size in re.findall(r"\d+", row["group_sizes"])]
        if len(sizes) != row["group_interviews"] or sum(sizes) != row["group_participants"]:
            says = (
                f'"{row["group_sizes"]}" is {len(sizes)} interviews of {sum(sizes)} people, the row '
                f"counts {row['group_interviews']} of {row['group_participants']}"
            )
            yield Problem("interviews.csv", line, "group_sizes", says)


def _role_labels(tables: Tables) -> Iterator[Problem]:
    if "roles" not in tables:
        return
    labels = tables["roles"]["label"].dropna()
    for line, label in labels[labels.str.casefold().duplicated() & ~labels.duplicated()].items():
        says = f'"{label}" differs from another label by upper and lower case only, which is ignored'
        yield Problem("roles.csv", line, "label", says)
    for table, column in LABELLED.items():
        frame = tables.get(table, pd.DataFrame(columns=[column, "source"]))
        spoken = frame[frame["source"] == "interview"] if table == "excerpts" else frame
        values = spoken[column].dropna()
        for line, value in values[~values.str.casefold().isin(labels.str.casefold())].items():
            yield Problem(f"{table}.csv", line, column, *sentences.no_label(value, labels))


def _steps_up(tables: Tables) -> Iterator[Problem]:
    """Chains of `parent` and `broader` must lead to labels that exist, and end."""
    for table, key, up in (("codebook", "code", "parent"), ("roles", "label", "broader")):
        frame = tables.get(table, pd.DataFrame(columns=[key, up, "role_group"]))
        above = dict(zip(frame[key], frame[up], strict=True))
        legal = {*frame[key].dropna(), *(frame["role_group"].dropna() if table == "roles" else [])}
        for line, row in frame[frame[up].notna()].iterrows():
            if table == "roles" and row[up] not in legal:
                says = f'"{row[up]}" is neither a label nor a role group'
                yield Problem("roles.csv", line, up, says, nearest(row[up], legal))
            elif comes_back(row[key], above):
                says = f'"{row[up]}" leads back to "{row[key]}"; expected a step up'
                yield Problem(f"{table}.csv", line, up, says)


def comes_back(start: str, above: dict[str, str]) -> bool:
    """Whether steps up from a row lead to it again."""
    here, seen = above[start], set()
    while here in above and here not in seen:
        if here == start:
            return True
        seen.add(here)
        here = above[here]
    return False


def _claims(tables: Tables) -> Iterator[Problem]:
    """A claim to be computed says by which cell, under which name, and what the paper says."""
    needed = ["computed_by", "fact", "value"]
    claims = tables.get("claims", pd.DataFrame(columns=["kind", *needed]))
    for line, row in claims[claims["kind"] == "computed"].iterrows():
        for column in row[needed].index[row[needed].isna()]:
            yield Problem("claims.csv", line, column, "the cell is blank; a computed claim needs it")
        if isinstance(row["computed_by"], str) and row["computed_by"].count("#") != 1:
            says = f'"{row["computed_by"]}" is not of the form run#tag'
            yield Problem("claims.csv", line, "computed_by", says)
    yield from _addresses(claims)


def _addresses(claims: pd.DataFrame) -> Iterator[Problem]:
    """Where a claim says in which table its value stands, it says in which file and by which rule."""
    address = ["file", "row", "column", "rule"]
    said = claims.reindex(columns=address)
    for line, row in said[said.notna().any(axis=1)].iterrows():
        if claims.loc[line, "kind"] != "computed":
            column = row.first_valid_index()
            says = f'"{shown(row[column])}" is part of an address, which only a computed claim has'
            yield Problem("claims.csv", line, column, says)
        else:
            for column in row[["file", "rule"]].index[row[["file", "rule"]].isna()]:
                yield Problem("claims.csv", line, column, "the cell is blank; an address needs it")


def _responses(tables: Tables) -> Iterator[Problem]:
    """What all workshops said together stands in rows of the results that are called so."""
    workshops = tables.get("responses", pd.DataFrame(columns=["workshop"]))["workshop"].dropna()
    for line, workshop in workshops[workshops == EVERY].items():
        says = f'"{workshop}" stands in the results for all workshops together; give this one another name'
        yield Problem("responses.csv", line, "workshop", says)


def _uncoded(tables: Tables) -> Iterator[Problem]:
    if not {"excerpts", "codings"} <= tables.keys():
        return
    excerpts, coded = tables["excerpts"]["excerpt"].dropna(), tables["codings"]["excerpt"].dropna()
    unknown = coded[~coded.isin(excerpts)]
    for line, value in excerpts[~excerpts.isin(coded)].items():
        near = nearest(value, unknown) if len(unknown) else None
        yield Problem("excerpts.csv", line, "excerpt", sentences.uncoded(value, "codings.csv"), near)


def uncleared(cleared: list[str], known: set[str], legal: list[str], file: str) -> Iterator[Problem]:
    """Excerpts that are cleared and are not there; `legal` are those of which one may be meant."""
    for one in sorted({*cleared} - known):
        says = f'"{one}" is in no row of {file}'
        near = nearest(one, legal) if legal else None
        yield Problem(PACKAGE, None, "study.cleared", says, near)


def unsampled(selections: pd.DataFrame, excerpts: pd.DataFrame) -> Iterator[Problem]:
    """Quotations chosen by hand that are not in the sample of which alone quotations are shown."""
    chosen = selections["excerpt"]
    for line, one in chosen[~chosen.isin(excerpts["excerpt"])].items():
        says = f'"{shown(one)}" is not in the sample from which quotations are shown; choose another'
        yield Problem(selecting.FILE, line, "excerpt", says)


def groupings(choices: Mapping[str, Any], columns: list[str], files: Mapping[str, str]) -> Iterator[Problem]:
    """Choices that name no column of the roster; `files` says where each table lies that the study has."""
    legal = [*columns, *(["role_group"] if "roles" in files else [])]
    named = {
        "study.groupings": choices.get("groupings", []),
        "study.compare": choices.get("compare", []),
        "study.site": [choices.get("site")],
        "study.appendix.columns": choices.get("appendix", {}).get("columns", []),
    }
    for where, values in named.items():
        for value in values:
            if value is not None and value not in legal:
                yield Problem(PACKAGE, None, where, *_no_column(value, legal, files["roster"]))


def _no_column(value: str, legal: list[str], roster: str) -> Found:
    known = {field["name"] for field in CONTRACT["roster"]["fields"]} - {"role"}
    own = [name for name in legal if name not in known]
    if value == "role_group":
        return '"role_group" comes from roles.csv, which is not there', None
    return f'"{value}" is no column of {roster}; its own are {listed(own, 12) or "none"}', nearest(value, own)
