"""An RQDA project: one SQLite file `*.rqda`.

Sources: the manual page RQDATables of the R package RQDA, and the statements by which the package creates
its tables. RQDA deletes by setting `status` to another number than 1 and leaves the rows where they are; so
what is live has a 1, and so have its code and its file. Places are characters, which are code points in R,
half open; they are stored as floats.
"""

from collections.abc import Mapping
from pathlib import Path

from analysis.sources.database import Database
from analysis.sources.offsets import Unit
from analysis.sources.project import GROUP, Project, attribute
from analysis.sources.reading import NO, YES, Cells, Made, Reading, RowError, coded, entry, memo, stretch

NEEDED = {
    "source": ("id", "name", "file", "status"),
    "freecode": ("id", "name", "status"),
    "coding": ("cid", "fid", "selfirst", "selend", "status"),
}
NAMED = {
    "source": ("id", "file"),
    "freecode": ("id", "code"),
    "cases": ("id", "case"),
    "codecat": ("catid", "code category"),
    "filecat": ("catid", "file category"),
    "attributes": ("name", "attribute"),
}
"""The tables that others refer to: which column names a row, and what a row is."""
REST = {
    "coding2": "second codings are for RQDA's own comparison, and no part of the study",
    "image": "RQDA keeps pictures outside of its file",
    "imageCoding": "RQDA keeps pictures outside of its file",
}


def is_mine(tables: set[str]) -> bool:
    """Whether a database with these tables is one of RQDA."""
    return {"freecode", "coding", "source"} <= tables


def read(path: Path) -> Project:
    """The project in a file. SourceError, if it cannot be read."""
    with Database(path) as base:
        reading = Reading(base, NEEDED)
        rqda = _Rqda(reading)
        reading.take("source", "sources", rqda.source)
        reading.take("codecat", "codes", rqda.category)
        reading.take("freecode", "codes", rqda.code)
        reading.take("treecode", "others", rqda.placed)
        reading.take("cases", "cases", rqda.case)
        reading.take("caselinkage", "members", rqda.member)
        reading.take("attributes", "others", rqda.variable)
        reading.take("caseAttr", "values", lambda cells: rqda.value(cells, "cases", "caseID"))
        reading.take("fileAttr", "values", lambda cells: rqda.value(cells, "source", "fileID"))
        reading.take("filecat", "others", rqda.group)
        reading.take("treefile", "values", rqda.grouped)
        reading.take("coding", "codings", rqda.coding)
        reading.take("annotation", "notes", rqda.annotation)
        reading.take("journal", "notes", rqda.journal)
        reading.take("project", "notes", rqda.project)
        reading.rest("nothing of it has a place in a study", REST)
        version = next((cells.text("databaseversion") for cells in reading.cells("project")), "").strip()
        tool = f"RQDA, database {version}" if version else "RQDA"
        return reading.project(tool, "RQDA project", path.stem, Unit("code points"))


def _deleted(cells: Cells) -> str:
    """Why a row is not live; older files have no status in some tables."""
    if "status" not in cells or cells.whole("status") == 1:
        return ""
    status = cells.whole("status")
    return "not live in RQDA (no status)" if status is None else f"deleted in RQDA (status {status})"


