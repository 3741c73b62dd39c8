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
from lxml import etree
from PIL import Image, UnidentifiedImageError

from analysis.outputs.chart import DATA

RELATIVE = 1e-5
"""Two numbers are one if they differ by less than this share: tables print six significant digits."""
ABSOLUTE = 1e-12
"""And what is as near to zero as this is zero."""
DRAWN = 0.01
"""Points, in drawings: a hundredth cannot be seen."""
BLOCK, SHADES = 8, 32
"""Pixels of a side, and how far the mean of such a block may go, of 255: letters may sit a little elsewhere,
and nothing may come or go."""
AROUND = 40
"""Signs of a text that are shown on either side of the first that differs."""
NOTHING = "nothing"

Value = str | float | np.ndarray
"""Words are compared exactly, numbers within the tolerance, pictures by blocks of pixels."""
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
    try:
        return None if re.fullmatch(r"[-+]?\d+", text) else float(text)
    except ValueError:
        return None


# Figures


def _png(data: bytes) -> Said:
    """The data behind a picture, its words, and its pixels; pictures of before had no data with them."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        texts = {str(name): str(text) for name, text in getattr(picture, "text", {}).items()}
        shades = np.asarray(picture.convert("RGBA"), dtype=float)
    yield from _rows(texts.pop(DATA, ""))
    yield from sorted(texts.items())
    yield "its size", f"{shades.shape[1]} by {shades.shape[0]} pixels"
    yield "its pixels", shades


def _rows(text: str) -> Said:
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""))):
        for column, cell in enumerate(row, start=1):
            value = _number(cell)
            yield f"the data behind it, row {number}, column {column}", cell if value is None else value


def _svg(data: bytes) -> Said:
    """Each element of a drawing; ids are told by their order, as they hang on the last digit of a place."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    ids = {element.get("id"): f"id-{number}" for number, element in enumerate(elements) if element.get("id")}
    for number, element in enumerate(elements):
        where = f"{etree.QName(element).localname} {number}"
        yield where, "an element"
        said = {str(etree.QName(name).localname): text for name, text in element.attrib.items()}
        for name, text in {**said, "text": (element.text or "").strip()}.items():
            plain = re.sub(r"(?<=#)[\w.-]+|^[\w.-]+$", lambda one: ids.get(one.group(), one.group()), text)
            yield from _drawn(f"{where}, {name}", plain)


NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")


def _drawn(where: str, text: str) -> Said:
    """The words of an attribute, and the numbers in it to a hundredth of a point."""
    if not (numbers := [float(one) for one in NUMBER.findall(text)]):
        yield where, text
        return
    yield f"{where}, words", NUMBER.sub("…", text)
    yield f"{where}, numbers", np.array(numbers)


# Notebooks, records, documents, words


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
    yield "metadata", json.dumps(notebook["metadata"], sort_keys=True)


def _shown(where: str, output: Mapping[str, Any]) -> Said:
    for kind, data in sorted(output.get("data", {}).items()):
        text = "".join(data) if isinstance(data, list | str) else json.dumps(data, sort_keys=True)
        if kind == "image/png":
            yield from ((f"{where}, picture, {at}", value) for at, value in _png(base64.b64decode(text)))
        else:
            yield f"{where}, {kind}", text
    rest = {name: value for name, value in output.items() if name != "data"}
    yield f"{where}, rest", json.dumps(rest, sort_keys=True)


def _json(data: bytes) -> Said:
    """Each single value by the names that lead to it; an entry of a list by its name, where it has one."""
    yield from _leaves(json.loads(data), "")


def _leaves(value: object, path: str) -> Said:
    if isinstance(value, list):
        named = [one.get("run") if isinstance(one, dict) else None for one in value]
        value = {
            str(name or number): one for number, (name, one) in enumerate(zip(named, value, strict=True))
        }
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, f"{path} › {name}" if path else str(name))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _office(data: bytes) -> Said:
    """Each paragraph of each part of a Word or Excel file."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
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
UNREADABLE += (zipfile.BadZipFile, etree.XMLSyntaxError, csv.Error)


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
        apart = _blocks(kept) - _blocks(again) if kept.ndim > 1 else kept - again
        return bool(np.abs(apart).max(initial=0) <= (SHADES if kept.ndim > 1 else DRAWN))
    return isinstance(kept, str) and kept == again


def _blocks(picture: np.ndarray) -> np.ndarray:
    """The mean shade of each block of pixels; blocks at the edges may be smaller."""
    high, wide, _ = picture.shape
    sums = np.add.reduceat(
        np.add.reduceat(picture, np.arange(0, high, BLOCK), 0), np.arange(0, wide, BLOCK), 1
    )
    highs, wides = (np.diff([*range(0, size, BLOCK), size]) for size in (high, wide))
    return sums / (highs[:, None] * wides)[..., None]


def _parting(where: str, kept: Value, again: Value) -> Difference:
    """Where two pieces part, as near as it can be said."""
    if isinstance(kept, str) and isinstance(again, str):
        return Difference(where, *_around(kept, again))
    if not (isinstance(kept, np.ndarray) and isinstance(again, np.ndarray)) or kept.shape != again.shape:
        return Difference(where, _short(kept), _short(again))
    if kept.ndim == 1:
        worst = int(np.abs(kept - again).argmax())
        return Difference(f"{where}, number {worst + 1}", f"{kept[worst]:g}", f"{again[worst]:g}")
    shades = [_blocks(picture) for picture in (kept, again)]
    row, column, _ = np.unravel_index(np.abs(shades[0] - shades[1]).argmax(), shades[0].shape)
    told = (
        "red {:.0f}, green {:.0f}, blue {:.0f}, opacity {:.0f}".format(*one[row, column]) for one in shades
    )
    return Difference(f"{where}, {column * BLOCK} across and {row * BLOCK} down", *told)


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
