"""Two versions of a result, held against each other by what they say and not only by their bytes.

Tables are compared by key, numbers within a tolerance, figures by the data behind them and then by their
pixels, notebooks cell by cell, and words exactly. What differs is told by where it stands, with both values.
"""

import base64
import csv
import io
import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from analysis.outputs.chart import DATA

RELATIVE = 1e-5
"""Two numbers are one if they differ by less than this share: tables print six significant digits."""
ABSOLUTE = 1e-12
"""And what is as near to zero as this is zero."""
DRAWN = 0.01
"""Points, in drawings: a hundredth cannot be seen."""
SHADES = 4
"""Of 255, by which a pixel may leave what the other picture has about it: letters may sit a little elsewhere,
and nothing may come or go."""
AROUND = 40
"""Signs of a text that are shown on either side of the first that differs."""
NOTHING = "nothing"

Value = str | float | np.ndarray
"""Words are compared exactly, numbers within the tolerance, pictures pixel by pixel, with those about it."""
Said = Iterable[tuple[str, Value]]
"""What a file says, piece by piece, and where."""


@dataclass(frozen=True)
class Difference:
    """Where two versions of a file part, and what either has there."""

    where: str
    kept: str
    again: str

    def __str__(self) -> str:
        return f"{self.where}: kept {self.kept}, again {self.again}"


def differences(name: str, kept: bytes, again: bytes) -> list[Difference]:
    """Everything in which two versions of a file say another thing; empty if they are equivalent.

    `name` tells the kind of the file by its ending. A file that cannot be read as what it is called differs.
    """
    kind = Path(name).suffix.lower()
    try:
        if kind == ".csv":
            return [*_tables(kept, again)]
        read = READERS.get(kind, _lines)
        return [*_pieces(read(kept), read(again))]
    except UNREADABLE as error:
        says = f"{type(error).__name__}: {error}".splitlines()[0]
        return [Difference(f"not to be read as {kind or 'text'}, {says}", _size(kept), _size(again))]


def _size(data: bytes) -> str:
    return f"{len(data):,} bytes"


# Tables


def _tables(kept: bytes, again: bytes, at: str = "") -> Iterator[Difference]:
    """The differences of two tables, row by row as their keys tell, and column by column."""
    before, after = (
        list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""))) for data in (kept, again)
    )
    columns = before[0] if before else []
    if len({*columns}) < len(columns) or any(len({*map(len, rows)}) > 1 for rows in (before, after)):
        raise ValueError("two columns of one name, or rows that are not as long as the header")
    if columns != (after[0] if after else []):
        yield Difference(
            f"{at}columns", ", ".join(columns) or NOTHING, ", ".join(after[0] if after else []) or NOTHING
        )
        return
    key = _key(columns, [before[1:], after[1:]])
    yield from _pieces(_cells(columns, before[1:], key, at), _cells(columns, after[1:], key, at))


def _key(columns: Sequence[str], tables: Sequence[list[list[str]]]) -> list[int]:
    """The columns that tell each row of both tables from the others: those of words first, then more."""
    rows = [row for table in tables for row in table]
    worded = [n for n, _ in enumerate(columns) if any(_number(row[n]) is None and row[n] for row in rows)]
    order = worded + [n for n, _ in enumerate(columns) if n not in worded]
    for length in range(1, len(order) + 1):
        told = [[tuple(row[n] for n in order[:length]) for row in table] for table in tables]
        if all(len({*keys}) == len(keys) for keys in told):
            return order[:length]
    return order


def _cells(columns: Sequence[str], rows: list[list[str]], key: list[int], at: str) -> Said:
    """Each cell by its row's key and its column; rows that are all alike are numbered."""
    seen: Counter[str] = Counter()
    for row in rows:
        named = ", ".join(f"{columns[n]} {row[n] or '(blank)'}" for n in key)
        seen[named] += 1
        named += f" (time {seen[named]})" if seen[named] > 1 else ""
        yield f"{at}{named}", "a row"
        for number, column in enumerate(columns):
            if number not in key:
                cell = _number(row[number])
                yield f"{at}{named}; {column}", row[number] if cell is None else cell


def _number(text: str) -> float | None:
    """The number that a cell holds, unless it is a whole one: counts are exact."""
    return float(text) if NUMBER.fullmatch(text) and not re.fullmatch(r"[-+]?\d+", text) else None


# Figures


