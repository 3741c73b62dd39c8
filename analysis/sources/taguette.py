"""A Taguette database: one SQLite file `*.sqlite3`, in which several projects may be.

Source: Taguette 1.5.2, database/models.py, web/api.py, extract.py and database/copy.py. A highlight has no
coder; who put which tag on it follows from the log, the table `commands`. Offsets are UTF-8 bytes of the text
of the document's HTML, half open.
"""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from analysis.sources.database import Database
from analysis.sources.offsets import Unit
from analysis.sources.project import Project, SourceError
from analysis.sources.reading import YES, Cells, Made, Reading, RowError, note

NEEDED = {
    "projects": ("id", "name", "description"),
    "documents": ("id", "name", "contents", "project_id"),
    "tags": ("id", "path", "project_id"),
    "highlights": ("id", "document_id", "start_offset", "end_offset", "snippet"),
    "highlight_tags": ("highlight_id", "tag_id"),
}
PROJECT = [("project_id", "projects")]
DOCUMENT = [("document_id", "documents"), *PROJECT]
HIGHLIGHT = [("highlight_id", "highlights"), *DOCUMENT]
"""How a row leads to its project."""
DROPS = ("pre", "listing", "textarea")
"""HTML has it that a line end right after the beginning of these is none."""
SPACE = " \t\n\r\f"
FORM = "Taguette database"


def is_mine(tables: set[str]) -> bool:
    """Whether a database with these tables is one of Taguette."""
    return {"projects", "documents", "highlights", "highlight_tags", "tags"} <= tables


def read(path: Path, project: str | None = None) -> Project:
    """A project in a file, by its name or number if there are several. SourceError, if it cannot be read."""
    with Database(path) as base:
        reading = Reading(base, NEEDED)
        ours, others = _chosen(path, list(reading.cells("projects")), project)
        _read(reading, ours, others)
        # logins, passwords and addresses are nobody's business; the schema's version nobody's work
        reading.skip("projects", "users", "alembic_version")
        reading.rest("nothing of it has a place in a study")
        title = ours.text("name").strip() or path.stem
        return reading.project("Taguette", FORM, title, Unit("UTF-8 bytes"))


def _chosen(path: Path, projects: list[Cells], wanted: str | None) -> tuple[Cells, list[str]]:
    """The project that is read, and the numbers of the others."""
    listed = ", ".join(f'"{one.text("name")}" (number {one.text("id")})' for one in projects)
    if not projects:
        raise SourceError(path.name, ["there is no project in it"])
    fits = [one for one in projects if wanted in (None, one.text("name"), one.text("id"))]
    if not fits:
        raise SourceError(
            path.name, [f'it has no project "{wanted}"; it has {listed}. Name one with --project']
        )
    if len(fits) > 1:
        raise SourceError(
            path.name,
            [f"it has {len(fits)} projects: {listed}. Name one with --project, by its number if need be"],
        )
    return fits[0], [one.text("id") for one in projects if one is not fits[0]]


class _Ours:
    """Which rows belong to the project: all but those of another one, so that no row is nobody's."""

    def __init__(self, reading: Reading, others: list[str]) -> None:
        self._base, self._others = reading.base, others
        self._foreign = {"project_id": set(others)}
        self._foreign["document_id"] = self._of_others(reading, "documents", "project_id")
        self._foreign["highlight_id"] = self._of_others(reading, "highlights", "document_id")

    def _of_others(self, reading: Reading, table: str, column: str) -> set[str]:
        foreign = self._foreign[column]
        return {row.text("id") for row in reading.cells(table) if row.text(column) in foreign}

    def mine(self, column: str) -> Callable[[Cells], bool]:
        return lambda cells: cells.text(column) not in self._foreign[column]

    def total(self, table: str, path: list[tuple[str, str]]) -> int:
        """Counted by the database: all rows but those that lead to another project."""
        foreign = sum(self._base.count_of(table, path, key) for key in self._others)
        return self._base.count(table) - foreign


def _read(reading: Reading, ours: Cells, others: list[str]) -> None:
    which = _Ours(reading, others)
    by_project = which.mine("project_id")
    paths = {tag.text("path"): tag.text("id") for tag in filter(by_project, reading.cells("tags"))}
    placed = _Log(reading, by_project).placed
    number = ours.text("id")
    reading.rows["notes"] += [
        row | {"what": "", "where": f'table "projects", row {ours.number}', "why": ""}
        for _, row in note("", "", ours, "description", "Project description")
    ]

    def take(table: str, what: str, into: str, make: Callable[[Cells], Made], path: list) -> None:
        total = which.total(table, path) if table in reading.base.tables else 0
        reading.take(table, into, make, what, total, which.mine(path[0][0]))

    take("project_members", "project member", "coders", _member, PROJECT)
    take("documents", "document", "sources", lambda cells: _document(cells, number), PROJECT)
    take("tags", "tag", "codes", lambda cells: _tag(cells, number, paths), PROJECT)
    take("highlights", "highlight", "passages", _highlight, DOCUMENT)
    take("highlight_tags", "highlight tag", "codings", lambda cells: _coding(cells, placed), HIGHLIGHT)
    take("commands", "command", "others", _command, PROJECT)
    codings = reading.rows["codings"]
    unknown = sum(not row.get("coder") for row in codings)
    if unknown:
        reading.findings.append(
            f"Of {unknown:,} of the {len(codings):,} tags on highlights nothing says who put them there."
        )


