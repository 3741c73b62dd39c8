"""What each column of a sheet is to a study: a mapping, as a file that a researcher reads and edits."""

import json
import tomllib
from dataclasses import dataclass, field, fields
from typing import Any

from analysis.sources.grid import Sheet
from analysis.sources.project import SourceError
from analysis.study.problems import Problem, listed, nearest

ROLES = {
    "document": "the interview or file that the passage is from",
    "participant": "who speaks",
    "group": "a group of documents; several stand on lines of their own; also as `variable: value`",
    "id": "what numbers passages: rows with the same one are about the same passage",
    "text": "the words of the passage",
    "start": "where it begins; see `positions`",
    "end": "where it ends",
    "region": "where it is, in whatever other way",
    "coder": "who coded it",
    "date": "when",
    "weight": "a number that the tool gives to a coding",
    "comment": "a remark on it",
    "definition": "what a code means, in a list of codes",
}
"""What a column may be besides a code, and what that is."""
KEYS = {
    "tool": "the program that the sheet is from, if it is known",
    "form": "what the sheet lists",
    "sheet": "the sheet of the workbook; blank in a text file",
    "header_row": "the row that names the columns, as a spreadsheet counts",
    "codes": "the columns that hold codes",
    "separator": "between several codes in one cell; blank: a cell is one code",
    "path": "between a code and the code below it; blank: no code is below another",
    "positions": "what start and end count: characters or paragraphs",
    "unused": "columns that are left out; to use one, write its name above or below",
}
POSITIONS = ("characters", "paragraphs")


@dataclass(frozen=True)
class Mapping:
    """Which column of a sheet is what.

    `columns` has a column for each of `ROLES` that is there. `wide` are columns that each are one code and
    hold 1 and 0, True and False, or x; `weights` are columns with the weights of these codes. `attributes`
    lists, for `document` and for `participant`, columns that say something of them.
    """

    tool: str = ""
    form: str = "a table"
    sheet: str = ""
    header_row: int = 1
    codes: tuple[str, ...] = ()
    separator: str = ""
    path: str = ""
    positions: str = POSITIONS[0]
    unused: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    wide: dict[str, str] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def used(self) -> dict[str, str]:
        """The columns that are read, each with the key under which it stands."""
        return {
            **dict.fromkeys(self.codes, "codes"),
            **{column: f"columns.{role}" for role, column in self.columns.items()},
            **dict.fromkeys(self.wide, "wide"),
            **dict.fromkeys(self.weights, "weights"),
            **{one: f"attributes.{of}" for of, several in self.attributes.items() for one in several},
        }

    @property
    def codebook(self) -> bool:
        """Whether the sheet lists codes, and no passages."""
        return "definition" in self.columns and not self.columns.keys() & {"document", "participant", "text"}


def titles(sheet: Sheet, header_row: int) -> list[str]:
    """The names of a sheet's columns, all different: `column C` if it has none, `Code (column F)` if again.

    >>> titles(Sheet("", [["Code", "", "Code"]], 1), 1)
    ['Code', 'column B', 'Code (column C)']
    """
    found: list[str] = []
    width = max((len(row) for row in sheet.rows), default=0)
    header = sheet.rows[header_row - 1] if header_row <= len(sheet.rows) else []
    for place in range(width):
        name = " ".join(header[place].split()) if place < len(header) else ""
        letter = _letter(place)
        name = name or f"column {letter}"
        while name in found:
            name += f" (column {letter})"
        found.append(name)
    return found


def _letter(place: int) -> str:
    above, last = divmod(place, 26)
    return (_letter(above - 1) if above else "") + chr(ord("A") + last)


def what_is_missing(mapping: Mapping) -> list[str]:
    """What a study needs and the mapping does not have, as sentences."""
    if mapping.codes or mapping.wide:
        return []
    left = f"not used are {listed(mapping.unused, 12)}" if mapping.unused else "every column is used"
    return [f'no column is known as a code; name it under "codes" or "wide" ({left})']


