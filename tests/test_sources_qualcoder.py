"""Projects of QualCoder, with its own tables."""

import databases
import pytest

from analysis.sources import qualcoder
from analysis.sources.project import SourceError

SCHEMA = """
CREATE TABLE project (databaseversion text, date text, memo text, about text, bookmarkfile integer,
    bookmarkpos integer, codername text, recently_used_codes text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
    date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer, width integer,
    height integer, cid integer, memo text, date text, owner text, important integer, pdf_page integer);
CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer, cid integer,
    memo text, date text, owner text, important integer);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text,
    owner text, date text, unique(fid,pos0,pos1,owner));
CREATE TABLE attribute_type (name text primary key, date text, owner text, memo text, caseOrFile text,
    valuetype text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer,
    date text, owner text, unique(name,attr_type,id));
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer,
    owner text, date text, memo text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text,
    constraint ucm unique(name));
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text,
    supercatid integer, unique(name));
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer,
    pos1 integer, owner text, date text, memo text, avid integer, important integer,
    unique(cid,fid,pos0,pos1,owner));
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text,
    color text, supercid integer, unique(name));
CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text, unique(name));
CREATE TABLE stored_sql (title text, description text, grouper text, ssql text, unique(title));
CREATE TABLE coder_names (name TEXT UNIQUE NOT NULL);
CREATE VIEW code_text_visible AS SELECT * FROM code_text;
"""
OLD = """
CREATE TABLE source (id integer primary key, name text, fulltext text, imagepath text);
CREATE TABLE code_cat (catid integer primary key, name text);
CREATE TABLE code_name (cid integer primary key, name text, catid integer);
CREATE TABLE code_text (cid integer, fid integer, seltext text, pos0 integer, pos1 integer, owner text);
"""
TEXT = "At nine 😀 the ward rang. Nobody came.\n"


def coding(cid, fid, start, end, owner, **more):
    place = {"fid": fid, "pos0": start, "pos1": end, "seltext": TEXT[start:end]}
    return {"cid": cid, "owner": owner, "date": "2026-01-02 03:04:05", **place, **more}


