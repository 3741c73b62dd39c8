"""What the readers of databases share: cells of any type taken for what they must be, no row without account.

SQLite keeps a value of any type in any column. So each cell is asked for as what it must be, and a row in
which one is something else is kept as broken, with the reason.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from analysis.sources.database import ROW, Database
from analysis.sources.offsets import Unit
from analysis.sources.project import COLUMNS, Project, SourceError, frames

WHOLE = re.compile(r"-?[0-9]{1,18}")
EXACT = 2.0**53
"""Up to here each whole number is a float of its own."""
YES, NO = "true", "false"
"""Whether a code can be put on a passage, in words of REFI-QDA."""

Made = Iterable[tuple[str, dict]]
"""What becomes of a row: rows of a project, each with its table. The first one stands for it."""


class RowError(Exception):
    """Why a row cannot be what it should be."""


class Cells:
    """The values of one row; a column that the file does not have is blank."""

    def __init__(self, row: Mapping[str, object]) -> None:
        self._row = row

    def named(self, **columns: str) -> "Cells":
        """The same row, with names that this module knows for its columns."""
        return Cells(dict(self._row) | {name: self._row.get(column) for name, column in columns.items()})

    def __contains__(self, column: str) -> bool:
        return column in self._row

    @property
    def number(self) -> str:
        """The row's own number."""
        return str(self._row[ROW])

    def text(self, column: str) -> str:
        """A text; blank if there is none. A number is written as one writes it."""
        cell = self._row.get(column)
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
            cell = int(cell)
        return "" if cell is None else str(cell)

    def key(self, column: str) -> str:
        """What names a row, this one or another. It must not be blank."""
        if not (key := self.text(column).strip()):
            raise RowError(f'column "{column}" is blank')
        return key

    def link(self, column: str, kind: str = "") -> str:
        """What names another row, if it does: blank, or a key after the `kind` of row that it is."""
        key = self.text(column).strip()
        return kind + key if key else ""

    def whole(self, column: str) -> int | None:
        """A whole number, however it is stored; missing if blank."""
        text = self.text(column).strip()
        if text and not WHOLE.fullmatch(text):
            raise RowError(f'column "{column}" has "{text[:40]}", which is not a whole number')
        return int(text) if text else None

    def place(self, column: str) -> int:
        """Where something begins or ends; it must not be blank."""
        if (place := self.whole(column)) is None:
            raise RowError(f'column "{column}" is blank')
        return place

    def size(self, column: str) -> float:
        """A number of any kind, as of pixels; it must not be blank."""
        cell = self._row.get(column)
        if not isinstance(cell, int | float) or not math.isfinite(cell):
            raise RowError(f'column "{column}" has "{self.text(column)[:40]}", which is not a number')
        return cell


