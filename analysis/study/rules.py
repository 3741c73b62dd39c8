"""What must hold between the rows of a table and between tables, beyond each cell's own form."""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.study.problems import Problem, nearest

Tables = dict[str, pd.DataFrame]


def broken(tables: Tables, contract: dict[str, Any], choices: dict[str, Any]) -> Iterator[Problem]:
    """Every rule that the tables break. Frames are indexed by line number."""
    for table, schema in contract.items():
        if table in tables:
            yield from _repeated(table, tables[table], schema)
            yield from _dangling(table, tables, schema)
    for rule in (_roster_counts, _groups, _role_labels, _steps_up, _spans, _claims):
        yield from rule(tables)
    if choices.get("uncoded_excerpts", "error") == "error":
        yield from _uncoded(tables)


def _repeated(table: str, frame: pd.DataFrame, schema: dict[str, Any]) -> Iterator[Problem]:
    unique = [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
    for key in filter(None, [schema.get("primaryKey"), *unique]):
        rows = frame[frame[key].notna().any(axis=1)]
        first = {tuple(row): line for line, row in reversed([*rows[key].fillna("").iterrows()])}
        for line, row in rows[rows.duplicated(key)][key].fillna("").iterrows():
            found = " + ".join(f'"{value}"' for value in row)
            says = f"{found} stands on line {first[tuple(row)]} already; expected once"
            near = free_id(row.iloc[0], [*frame[key[0]].dropna()]) if len(key) == 1 else None
            yield Problem(f"{table}.csv", line, " + ".join(key), says, near)


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
        if link["table"] not in tables:
            continue
        legal = tables[link["table"]][link["key"]].dropna()
        values = tables[table][link["field"]].dropna()
        for line, value in values[~values.isin(legal)].items():
            says = f'"{value}" is in no row of {link["table"]}.csv'
            yield Problem(f"{table}.csv", line, link["field"], says, nearest(value, legal))


def _roster_counts(tables: Tables) -> Iterator[Problem]:
    roster = tables.get("roster", pd.DataFrame(columns=["participant", "n", "service_leads", "listed_again"]))
    for column in ("service_leads", "listed_again"):
        for line, row in roster[roster[column] > roster["n"]].iterrows():
            says = f'"{row[column]}" is more than the n of the row, "{row["n"]}"'
            yield Problem("roster.csv", line, column, says, row["n"])
    for line, row in roster[roster["participant"].notna() & (roster["n"] > 1)].iterrows():
        says = f'"{row["n"]}" people share the id "{row["participant"]}"; expected 1 with an id'
        yield Problem("roster.csv", line, "n", says, 1)


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
    for table, column in (("roster", "role"), ("excerpts", "speaker")):
        frame = tables.get(table, pd.DataFrame(columns=[column, "source"]))
        spoken = frame[frame["source"] == "interview"] if table == "excerpts" else frame
        values = spoken[column].dropna()
        for line, value in values[~values.str.casefold().isin(labels.str.casefold())].items():
            says = f'"{value}" is no label of roles.csv'
            yield Problem(f"{table}.csv", line, column, says, nearest(value, labels))


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
            elif _comes_back(row[key], above):
                says = f'"{row[up]}" leads back to "{row[key]}"; expected a step up'
                yield Problem(f"{table}.csv", line, up, says)


def _comes_back(start: str, above: dict[str, str]) -> bool:
    here, seen = above[start], set()
    while here in above and here not in seen:
        if here == start:
            return True
        seen.add(here)
        here = above[here]
    return False


def _spans(tables: Tables) -> Iterator[Problem]:
    excerpts = tables.get("excerpts", pd.DataFrame(columns=["start", "end"]))
    for line, row in excerpts[excerpts["end"] < excerpts["start"]].iterrows():
        says = f'"{row["end"]}" lies before the start, "{row["start"]}"'
        yield Problem("excerpts.csv", line, "end", says, row["start"])


def _claims(tables: Tables) -> Iterator[Problem]:
    """A claim to be computed says by which cell, under which name, and what the paper says."""
    needed = ["computed_by", "fact", "value"]
    claims = tables.get("claims", pd.DataFrame(columns=["kind", *needed]))
    for line, row in claims[claims["kind"] == "computed"].iterrows():
        for column in row[needed].index[row[needed].isna()]:
            yield Problem("claims.csv", line, column, '"" is blank; a computed claim needs it')
        if isinstance(row["computed_by"], str) and row["computed_by"].count("#") != 1:
            says = f'"{row["computed_by"]}" is not of the form run#tag'
            yield Problem("claims.csv", line, "computed_by", says)


def _uncoded(tables: Tables) -> Iterator[Problem]:
    if not {"excerpts", "codings"} <= tables.keys():
        return
    excerpts, coded = tables["excerpts"]["excerpt"], tables["codings"]["excerpt"].dropna()
    unknown = coded[~coded.isin(excerpts)]
    for line, value in excerpts[~excerpts.isin(coded)].items():
        says = f'"{value}" has no coding in codings.csv, and this study forbids it'
        yield Problem(
            "excerpts.csv", line, "excerpt", says, nearest(value, unknown) if len(unknown) else None
        )