def _member(cells: Cells) -> Made:
    login = cells.key("user_login")
    yield "coders", {"id": login, "name": login}


def _in_project(cells: Cells, number: str) -> None:
    if cells.key("project_id") != number:
        raise RowError(f"there is no project {cells.text('project_id')}")


def _document(cells: Cells, number: str) -> Made:
    _in_project(cells, number)
    key = cells.key("id")
    row = {"id": key, "name": cells.text("name"), "text": text_of(cells.text("contents")), "medium": "text"}
    yield "sources", row
    yield from note("sources", key, cells, "description")


def _tag(cells: Cells, number: str, paths: dict[str, str]) -> Made:
    """A dot makes a code below another one only where there is that other one."""
    _in_project(cells, number)
    path = cells.text("path")
    above, _, last = path.rpartition(".")
    under = paths.get(above, "") if above and last else ""
    row = {"id": cells.key("id"), "name": last if under else path, "parent": under, "codable": YES}
    yield "codes", row | {"definition": cells.text("description")}


def _highlight(cells: Cells) -> Made:
    row = {"id": cells.key("id"), "source": cells.key("document_id")}
    row |= {"start": cells.place("start_offset"), "end": cells.place("end_offset")}
    yield "passages", row | {"text": text_of(cells.text("snippet"))}


def _coding(cells: Cells, placed: dict[tuple[str, str], tuple[str, str]]) -> Made:
    highlight, tag = cells.key("highlight_id"), cells.key("tag_id")
    coder, date = placed.get((highlight, tag), ("", ""))
    row = {"id": f"{highlight}:{tag}", "passage": highlight, "code": tag}
    yield "codings", row | {"coder": coder, "date": date}


def _command(cells: Cells) -> Made:
    why = "the log of what was done; who put a tag where is kept with it"
    yield "others", {"id": f"commands:{cells.number}", "name": cells.text("user_login"), "why": why}


class _Log:
    """Who put which tag on which highlight, and when: the log of what was done, done again.

    `placed` has a user and a date for each number of a highlight and of a tag. Where a project was imported
    into this database, Taguette has written all that was done before to whom imported it; then nobody is
    known.
    """

    def __init__(self, reading: Reading, ours: Callable[[Cells], bool]) -> None:
        self._on: dict[str, dict[str, tuple[str, str]]] = {}
        self._documents: dict[str, str] = {}
        unread = 0
        for cells in filter(ours, reading.cells("commands")):
            payload = _payload(cells.text("payload"))
            unread += not payload
            self._do(payload, cells)
            if payload.get("type") == "project_import":
                reading.findings.append(
                    "The project was imported into this database; who coded before that is not known."
                )
        if unread:
            reading.findings.append(f"{unread:,} commands of the log cannot be read, and may hide who coded.")
        self.placed = {(one, tag): who for one, tags in self._on.items() for tag, who in tags.items()}

    def _do(self, payload: dict, cells: Cells) -> None:
        does, highlight = payload.get("type"), _number(payload.get("highlight_id"))
        if does == "highlight_add":
            # written for a new highlight and for every change of one, each time with all of its tags
            now = payload.get("tags")
            before = self._on.get(highlight, {})
            who = (cells.text("user_login").strip(), cells.text("date"))
            tags = filter(None, map(_number, now if isinstance(now, list) else []))
            self._on[highlight] = {tag: before.get(tag, who) for tag in tags}
            self._documents[highlight] = cells.text("document_id")
        elif does == "highlight_delete":
            self._on.pop(highlight, None)
        elif does == "document_delete":
            gone = cells.text("document_id")
            for one in [one for one, document in self._documents.items() if document == gone]:
                self._on.pop(one, None)
        elif does in ("tag_delete", "tag_merge"):
            self._retag(payload)
        elif does == "project_import":
            self._on.clear()

    def _retag(self, payload: dict) -> None:
        """A tag goes, or becomes another one, unless the highlight has that already."""
        old = _number(payload.get("tag_id") or payload.get("src_tag_id"))
        new = _number(payload.get("dest_tag_id"))
        for tags in self._on.values():
            who = tags.pop(old, None)
            if who and new:
                tags.setdefault(new, who)


def _payload(text: str) -> dict:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._drop = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - called so
        self._drop = tag in DROPS

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - called so
        self._drop = False

    def handle_data(self, data: str) -> None:
        self.pieces.append(data.removeprefix("\n") if self._drop else data)
        self._drop = False


def text_of(html: str) -> str:
    """The text of HTML as Taguette counts it: every text node, one after another.

    White space before all else is none, and a line end is one character, whatever it was.

    >>> text_of("<p>At <em>nine</em></p><p>R&amp;D</p>")
    'At nineR&D'
    """
    parser = _Text()
    try:
        parser.feed(re.sub(r"\r\n?", "\n", html).lstrip(SPACE))
        parser.close()
    except AssertionError as error:
        # html.parser is satisfied with anything but some declarations
        raise RowError(f"the HTML cannot be read ({error})") from error
    return "".join(parser.pieces)
