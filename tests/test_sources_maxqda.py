"""Exchange files of MAXQDA, as far as others have seen into them."""

import databases
import pytest

from analysis.sources import maxqda
from analysis.sources.project import SourceError

SCHEMA = """
CREATE TABLE Texts (ID INTEGER PRIMARY KEY, Idx INTEGER, GroupID INTEGER, Name TEXT, Author TEXT,
    DocType INTEGER);
CREATE TABLE Codewords (ID INTEGER PRIMARY KEY, Idx INTEGER, WordID INTEGER, Name TEXT, Color INTEGER);
CREATE TABLE Codings (ID INTEGER PRIMARY KEY, TextID INTEGER, WordID INTEGER, Weight INTEGER, Preview TEXT,
    Author TEXT, Date TEXT, CommentL TEXT, SegType INTEGER, SegPos1StdUnit TEXT, SegPos1X INTEGER,
    SegPos1Y INTEGER, SegPos1Z INTEGER, SegPos2StdUnit TEXT, SegPos2X INTEGER, SegPos2Y INTEGER,
    SegPos2Z INTEGER, SegPos2U INTEGER, SegPos2V INTEGER);
CREATE TABLE Texts_PlainTextWin_BLOBS (ID INTEGER PRIMARY KEY, Value BLOB);
CREATE TABLE Memos (ID INTEGER PRIMARY KEY, Name TEXT);
"""
LEAST = """
CREATE TABLE Texts (ID INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Codewords (ID INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Codings (ID INTEGER PRIMARY KEY, TextID INTEGER, WordID INTEGER, Preview TEXT, SegPos1X INTEGER,
    SegPos2X INTEGER);
"""
TEXT = "At nine the ward rang 😀. Nobody came, and nobody said why it was that nobody came. So they waited.\n"


def coding(key, word, author, start, end, **more):
    place = {"TextID": 1, "SegType": 0, "SegPos1X": start, "SegPos2X": end, "SegPos1StdUnit": "1"}
    said = TEXT[start:end].strip()[: maxqda.PREVIEW]
    return {
        "ID": key,
        "WordID": word,
        "Author": author,
        "Date": "2026-01-02",
        "Preview": said,
        **place,
        **more,
    }


PDF = {
    "TextID": 2,
    "SegType": 2,
    "SegPos1X": 177,
    "SegPos1Y": 653,
    "SegPos1Z": 34,
    "SegPos2X": 186,
    "SegPos2Y": 653,
    "SegPos2Z": 34,
    "SegPos2U": 191,
    "SegPos2V": 661,
    "SegPos1StdUnit": "34: 227",
    "SegPos2StdUnit": "34: 229",
    "Preview": "rang",
}
"""As the real tables have it of a word of three letters on page 34."""
ROWS = {
    "Texts": [{"ID": 1, "Name": "P1", "DocType": 0}, {"ID": 2, "Name": "P2" * 31 + "P", "DocType": 1}],
    "Codewords": [
        {"ID": 1, "WordID": 0, "Name": "noise", "Color": 4294934528},
        {"ID": 2, "WordID": 1, "Name": "bell", "Color": 4278190335},
        {"ID": 3, "Name": "alone"},
    ],
    "Codings": [
        coding(1, 2, "K", 0, 22, CommentL="Surely.", Weight=50),
        coding(2, 2, "L", 0, 22),
        coding(3, 3, "K", 26, 38),
        coding(4, 3, "K", 8, 83),
        coding(5, 1, "L", 0, 0) | PDF,
        coding(6, 1, "M", 0, 0, SegType=4),
    ],
    "Texts_PlainTextWin_BLOBS": [{"ID": 1, "Value": b"\x01\x00\xff\xfe\x80 packed"}],
    "Memos": [{"ID": 1, "Name": "one"}],
}


@pytest.fixture
def file(tmp_path):
    return databases.make(tmp_path / "bells-generated.mex", SCHEMA, ROWS)


@pytest.fixture
def project(file):
    return maxqda.read(file)


def test_every_row_is_accounted_for(project):
    databases.assert_accounted(project)
    assert (project.tool, project.form, project.title) == (
        "MAXQDA",
        "MAXQDA exchange file",
        "bells-generated",
    )
    assert databases.whys(project, "Memos row") == {"1": maxqda.REST}
    assert databases.whys(project, "Texts_PlainTextWin_BLOBS row") == {"1": maxqda.REST}


