"""What a file of another tool holds, in the terms of no tool: what every reader makes and `folder` takes.

A project is a set of tables. A row is an element, a row or a line of the tool's file; it says where it
stands, and, if no study has a place for it, why it is left out. Nothing is dropped before the import has
told so: readers mark rows, they do not skip them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis import UnusableError
from analysis.sources.offsets import Unit
from analysis.study.problems import Problem

COLUMNS: dict[str, tuple[str, ...]] = {
    # somebody who coded
    "coders": ("id", "name"),
    # a variable of cases, sources or codes, or a group that is read as one; `type` in the tool's word
    "variables": ("id", "name", "type", "definition"),
    # a document. `text` is as it was stored, mark and line ends included; blank where there is none.
    # `medium` is text, PDF, picture, audio or video; `within` the source that a second transcript belongs to
    "sources": ("id", "name", "medium", "text", "within"),
    # `parent` is the id of the code above
    "codes": ("id", "parent", "name", "definition", "color", "codable"),
    # a person, or what the tool calls a case
    "cases": ("id", "name"),
    # a case is what this source is about, or the passage of it from `start` to `end`
    "members": ("case", "source", "start", "end"),
    # what a variable, by its name, says of one of cases, sources, codes (`of`)
    "values": ("of", "owner", "variable", "value"),
    # a piece of a source: from `start` to `end` as the tool counts, or a `region` (page 2: 10,20,110,60), or
    # all of it (both blank). `text` is what the tool itself quotes; `case` who speaks, where the row says so
    "passages": ("id", "source", "start", "end", "region", "text", "case"),
    # one code put on one passage by one coder, who is blank where the tool does not say
    "codings": ("id", "passage", "code", "coder", "date", "weight"),
    # a memo, comment or annotation about one of sources, codes, cases, passages, codings (`of`), or about
    # the project (blank)
    "notes": ("id", "of", "owner", "name", "text", "author", "date"),
    # whatever else the file has: a row without a `why` has gone into a row of another table
    "others": ("id", "name"),
}
"""The tables of a project, and their columns besides `what`, `where`, `why` and `broken`."""
ACCOUNT = ("what", "where", "why", "broken")
"""Of each row: what the tool calls it (blank where another row stands for it), where it stands, why it is
left out (blank if it is not), and whether that is a fault, for which the file is refused as a whole."""
GROUP = "Set"
"""The type of a variable that is a group of documents, or of codes."""
LINKS = (
    ("codes", "parent", "codes"),
    ("members", "case", "cases"),
    ("members", "source", "sources"),
    ("passages", "source", "sources"),
    ("passages", "case", "cases"),
    ("codings", "passage", "passages"),
    ("codings", "code", "codes"),
    ("codings", "coder", "coders"),
)
"""Which column names a row of which table. `owner` names one of the table that `of` names."""


class SourceError(UnusableError):
    """A file that cannot be imported; `problems` holds every reason that was found."""

    MOST = 20

    def __init__(self, name: object, problems: Iterable[Problem | str]) -> None:
        self.problems = [str(one) for one in problems]
        said = self.problems[: self.MOST]
        if left := len(self.problems) - len(said):
            said.append(f"and {left:,} more")
        if len(said) == 1:
            super().__init__(said[0] if said[0].startswith(f"{name},") else f"{name}: {said[0]}")
        else:
            super().__init__("\n".join([f"{name}: {len(self.problems)} errors", *said]))


@dataclass
class Project:
    """A file as a reader has read it.

    `tool` is the program and its version as far as the file says, `form` the format, `title` the name of the
    project there. `tables` has every table of `COLUMNS`, see `frames`. `totals` counts each `what` in
    another way than the rows were read, so that a row which a reader has overlooked shows. `unit` is what the
    tool is known to count in, if it is. `findings` are remarks, as sentences.
    """

    tool: str
    form: str
    title: str
    tables: dict[str, pd.DataFrame]
    totals: dict[str, int]
    unit: Unit | None = None
    findings: list[str] = field(default_factory=list)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]


def frames(rows: Mapping[str, list[dict]]) -> dict[str, pd.DataFrame]:
    """The tables of a project from rows: absent columns and tables are blank, nothing else is allowed.

    Columns are of dtype str, in which blank text is missing, but for the text of a source, which may be
    empty; `start` and `end` are Int64, `broken` is false unless given.
    """
    if unknown := {*rows} - {*COLUMNS}:
        raise KeyError(f"no such table: {unknown}")
    return {table: _frame(table, rows.get(table, [])) for table in COLUMNS}


def _frame(table: str, rows: list[dict]) -> pd.DataFrame:
    columns = [*COLUMNS[table], *ACCOUNT]
    for row in rows:
        if unknown := row.keys() - {*columns}:
            raise KeyError(f"{table} has no column {unknown}")
    frame = pd.DataFrame({column: [row.get(column) for row in rows] for column in columns}, dtype=object)
    for column in columns:
        if column in ("start", "end"):
            frame[column] = frame[column].astype("Int64")
        elif column == "broken":
            frame[column] = frame[column].eq(True)
        elif (table, column) == ("sources", "text"):  # an empty text is a text
            frame[column] = frame[column].astype("str")
        else:
            frame[column] = frame[column].replace("", None).astype("str")
    return frame


def kept(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that are not left out."""
    return frame[frame["why"].isna()]


def has_text(sources: pd.DataFrame) -> pd.Series:
    """Which sources have a text; an empty one is a text of a document, and of a recording or a page none."""
    return sources["text"].notna() & (sources["text"].ne("") | sources["medium"].eq("text"))


def attribute(group: str) -> tuple[str, str]:
    """What a group of documents says of them: ATLAS.ti and others write attributes as names of groups.

    >>> attribute("gender: female")
    ('gender', 'female')
    >>> attribute("Wave 2")
    ('Wave 2', 'yes')
    """
    key, colon, value = (part.strip() for part in group.partition(":"))
    return (key, value) if colon and key and value else (group.strip(), "yes")
