"""Databases like those of other tools, made by hand, and what every reader of one must stand."""

import random
import sqlite3
from collections import Counter
from contextlib import closing, suppress

import pytest

from analysis.sources.project import COLUMNS, Project, SourceError

ODD = (None, "", " ", "nine", b"\xff\xfe", b"plain", 1.5, 7.0, 1e300, float("inf"), -1, 2**62, "0x10", "3\n")


def make(path, schema, rows):
    """A database with these tables; of each, rows as dicts."""
    with closing(sqlite3.connect(path)) as base:
        base.executescript(schema)
        for table, several in rows.items():
            for row in several:
                names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
                base.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [*row.values()])  # noqa: S608 - tests
        base.commit()
    return path


def change(path, *statements):
    with closing(sqlite3.connect(path)) as base:
        for statement in statements:
            base.execute(*([statement] if isinstance(statement, str) else statement))
        base.commit()
    return path


def rows(project, table, *columns, live=True):
    """What a table says in some columns, of all that is not left out."""
    frame = project[table]
    frame = frame[frame["why"].isna()] if live else frame
    plain = frame[[*columns]].astype(object)
    return [*plain.where(plain.notna(), None).itertuples(index=False, name=None)]


def whys(project, what):
    """Where rows of one kind stand and why they are left out, over all tables."""
    found = {}
    for table in project.tables.values():
        for row in table[table["what"] == what].itertuples():
            found[row.where.rsplit(" ", 1)[1]] = row.why if isinstance(row.why, str) else ""
    return found


def assert_accounted(project):
    """Every row of the file is a row of the project, and says where it stands."""
    assert isinstance(project, Project)
    assert {*project.tables} == {*COLUMNS}
    found = Counter(what for table in project.tables.values() for what in table["what"].dropna())
    assert dict(found) == {what: count for what, count in project.totals.items() if count}
    for name, table in project.tables.items():
        assert table["where"].notna().all(), name
        assert table.loc[table["broken"], "why"].notna().all(), name


def assert_sturdy(path, read, tries=150):
    """Whatever bytes are changed or cut off, the file is read, with every row of it, or refused."""
    chance, good, outcomes = random.Random(0), path.read_bytes(), Counter()  # noqa: S311 - tests
    assert_accounted(read(path))
    for _ in range(tries):
        torn = bytearray(good)
        for _ in range(chance.choice((1, 3, 30))):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        path.write_bytes(torn[: chance.randrange(len(torn))] if chance.random() < 0.2 else torn)
        outcomes[_outcome(path, read)] += 1
    path.write_bytes(good)
    assert {*outcomes} <= {"refused", "read", "broken"}
    assert outcomes["refused"]


def assert_any_type(path, read):
    """Whatever stands in a cell, the file is read or refused, and nothing else happens."""
    good = path.read_bytes()
    with closing(sqlite3.connect(path)) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = [
            (table, row[1])
            for table in tables
            if not table.startswith("sqlite_")
            for row in base.execute(f'PRAGMA table_info("{table}")')
        ]
    chance, outcomes = random.Random(0), Counter()  # noqa: S311 - tests
    for table, column in cells:
        for odd in chance.sample(ODD, 2):
            with suppress(sqlite3.IntegrityError):
                change(path, (f'UPDATE "{table}" SET "{column}" = ?', [odd]))  # noqa: S608 - tests
            outcomes[_outcome(path, read)] += 1
            path.write_bytes(good)
    assert {*outcomes} <= {"refused", "read", "broken"}
    assert outcomes["read"]
    assert outcomes["broken"]


def _outcome(path, read):
    try:
        project = read(path)
    except SourceError as error:
        return "refused" if str(error).strip() else "refused for nothing"
    assert_accounted(project)
    return "broken" if any(table["broken"].any() for table in project.tables.values()) else "read"


def assert_refused(path, read):
    """Files that are none of this tool's, each by name."""
    folder = path.parent
    cases = {
        "nothing there": folder / "missing-generated.db",
        "text": folder / "text-generated.db",
        "empty": folder / "empty-generated.db",
        "another": folder / "another-generated.db",
    }
    cases["text"].write_text("SQLite format 3, or so it says", encoding="utf-8")
    cases["empty"].write_bytes(b"")
    make(cases["another"], "CREATE TABLE birds (id INTEGER PRIMARY KEY)", {})
    for name, file in cases.items():
        with pytest.raises(SourceError) as refused:
            read(file)
        assert file.name in str(refused.value), name