ROWS = {
    "project": [{"databaseversion": "v16", "about": "QualCoder 3.8.2", "memo": "A study of bells."}],
    "source": [
        {"id": 1, "name": "P1.txt", "fulltext": TEXT, "memo": "The first.", "owner": "K", "date": "d"},
        {"id": 2, "name": "P2.pdf", "fulltext": TEXT, "mediapath": "/docs/P2.pdf"},
        {"id": 3, "name": "ward.PNG", "mediapath": "images:C:/home/ward.PNG"},
        {"id": 4, "name": "talk.mp3", "mediapath": "/audio/talk.mp3"},
        {"id": 5, "name": "round.mp4", "mediapath": "video:/home/round.mp4"},
        {"id": 6, "name": "P6.docx", "fulltext": TEXT, "mediapath": "/docs/P6.docx"},
    ],
    "code_cat": [
        {"catid": 1, "name": "Ward", "memo": "What is there"},
        {"catid": 2, "name": "Noise", "supercatid": 1},
    ],
    "code_name": [
        {"cid": 1, "name": "bell", "memo": "Rings.", "catid": 2, "color": "#FF0000"},
        {"cid": 2, "name": "alone", "memo": ""},
        {"cid": 3, "name": "small bell", "supercid": 1},
    ],
    "code_text": [
        coding(1, 1, 8, 24, "K", memo="Surely."),
        coding(1, 1, 8, 24, "L", important=1),
        coding(2, 1, 25, 37, "K", important=0),
        coding(2, 2, 0, 7, ""),
    ],
    "code_image": [
        {"id": 3, "x1": 10, "y1": 20, "width": 100, "height": 40, "cid": 1, "owner": "K"},
        {"id": 2, "x1": 10.0, "y1": 20.5, "width": 100, "height": 40, "cid": 1, "owner": "K", "pdf_page": 1},
    ],
    "code_av": [{"id": 4, "pos0": 1000, "pos1": 2500, "cid": 2, "owner": "L", "memo": "Loud."}],
    "annotation": [{"fid": 1, "pos0": 0, "pos1": 7, "memo": "When?", "owner": "L", "date": "d"}],
    "cases": [{"caseid": 1, "name": "P1", "memo": "A nurse."}, {"caseid": 2, "name": "P2"}],
    "case_text": [
        {"caseid": 1, "fid": 1, "pos0": 0, "pos1": len(TEXT)},
        {"caseid": 1, "fid": 2, "pos0": 0, "pos1": len(TEXT) - 1},
        {"caseid": 2, "fid": 1, "pos0": 25, "pos1": 37, "memo": "Only here."},
        {"caseid": 2, "fid": 4, "pos0": 0, "pos1": 0},
        {"caseid": 2, "fid": 6},
    ],
    "attribute_type": [
        {"name": "age", "caseOrFile": "case", "valuetype": "numeric", "memo": "In years."},
        {"name": "place", "caseOrFile": "file", "valuetype": "character"},
        {"name": "mood", "caseOrFile": "journal", "valuetype": "character"},
    ],
    "attribute": [
        {"name": "age", "attr_type": "case", "value": "44", "id": 1},
        {"name": "age", "attr_type": "case", "value": "", "id": 2},
        {"name": "place", "attr_type": "file", "value": "at home", "id": 1},
        {"name": "mood", "attr_type": "journal", "value": "good", "id": 1},
    ],
    "journal": [
        {"name": "First day", "jentry": "It began.", "owner": "K", "date": "d"},
        {"name": "Second day", "jentry": ""},
    ],
    "stored_sql": [{"title": "mine", "ssql": "select 1"}],
    "coder_names": [{"name": "K"}, {"name": "nobody"}],
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "bells-generated.qda"
    folder.mkdir()
    databases.make(folder / "data.qda", SCHEMA, ROWS)
    return folder


@pytest.fixture
def project(folder):
    return qualcoder.read(folder)


def test_every_row_is_accounted_for(project):
    databases.assert_accounted(project)
    assert project.totals["code_text row"] == 4
    assert databases.whys(project, "stored_sql row") == {"1": qualcoder.REST}


def test_the_folder_and_the_database_in_it_are_the_same_project(folder, project):
    same = qualcoder.read(folder / "data.qda")
    assert (same.title, same.tool, same.form) == ("bells-generated", "QualCoder 3.8.2", "QualCoder project")
    assert all(same[table].equals(project[table]) for table in project.tables)


def test_categories_are_codes_above_the_codes(project):
    assert databases.rows(project, "codes", "id", "parent", "name", "definition", "color", "codable") == [
        ("cat:1", None, "Ward", "What is there", None, "false"),
        ("cat:2", "cat:1", "Noise", None, None, "false"),
        ("1", "cat:2", "bell", "Rings.", "#FF0000", "true"),
        ("2", None, "alone", None, None, "true"),
        ("3", "1", "small bell", None, None, "true"),
    ]


def test_a_medium_is_told_from_where_a_file_is_kept(project):
    media = dict(databases.rows(project, "sources", "id", "medium"))
    assert media == {"1": "text", "2": "PDF", "3": "picture", "4": "audio", "5": "video", "6": "text"}


def test_places_are_handed_over_as_they_are_with_what_the_tool_quotes(project):
    columns = ("source", "start", "end", "region", "text")
    assert databases.rows(project, "passages", *columns) == [
        ("1", 8, 24, None, "😀 the ward rang."),
        ("1", 8, 24, None, "😀 the ward rang."),
        ("1", 25, 37, None, "Nobody came."),
        ("2", 0, 7, None, "At nine"),
        ("3", None, None, "10,20,110,60", None),
        ("2", None, None, "page 2: 10,20.5,110,60.5", None),
        ("4", None, None, "1000-2500 ms", None),
        ("1", 0, 7, None, None),
    ]
    for _, start, end, _, text in databases.rows(project, "passages", *columns)[:4]:
        assert TEXT[start:end] == text


def test_each_coding_has_its_coder(project):
    found = databases.rows(project, "codings", "code", "coder", "date")
    assert found[:4] == [
        ("1", "K", "2026-01-02 03:04:05"),
        ("1", "L", "2026-01-02 03:04:05"),
        ("2", "K", "2026-01-02 03:04:05"),
        ("2", None, "2026-01-02 03:04:05"),
    ]
    assert {name for (name,) in databases.rows(project, "coders", "name")} == {"K", "L"}
    assert "put anywhere" in databases.whys(project, "coder_names row")["2"]


def test_a_case_is_all_of_a_source_or_a_passage_of_it(project):
    assert databases.rows(project, "members", "case", "source", "start", "end") == [
        ("1", "1", None, None),
        ("1", "2", None, None),
        ("2", "1", 25, 37),
        ("2", "4", None, None),
        ("2", "6", None, None),
    ]


def test_attributes_are_values_of_cases_and_sources(project):
    assert databases.rows(project, "values", "of", "owner", "variable", "value") == [
        ("cases", "1", "age", "44"),
        ("cases", "2", "age", None),
        ("sources", "1", "place", "at home"),
    ]
    assert databases.whys(project, "attribute row")["4"] == (
        'an attribute of what QualCoder calls "journal" has no place in a study'
    )


def test_memos_journals_and_annotations_are_notes(project):
    notes = {text: (of, owner) for of, owner, text in databases.rows(project, "notes", "of", "owner", "text")}
    assert notes == {
        "A study of bells.": (None, None),
        "The first.": ("sources", "1"),
        "A nurse.": ("cases", "1"),
        "Only here.": ("cases", "2"),
        "In years.": (None, None),
        "Surely.": ("codings", "code_text:1"),
        "Loud.": ("codings", "code_av:1"),
        "When?": ("passages", "annotation:1"),
        "It began.": (None, None),
    }
    assert databases.whys(project, "journal row") == {"1": "", "2": "it says nothing"}


def test_the_mark_of_what_is_important_is_told_of(project):
    assert project.findings == [
        "1 of the rows of code_text are marked as important; the mark is left out.",
    ]


def test_an_older_database_without_some_tables_and_columns_is_read(tmp_path):
    rows = {
        "source": [{"id": 1, "name": "P1", "fulltext": TEXT}],
        "code_cat": [{"catid": 1, "name": "Ward"}],
        "code_name": [{"cid": 1, "name": "bell", "catid": 1}],
        "code_text": [{"cid": 1, "fid": 1, "seltext": "At nine", "pos0": 0, "pos1": 7, "owner": "K"}],
    }
    project = qualcoder.read(databases.make(tmp_path / "old-generated.qda", OLD, rows))
    databases.assert_accounted(project)
    assert (project.tool, project.title) == ("QualCoder", "old-generated")
    assert databases.rows(project, "codings", "code", "coder") == [("1", "K")]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE code_text SET pos0 = 'nine' WHERE ctid = 1",
            'column "pos0" has "nine", which is not a whole',
        ),
        ("UPDATE code_text SET pos1 = NULL WHERE ctid = 1", 'column "pos1" is blank'),
        ("UPDATE code_text SET cid = NULL WHERE ctid = 1", 'column "cid" is blank'),
        ("UPDATE code_text SET pos0 = 1e300 WHERE ctid = 1", "which is not a whole number"),
    ],
)
def test_a_row_that_cannot_be_one_is_broken_with_the_reason(folder, statement, says):
    databases.change(folder / "data.qda", statement)
    project = qualcoder.read(folder)
    databases.assert_accounted(project)
    broken = project["codings"][project["codings"]["broken"]]
    assert broken["where"].tolist() == ['table "code_text", row 1']
    assert says in broken["why"].item()