class Reading:
    """A project as it is read from a database, table by table, and how many rows it should get.

    `needed` has the tables, each with its columns, without which the file is none of this tool's.
    """

    def __init__(self, base: Database, needed: Mapping[str, Iterable[str]]) -> None:
        self.base = base
        self.rows: dict[str, list[dict]] = {table: [] for table in COLUMNS}
        self.totals: dict[str, int] = {}
        self.findings: list[str] = []
        self._seen: set[str] = set()
        lacks = [f'there is no table "{table}"' for table in needed if table not in base.tables]
        for table in needed.keys() & base.tables:
            missing = [column for column in needed[table] if column not in base.columns(table)]
            lacks += [f'table "{table}" has no column "{column}"' for column in missing]
        if lacks:
            raise SourceError(base.path.name, lacks)

    def cells(self, table: str) -> Iterator[Cells]:
        """The rows of a table, looked at beforehand."""
        return (Cells(row) for row in self.base.rows(table))

    def take(
        self,
        table: str,
        into: str,
        make: Callable[[Cells], Made],
        what: str = "",
        total: int | None = None,
        mine: Callable[[Cells], bool] = lambda _: True,
    ) -> None:
        """Make what becomes of each row of a table that is `mine`, of which there should be `total`.

        A row of which nothing can be made is a broken one of the table `into`.
        """
        what = what or f"{table} row"
        self._seen.add(table)
        if table in self.base.tables:
            self.totals[what] = self.base.count(table) if total is None else total
        for cells in filter(mine, self.cells(table)):
            try:
                made = list(make(cells))
            except RowError as error:
                made = [(into, {"why": str(error), "broken": True})]
                if "id" in COLUMNS[into]:
                    made[0][1]["id"] = f"{what} {cells.number}"
            self._add(made, what, f'table "{table}", row {cells.number}')

    def _add(self, made: list[tuple[str, dict]], what: str, where: str) -> None:
        """The first row stands for them all: what it is left out for, the others are."""
        why = made[0][1].get("why", "")
        for at, (table, row) in enumerate(made):
            account = {"what": "" if at else what, "where": where, "why": why}
            self.rows[table].append(account | row)

    def skip(self, *tables: str) -> None:
        """These tables hold nothing that anybody has entered about the project."""
        self._seen.update(tables)

    def rest(self, why: str, tables: Mapping[str, str] | None = None) -> None:
        """Every other table, row by row, is listed among the others; `tables` have a reason of their own."""
        for table in sorted(self.base.tables - self._seen):
            what, reason = f"{table} row", (tables or {}).get(table, why)
            self.totals[what] = self.base.count(table)
            self._seen.add(table)
            for number in self.base.numbers(table):
                row = {"id": f"{table}:{number}", "why": reason}
                self._add([("others", row)], what, f'table "{table}", row {number}')

    def project(self, tool: str, form: str, title: str, unit: Unit | None = None) -> Project:
        """What has been read. Who has put no code anywhere is no coder of the study."""
        self._coders()
        return Project(tool, form, title, frames(self.rows), self.totals, unit, self.findings)

    def _coders(self) -> None:
        listed = {row["id"] for row in self.rows["coders"]}
        active = set()
        for row in self.rows["codings"]:
            name = row.get("coder")
            if name and name not in listed:
                coder = {"id": name, "name": name, "what": "", "where": row["where"], "why": ""}
                self.rows["coders"].append(coder)
                listed.add(name)
            if not row["why"]:
                active.add(name)
        for row in self.rows["coders"]:
            if row["id"] not in active and not row.get("why"):
                row["why"] = "no code of the study was put anywhere by this coder"


def note(of: str, owner: str, cells: Cells, column: str = "memo", name: str = "") -> Made:
    """The note that a column of a row is about the row itself; none, if it is blank."""
    text = cells.text(column)
    if text.strip():
        row = {"id": f"{of}:{owner}:{column}", "of": of, "owner": owner, "name": name, "text": text}
        yield "notes", row


def memo(of: str, owner: str, cells: Cells) -> Made:
    """The note that the memo of a row is about the row itself, with who wrote it and when."""
    for table, row in note(of, owner, cells):
        yield table, row | {"author": cells.text("owner"), "date": cells.text("date")}


def entry(key: str, name: str, text: str, cells: Cells, why: str = "") -> Made:
    """A row that is a note about the project; one of the others, if it says nothing."""
    if text.strip() or why:
        row = {"id": key, "name": name, "text": text, "why": why}
        yield "notes", row | {"author": cells.text("owner"), "date": cells.text("date")}
    else:
        yield "others", {"id": key, "name": name, "why": "it says nothing"}


def coded(key: str, passage: Mapping[str, object], code: str, cells: Cells, **more: str) -> Made:
    """A row that is a passage and the code on it, and what its memo says of that."""
    who = {"coder": cells.text("owner").strip(), "date": cells.text("date")}
    yield "codings", {"id": key, "passage": key, "code": code} | who | more
    yield "passages", {"id": key} | dict(passage)
    for table, row in note("codings", key, cells):
        yield table, row | {"author": who["coder"], "date": who["date"]}


def stretch(cells: Cells, first: str, last: str, text: str | None) -> dict[str, int]:
    """From where to where a row speaks of a text; nothing, if it speaks of all of it.

    The last character may be short of it: QualCoder writes the length of the text in one place, and one less
    in another.
    """
    start, end = cells.whole(first), cells.whole(last)
    if start is None and end is None:
        return {}
    start, end = cells.place(first), cells.place(last)
    whole = not text or (start == 0 and end >= len(text) - 1)
    return {} if whole else {"start": start, "end": end}
