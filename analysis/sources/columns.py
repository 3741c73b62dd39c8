"""What the columns of a sheet are, found out by their names, by what they hold, or from a mapping."""

import re
from dataclasses import replace
from pathlib import Path

from analysis.sources import grid, rows
from analysis.sources.grid import Sheet
from analysis.sources.headers import TABLE, by_name, header_row, known, plain
from analysis.sources.mapping import Mapping, misfits, titles, what_is_missing
from analysis.sources.project import Project, SourceError
from analysis.study.problems import nearest

SEPARATORS, PATHS = ("\n", ";", "|"), (" > ", "\\")
NUMBER, COUNT = r"-?\d+([.,]\d+)?", r"\d+"
DATE = r"\d{1,2}\.\d{1,2}\.\d{4}.*|\d{4}-\d{2}-\d{2}.*"
SHAPE = [
    "",
    "comment",
    "group",
    "document",
    "codes",
    "start",
    "end",
    "weight",
    "text",
    "",
    "",
    "coder",
    "date",
]
"""The columns of MAXQDA's coded segments, in every language."""
HOLDS = {
    3: ".+",
    4: ".+",
    5: ".+",
    6: ".+",
    7: NUMBER,
    8: "(?s).+",
    9: COUNT,
    10: NUMBER + "( ?%)?",
    11: ".+",
    12: DATE,
}
"""What every row holds in them."""
SHORT = 60
"""Signs of an attribute; what is longer is a text."""
APPLIED, WEIGHT = re.compile("Code: (.+) Applied"), re.compile("Code: (.+) Weight")


def read(path: Path, mapping: Mapping | None = None) -> tuple[Project, Mapping]:
    """The project in a sheet, see `of_sheets`."""
    return of_sheets(path, grid.filled(path), mapping)


def of_sheets(path: Path, sheets: list[Sheet], mapping: Mapping | None = None) -> tuple[Project, Mapping]:
    """The project in the sheets of a file, and the mapping by which it was read: the given or proposed one.

    How rows are accounted for is told in `rows`. SourceError, if the file is none, has no such sheet or
    columns, or if no column holds codes.
    """
    if not sheets:
        raise SourceError(path.name, ["it is empty; expected a table with a header"])
    proposed = mapping is None
    if mapping is None:
        sheet = best(sheets)
        mapping = propose(sheet)
    else:
        sheet = _named(path, sheets, mapping.sheet)
    if wrong := [*misfits(mapping, sheet), *what_is_missing(mapping)]:
        raise SourceError(path.name, wrong)
    left = tuple(name for name in titles(sheet, mapping.header_row) if name not in mapping.used())
    mapping = replace(mapping, unused=left)
    project = rows.project(path.stem, sheet, mapping, [one for one in sheets if one is not sheet])
    if proposed and not mapping.tool:
        project.findings.append("What the columns are was guessed from their names: see the mapping.")
    return project, mapping


def _named(path: Path, sheets: list[Sheet], name: str) -> Sheet:
    if sheets[0].lines is not None or not name:
        return sheets[0]
    names = [sheet.name for sheet in sheets]
    if name not in names:
        says = f'the mapping, sheet: "{name}" is not in the workbook. Did you mean "{nearest(name, names)}"?'
        raise SourceError(path.name, [says])
    return sheets[names.index(name)]


def best(sheets: list[Sheet]) -> Sheet:
    """The sheet of which most is known, the first of several."""

    def rank(sheet: Sheet) -> tuple:
        mapping = propose(sheet)
        return bool(mapping.tool), not what_is_missing(mapping), len(mapping.used())

    return max(sheets, key=rank)


def propose(sheet: Sheet) -> Mapping:
    """What the columns of a sheet probably are. What is not recognised is listed as not used."""
    header = header_row(sheet)
    names = titles(sheet, header)
    body = [row for row in sheet.rows[header:] if any(cell.strip() for cell in row)]
    cells = {
        name: [row[place] if place < len(row) else "" for row in body] for place, name in enumerate(names)
    }
    kind = next((kind for kind in known() if kind != TABLE and _needs(kind, names)), TABLE)
    found = by_name(kind, names)
    if kind == TABLE and _shaped(names, cells):
        kind = "MAXQDA coded segments"
        found = {role: names[place] for place, role in enumerate(SHAPE) if role}
    tool, _, form = kind.partition(" ") if kind != TABLE else ("", "", TABLE)
    codes = (found.pop("codes"),) if "codes" in found else ()
    given = {"tool": tool, "form": form, "sheet": sheet.name, "header_row": header}
    special = {"Dedoose": _dedoose, "MAXQDA": _maxqda, "ATLAS.ti": _atlasti, "": _table}.get(tool, _as_is)
    mapping = Mapping(**given | special(found, codes, cells))
    titled = [name for name in names if not name.startswith("column ") or any(map(str.strip, cells[name]))]
    left = tuple(name for name in titled if name not in mapping.used())
    return Mapping(**{**vars(mapping), "unused": left})


