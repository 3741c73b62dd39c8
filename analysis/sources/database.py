"""An SQLite file of somebody else's, opened with care: read only, nothing in it runs, no byte is guessed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import quote

from analysis.sources.project import SourceError

MAGIC = b"SQLite format 3\0"
DAMAGED = "the database cannot be read, it is damaged or cut short"


class Database:
    """The tables of an SQLite file, as rows of a dict. SourceError, whatever is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        beside = path.with_name(path.name + "-wal")
        if beside.exists() and beside.stat().st_size:
            says = f"{beside.name} beside it holds changes not yet in it; close the project in its tool first"
            raise SourceError(path.name, [says])
        self._base = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
        self._base.text_factory = bytes
        try:
            self._base.execute("PRAGMA trusted_schema = OFF")
            found = self._base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            sound = self._base.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            self.close()
            raise SourceError(path.name, [f"{DAMAGED} ({error})"]) from error
        if sound != b"ok":
            self.close()
            raise SourceError(path.name, [f"{DAMAGED} ({sound.decode(errors='replace')})"])
        self.tables = {name.decode("utf-8", "replace") for (name,) in found}

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none, if there is no such table."""
        rows = self._base.execute(f"PRAGMA table_info({_name(table)})").fetchall()
        return [row[1].decode("utf-8", "replace") for row in rows]

    def count(self, table: str) -> int:
        """How many rows a table has; none, if there is no such table."""
        if table not in self.tables:
            return 0
        return self._base.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0]  # noqa: S608 - a quoted name

    def rows(self, table: str) -> Iterator[dict]:
        """Each row of a table in the order of its `rowid`, which is among its values; none without the table.

        Texts are decoded as UTF-8; a byte that is none is a SourceError that names the row and the column.
        """
        if table not in self.tables:
            return
        try:
            cursor = self._base.execute(f"SELECT rowid AS rowid, * FROM {_name(table)} ORDER BY rowid")  # noqa: S608 - a quoted name
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield {
                    key: self._text(table, row[0], key, cell) for key, cell in zip(names, row, strict=True)
                }
        except sqlite3.Error as error:
            raise SourceError(self.path.name, [f'table "{table}": {DAMAGED} ({error})']) from error

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


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'