def _png(data: bytes) -> Said:
    """The data behind a picture, its words, and its pixels; pictures of before had no data with them."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        texts = {str(name): str(text) for name, text in getattr(picture, "text", {}).items()}
        shades = np.asarray(picture.convert("RGBA"), dtype=float)
        more = {str(name): repr(told) for name, told in picture.info.items() if name not in {*texts, "dpi"}}
        more["frames"] = str(getattr(picture, "n_frames", 1))
    yield from _rows(texts.pop(DATA, ""))
    yield from sorted(texts.items())
    yield from ((f"{name}, as it says", told) for name, told in sorted(more.items()))
    yield "its size", f"{shades.shape[1]} by {shades.shape[0]} pixels"
    yield "its pixels", shades


def _rows(text: str) -> Said:
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""))):
        for column, cell in enumerate(row, start=1):
            value = _number(cell)
            yield f"the data behind it, row {number}, column {column}", cell if value is None else value


NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
PLACES = "d|x|y|x1|x2|y1|y2|cx|cy|width|height|points|viewBox|transform"
PLACED = re.compile(rf'(?<=\s)(?:{PLACES})="[^"]*"')
"""Attributes whose numbers are points; a hundredth of a colour or of an opacity may be much,"""
PLACE = re.compile(rf"(?:scale|matrix)\([^)]*\)|({NUMBER.pattern})")
"""and of a scale as well."""
HASHED = re.compile(r"\b[a-z][0-9a-f]{10}\b")
"""Ids that hang on the last digit of a place."""


def _svg(data: bytes) -> Said:
    """The lines of a drawing, without the numbers that are places, and these place by place.

    It is read as text and not as elements, so that nothing that a browser might heed is overlooked. Ids
    are told by the order in which they come.
    """
    order: dict[str, int] = {}
    text = HASHED.sub(lambda one: f"\0{order.setdefault(one[0], len(order))}", data.decode("utf-8"))
    words = PLACED.sub(lambda one: PLACE.sub(lambda part: "…" if part[1] else part[0], one[0]), text)
    yield from ((f"line {number}", line) for number, line in enumerate(words.split("\n"), start=1))
    for number, found in enumerate(PLACED.finditer(text), start=1):
        places = [float(part[1]) for part in PLACE.finditer(found[0]) if part[1]]
        yield f"line {text.count(chr(10), 0, found.start()) + 1}, place {number}", np.array(places)


# Notebooks, records, documents, words


OF_A_CELL = {"id", "cell_type", "source", "execution_count", "metadata", "outputs"}
"""What is compared of it by name; whatever else a cell has is compared too."""


def _notebook(data: bytes) -> Said:
    """Each cell by its id: its source, its count, and everything that it shows."""
    notebook = json.loads(data)
    for number, cell in enumerate(notebook["cells"], start=1):
        where = f"cell {cell.get('id', number)}"
        yield where, f"{cell['cell_type']}, place {number}"
        yield f"{where}, source", "".join(cell["source"])
        yield f"{where}, count", str(cell.get("execution_count"))
        yield f"{where}, metadata", json.dumps(cell["metadata"], sort_keys=True)
        for place, output in enumerate(cell.get("outputs", []), start=1):
            yield from _shown(f"{where}, output {place}", output)
        yield f"{where}, more", json.dumps({n: cell[n] for n in sorted(cell.keys() - OF_A_CELL)})
    rest = {name: value for name, value in notebook.items() if name != "cells"}
    yield "metadata", json.dumps(rest, sort_keys=True)


def _shown(where: str, output: Mapping[str, Any]) -> Said:
    for kind, data in sorted(output.get("data", {}).items()):
        text = "".join(data) if isinstance(data, list | str) else json.dumps(data, sort_keys=True)
        if kind == "image/png":
            yield from ((f"{where}, picture, {at}", value) for at, value in _png(_decoded(text)))
        else:
            yield f"{where}, {kind}", text
    rest = {name: value for name, value in output.items() if name != "data"}
    yield f"{where}, rest", json.dumps(rest, sort_keys=True)


def _decoded(text: str) -> bytes:
    """Bytes from base64, which a browser reads without mercy."""
    return base64.b64decode("".join(text.split()), validate=True)


def _json(data: bytes) -> Said:
    """Each single value by the names that lead to it; an entry of a list by its name, where it has one."""
    yield from _leaves(json.loads(data), "")


def _leaves(value: object, path: str) -> Said:
    if isinstance(value, list):
        named = [one.get("run") if isinstance(one, dict) else None for one in value]
        value = {
            str(number if name is None or name in named[:number] else name): one
            for number, (name, one) in enumerate(zip(named, value, strict=True))
        }
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(one, f"{path} › {name}" if path else str(name))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _office(data: bytes) -> Said:
    """Each paragraph of each part of a Word or Excel file."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if len({*parts.namelist()}) < len(parts.namelist()) or not data.startswith(b"PK"):
            raise ValueError("two parts of one name, or something before the first")
        for part in sorted(parts.namelist()):
            lines = re.sub(rb"(</(?:\w+:)?(?:p|row|si)>)", rb"\1\n", parts.read(part)).split(b"\n")
            for number, line in enumerate(lines, start=1):
                yield f"{part}, paragraph {number}", line.decode("utf-8", errors="backslashreplace")


