"""Tables of other tools as rows of texts: CSV, TSV, XLSX, XLS, ODS; nothing is guessed, nothing evaluated.

A cell is what is stored for it to show: a formula is its last result, a number is written without a needless
point, a date as 2024-03-01. An error of a formula (#DIV/0!) is a blank cell.
"""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from analysis.sources import workbook
from analysis.sources.archive import MOST_TEXT, Archive
from analysis.sources.project import SourceError

MOST_TOTAL = 4 * MOST_TEXT
"""Bytes of all members of a workbook together, unpacked."""
SECONDS = 120
"""For so long a workbook may be read."""
PLAIN = (".csv", ".tsv", ".tab", ".txt")
NAMED = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ZIPPED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
AGAIN = 'save it as "CSV UTF-8" or as .xlsx'
DELIMITERS = ",;\t"
LOOKED_AT = 200
"""So many rows tell the delimiter."""


@dataclass(frozen=True)
class Sheet:
    """A table: its name (blank in a text file), its rows, and how many rows there are by another count.

    `lines` are the lines on which the rows of a text file begin.
    """

    name: str
    rows: list[list[str]]
    height: int
    lines: list[int] | None = None

    def where(self, row: int) -> str:
        """Where the row with this index stands, as a spreadsheet or an editor counts."""
        return f'sheet "{self.name}", row {row + 1}' if self.lines is None else f"line {self.lines[row]}"


def read(path: Path) -> list[Sheet]:
    """The tables of a file. SourceError, and nothing else, whatever its bytes."""
    head = _bytes(path, 8)
    if head.startswith(ZIPPED):
        _unpackable(path)
        return _book(path)
    if head == COMPOUND:
        _whole(path)
        return _book(path)
    if path.suffix.lower() not in PLAIN:
        raise SourceError(path.name, [f"{_named(path)}; {AGAIN}"])
    return [_plain(path)]


def filled(path: Path) -> list[Sheet]:
    """The tables of a file in which something stands. SourceError, and nothing else, whatever its bytes."""
    return [sheet for sheet in read(path) if any(any(row) for row in sheet.rows)]


def _named(path: Path) -> str:
    """What speaks against a file that is none of the kinds, by its name."""
    if path.suffix.lower() in NAMED:
        return f"it is named {path.suffix} but is no such workbook"
    return f"it is no workbook, nor a text that is named as a table is ({', '.join(PLAIN)})"


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise SourceError(path.name, [f"it cannot be opened ({error.strerror})"]) from error


def text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 that says so. SourceError names the first other byte."""
    data = _bytes(path, MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        raise SourceError(path.name, [f"it has more than {MOST_TEXT / 2**20:.0f} MiB; an interview has less"])
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        found = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        says = f"line {line}: byte 0x{data[error.start]:02X} is not {'UTF-16' if wide else 'UTF-8'}"
        raise SourceError(path.name, [f'{says}; save the file as "CSV UTF-8"']) from error
    if "\0" in found:
        line = found.count("\n", 0, found.index("\0")) + 1
        raise SourceError(path.name, [f'line {line}: byte 0x00 is no text; save the file as "CSV UTF-8"'])
    return found


def _plain(path: Path) -> Sheet:
    body = text(path)
    most = csv.field_size_limit(MOST_TEXT)  # a passage may be longer than the usual limit
    rows, lines, line = [], [], 1
    try:
        delimiter = _delimiter(body)
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
        for row in reader:
            rows.append(row)
            lines.append(line)
            line = reader.line_num + 1
        again = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
        height = sum(1 for _ in again)
    except csv.Error as error:
        says = f"line {line}: not readable as a table ({error})"
        raise SourceError(path.name, [says]) from error
    finally:
        csv.field_size_limit(most)
    return Sheet("", rows, height, lines)


def _delimiter(body: str) -> str:
    """Comma, semicolon or tab, by which most rows are as wide as the first, and that is not one cell."""
    found = {}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
        try:
            rows = [row for row, _ in zip(reader, range(LOOKED_AT), strict=False) if any(row)]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1:
            found[delimiter] = sum(len(row) == width for row in rows) / len(rows), width
    first = body.partition("\n")[0]
    return max(found, key=found.get) if found else max(DELIMITERS, key=first.count)


def _unpackable(path: Path) -> None:
    """SourceError, if a zip file is none, is no workbook, or unpacks to more than any study has."""
    try:
        with Archive(path) as archive:
            names = archive.names()
            total = 0
            while names and total <= MOST_TOTAL:
                total += len(archive.read(names.pop()))
            book = any(name in BOOKS for name in archive.names())
    except SourceError:
        raise
    except Exception as error:  # each way of packing has errors of its own
        raise SourceError(path.name, [f"the zip file is damaged or cut short ({error})"]) from error
    if total > MOST_TOTAL:
        says = f"it unpacks to more than {MOST_TOTAL / 2**20:.0f} MiB; a study's table has less"
        raise SourceError(path.name, [says])
    if not book:
        raise SourceError(path.name, [f"it is a zip file but no workbook; {AGAIN}"])


def _whole(path: Path) -> None:
    """SourceError, if a file of Microsoft's old format holds a locked workbook or none."""
    data = _bytes(path, MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        raise SourceError(path.name, [f"it has more than {MOST_TEXT / 2**20:.0f} MiB; save it as .xlsx"])
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise SourceError(path.name, [LOCKED])
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        raise SourceError(path.name, [f"it holds no workbook; {AGAIN}"])


LOCKED = "it is protected by a password; open it in the program it is from and save it without one"


def _book(path: Path) -> list[Sheet]:
    command = [sys.executable, "-I", str(Path(workbook.__file__)), str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own module
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:  # it was ended, or has died
        says = f"the workbook is damaged, or larger than any study's; {AGAIN}"
        raise SourceError(path.name, [says]) from error
    if "error" in found:
        raise SourceError(path.name, [_refusal(found)])
    return [Sheet(one["name"], one["rows"], one["height"]) for one in found["sheets"]]


def _refusal(found: dict[str, str]) -> str:
    if found["error"] == "password":
        return LOCKED
    if found["error"] == "large":
        return f"{found['says']}; delete what is blank and save it again"
    return f"the workbook is damaged or cut short ({found['says']}); {AGAIN}"