def misfits(mapping: Mapping, sheet: Sheet) -> list[Problem]:
    """Every column of the mapping that the sheet does not have."""
    if mapping.header_row > len(sheet.rows):
        says = f'"{mapping.header_row}" is no row; the sheet has {len(sheet.rows)}'
        return [Problem("the mapping, header_row", None, None, says)]
    names = titles(sheet, mapping.header_row)
    return [
        Problem(
            f"the mapping, {key}", None, None, f'"{column}" is no column of the sheet', nearest(column, names)
        )
        for column, key in mapping.used().items()
        if column not in names
    ]


def to_toml(mapping: Mapping) -> str:
    """The mapping as a TOML file with a comment on every key."""
    lines = ["# What the columns of the sheet are. Edit it, and import the sheet with it again.", ""]
    for key, says in KEYS.items():
        value = getattr(mapping, key)
        lines += [f"# {says}", f"{key} = {toml_value(value)}"]
    lines += ["", "# Each kind of column, and the one that is it.", "[columns]"]
    for role, says in ROLES.items():
        column = mapping.columns.get(role)
        lines.append(f"{role} = {toml_value(column)}  # {says}" if column else f'# {role} = ""  # {says}')
    lines += ["", "# Columns that each are one code (0 and 1, True and False, x): the column, and the code."]
    lines += ["[wide]", *(f"{toml_value(key)} = {toml_value(code)}" for key, code in mapping.wide.items())]
    lines += ["", "# Columns with the weights of these codes: the column, and the code."]
    lines += [
        "[weights]",
        *(f"{toml_value(key)} = {toml_value(code)}" for key, code in mapping.weights.items()),
    ]
    lines += ["", "# Columns that say something of the document or of the participant.", "[attributes]"]
    lines += [f"{of} = {toml_value(mapping.attributes.get(of, ()))}" for of in ("document", "participant")]
    return "\n".join(lines) + "\n"


def toml_value(value: str | int | tuple[str, ...]) -> str:
    """A value as TOML writes it: JSON's way, but for one sign."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_toml(text: str, name: str = "the mapping") -> Mapping:
    """The mapping of a TOML file. SourceError with every key and value that cannot be."""
    try:
        return from_table(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(name, [f"it is not readable as TOML ({error})"]) from error


def from_table(found: dict[str, Any], name: str) -> Mapping:
    """The mapping of what a TOML file holds, `name` is the file's."""
    problems = [*_strangers(name, "", found, [one.name for one in fields(Mapping)])]
    for table, known in (("columns", ROLES), ("attributes", ("document", "participant"))):
        if isinstance(found.get(table), dict):
            problems += _strangers(name, f"{table}.", found[table], known)
    known = {one.name: found[one.name] for one in fields(Mapping) if one.name in found}
    problems += [problem for key, value in known.items() for problem in _untyped(name, key, value)]
    if problems:
        raise SourceError(name, problems)
    for key in ("codes", "unused"):
        known[key] = tuple(known.get(key, ()))
    known["columns"] = {role: column for role, column in known.get("columns", {}).items() if column}
    lists = known.get("attributes", {})
    return Mapping(**known | {"attributes": {of: tuple(several) for of, several in lists.items() if several}})


def _strangers(name: str, above: str, found: dict, known: object) -> list[Problem]:
    return [
        Problem(f"{name}, {above}{key}", None, None, "there is no such key", nearest(key, known))
        for key in found
        if key not in known
    ]


def _untyped(name: str, key: str, value: object) -> list[Problem]:
    """What a value is not and had to be."""
    if key == "positions":
        fits, expected = value in POSITIONS, "one of characters, paragraphs"
    elif key == "header_row":
        fits, expected = type(value) is int and value > 0, "a row: 1 or more"
    elif key in ("codes", "unused"):
        fits, expected = _texts(value), 'a list of columns, as ["Code"]'
    elif key == "attributes":
        fits = isinstance(value, dict) and all(map(_texts, value.values()))
        expected = 'lists of columns, as document = ["Region"]'
    elif key in ("columns", "wide", "weights"):
        fits = isinstance(value, dict) and _texts([*value.values()])
        expected = "a table of names in quotation marks"
    else:
        fits, expected = isinstance(value, str), "a text in quotation marks"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return [] if fits else [Problem(f"{name}, {key}", None, None, f"{shown} is not {expected}")]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
