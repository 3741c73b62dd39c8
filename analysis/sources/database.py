"""An SQLite file of somebody else's, opened with care: read only, nothing in it runs, no byte is guessed."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

from analysis.sources.project import SourceError

MAGIC = b"SQLite format 3\0"
HOT = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
"""How a rollback journal begins whose changes are not yet undone. Source: the SQLite file format, 3."""
DAMAGED = "the database cannot be read, it is damaged or cut short"
ROW = "rowid"
"""Under which name a row's own number is among its values."""


class Database:
    """The tables of an SQLite file, as rows of a dict. SourceError, whatever is wrong with it.

    Virtual tables are none of `tables`: they are made by code, and what they hold stands in others as well.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _refuse_unfinished(path)
        with self._careful():
            uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
            self._base = sqlite3.connect(uri, uri=True)
        self._base.text_factory = bytes
        try:
            with self._careful():
                self.tables = self._looked_over()
        except SourceError:
            self.close()
            raise

    def _looked_over(self) -> set[str]:
        """The names of the tables, of a file in which all is where it should be."""
        self._base.execute("PRAGMA trusted_schema = OFF")
        kept = "type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        found = self._base.execute(f"SELECT name FROM sqlite_master WHERE {kept}").fetchall()  # noqa: S608 - no word of it is given
        try:
            sound = self._base.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.OperationalError:
            # an index by an order that only the tool knows cannot be looked into
            sound = self._base.execute("PRAGMA quick_check(1)").fetchone()[0]
        if sound != b"ok":
            raise sqlite3.DatabaseError(sound.decode(errors="replace"))
        return {name.decode("utf-8", "replace") for (name,) in found}

    @contextmanager
    def _careful(self, where: str = "") -> Iterator[None]:
        """What SQLite finds wrong, or cannot even say in UTF-8, is told of the file."""
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise SourceError(self.path.name, [f"{where}{DAMAGED} ({error})"]) from error

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none, if there is no such table."""
        with self._careful(f'table "{table}": '):
            rows = self._base.execute(f"PRAGMA table_info({_name(table)})").fetchall()
        return [row[1].decode("utf-8", "replace") for row in rows]

    def count(self, table: str) -> int:
        """How many rows a table has; none, if there is no such table."""
        return self._count(table, "", ())

    def count_of(self, table: str, path: Sequence[tuple[str, str]], key: object) -> int:
        """How many rows of a table belong to one row of another.

        `path` leads there: each step is a column and the table whose `id` it names. `key` is the `id` at its
        end.
        """
        condition = '"id" = ?'
        for column, owner in reversed(path):
            ids = f'SELECT "id" FROM {_name(owner)} WHERE {condition}'  # noqa: S608 - a quoted name
            condition = f"{_name(column)} IN ({ids})"
        return self._count(table, f" WHERE {condition}", (key,))

    def _count(self, table: str, condition: str, values: tuple) -> int:
        if table not in self.tables:
            return 0
        with self._careful(f'table "{table}": '):
            found = self._base.execute(f"SELECT count(*) FROM {_name(table)}{condition}", values)  # noqa: S608 - a quoted name
            return found.fetchone()[0]

    def rows(self, table: str) -> Iterator[dict]:
        """Each row of a table in the order of its `rowid`, which is among its values; none without the table.

        Texts are decoded as UTF-8; a byte that is none is a SourceError that names the row and the column.
        """
        for number, row in self._rows(table, "*"):
            yield {key: self._text(table, number, key, cell) for key, cell in row.items()} | {ROW: number}

    def numbers(self, table: str) -> Iterator[int]:
        """The `rowid` of each row of a table, of which nothing else is looked at."""
        for number, _ in self._rows(table, "NULL"):
            yield number

    def _rows(self, table: str, what: str) -> Iterator[tuple[int, dict]]:
        """A table may have no `rowid`; then its rows are counted from one."""
        if table not in self.tables:
            return
        with self._careful(f'table "{table}": '):
            try:
                cursor = self._base.execute(f"SELECT _rowid_, {what} FROM {_name(table)} ORDER BY _rowid_")  # noqa: S608 - a quoted name
            except sqlite3.OperationalError:
                cursor = self._base.execute(f"SELECT NULL, {what} FROM {_name(table)}")  # noqa: S608 - a quoted name
            names = [column[0] for column in cursor.description]
            for at, row in enumerate(cursor, start=1):
                yield row[0] if isinstance(row[0], int) else at, dict(zip(names[1:], row[1:], strict=True))

    def _text(self, table: str, row: int, column: str, cell: object) -> object:
        if not isinstance(cell, bytes):
            return cell
        try:
            return cell.decode("utf-8")
        except UnicodeDecodeError as error:
            says = (
                f'table "{table}", row {row}, column "{column}": byte 0x{cell[error.start]:02X} is not UTF-8'
            )
            raise SourceError(self.path.name, [says]) from error

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _refuse_unfinished(path: Path) -> None:
    """A file beside it may hold changes not yet in it, or what is to be undone in it."""
    says = "holds changes not yet in it; close the project in its tool first"
    for suffix, begins in (("-wal", b""), ("-journal", HOT)):
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            with beside.open("rb") as file:
                start = file.read(len(HOT))
            if start and start.startswith(begins):
                raise SourceError(path.name, [f"{beside.name} beside it {says}"])


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'
