"""A QualCoder project: a folder `*.qda` with the database data.qda in it.

Sources: QualCoder's own description of its tables (wiki, "SQLite data structure", database v8), its program
up to 3.8 and its migrations up to v16, in which a code may stand under another one. Places are code points,
half open, pages of a PDF count from zero, and places of audio and video are milliseconds.
"""

from pathlib import Path, PurePosixPath

from analysis.sources.database import Database
from analysis.sources.offsets import Unit
from analysis.sources.project import Project
from analysis.sources.reading import NO, YES, Cells, Made, Reading, coded, entry, memo, stretch

FILE = "data.qda"
NEEDED = {
    "source": ("id", "name", "fulltext"),
    "code_name": ("cid", "name"),
    "code_text": ("cid", "fid", "pos0", "pos1"),
}
FOLDERS = {"images": "picture", "audio": "audio", "video": "video"}
"""Where QualCoder keeps copies (/images/a.png), and how it calls what it only links (images:/else/a.png)."""
SUFFIXES = {
    ".pdf": "PDF",
    **dict.fromkeys((".jpg", ".jpeg", ".png"), "picture"),
    **dict.fromkeys((".mp3", ".m4a", ".wav"), "audio"),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".ogg", ".wmv"), "video"),
}
OWNERS = {"case": "cases", "file": "sources"}
REST = "queries, graphs, references and settings of QualCoder have no place in a study"


def is_mine(tables: set[str]) -> bool:
    """Whether a database with these tables is one of QualCoder."""
    return {"code_name", "code_text", "code_cat", "source"} <= tables


def read(path: Path) -> Project:
    """The project in a folder, or in the database itself. SourceError, if it cannot be read."""
    file = path / FILE if path.is_dir() else path
    folder = file.parent if file.name == FILE and file.parent.suffix == ".qda" else file
    with Database(file) as base:
        reading = Reading(base, NEEDED)
        texts = {cells.text("id"): cells.text("fulltext") for cells in reading.cells("source")}
        tool = _project(reading)
        reading.take("coder_names", "coders", _coder)
        reading.take("source", "sources", _source)
        reading.take("code_cat", "codes", _category)
        reading.take("code_name", "codes", _code)
        reading.take("cases", "cases", _case)
        reading.take("case_text", "members", lambda cells: _member(cells, texts))
        reading.take("attribute_type", "variables", _variable)
        reading.take("attribute", "values", _value)
        reading.take("code_text", "codings", _coding)
        reading.take("code_image", "codings", _area)
        reading.take("code_av", "codings", _moments)
        reading.take("annotation", "notes", _annotation)
        reading.take("journal", "notes", _journal)
        _important(reading)
        reading.rest(REST)
        return reading.project(tool, "QualCoder project", folder.stem, Unit("code points"))


def _project(reading: Reading) -> str:
    """The project's own row, and which QualCoder has written it."""
    tool = "QualCoder"
    for cells in reading.cells("project"):
        about, version = cells.text("about").strip(), cells.text("databaseversion").strip()
        if about.startswith(tool):
            tool = about
        elif version:
            tool = f"{tool}, database {version}"
        break
    reading.take(
        "project",
        "notes",
        lambda cells: entry(f"project:{cells.number}", "Project memo", cells.text("memo"), cells),
    )
    return tool


def _important(reading: Reading) -> None:
    """A mark on a coding that a study does not know."""
    for table in ("code_text", "code_image", "code_av"):
        marked = sum(cells.text("important") == "1" for cells in reading.cells(table))
        if marked:
            reading.findings.append(
                f"{marked:,} of the rows of {table} are marked as important; the mark is left out."
            )


def _coder(cells: Cells) -> Made:
    name = cells.key("name")
    yield "coders", {"id": name, "name": name}


def _source(cells: Cells) -> Made:
    key, media = cells.key("id"), cells.text("mediapath") or cells.text("imagepath")
    row = {"id": key, "name": cells.text("name"), "text": cells.text("fulltext"), "medium": _medium(media)}
    yield "sources", row
    yield from memo("sources", key, cells)