def test_codes_stand_under_codes(project):
    assert databases.rows(project, "codes", "id", "parent", "name", "color") == [
        ("1", None, "noise", "#FF8000"),
        ("2", "1", "bell", "#0000FF"),
        ("3", None, "alone", None),
    ]


def test_passages_are_as_far_as_they_are_quoted(project):
    found = databases.rows(project, "passages", "source", "start", "end", "region", "text")
    assert found == [
        ("1", None, None, "characters 0-22", "At nine the ward rang"),
        ("1", None, None, "characters 0-22", "At nine the ward rang"),
        ("1", None, None, "characters 26-38", "obody came,"),
        ("1", None, None, "characters 8-83", TEXT[8 : 8 + maxqda.PREVIEW] + "…"),
        ("2", None, None, "page 34: 177,653,191,661", "rang"),
    ]
    assert project.findings == [
        (
            "The file quotes its passages up to 63 characters, and its texts cannot be read: "
            f"1 of 6 passages may be cut short. For whole passages {maxqda.ADVICE}."
        ),
        "1 names of documents have 63 characters, at which MAXQDA cuts them short.",
    ]


def test_a_segment_of_an_unknown_kind_is_left_out(project):
    why = databases.whys(project, "Codings row")["6"]
    assert why.startswith("a segment of the kind 4, of which nothing is published; export")


def test_each_coding_has_its_coder_its_weight_and_its_comment(project):
    assert databases.rows(project, "codings", "id", "code", "coder", "date", "weight")[:2] == [
        ("1", "2", "K", "2026-01-02", "50"),
        ("2", "2", "L", "2026-01-02", None),
    ]
    assert databases.rows(project, "coders", "id") == [("K",), ("L",)]
    assert databases.rows(project, "notes", "of", "owner", "text", "author") == [
        ("codings", "1", "Surely.", "K")
    ]
    assert databases.rows(project, "sources", "id", "medium", "text") == [
        ("1", "text", None),
        ("2", "PDF", None),
    ]


def test_the_columns_that_every_reader_of_such_files_uses_are_enough(tmp_path):
    rows = {
        "Texts": [{"ID": 1, "Name": "P1"}],
        "Codewords": [{"ID": 1, "Name": "bell"}],
        "Codings": [{"ID": 1, "TextID": 1, "WordID": 1, "Preview": "At", "SegPos1X": 0, "SegPos2X": 2}],
    }
    project = maxqda.read(databases.make(tmp_path / "least-generated.mex", LEAST, rows))
    databases.assert_accounted(project)
    assert databases.rows(project, "codings", "passage", "code", "coder") == [("1", "1", None)]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE Codings SET SegPos1X = 'a' WHERE ID = 1", 'column "SegPos1X" has "a", which is not a whole'),
        ("UPDATE Codings SET SegPos2X = NULL WHERE ID = 1", 'column "SegPos2X" is blank'),
        ("UPDATE Codings SET WordID = NULL WHERE ID = 1", 'column "WordID" is blank'),
        ("UPDATE Codings SET SegType = 'text' WHERE ID = 1", 'column "SegType" has "text"'),
    ],
)
def test_a_row_that_cannot_be_one_is_broken_with_the_reason(file, statement, says):
    project = maxqda.read(databases.change(file, statement))
    databases.assert_accounted(project)
    broken = project["codings"][project["codings"]["broken"]]
    assert broken["where"].tolist() == ['table "Codings", row 1']
    assert broken["why"].item().startswith(says)


def test_what_is_missing_is_named(file):
    databases.change(file, "DROP TABLE Texts", "ALTER TABLE Codings RENAME COLUMN Preview TO Start")
    with pytest.raises(SourceError) as refused:
        maxqda.read(file)
    assert refused.value.problems == [
        'there is no table "Texts"',
        'table "Codings" has no column "Preview"',
    ]


def test_other_files_are_refused(file):
    databases.assert_refused(file, maxqda.read)


@pytest.mark.faults
def test_torn_files_are_read_or_refused(file):
    databases.assert_sturdy(file, maxqda.read)


@pytest.mark.faults
def test_any_type_may_stand_in_any_column(file):
    databases.assert_any_type(file, maxqda.read)


def test_it_is_known_by_its_tables():
    assert maxqda.is_mine({"Texts", "Codewords", "Codings", "Memos"})
    assert not maxqda.is_mine({"texts", "codings"})
