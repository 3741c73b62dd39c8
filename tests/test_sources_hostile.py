"""Whatever file somebody hands in, it is imported, or refused in one sentence and nothing is written."""

import json
import re
import zlib
from functools import partial

import databases
import pytest
import qdpx
import sheets
import test_sources_maxqda as maxqda
import test_sources_qualcoder as qualcoder
import test_sources_rqda as rqda
import test_sources_taguette as taguette
import xlsxwriter
from qdpx.hostile import CODING, MIB, SELECTION, SOURCE, XMLS, ZIPS, Raw, deflated, raw_zip, zeros

from analysis import study
from analysis.__main__ import main
from analysis.sources import importing, writing

SOUND = {"a coding by nobody", "another encoding", "a NUL in a text"}
"""What looks odd and is nothing to refuse a file for."""
ROWS = {
    "a coding on a missing code": ("Coding", CODING),
    "a coding by a missing user": ("Coding", CODING),
    "codes of one GUID": ("Code", "line 4"),
    "sources of one GUID": ("TextSource", SOURCE),
    "selections of one GUID": ("PlainTextSelection", SELECTION),
    "codings of one GUID": ("Coding", CODING),
    "users of one GUID": ("User", "line 3"),
    "past the end": ("PlainTextSelection", SELECTION),
    "a negative place": ("PlainTextSelection", SELECTION),
    "a place that is no number": ("PlainTextSelection", SELECTION),
    "a place that is a fraction": ("PlainTextSelection", SELECTION),
    "a place that is enormous": ("PlainTextSelection", SELECTION),
    "a missing place": ("PlainTextSelection", SELECTION),
    "the end before the start": ("PlainTextSelection", SELECTION),
    "a source without GUID": ("TextSource", "line 6"),
    "a code without GUID": ("Code", "line 4"),
    "a code reference without target": ("Coding", CODING),
    "a coding without a code": ("Coding", CODING),
    "a GUID that is none": ("PlainTextSelection", SELECTION),
    "a path to the system": ("PlainTextSelection", SELECTION),
    "a path out of the folder": ("PlainTextSelection", SELECTION),
    "a relative path to the system": ("PlainTextSelection", SELECTION),
    "an address": ("PlainTextSelection", SELECTION),
    "a source without text": ("PlainTextSelection", SELECTION),
    "a missing text": ("PlainTextSelection", SELECTION),
}
"""Faults of a row: what it is called and where it stands. Of all others the file as a whole is at fault."""
SEVERAL = {"a source without GUID", "a code without GUID"}
"""Faults by which two rows are at fault: one that has no GUID, and one that names it."""
PROJECTS = [*XMLS, *ZIPS, "a codebook with a document type"]
FORMULAS = [["Participant", "Quote", "Theme"], ["P1", "=cmd|' /C calc'!A0", "=1+1"], ["P2", "@SUM(1)", "+x"]]
OF_TOOLS = {
    ".rqda": (rqda.SCHEMA, rqda.ROWS),
    ".sqlite3": (taguette.SCHEMA, taguette.ROWS),
    ".qda": (qualcoder.SCHEMA, qualcoder.ROWS),
    ".mex": (maxqda.SCHEMA, maxqda.ROWS),
}


# ---- files that are no projects ---------------------------------------------------------------------------


def cut(path, tool):
    data = databases.make(path, *OF_TOOLS[tool]).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def overwritten(path, tool):
    data = databases.make(path, *OF_TOOLS[tool]).read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))


def bomb(path, size):
    big = Raw("xl/worksheets/sheet1.xml", zeros(1024 * MIB), size)
    raw_zip(path, [deflated("xl/workbook.xml", b"<workbook/>"), big])


def spread(path):
    parts = [Raw(f"xl/media/{number}.png", *parted(60)) for number in range(5)]
    raw_zip(path, [deflated("xl/workbook.xml", b"<workbook/>"), *parts])


def parted(mib):
    """Zeros packed, how many they are, and their checksum."""
    return zeros(mib * MIB), mib * MIB, zlib.crc32(bytes(mib * MIB))


def holding(name, data):
    def make(path):
        path.mkdir()
        (path / name).write_bytes(data)

    return make


def old(path):
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))


def clipped(path):
    data = sheets.xlsx(path, sheets.PLAIN).read_bytes()
    path.write_bytes(data[:3000])


def text(said, encoding="utf-8"):
    return lambda path: path.write_bytes(said.encode(encoding))


