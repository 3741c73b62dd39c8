"""A MAXQDA exchange file (*.mex) or project of MAXQDA 12 to 2020 (*.mx12, *.mx18, *.mx20): one SQLite file.

MAXQDA does not publish its format. What is used here was seen, in two independent programs that read such
files (the R packages maxqdar and PolMine/maxqda) and in the tables of a real project that were published as
CSV files (melandresen/Ich-Daten, 2018):

- `Codings`: `ID`, `TextID`, `WordID` (the code), `Author`, `Date`, `Weight`, `CommentL` (a comment), and
  `Preview`, the first 63 characters; `SegType` 0 is a passage of a text from `SegPos1X` to `SegPos2X`, half
  open; `SegType` 2 is one of a PDF, where `SegPos1X`, `SegPos1Y` are the upper corner, `SegPos2U`, `SegPos2V`
  the lower one, and `SegPos1Z` the page. That these are corners is inferred from their numbers.
- `Codewords`: `ID`, `Name`, `WordID` (the code above, or 0), `Color` (alpha, red, green, blue in one number).
- `Texts`: `ID`, `Name` (at most 63 characters), `DocType` (0 a text, 1 a PDF).

Not known: how the texts are stored in `Texts_PlainTextWin_BLOBS`, in which unit places are counted beyond the
first 65,536 characters of Unicode, other segments, memos, and variables. None of it is guessed; the REFI-QDA
export of MAXQDA has all of it.
"""

from pathlib import Path

from analysis.sources.database import Database
from analysis.sources.project import Project
from analysis.sources.reading import YES, Cells, Made, Reading, coded

NEEDED = {
    "Texts": ("ID", "Name"),
    "Codewords": ("ID", "Name"),
    "Codings": ("ID", "TextID", "WordID", "Preview", "SegPos1X", "SegPos2X"),
}
PREVIEW = 63
"""Of a passage and of a name, so many characters are stored."""
CUT = "…"
TEXT, PDF = 0, 2
"""Kinds of segments."""
ADVICE = "export the project from MAXQDA in the REFI-QDA format, which has them whole"
REST = "how MAXQDA stores this is not published; its REFI-QDA export has it"


def is_mine(tables: set[str]) -> bool:
    """Whether a database with these tables is one of MAXQDA."""
    return tables >= {*NEEDED}


def read(path: Path) -> Project:
    """The project in a file. SourceError, if it cannot be read."""
    with Database(path) as base:
        reading = Reading(base, NEEDED)
        reading.take("Texts", "sources", _source)
        reading.take("Codewords", "codes", _code)
        reading.take("Codings", "codings", _coding)
        _findings(reading)
        reading.rest(REST)
        return reading.project("MAXQDA", "MAXQDA exchange file", path.stem)


def _findings(reading: Reading) -> None:
    passages = reading.rows["passages"]
    cut = sum(row["text"].endswith(CUT) for row in passages)
    if passages:
        reading.findings.append(
            f"The file quotes its passages up to {PREVIEW} characters, and its texts cannot be read: "
            f"{cut:,} of {len(passages):,} passages may be cut short. For whole passages {ADVICE}."
        )
    names = sum(len(row.get("name", "")) >= PREVIEW for row in reading.rows["sources"])
    if names:
        reading.findings.append(
            f"{names:,} names of documents have {PREVIEW} characters, at which MAXQDA cuts them short."
        )


def _source(cells: Cells) -> Made:
    medium = "PDF" if cells.whole("DocType") == 1 else "text"
    yield "sources", {"id": cells.key("ID"), "name": cells.text("Name"), "medium": medium}


def _code(cells: Cells) -> Made:
    above = cells.link("WordID")
    row = {"id": cells.key("ID"), "name": cells.text("Name"), "parent": "" if above == "0" else above}
    yield "codes", row | {"color": _color(cells.whole("Color")), "codable": YES}


def _color(number: int | None) -> str:
    """Alpha, red, green and blue are bytes of one number; alpha is left out.

    >>> _color(4294934528)
    '#FF8000'
    """
    return "" if number is None else f"#{number & 0xFFFFFF:06X}"


def _coding(cells: Cells) -> Made:
    key, kind, said = cells.key("ID"), cells.whole("SegType"), cells.text("Preview")
    passage: dict[str, object] = {"source": cells.key("TextID")}
    passage["text"] = said + CUT if len(said) >= PREVIEW else said
    why = ""
    if kind is None or kind == TEXT:
        passage["region"] = f"characters {cells.place('SegPos1X')}-{cells.place('SegPos2X')}"
    elif kind == PDF:
        corners = [cells.place(f"SegPos{corner}") for corner in ("1X", "1Y", "2U", "2V")]
        passage["region"] = f"page {cells.place('SegPos1Z')}: {','.join(map(str, corners))}"
    else:
        why = f"a segment of the kind {kind}, of which nothing is published; {ADVICE}"
    row = {"weight": cells.text("Weight"), "why": why}
    return coded(
        key, passage, cells.key("WordID"), cells.named(owner="Author", date="Date", memo="CommentL"), **row
    )
