"""One CSV file in, one frame out, with every error in it named by line and column."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.study import cells, headers
from analysis.study.cells import CONTROL, FORMS, Field
from analysis.study.problems import Problem, listed, shown

__all__ = [
    "CONTROL",
    "FORMS",
    "Field",
    "Frames",
    "Problem",
    "Read",
    "empty",
    "of_texts",
    "plain",
    "read",
    "texts",
    "written",
]
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a whole interview may be one excerpt
BOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks of Excel and LibreOffice begin, whatever their files are called."""
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins."""
LETTERS = (0x83, 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F)
"""Letters of Windows-1252 that are others on a Macintosh, where those below 0xA0 are the usual ones."""
Frames = dict[str, pd.DataFrame]
"""Tables by name."""
SAVE = 'save it again as "CSV UTF-8"'
Row = tuple[int, list[str]]
"""A row with its line as a spreadsheet shows it."""


class Read(NamedTuple):
    """A table, its errors, and whether each row is there under its columns, so that others can be held to it.

    A cell at fault holds what was probably meant, or nothing.
    """

    frame: pd.DataFrame
    problems: list[Problem]
    whole: bool


def read(path: Path, fields: list[Field]) -> Read:
    """The table of a UTF-8 CSV file, and its errors.

    The index holds line numbers as a spreadsheet shows them, so that later checks can name them.
    Blank cells are missing values and blank rows are none; absent columns get their default; further columns
    stay as text.
    """
    text, problems = _decode(path)
    rows, more = _rows(path.name, text)
    problems = problems or headers.separated(path.name, text) or more
    problems = problems or headers.unreadable(path.name, rows, fields)
    if problems:
        return Read(empty(fields), problems, whole=False)
    header, body = headers.named(rows)
    problems = [*headers.problems(path.name, rows, fields)]
    widths = [*_widths(path.name, header, body)]
    known = {field["name"]: field for field in fields}
    used = [known.get(name, {"name": name}) for name in header]
    right = [(line, row) for line, row in body if len(row) == len(header)]
    wrong = [*_cells(path.name, right, used)]
    if problems or widths:
        return Read(empty(fields), sorted([*problems, *widths, *wrong], key=_line), whole=False)
    mended = [
        (line, [cells.mended(cell, field) for cell, field in zip(row, used, strict=True)])
        for line, row in right
    ]
    return Read(_frame(header, mended if wrong else right, fields), wrong, whole=True)


def plain(path: Path) -> pd.DataFrame:
    """The table of a checked file as it is written: every cell a text, blank ones missing."""
    header, body = headers.named(_rows(path.name, _decode(path)[0])[0])
    return _frame(header, body, []).reset_index(drop=True)


def _line(problem: Problem) -> int:
    return problem.line or 0


def _cells(file: str, body: list[Row], fields: list[Field]) -> Iterator[Problem]:
    for line, row in body:
        for value, field in zip(row, fields, strict=True):
            if found := cells.problem(value, field):
                yield Problem(file, line, field["name"], *found)


def _widths(file: str, header: list[str], body: list[Row]) -> Iterator[Problem]:
    for line, row in body:
        if len(row) == len(header):
            continue
        values = "1 value" if len(row) == 1 else f"{len(row)} values"
        says = f"{values} where the header has {len(header)}: {listed(map(shown, row), 3)}"
        more = 'put quotation marks " around a text with a comma in it'
        fewer = "a comma is missing, or a text goes on in the next line without quotation marks around it"
        yield Problem(file, line, None, f"{says}; {more if len(row) > len(header) else fewer}")


def written(frame: pd.DataFrame) -> str:
    """The frame as a CSV file that `read` gives back: blank for missing values, true and false in words.

    >>> print(written(pd.DataFrame({"label": ["nurse", None], "lead": [False, True]})), end="")
    label,lead
    nurse,false
    ,true
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.astype(object).itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else _word(cell) for cell in row])
    return out.getvalue()


def _word(cell: object) -> object:
    return str(cell).lower() if isinstance(cell, bool | np.bool_) else cell


