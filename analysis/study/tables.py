"""One CSV file in, one frame out, with every error in it named by line and column."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.study.problems import Problem, listed, nearest

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that no table can show and that Word files must not hold."""
Field = dict[str, Any]
"""A field of a Table Schema: name, type, description, default, constraints."""


def read(path: Path, fields: list[Field]) -> tuple[pd.DataFrame, list[Problem]]:
    """The table of a UTF-8 CSV file, and its errors.

    The index holds line numbers as a spreadsheet shows them, so that later checks can name them.
    Blank cells are missing values; absent columns get their default; further columns stay as text.
    """
    text, problems = _decode(path)
    rows, more = _rows(path.name, text) if not problems else ([], [])
    problems += more
    if problems:
        return empty(fields), problems
    header, body = rows[0], rows[1:]
    problems = [*_header_problems(path.name, header, fields)]
    if problems:
        return empty(fields), problems
    known = {field["name"]: field for field in fields}
    for line, row in enumerate(body, start=2):
        if len(row) != len(header):
            says = f"{len(row)} values where the header has {len(header)}: {listed(row, 3)!r}"
            problems.append(Problem(path.name, line, None, says))
            continue
        for name, value in zip(header, row, strict=True):
            problems += _cell_problems(path.name, line, value, known.get(name, {"name": name}))
    return _frame(header, [] if problems else body, fields), problems


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
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data[start : data.find(b"\n", error.start) if b"\n" in data[error.start :] else None]
        cells = next(csv.reader([line[: error.start - start].decode("latin-1")]), [""])
        header = next(csv.reader([data.split(b"\n")[0].decode("latin-1")]))
        column = header[min(len(cells), len(header)) - 1].strip() if start else None
        around = re.search(rb"[^\s,;]*$", data[: error.start]).group()
        word = around + re.match(rb"[^\s,;]*", data[error.start :]).group()
        says = f"byte 0x{data[error.start]:02X} in {str(word)[1:]} is not UTF-8; save the file as CSV UTF-8"
        number = data.count(b"\n", 0, error.start) + 1
        return "", [Problem(path.name, number, column, says, word.decode("latin-1"))]


def _rows(file: str, text: str) -> tuple[list[list[str]], list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    most = csv.field_size_limit(max(len(text), 1))  # an interview may be one passage, past the usual limit
    try:
        rows = list(reader)
    except csv.Error as error:
        return [], [Problem(file, reader.line_num, None, f"not readable as CSV ({error})")]
    finally:
        csv.field_size_limit(most)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        return [], [Problem(file, 1, None, "the file is empty; expected a header")]
    return rows, []


def _header_problems(file: str, header: list[str], fields: list[Field]) -> Iterator[Problem]:
    if len(header) == 1 and ";" in header[0]:
        says = f'"{header[0]}" is one column, separated by semicolons; expected commas'
        yield Problem(file, 1, None, says, header[0].replace(";", ","))
        return
    for name in header:
        if name != name.strip():
            yield Problem(file, 1, name, "the name has a space before or after it", name.strip())
        elif header.count(name) > 1:
            yield Problem(file, 1, name, "the name stands in the header more than once")
    names = [field["name"] for field in fields]
    for field in fields:
        if field.get("column_required") and field["name"] not in header:
            unknown = [name for name in header if name not in names]
            says = f"the column is missing; the header has {listed(header, 12)}"
            taken = nearest(field["name"], unknown)
            hint = f'. Is it the column "{taken}"' if taken else ""
            yield Problem(file, 1, field["name"], says + hint + ("?" if taken else ""))


def _cell_problems(file: str, line: int, value: str, field: Field) -> Iterator[Problem]:
    """At most one problem of a cell: its spaces, its absence, its type, then its limits."""
    limits = field.get("constraints", {})
    if CONTROL.search(value):
        says, near = f"{value!r} has a control character", CONTROL.sub("", value)
    elif value != value.strip():
        says, near = f'"{value}" has a space before or after it', value.strip()
    elif not value:
        says = '"" is blank; expected a value' if limits.get("required") else None
        near = next(iter(limits.get("enum", [])), limits.get("minimum"))
    else:
        says, near = _type_problem(value, field) or _limit_problem(value, limits) or (None, None)
    if says:
        yield Problem(file, line, field["name"], says, near)


def _limit_problem(value: str, limits: dict[str, Any]) -> tuple[str, object] | None:
    if "enum" in limits and value not in limits["enum"]:
        return f'"{value}" is not one of {listed(limits["enum"], 20)}', nearest(value, limits["enum"])
    if "minimum" in limits and float(value) < limits["minimum"]:
        low = limits["minimum"]
        return f'"{value}" is less than {low}; expected {low} or more', low
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        return f'"{value}" does not have the form {limits["pattern"]}', None
    return None


TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "integer": (r"[+-]?[0-9]{1,15}", int),
    "number": (r"[+-]?[0-9]{1,15}(\.[0-9]+)?", float),
    "boolean": (r"true|false", lambda value: value == "true"),
    "date": (r"\d{4}-\d{2}-\d{2}", pd.Timestamp),
    "string": (r"(?s).*", str),
}
FORMS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date as 2024-03-01",
}


def _type_problem(value: str, field: Field) -> tuple[str, object] | None:
    kind = field.get("type", "string")
    pattern, convert = TYPES[kind]
    try:
        convert(value)
    except ValueError:
        fits = False
    else:
        fits = re.fullmatch(pattern, value) is not None
    return None if fits else (f'"{value}" is not {FORMS[kind]}', _nearest_number(value, field))


def _nearest_number(value: str, field: Field) -> object:
    if field["type"] not in ("integer", "number"):
        return None
    low = field.get("constraints", {}).get("minimum", 0)
    digits = re.search(r"-?\d+", value)
    return max(int(digits.group()), low) if digits else low


def empty(fields: list[Field]) -> pd.DataFrame:
    """The table without a row: what an absent table is to the notebooks."""
    return _frame([], [], fields)


def _frame(header: list[str], body: list[list[str]], fields: list[Field]) -> pd.DataFrame:
    """The typed frame: text, nullable whole numbers, booleans; known columns always there."""
    full = [row for row in body if len(row) == len(header)]
    frame = pd.DataFrame(full, columns=header, index=range(2, len(full) + 2), dtype="str")
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
            frame[name] = frame[name].eq("true")
    return frame