def _needs(kind: str, names: list[str]) -> bool:
    there = {plain(name) for name in names}
    found = by_name(kind, names)
    return {*known()[kind].get("beside", [])} <= there and {*known()[kind]["needs"]} <= found.keys()


def _shaped(names: list[str], cells: dict[str, list[str]]) -> bool:
    """Whether the columns hold what those of MAXQDA's coded segments do."""
    if len(names) < len(SHAPE) or not cells[names[0]]:
        return False
    return all(
        re.fullmatch(holds, cell.strip()) for place, holds in HOLDS.items() for cell in cells[names[place]]
    )


def _among(signs: tuple[str, ...], texts: list[str]) -> str:
    """The first of the signs that one of the texts has within it."""
    return next((sign for sign in signs if any(sign in text.strip() for text in texts)), "")


def _as_is(found: dict[str, str], codes: tuple[str, ...], _: dict[str, list[str]]) -> dict:
    return {"columns": found, "codes": codes}


def _maxqda(found: dict[str, str], codes: tuple[str, ...], cells: dict[str, list[str]]) -> dict:
    path = _among(PATHS, cells[codes[0]]) or PATHS[0]
    return {"columns": found, "codes": codes, "path": path, "positions": "paragraphs"}


def _atlasti(found: dict[str, str], codes: tuple[str, ...], cells: dict[str, list[str]]) -> dict:
    separator = _among(SEPARATORS, cells[codes[0]]) or SEPARATORS[0]
    return {"columns": found, "codes": codes, "separator": separator, "positions": "paragraphs"}


def _dedoose(found: dict[str, str], codes: tuple[str, ...], cells: dict[str, list[str]]) -> dict:
    """Its columns of codes say all that the column of all codes does, and their names may have commas."""
    wide = {name: one[1] for name in cells if (one := APPLIED.fullmatch(name))}
    weights = {name: one[1] for name in cells if (one := WEIGHT.fullmatch(name)) and one[1] in wide.values()}
    named = {*found.values(), *codes}
    spared = known()["Dedoose excerpts"]["not_attributes"]
    says = [
        name
        for name in cells
        if name not in named and not name.startswith("Code: ") and plain(name) not in spared
    ]
    owners = cells[found["document"]]
    attributes = tuple(name for name in says if any(cells[name]) and _constant(owners, cells[name]))
    return {
        "columns": found,
        "codes": () if wide else codes,
        "separator": "" if wide else ",",
        "path": _among(("\\",), [*wide.values()]),
        "wide": wide,
        "weights": weights,
        "attributes": {"document": attributes} if attributes else {},
    }


def _constant(owners: list[str], values: list[str]) -> bool:
    """Whether each owner has one value."""
    pairs = {
        (plain(owner), value.strip()) for owner, value in zip(owners, values, strict=True) if value.strip()
    }
    return len({owner for owner, _ in pairs}) == len(pairs)


def _table(found: dict[str, str], codes: tuple[str, ...], cells: dict[str, list[str]]) -> dict:
    """Of a table that no tool is known for, what its values speak against is not used."""
    numbered = tuple(name for name in cells if re.fullmatch(r"(code|theme|tag|category) ?\d+", plain(name)))
    codes = codes or numbered
    texts = cells.get(found.get("text", ""), [])
    if "id" in found and not _constant(cells[found["id"]], texts or cells[found["id"]]):
        del found["id"]  # it numbers people, or files
    if any(
        not re.fullmatch(COUNT, cell)
        for role in ("start", "end")
        for cell in cells.get(found.get(role, ""), [""])
    ):
        found = {role: name for role, name in found.items() if role not in ("start", "end")}
    if found.keys() & {"text", "document", "participant"}:
        found.pop("definition", None)
    listed = [cell for name in codes for cell in cells[name]]
    wide = (
        {} if codes else {name: name for name in cells if name not in found.values() and _ticked(cells[name])}
    )
    said = _said_of(cells.get(found.get("participant", ""), []), cells, {*found.values(), *codes, *wide})
    return {
        "columns": found,
        "codes": codes,
        "separator": _among(SEPARATORS, listed),
        "path": _among(PATHS, [*listed, *wide]),
        "wide": wide,
        "attributes": {"participant": said} if said else {},
    }


def _said_of(people: list[str], cells: dict[str, list[str]], taken: set[str]) -> tuple[str, ...]:
    """Columns that say one short thing of each of the people, who stand in several rows."""
    if len({plain(one) for one in people}) in (0, len(people)):
        return ()
    return tuple(
        name
        for name, column in cells.items()
        if name not in taken and any(column) and max(map(len, column)) <= SHORT and _constant(people, column)
    )


def _ticked(cells: list[str]) -> bool:
    """Whether a column is a code: it says yes and no, and nothing else."""
    marks = {cell.strip().casefold() for cell in cells}
    return marks <= rows.YES | rows.NO and bool(marks & rows.YES)