def _decode(path: Path) -> tuple[str, list[Problem]]:
    """The file as text. Never guessed: another encoding read wrongly changes people's words."""
    data = path.read_bytes()
    if data.startswith(BOOK):
        says = (
            f"this is a workbook under the name of a CSV file; open it in the spreadsheet program and {SAVE}"
        )
        return "", [Problem(path.name, None, None, says)]
    if data.startswith(WIDE):
        return "", [Problem(path.name, None, None, f'it is "Unicode text" (UTF-16) and no CSV UTF-8; {SAVE}')]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return "", [_undecodable(path.name, data, error.start)]


def _undecodable(file: str, data: bytes, place: int) -> Problem:
    """Which word of which cell is not UTF-8, and what it says, if Windows has written it."""
    begin, number = data.rfind(b"\n", 0, place) + 1, data.count(b"\n", 0, place) + 1
    before = next(csv.reader([data[begin:place].decode("cp1252", "replace")]), [""])
    header = next(csv.reader([data.split(b"\n")[0].decode("cp1252", "replace")]))
    column = header[min(len(before), len(header)) - 1].strip().lstrip("ï»¿") if begin else None
    left = max(data.rfind(sign, 0, place) for sign in (b" ", b",", b";", b"\t", b"\n", b'"')) + 1
    right = min(
        (
            found
            for sign in (b" ", b",", b";", b"\t", b"\r", b"\n", b'"')
            if (found := data.find(sign, place)) > 0
        ),
        default=len(data),
    )
    word = data[left:right]
    seen = "".join(chr(byte) if byte < 128 else "�" for byte in word)  # noqa: PLR2004 - beyond are no letters
    says = f'"{shown(seen)}" has a letter that is not saved as UTF-8 (byte 0x{data[place]:02X}); {SAVE}'
    meant = word.decode("cp1252", "replace")
    sure = not any(byte in LETTERS for byte in word)
    return Problem(file, number, column, says, shown(meant) if sure else None)


def _rows(file: str, text: str) -> tuple[list[Row], list[Problem]]:
    """The rows in which something stands; spreadsheets leave others, between and below."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    number = 0
    most = csv.field_size_limit(max(len(text), 1))  # an interview may be one passage, past the usual limit
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append((number, row))
    except csv.Error as error:
        says = (
            'the quotation marks " of this row do not pair up: one is not closed, or stands within a text; '
            'write those within a text twice ("")'
        )
        return [], [
            Problem(file, number + 1, None, says if '"' in text else f"not readable as CSV ({error})")
        ]
    finally:
        csv.field_size_limit(most)
    return rows, []


def empty(fields: list[Field]) -> pd.DataFrame:
    """The table without a row: what an absent table is to the notebooks."""
    return _frame([], [], fields)


def texts(frame: pd.DataFrame) -> list[list[str]]:
    """A frame as the rows of a table: its header, and each cell as a text, blank where it is missing."""
    rows = frame.astype(object).itertuples(index=False)
    return [[*frame], *(["" if pd.isna(cell) else str(_word(cell)) for cell in row] for row in rows)]


def of_texts(rows: list[list[str]], fields: list[Field]) -> pd.DataFrame:
    """The frame of a table's header and rows, as `read` would give it."""
    return _frame(rows[0], [*enumerate(rows[1:])], fields)


def _frame(header: list[str], body: list[Row], fields: list[Field]) -> pd.DataFrame:
    """The typed frame: text, nullable whole numbers, booleans; known columns always there."""
    lines = [line for line, _ in body] if body else range(0)
    frame = pd.DataFrame([row for _, row in body], columns=header, index=lines, dtype="str")
    frame = frame.mask(frame == "")
    for field in fields:
        name, kind = field["name"], field.get("type", "string")
        if name not in frame:
            frame[name] = pd.Series(None, index=frame.index, dtype="str")
        if "default" in field:
            frame[name] = frame[name].fillna(str(field["default"]).lower())
        if kind == "integer":
            frame[name] = pd.to_numeric(frame[name]).astype("Int64")
        elif kind == "number":
            frame[name] = pd.to_numeric(frame[name])
        elif kind == "boolean":
            frame[name] = frame[name].str.lower().eq("true")
    return frame