def test_a_text_that_is_not_utf_8_is_refused_with_its_row(folder):
    databases.change(folder / "data.qda", ("UPDATE source SET fulltext = ? WHERE id = 2", [b"caf\xe9"]))
    with pytest.raises(SourceError, match='table "source", row 2, column "fulltext": byte 0xE9 is not UTF-8'):
        qualcoder.read(folder)


def test_a_table_without_a_needed_column_is_named(folder):
    databases.change(folder / "data.qda", "ALTER TABLE code_text RENAME COLUMN fid TO file")
    with pytest.raises(SourceError, match='table "code_text" has no column "fid"'):
        qualcoder.read(folder)


@pytest.mark.parametrize(
    ("suffix", "content"), [("-wal", b"changes"), ("-journal", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 undo")]
)
def test_a_database_that_is_in_use_is_refused(folder, suffix, content):
    (folder / f"data.qda{suffix}").write_bytes(content)
    with pytest.raises(SourceError, match="holds changes not yet in it"):
        qualcoder.read(folder)


def test_what_a_finished_change_leaves_beside_does_not_matter(folder):
    (folder / "data.qda-journal").write_bytes(bytes(512))
    assert qualcoder.read(folder).totals["code_text row"] == 4


def test_tables_without_row_numbers_are_listed_and_virtual_ones_are_none(folder):
    databases.change(
        folder / "data.qda",
        "CREATE TABLE plain (word text primary key) WITHOUT ROWID",
        "INSERT INTO plain VALUES ('a'), ('b')",
        "CREATE VIRTUAL TABLE box USING rtree(id, low, high)",
    )
    project = qualcoder.read(folder)
    databases.assert_accounted(project)
    assert project.totals["plain row"] == 2
    assert "box row" not in project.totals


def test_other_files_are_refused(folder):
    databases.assert_refused(folder / "data.qda", qualcoder.read)
    with pytest.raises(SourceError, match=r"data\.qda"):
        qualcoder.read(folder.parent)


@pytest.mark.faults
def test_torn_files_are_read_or_refused(folder):
    databases.assert_sturdy(folder / "data.qda", qualcoder.read)


@pytest.mark.faults
def test_any_type_may_stand_in_any_column(folder):
    databases.assert_any_type(folder / "data.qda", qualcoder.read)


def test_it_is_known_by_its_tables():
    assert qualcoder.is_mine({"source", "code_name", "code_text", "code_cat", "more"})
    assert not qualcoder.is_mine({"source", "freecode", "coding"})