OTHERS = {
    **{f"cut{tool}": partial(cut, tool=tool) for tool in OF_TOOLS},
    **{f"overwritten{tool}": partial(overwritten, tool=tool) for tool in OF_TOOLS},
    "another.sqlite3": lambda path: databases.make(path, "CREATE TABLE birds (id INTEGER)", {}),
    "nobody.sqlite3": lambda path: databases.make(path, taguette.SCHEMA, {}),
    "several.sqlite3": lambda path: databases.make(path, taguette.SCHEMA, taguette.ROWS),
    "bomb.xlsx": partial(bomb, size=1024 * MIB),
    "lying bomb.xlsx": partial(bomb, size=100),
    "spread bomb.xlsx": spread,
    "clipped.xlsx": clipped,
    "text.xlsx": text("Hello.\n"),
    "old.xls": old,
    "zip.csv": lambda path: sheets.zipped(path, {"a.txt": "x"}),
    "latin.csv": text("Participant,Quote,Theme\nZoë,ä,é\n", "latin-1"),
    "binary.csv": lambda path: path.write_bytes(bytes(range(255, -1, -1)) * 20),
    "picture.csv": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500)),
    "zeros.csv": lambda path: path.write_bytes(bytes(500)),
    "empty.csv": text(""),
    "blank.csv": text("\n \n,,\n"),
    "prose.csv": text("Hello.\nNobody is here.\n"),
    "open quote.csv": text('Participant,Quote,Theme\nP1,"open,x\n'),
    "prose.txt": text("Hello.\n"),
    "page.pdf": text("%PDF-1.4\n"),
    "no ending": text("Hello.\n"),
    "word.docx": lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)),
    "page.qdc": text("<html/>"),
    "cut.qdc": text('<?xml version="1.0"?><CodeBook><Codes>'),
    "missing.csv": lambda path: path.with_name("another").touch(),
    "name " * 60: lambda path: path.with_name("another").touch(),
    "folder": lambda path: path.mkdir(),
    "folder of a page": holding("page.pdf", b"%PDF-1.4\n"),
    "folder.qda": holding("data.qda", b"Hello."),
    "empty folder.qda": holding("data.qda", b""),
}
SEVERAL |= {"empty folder.qda"}


def calculated(path):
    """Cells with a real formula, and what the program last made of it."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for place, row in enumerate(FORMULAS):
        sheet.write_row(place, 0, row)
        if place:
            sheet.write_formula(place, 1, "=cmd|' /C calc'!A0", value=row[1])
    book.close()


TABLES = {
    "formulas.csv": lambda path: sheets.plain(path, FORMULAS),
    "formulas.xlsx": lambda path: sheets.xlsx(path, FORMULAS),
    "formulas.ods": lambda path: sheets.ods(path, FORMULAS),
    "formulas.xls": lambda path: sheets.xls(path, FORMULAS),
    "calculated.xlsx": calculated,
}


# ---- what becomes of them ---------------------------------------------------------------------------------


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A suite with one study in it, into which files are imported."""
    raw = tmp_path / "data" / "raw"
    (raw / "kept" / "texts").mkdir(parents=True)
    (raw / "kept" / "roster.csv").write_bytes(b"participant\nP1\n")
    (raw / "kept" / "texts" / "0001.txt").write_bytes(b"Hello.\r\n\xff")
    monkeypatch.setattr(writing, "allowed", partial(writing.allowed, raw=raw))
    monkeypatch.setattr(writing, "write", partial(writing.write, raw=raw))
    monkeypatch.setattr(writing, "ROOT", tmp_path)
    monkeypatch.setattr(study, "RAW", raw)
    return tmp_path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return qdpx.hostile(tmp_path_factory.mktemp("hostile"))


def assert_refused(path, place, capsys, *options, several=False):
    """The file is refused clearly, for a new study as for one that is there, and all is as it was."""
    before = contents(place)
    assert main(["import", str(path), "kept", "--replace", *options]) == 2
    assert contents(place) == before
    said = capsys.readouterr()
    assert all(line.startswith(("Reading ", "Placing ", "Making ")) for line in said.out.splitlines())
    assert_clear(path, said.err, several=several)


def assert_clear(path, said, *, several):
    """A sentence that begins with the file, and with nothing in it that only programmers know."""
    first = said.splitlines()[0]
    inside = "data.qda" if path.suffix == ".qda" else path.name
    assert first.startswith((f"{path.name}: ", f"{path}: ", f"{inside}: "))
    assert not re.search(
        r"Traceback|<(?!Files)\w+|\w(Error|Exception|Warning)\b|\bNone\b|\bnan\b|0x[0-9a-f]{6}", said
    )
    assert len(said.strip().splitlines()) == (3 if several else 1) or path.name == "empty folder.qda"
    assert several or len(said.replace(str(path.parent), "").replace(path.name, "")) < 300


