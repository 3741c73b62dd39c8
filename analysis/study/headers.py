"""The first line of a table: the names of its columns, and what may be wrong with them."""

import re
from collections.abc import Iterator

from analysis.study.cells import Field
from analysis.study.problems import Problem, alike, listed, shown

Rows = list[tuple[int, list[str]]]
"""Rows with their lines, the header first."""
NUMBERED = {"id", "ids", "no", "nr", "number", "code", "name"}
"""What people write behind the name of a column of ids."""
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
LOOKED = 10
"""Rows among which a header is looked for that is not the first."""


def separated(file: str, text: str) -> list[Problem]:
    """Whether columns are separated by another sign than a comma."""
    first = text.lstrip().split("\n")[0].strip()
    if first.startswith("sep="):
        return [Problem(file, 1, None, f'"{first}" is a note for Excel and no header; remove the line')]
    sign = next((sign for sign in SEPARATORS if sign in first and "," not in first), None)
    if sign is None:
        return []
    says = f'"{shown(first)}" is one column, separated by {SEPARATORS[sign]}; expected commas: save it with a'
    return [Problem(file, 1, None, f"{says} comma between columns", shown(first.replace(sign, ",")))]


def unreadable(file: str, rows: Rows, fields: list[Field]) -> list[Problem]:
    """Why no column can be told from another, if so."""
    names = [field["name"] for field in fields]
    wanted = listed((field["name"] for field in fields if field.get("column_required")), 12) or names[0]
    if not rows:
        says = f"the file is empty; expected a header with {wanted}, and rows below it"
        return [Problem(file, 1, None, says)]
    line, header = rows[0]
    if _known(header, names):
        return []
    below = next((there for there, row in rows[1:LOOKED] if _known(row, names)), None)
    if below:
        says = f"the header stands on line {below}; remove what is above it"
    else:
        found = listed(map(shown, header), 12)
        says = f"no column is called as expected: {found}; expected a header with {wanted}"
    return [Problem(file, line, None, says)]


def _known(row: list[str], names: list[str]) -> bool:
    """Whether a row names columns, even if they are misspelt."""
    return any(_meant(cell, names) for cell in row if cell.strip())


def _meant(name: str, names: list[str]) -> str | None:
    """The column that a misspelt one probably is: another case, an `id` behind it, a letter or two."""
    plain = re.sub(r"[\W_]+", " ", name.casefold()).strip()
    spoken = {re.sub(r"[\W_]+", " ", one.casefold()): one for one in names}
    first, _, rest = plain.rpartition(" ")
    if rest in NUMBERED and first in spoken:
        return spoken[first]
    return spoken.get(plain) or spoken.get(alike(plain, spoken, 0.85))


def named(rows: Rows) -> tuple[list[str], Rows]:
    """The names of the columns and the rows below, without columns of which there are only commas."""
    header, body = rows[0][1], rows[1:]
    kept = [place for place, name in enumerate(header) if name.strip() or _first(body, place)]
    width = len(header)  # what a row has beyond it stays: it is a row in which something has moved
    below = [(line, [row[at] for at in kept if at < len(row)] + row[width:]) for line, row in body]
    return [header[place].strip() for place in kept], below


def _first(body: Rows, place: int) -> tuple[int, str] | None:
    """The first value of a column, with its line."""
    cells = ((line, row[place].strip()) for line, row in body if place < len(row))
    return next(((line, cell) for line, cell in cells if cell), None)


def problems(file: str, rows: Rows, fields: list[Field]) -> Iterator[Problem]:
    """Names that are missing, misspelt, there twice or blank."""
    (line, given), body = rows[0], rows[1:]
    header = [name.strip() for name in given]
    for place, name in enumerate(given):
        value = _first(body, place)
        if not name.strip() and value:
            says = (
                f'column {letter(place)} has no name, and "{shown(value[1])}" stands in it on line {value[0]}'
            )
            yield Problem(file, line, None, f"{says}; name the column, or empty it")
        elif name.strip() != name and name.strip():
            yield Problem(file, line, name, "the name has a space before or after it", name.strip())
    for name in dict.fromkeys(header):
        if name and header.count(name) > 1:
            says = "the name stands in the header more than once; rename one of the columns"
            yield Problem(file, line, name, says)
    yield from missing(file, line, [name for name in header if name], fields)


def missing(file: str, line: int | None, header: list[str], fields: list[Field]) -> Iterator[Problem]:
    """Columns that have to be there and are not, and columns that are probably meant to be known ones."""
    names = [field["name"] for field in fields]
    absent = [name for name in names if name not in header]
    meant = {name: _meant(name, absent) for name in header if name not in names}
    for field in fields:
        if field.get("column_required") and field["name"] in absent:
            likely = alike(field["name"], [name for name in meant if not meant[name]], 0.6)
            taken = next((name for name, known in meant.items() if known == field["name"]), likely)
            hint = f'. Is it the column "{taken}"? Rename it' if taken else ""
            says = f"the column is missing; the header has {listed(map(shown, header), 12)}"
            yield Problem(file, line, field["name"], says + hint)
    required = {field["name"] for field in fields if field.get("column_required")}
    for name, known in meant.items():
        if known and known not in required:
            says = f'no column is called so; rename it to "{known}", if that is meant, or else to a name less'
            yield Problem(file, line, name, f"{says} like it")


def letter(place: int) -> str:
    """A column as spreadsheets call it.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    above, last = divmod(place, 26)
    return (letter(above - 1) if above else "") + chr(ord("A") + last)
