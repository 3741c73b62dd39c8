"""A sheet that says of each document or participant what they are, and a project with that in it."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.sources import grid
from analysis.sources.grid import Sheet
from analysis.sources.headers import TABLE, by_name, header_row, plain
from analysis.sources.mapping import Mapping, misfits, titles
from analysis.sources.project import Project, SourceError, frames

WHAT = "attribute"
OF = {"document": "sources", "participant": "cases"}
FILES = (".txt", ".docx", ".doc", ".rtf", ".odt", ".pdf", ".md", ".html", ".mp3", ".mp4", ".wav", ".m4a")


def attributes(path: Path, mapping: Mapping | None = None) -> pd.DataFrame:
    """What a sheet says of documents or participants: `of, name, variable, value, where`.

    `of` is sources or cases. The names stand in the column that the mapping calls document or participant, or
    else in the first that is called so; every other column is a variable. A blank cell is a missing value.
    SourceError, if no column has names, or if a name stands there twice with different values.
    """
    sheets = grid.filled(path)
    if mapping and mapping.sheet and any(sheet.name == mapping.sheet for sheet in sheets):
        sheets = [sheet for sheet in sheets if sheet.name == mapping.sheet]
    if not sheets:
        raise SourceError(path.name, ["it is empty; expected a table with a header"])
    sheet = sheets[0]
    header = mapping.header_row if mapping else header_row(sheet)
    if mapping and (wrong := misfits(mapping, sheet)):
        raise SourceError(path.name, wrong)
    names = titles(sheet, header)
    roles = mapping.columns if mapping else by_name(TABLE, names)
    named = [(names.index(roles[role]), role) for role in OF if role in roles]
    if not named:
        says = f"{sheet.where(header - 1)}: no column is known to name documents or participants"
        raise SourceError(path.name, [f"{says}; call one document or participant, or name it in a mapping"])
    place, role = min(named)
    rows, problems = _rows(sheet, header, names, place)
    if problems:
        raise SourceError(path.name, problems)
    frame = pd.DataFrame(rows, columns=["name", "variable", "value", "where"], dtype=object)
    return frame.assign(of=OF[role])[["of", "name", "variable", "value", "where"]]


def _rows(sheet: Sheet, header: int, names: list[str], place: int) -> tuple[list[tuple], list[str]]:
    """Each cell of the sheet but names as name, variable, value and where, and what is wrong."""
    rows, problems = [], []
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for index in range(header, len(sheet.rows)):
        cells, where = [cell.strip() for cell in sheet.rows[index]], sheet.where(index)
        if wrong := _faulty(sheet, header, names[place], cells, place):
            problems.append(f"{where}{wrong}")
        elif any(cells):
            said = [pair for pair in zip(names, cells, strict=False) if pair[0] != names[place]]
            for column, value in said:
                before, there = first.setdefault((key(cells[place]), column), (value, where))
                if before != value:
                    says = (
                        f'"{cells[place]}" has "{value}" here and "{before}" in {there}; expected one value'
                    )
                    problems.append(f'{where}, column "{column}": {says}')
                elif there == where:
                    rows.append((cells[place], column, value or None, where))
    return rows, problems


def _faulty(sheet: Sheet, header: int, column: str, cells: list[str], place: int) -> str:
    """What is wrong with a row as a whole; blank, if nothing is."""
    width = len(sheet.rows[header - 1])
    if any(cells) and len(cells) != width:
        return f": {len(cells)} cells where the header has {width}"
    return f', column "{column}": "" is blank; expected a name' if any(cells) and not cells[place] else ""


def key(name: str) -> str:
    """A name as it is compared: case, white space and a file's extension aside.

    >>> key(" Interview  P1.docx ") == key("interview p1")
    True
    """
    name = plain(name)
    ending = next((ending for ending in FILES if name.endswith(ending)), "")
    return "".join(name.removesuffix(ending).split())


def join(project: Project, rows: pd.DataFrame) -> tuple[Project, list[str], list[str]]:
    """The project with these attributes, names only in the sheet, and names only in the project.

    Names are compared as `key` does. Attributes of participants go to the documents, if the project has no
    participants. What belongs to no name is listed among `others`. SourceError, if two names of the project
    are compared as one, or if the project has another value already.
    """
    of = rows["of"].iloc[0] if len(rows) else "sources"
    if of == "cases" and project["cases"].empty:
        of = "sources"
    owners = _owners(project, of)
    values, others, problems = _sorted(project, rows, of, owners)
    if problems:
        raise SourceError("the attributes", problems)
    tables = {**project.tables, **_longer(project, "values", values), **_longer(project, "others", others)}
    total = project.totals.get(WHAT, 0) + int(rows["value"].count())
    there = {key(name) for name in rows["name"]}
    unknown = [name for name in dict.fromkeys(rows["name"]) if key(name) not in owners]
    silent = [name for name in project[of]["name"].dropna() if key(name) not in there]
    return replace(project, tables=tables, totals={**project.totals, WHAT: total}), unknown, silent


def _sorted(
    project: Project, rows: pd.DataFrame, of: str, owners: dict[str, str]
) -> tuple[list[dict], list[dict], list[str]]:
    """The attributes that belong to somebody, those that do not or are known, and what contradicts."""
    has = project["values"].loc[lambda values: values["of"].eq(of)]
    before = {(owner, name): value for owner, name, value in has[["owner", "variable", "value"]].to_numpy()}
    values, others, problems = [], [], []
    for row in rows.dropna(subset=["value"]).itertuples():
        account = {"what": WHAT, "where": row.where}
        owner = owners.get(key(row.name))
        known = before.get((owner, row.variable))
        if owner is None or known == row.value:
            why = f'nothing is called "{row.name}"' if owner is None else "it is said already"
            number = f"{WHAT} {len(project['others']) + len(others) + 1}"
            others.append({"id": number, "name": f"{row.variable}: {row.value}", **account, "why": why})
        elif known is not None:
            says = f'"{row.name}" has "{row.value}" here and "{known}" in the project; expected one value'
            problems.append(f'{row.where}, column "{row.variable}": {says}')
        else:
            values.append({"of": of, "owner": owner, "variable": row.variable, "value": row.value, **account})
    return values, others, problems


def _owners(project: Project, of: str) -> dict[str, str]:
    """The id of each name of the project, as names are compared."""
    found = defaultdict(list)
    for number, name in project[of][["id", "name"]].dropna().to_numpy():
        found[key(name)].append((number, name))
    twice = [
        " and ".join(f'"{name}"' for _, name in several) for several in found.values() if len(several) > 1
    ]
    if twice:
        raise SourceError(
            "the attributes", [f"{names} are one name, case and endings aside" for names in twice]
        )
    return {name: several[0][0] for name, several in found.items()}


def _longer(project: Project, table: str, rows: list[dict]) -> dict[str, pd.DataFrame]:
    """A table of the project with more rows."""
    return {table: pd.concat([project[table], frames({table: rows})[table]], ignore_index=True)}