@pytest.mark.parametrize("name", [name for name in PROJECTS if name not in SOUND])
def test_a_project_at_fault_is_refused(hostile, place, capsys, name):
    assert_refused(hostile[name], place, capsys, several=name in SEVERAL)


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_none_is_refused(tmp_path_factory, place, capsys, name):
    path = tmp_path_factory.mktemp("others") / name
    OTHERS[name](path)
    assert_refused(path, place, capsys, several=name in SEVERAL)


@pytest.mark.parametrize("name", ["a zip cut short", "past the end", "codings of one GUID", "an entity bomb"])
def test_nothing_is_there_after_a_refused_import(hostile, place, capsys, name):
    before = contents(place)
    assert main(["import", str(hostile[name]), "new"]) == 2
    assert contents(place) == before
    assert main(["import", str(hostile[name]), "kept"]) == 2
    assert contents(place) == before
    assert 'there is a study "kept" already' in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(SOUND))
def test_what_only_looks_odd_is_imported(hostile, place, name):
    assert main(["import", str(hostile[name]), "new"]) == 0
    loaded = study.load("new", place / "data" / "raw")
    assert loaded.codings["code"].tolist() == ["calm"]
    assert loaded.excerpts["text"].tolist() == ["ward"]
    assert loaded.codings["coder"].isna().tolist() == [name == "a coding by nobody"]
    assert {path.name for path in (place / "data" / "raw").iterdir()} == {"kept", "new"}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_at_fault_is_left_out_and_listed(hostile, place, name):
    assert main(["import", str(hostile[name]), "new", "--skip-broken"]) == 0
    loaded = study.load("new", place / "data" / "raw")
    assert len(loaded.codings) == (name == "codings of one GUID")
    told = json.loads((place / "data" / "raw" / "new" / importing.REPORT).read_text(encoding="utf-8"))
    what, where = ROWS[name]
    rows = [row for row in told["discarded"] if row["what"] == what]
    assert any(where in one for row in rows for one in row["examples"])
    assert all(row["unexplained"] == 0 for row in told["reconciliation"])


@pytest.mark.parametrize("name", [name for name in PROJECTS if name not in SOUND | {*ROWS}])
def test_a_file_at_fault_as_a_whole_is_refused_even_so(hostile, place, capsys, name):
    assert_refused(hostile[name], place, capsys, "--skip-broken")


@pytest.mark.parametrize("name", TABLES)
def test_a_formula_is_words_and_nothing_is_evaluated(tmp_path_factory, place, name):
    path = tmp_path_factory.mktemp("tables") / name
    TABLES[name](path)
    assert main(["import", str(path), "new"]) == 0
    loaded = study.load("new", place / "data" / "raw")
    assert loaded.excerpts["text"].tolist() == [row[1] for row in FORMULAS[1:]]
    assert loaded.codebook["name"].tolist() == [row[2] for row in FORMULAS[1:]]


def test_every_hostile_file_is_tried(hostile):
    assert {*hostile} == {*PROJECTS}
    assert {*PROJECTS} >= SOUND | {*ROWS}


def test_a_whole_interview_may_be_one_passage(tmp_path, place):
    """The csv module stops at 131,072 characters of a cell."""
    words = "We wait; " * 20_000
    path = sheets.plain(
        tmp_path / "long.csv", [["Participant", "Quote, in full", "Theme"], ["P1", words, "x"]]
    )
    mapping = 'codes = ["Theme"]\n[columns]\nparticipant = "Participant"\ntext = "Quote, in full"\n'
    (tmp_path / "with.toml").write_text(mapping, encoding="utf-8")
    assert main(["import", str(path), "new", "--with", str(tmp_path / "with.toml")]) == 0
    assert study.load("new", place / "data" / "raw").excerpts["text"].tolist() == [words.strip()]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('people = "case"', '"case" is not one of cases, sources. Did you mean "cases"?'),
        ('unit = "utf-8"', '"utf-8" is not one of code-points-crlf-1'),
        ("people = 1", "import.people: 1 is not a text in quotation marks"),
        ('skip_broken = "no"', 'import.skip_broken: "no" is not true or false'),
        ('peoples = "cases"', 'import.peoples: there is no such choice. Did you mean "people"?'),
        ("people = cases", "it is not readable as TOML"),
    ],
)
def test_a_choice_that_is_none_is_refused(hostile, place, capsys, said, expected):
    (place / "with.toml").write_text(f"[import]\n{said}\n", encoding="utf-8")
    sound = hostile["a coding by nobody"]
    assert main(["import", str(sound), "new", "--with", str(place / "with.toml")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("with.toml")
    assert expected in told
    assert not (place / "data" / "raw" / "new").exists()