class _Rqda:
    """What becomes of each row, known of all of them who is deleted and what stands above what."""

    def __init__(self, reading: Reading) -> None:
        self._texts = {cells.text("id"): cells.text("file") for cells in reading.cells("source")}
        self._groups = {cells.text("catid"): cells.text("name") for cells in reading.cells("filecat")}
        self._dead = {table: _dead(reading, table) for table in NAMED}
        self._codes = {cells.text("id"): cells.text("name") for cells in reading.cells("freecode")}
        self._above: dict[str, str] = {}
        several: dict[str, list[str]] = {}
        for cells in reading.cells("treecode"):
            code, category = cells.text("cid"), cells.text("catid")
            if code and category and not self._unplaced(cells):
                several.setdefault(code, []).append(category)
        names = {cells.text("catid"): cells.text("name") for cells in reading.cells("codecat")}
        for code, categories in several.items():
            self._above[code] = categories[0]
            if len(categories) > 1:
                said = [names.get(category, category) for category in categories]
                reading.findings.append(
                    f'The code "{self._codes.get(code, code)}" stands in {len(said)} categories '
                    f"({', '.join(said)}); it is kept in the first one."
                )

    def _gone(self, cells: Cells, referred: Mapping[str, str]) -> str:
        """Why a row is left out: it is deleted itself, or what it refers to is."""
        if why := _deleted(cells):
            return why
        for table, column in referred.items():
            if cells.text(column) in self._dead[table]:
                return f"its {NAMED[table][1]} is deleted in RQDA"
        return ""

    def _unplaced(self, cells: Cells) -> str:
        try:
            return self._gone(cells, {"freecode": "cid", "codecat": "catid"})
        except RowError as error:
            return str(error)

    def source(self, cells: Cells) -> Made:
        key = cells.key("id")
        row = {"id": key, "name": cells.text("name"), "text": cells.text("file"), "medium": "text"}
        yield "sources", row | {"why": _deleted(cells)}
        yield from memo("sources", key, cells)

    def category(self, cells: Cells) -> Made:
        row = {"id": "cat:" + cells.key("catid"), "name": cells.text("name"), "codable": NO}
        yield "codes", row | {"definition": cells.text("memo"), "why": _deleted(cells)}

    def code(self, cells: Cells) -> Made:
        key = cells.key("id")
        row = {"id": key, "name": cells.text("name"), "definition": cells.text("memo"), "codable": YES}
        row["parent"] = "cat:" + self._above[key] if key in self._above else ""
        yield "codes", row | {"color": cells.text("color"), "why": _deleted(cells)}

    def placed(self, cells: Cells) -> Made:
        """A code in a category: it is kept with the code, so that the row itself is not."""
        code, category = cells.key("cid"), cells.key("catid")
        why = self._gone(cells, {"freecode": "cid", "codecat": "catid"})
        if not why and code not in self._codes:
            why = f"there is no code {code}"
        elif not why and self._above[code] != category:
            why = "the code stands in another category already"
        yield "others", {"id": f"treecode:{cells.number}", "name": self._codes.get(code, ""), "why": why}

    def case(self, cells: Cells) -> Made:
        key = cells.key("id")
        yield "cases", {"id": key, "name": cells.text("name"), "why": _deleted(cells)}
        yield from memo("cases", key, cells)

    def member(self, cells: Cells) -> Made:
        source = cells.key("fid")
        row = {"case": cells.key("caseid"), "source": source}
        row |= stretch(cells, "selfirst", "selend", self._texts.get(source))
        yield "members", row | {"why": self._gone(cells, {"cases": "caseid", "source": "fid"})}

    def variable(self, cells: Cells) -> Made:
        name, key = cells.text("name"), f"attributes:{cells.number}"
        why = _deleted(cells)
        yield "variables", {"id": key, "name": name, "type": cells.text("class"), "why": why}
        for table, row in memo("", "", cells):
            yield table, row | {"id": key, "name": name, "why": why}

    def value(self, cells: Cells, table: str, column: str) -> Made:
        name = cells.key("variable")
        row = {"of": "cases" if table == "cases" else "sources", "owner": cells.key(column), "variable": name}
        row["value"] = cells.text("value")
        yield "values", row | {"why": self._gone(cells, {table: column, "attributes": "variable"})}

    def group(self, cells: Cells) -> Made:
        why = _deleted(cells)
        key, name = f"filecat:{cells.number}", attribute(cells.text("name"))[0]
        yield "variables", {"id": key, "name": name, "type": GROUP, "why": why}
        for table, row in memo("", "", cells):
            yield table, row | {"id": key, "name": cells.text("name"), "why": why}

    def grouped(self, cells: Cells) -> Made:
        why = self._gone(cells, {"source": "fid", "filecat": "catid"})
        category = cells.key("catid")
        if not why and category not in self._groups:
            raise RowError(f"there is no file category {category}")
        variable, value = attribute(self._groups.get(category, category))
        row = {"of": "sources", "owner": cells.key("fid"), "variable": variable, "value": value}
        yield "values", row | {"why": why}

    def coding(self, cells: Cells) -> Made:
        passage = {"source": cells.key("fid"), "text": cells.text("seltext")}
        passage |= {"start": cells.place("selfirst"), "end": cells.place("selend")}
        why = self._gone(cells, {"freecode": "cid", "source": "fid"})
        return coded(cells.number, passage, cells.key("cid"), cells, why=why)

    def annotation(self, cells: Cells) -> Made:
        """It stands at one place, which is no passage: a note about the file."""
        name = f"Annotation at character {cells.place('position')}"
        row = {"id": f"annotation:{cells.number}", "of": "sources", "owner": cells.key("fid"), "name": name}
        row |= {"text": cells.text("annotation"), "author": cells.text("owner"), "date": cells.text("date")}
        yield "notes", row | {"why": self._gone(cells, {"source": "fid"})}

    def journal(self, cells: Cells) -> Made:
        key = f"journal:{cells.number}"
        return entry(key, cells.text("name"), cells.text("journal"), cells, _deleted(cells))

    def project(self, cells: Cells) -> Made:
        return entry(f"project:{cells.number}", "Project memo", cells.text("memo"), cells)


def _dead(reading: Reading, table: str) -> set[str]:
    """What names the deleted rows of a table, and no live one."""
    column = NAMED[table][0]
    live, dead = set(), set()
    for cells in reading.cells(table):
        try:
            (dead if _deleted(cells) else live).add(cells.text(column))
        except RowError:
            live.add(cells.text(column))
    return dead - live