def _medium(media: str) -> str:
    folder = media.replace(":", "/").strip("/").split("/")[0].lower()
    suffix = PurePosixPath(media.replace("\\", "/")).suffix.lower()
    return FOLDERS.get(folder) or SUFFIXES.get(suffix, "text")


def _category(cells: Cells) -> Made:
    row = {"id": "cat:" + cells.key("catid"), "parent": cells.link("supercatid", "cat:")}
    yield (
        "codes",
        row | {"name": cells.text("name"), "definition": cells.text("memo"), "codable": NO},
    )


def _code(cells: Cells) -> Made:
    row = {"id": cells.key("cid"), "parent": cells.link("supercid") or cells.link("catid", "cat:")}
    row |= {"name": cells.text("name"), "definition": cells.text("memo"), "color": cells.text("color")}
    yield "codes", row | {"codable": YES}


def _case(cells: Cells) -> Made:
    key = cells.key("caseid")
    yield "cases", {"id": key, "name": cells.text("name")}
    yield from memo("cases", key, cells)


def _member(cells: Cells, texts: dict[str, str]) -> Made:
    case, source = cells.key("caseid"), cells.key("fid")
    yield "members", {"case": case, "source": source} | stretch(cells, "pos0", "pos1", texts.get(source))
    for table, row in memo("cases", case, cells):
        yield table, row | {"id": f"case_text:{cells.number}"}


def _variable(cells: Cells) -> Made:
    name = cells.text("name")
    yield "variables", {"id": f"attribute_type:{cells.number}", "name": name, "type": cells.text("valuetype")}
    for table, row in memo("", "", cells):
        yield table, row | {"id": f"attribute_type:{cells.number}", "name": name, "why": ""}


def _value(cells: Cells) -> Made:
    name, of = cells.key("name"), cells.text("attr_type")
    if of not in OWNERS:
        why = f'an attribute of what QualCoder calls "{of}" has no place in a study'
        yield "others", {"id": f"attribute:{cells.number}", "name": name, "why": why}
        return
    row = {"of": OWNERS[of], "owner": cells.key("id"), "variable": name}
    yield "values", row | {"value": cells.text("value")}


def _coding(cells: Cells) -> Made:
    place = {"start": cells.place("pos0"), "end": cells.place("pos1")}
    passage = {"source": cells.key("fid"), "text": cells.text("seltext")} | place
    yield from coded(f"code_text:{cells.number}", passage, cells.key("cid"), cells)


def _area(cells: Cells) -> Made:
    x, y = cells.size("x1"), cells.size("y1")
    corners = (x, y, x + cells.size("width"), y + cells.size("height"))
    page = cells.whole("pdf_page")
    region = "" if page is None else f"page {page + 1}: "
    region += ",".join(str(int(corner)) if corner == int(corner) else str(corner) for corner in corners)
    passage = {"source": cells.key("id"), "region": region}
    yield from coded(f"code_image:{cells.number}", passage, cells.key("cid"), cells)


def _moments(cells: Cells) -> Made:
    region = f"{cells.place('pos0')}-{cells.place('pos1')} ms"
    passage = {"source": cells.key("id"), "region": region}
    yield from coded(f"code_av:{cells.number}", passage, cells.key("cid"), cells)


def _annotation(cells: Cells) -> Made:
    key = f"annotation:{cells.number}"
    row = {"id": key, "of": "passages", "owner": key, "text": cells.text("memo")}
    place = {"source": cells.key("fid"), "start": cells.place("pos0"), "end": cells.place("pos1")}
    yield "notes", row | {"author": cells.text("owner"), "date": cells.text("date")}
    yield "passages", {"id": key} | place


def _journal(cells: Cells) -> Made:
    return entry(f"journal:{cells.number}", cells.text("name"), cells.text("jentry"), cells)