def _lines(data: bytes) -> Said:
    for number, line in enumerate(data.decode("utf-8").split("\n"), start=1):
        yield f"line {number}", line


READERS: dict[str, Callable[[bytes], Said]] = {
    ".png": _png,
    ".svg": _svg,
    ".ipynb": _notebook,
    ".json": _json,
}
READERS |= dict.fromkeys((".docx", ".xlsx"), _office)
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OSError, UnidentifiedImageError)
UNREADABLE += (zipfile.BadZipFile, csv.Error)


# One against the other


def _pieces(kept: Said, again: Said) -> Iterator[Difference]:
    """What stands at each place of either version and is not the same; of a row that is gone only the row."""
    before, after = dict(kept), dict(again)
    gone: tuple[str, ...] = ()
    for where in dict.fromkeys([*before, *after]):
        if gone and where.startswith(gone):
            continue
        if where not in before or where not in after:
            gone = (f"{where};", f"{where},")
            yield Difference(where, _short(before.get(where)), _short(after.get(where)))
        elif not _same(before[where], after[where]):
            yield _parting(where, before[where], after[where])


def _same(kept: Value, again: Value) -> bool:
    if isinstance(kept, float) and isinstance(again, float):
        return math.isclose(kept, again, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(kept, np.ndarray) and isinstance(again, np.ndarray):
        if kept.shape != again.shape:
            return False
        apart = _apart(kept, again) if kept.ndim > 1 else np.abs(kept - again)
        return bool(apart.max(initial=0) <= (SHADES if kept.ndim > 1 else DRAWN))
    return isinstance(kept, str) and kept == again


def _apart(kept: np.ndarray, again: np.ndarray) -> np.ndarray:
    """How far each pixel of either picture is from all of the other's about that place.

    Where lines meet, letters say, half of their contrast is allowed: they may sit half a pixel elsewhere.
    """
    (low, high), (lowest, highest) = _about(kept), _about(again)
    outside = np.maximum.reduce([low - again, again - high, lowest - kept, kept - highest])
    return outside - (np.maximum(high, highest) - np.minimum(low, lowest)) / 2


def _about(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most shade of the three by three pixels about each."""
    high, wide, _ = picture.shape
    wider = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    nine = [wider[down : down + high, across : across + wide] for down in range(3) for across in range(3)]
    return np.minimum.reduce(nine), np.maximum.reduce(nine)


def _parting(where: str, kept: Value, again: Value) -> Difference:
    """Where two pieces part, as near as it can be said."""
    if isinstance(kept, str) and isinstance(again, str):
        return Difference(where, *_around(kept, again))
    if not (isinstance(kept, np.ndarray) and isinstance(again, np.ndarray)) or kept.shape != again.shape:
        return Difference(where, _short(kept), _short(again))
    if kept.ndim == 1:
        worst = int(np.abs(kept - again).argmax())
        return Difference(f"{where}, number {worst + 1}", f"{kept[worst]:g}", f"{again[worst]:g}")
    down, across, _ = np.unravel_index(_apart(kept, again).argmax(), kept.shape)
    told = (
        "red {:.0f}, green {:.0f}, blue {:.0f}, opacity {:.0f}".format(*one[down, across])
        for one in (kept, again)
    )
    return Difference(f"{where}, {across} across and {down} down", *told)


def _around(kept: str, again: str) -> tuple[str, str]:
    """Both texts about the first sign that differs."""
    first = next(
        (n for n, (a, b) in enumerate(zip(kept, again, strict=False)) if a != b), min(len(kept), len(again))
    )
    start = max(first - AROUND, 0)
    return _quoted(kept, start, first), _quoted(again, start, first)


def _quoted(text: str, start: int, first: int) -> str:
    end = first + AROUND
    return ("…" if start else "") + f'"{text[start:end]}"' + ("…" if end < len(text) else "")


def _short(value: Value | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, np.ndarray):
        return f"{' by '.join(map(str, value.shape))} numbers"
    return f"{value:g}" if isinstance(value, float) else _quoted(value, 0, AROUND)
