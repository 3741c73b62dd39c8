"""Projects of RQDA, with its own tables."""

import databases
import pytest

from analysis.sources import rqda
from analysis.sources.project import SourceError

SCHEMA = """
CREATE TABLE project (databaseversion text, date text, dateM text, memo text, about text, imageDir text);
CREATE TABLE source (name text, id integer, file text, memo text, owner text, date text, dateM text,
    status integer);
CREATE TABLE fileAttr (variable text, value text, fileID integer, date text, dateM text, owner text,
    status integer);
CREATE TABLE filecat (name text, fid integer, catid integer, owner text, date text, dateM text, memo text,
    status integer);
CREATE TABLE annotation (fid integer, position integer, annotation text, owner text, date text, dateM text,
    status integer);
CREATE TABLE attributes (name text, status integer, date text, dateM text, owner text, memo text, class text);
CREATE TABLE caseAttr (variable text, value text, caseID integer, date text, dateM text, owner text,
    status integer);
CREATE TABLE caselinkage (caseid integer, fid integer, selfirst real, selend real, status integer, owner text,
    date text, memo text);
CREATE TABLE cases (name text, memo text, owner text, date text, dateM text, id integer, status integer);
CREATE TABLE codecat (name text, cid integer, catid integer, owner text, date text, dateM text, memo text,
    status integer);
CREATE TABLE coding (cid integer, fid integer, seltext text, selfirst real, selend real, status integer,
    owner text, date text, memo text);
CREATE TABLE coding2 (cid integer, fid integer, seltext text, selfirst real, selend real, status integer,
    owner text, date text, memo text);
CREATE TABLE freecode (name text, memo text, owner text, date text, dateM text, id integer, status integer,
    color text);
CREATE TABLE image (name text, id integer, date text, dateM text, owner text, status integer);
CREATE TABLE imageCoding (cid integer, iid integer, x1 integer, y1 integer, x2 integer, y2 integer, memo text,
    date text, dateM text, owner text, status integer);
CREATE TABLE journal (name text, journal text, date text, dateM text, owner text, status integer);
CREATE TABLE treecode (cid integer, catid integer, date text, dateM text, memo text, status integer,
    owner text);
CREATE TABLE treefile (fid integer, catid integer, date text, dateM text, memo text, status integer,
    owner text);
"""
TEXT = "At nine 😀 the ward rang. Nobody came.\n"


def coding(cid, fid, start, end, owner="K", status=1, **more):
    place = {"selfirst": float(start), "selend": float(end), "seltext": TEXT[start:end]}
    return {"cid": cid, "fid": fid, "owner": owner, "status": status, "date": "d", **place, **more}


ROWS = {
    "project": [{"databaseversion": "0.2.2", "memo": "A study of bells."}],
    "source": [
        {"name": "P1", "id": 1, "file": TEXT, "memo": "The first.", "owner": "K", "status": 1},
        {"name": "P2", "id": 2, "file": TEXT, "status": -1},
        {"name": "P3", "id": 3, "file": TEXT, "status": 1},
    ],
    "freecode": [
        {"name": "bell", "memo": "Rings.", "id": 1, "status": 1, "color": "red"},
        {"name": "alone", "id": 2, "status": 1},
        {"name": "gone", "id": 3, "status": 0},
    ],
    "codecat": [
        {"name": "Noise", "catid": 1, "status": 1, "memo": "All of it"},
        {"name": "Ward", "catid": 2, "status": 1},
        {"name": "Old", "catid": 3, "status": -1},
    ],
    "treecode": [
        {"cid": 1, "catid": 3, "status": 1},
        {"cid": 1, "catid": 2, "status": 1},
        {"cid": 1, "catid": 1, "status": 1},
        {"cid": 2, "catid": 1, "status": -1},
        {"cid": 3, "catid": 1, "status": 1},
        {"cid": 9, "catid": 1, "status": 1},
    ],
    "coding": [
        coding(1, 1, 8, 24, memo="Surely."),
        coding(1, 1, 8, 24, "L"),
        coding(2, 1, 25, 37, "L", status=-1),
        coding(3, 1, 0, 7, "M"),
        coding(1, 2, 0, 7),
        coding(2, 3, 0, 7, ""),
    ],
    "coding2": [coding(1, 1, 0, 7)],
    "cases": [
        {"name": "P1", "id": 1, "status": 1, "memo": "A nurse."},
        {"name": "P2", "id": 2, "status": 0},
    ],
    "caselinkage": [
        {"caseid": 1, "fid": 1, "selfirst": 0.0, "selend": float(len(TEXT)), "status": 1},
        {"caseid": 1, "fid": 3, "selfirst": 0.0, "selend": 7.0, "status": 1},
        {"caseid": 2, "fid": 1, "selfirst": 0.0, "selend": 7.0, "status": 1},
        {"caseid": 1, "fid": 2, "selfirst": 0.0, "selend": 7.0, "status": 1},
        {"caseid": 1, "fid": 3, "selfirst": 0.0, "selend": 7.0, "status": -1},
    ],
    "attributes": [
        {"name": "age", "status": 1, "class": "numeric", "memo": "In years."},
        {"name": "mood", "status": -1, "class": "character"},
    ],
    "caseAttr": [
        {"variable": "age", "value": "44", "caseID": 1, "status": 1},
        {"variable": "age", "value": "45", "caseID": 1, "status": -1},
        {"variable": "age", "value": "46", "caseID": 2, "status": 1},
        {"variable": "mood", "value": "good", "caseID": 1, "status": 1},
    ],
    "fileAttr": [{"variable": "place", "value": "at home", "fileID": 3, "status": 1}],
    "filecat": [
        {"name": "gender: female", "catid": 1, "status": 1, "memo": "As said."},
        {"name": "Wave 2", "catid": 2, "status": 1},
        {"name": "Old", "catid": 3, "status": 0},
    ],
    "treefile": [
        {"fid": 1, "catid": 1, "status": 1},
        {"fid": 3, "catid": 2, "status": 1},
        {"fid": 1, "catid": 2, "status": 0},
        {"fid": 1, "catid": 3, "status": 1},
    ],
    "annotation": [
        {"fid": 1, "position": 8, "annotation": "Who?", "owner": "L", "status": 1},
        {"fid": 1, "position": 9, "annotation": "What?", "owner": "L", "status": 0},
    ],
    "journal": [
        {"name": "First day", "journal": "It began.", "owner": "K", "status": 1},
        {"name": "Second day", "journal": "It went on.", "status": -1},
    ],
    "image": [{"name": "a", "id": 1, "status": 1}],
}


@pytest.fixture
def file(tmp_path):
    return databases.make(tmp_path / "bells-generated.rqda", SCHEMA, ROWS)


@pytest.fixture
def project(file):
    return rqda.read(file)


def test_every_row_is_accounted_for(project):
    databases.assert_accounted(project)
    assert (project.tool, project.form, project.title) == (
        "RQDA, database 0.2.2",
        "RQDA project",
        "bells-generated",
    )
    assert databases.whys(project, "coding2 row") == {"1": rqda.REST["coding2"]}


def test_only_what_has_status_one_and_whose_code_and_file_have_is_live(project):
    assert databases.whys(project, "coding row") == {
        "1": "",
        "2": "",
        "3": "deleted in RQDA (status -1)",
        "4": "its code is deleted in RQDA",
        "5": "its file is deleted in RQDA",
        "6": "",
    }
    assert databases.rows(project, "codings", "passage", "code", "coder") == [
        ("1", "1", "K"),
        ("2", "1", "L"),
        ("6", "2", None),
    ]
    assert [key for (key,) in databases.rows(project, "passages", "id")] == ["1", "2", "6"]
    assert databases.whys(project, "source row")["2"] == "deleted in RQDA (status -1)"
    assert databases.whys(project, "freecode row")["3"] == "deleted in RQDA (status 0)"


def test_who_coded_nothing_that_is_left_is_no_coder(project):
    assert databases.rows(project, "coders", "name") == [("K",), ("L",)]
    assert "M" in {name for (name,) in databases.rows(project, "coders", "name", live=False)}


def test_places_are_characters(project):
    found = databases.rows(project, "passages", "source", "start", "end", "text")
    assert found[0] == ("1", 8, 24, "😀 the ward rang.")
    assert all(TEXT[start:end] == text for _, start, end, text in found)
    assert project.unit.counted == "code points"


def test_a_code_stands_in_the_first_live_category(project):
    assert databases.rows(project, "codes", "id", "parent", "name", "definition", "color", "codable") == [
        ("cat:1", None, "Noise", "All of it", None, "false"),
        ("cat:2", None, "Ward", None, None, "false"),
        ("1", "cat:2", "bell", "Rings.", "red", "true"),
        ("2", None, "alone", None, None, "true"),
    ]
    assert project.findings == [
        'The code "bell" stands in 2 categories (Ward, Noise); it is kept in the first one.'
    ]
    assert databases.whys(project, "treecode row") == {
        "1": "its code category is deleted in RQDA",
        "2": "",
        "3": "the code stands in another category already",
        "4": "deleted in RQDA (status -1)",
        "5": "its code is deleted in RQDA",
        "6": "there is no code 9",
    }


def test_cases_and_what_is_said_of_them(project):
    assert databases.rows(project, "cases", "id", "name") == [("1", "P1")]
    assert databases.rows(project, "members", "case", "source", "start", "end") == [
        ("1", "1", None, None),
        ("1", "3", 0, 7),
    ]
    assert databases.whys(project, "caselinkage row") == {
        "1": "",
        "2": "",
        "3": "its case is deleted in RQDA",
        "4": "its file is deleted in RQDA",
        "5": "deleted in RQDA (status -1)",
    }
    assert databases.rows(project, "values", "of", "owner", "variable", "value") == [
        ("cases", "1", "age", "44"),
        ("sources", "3", "place", "at home"),
        ("sources", "1", "gender", "female"),
        ("sources", "3", "Wave 2", "yes"),
    ]
    assert databases.whys(project, "caseAttr row")["4"] == "its attribute is deleted in RQDA"
    assert databases.whys(project, "treefile row")["4"] == "its file category is deleted in RQDA"


def test_memos_journals_and_annotations_are_notes(project):
    notes = {text: (of, owner) for of, owner, text in databases.rows(project, "notes", "of", "owner", "text")}
    assert notes == {
        "A study of bells.": (None, None),
        "The first.": ("sources", "1"),
        "A nurse.": ("cases", "1"),
        "In years.": (None, None),
        "As said.": (None, None),
        "Surely.": ("codings", "1"),
        "Who?": ("sources", "1"),
        "It began.": (None, None),
    }
    assert ("Annotation at character 8",) in databases.rows(project, "notes", "name")
    assert databases.whys(project, "journal row")["2"] == "deleted in RQDA (status -1)"


def test_a_row_without_a_status_is_not_live_where_there_is_one(file):
    databases.change(file, "UPDATE coding SET status = NULL WHERE rowid = 1")
    assert databases.whys(rqda.read(file), "coding row")["1"] == "not live in RQDA (no status)"


def test_an_older_table_without_a_status_is_live(file):
    databases.change(file, "ALTER TABLE caseAttr DROP COLUMN status")
    assert databases.whys(rqda.read(file), "caseAttr row")["2"] == ""


@pytest.mark.parametrize(
    ("statement", "table", "says"),
    [
        (
            "UPDATE coding SET selfirst = 8.5 WHERE rowid = 1",
            "codings",
            'column "selfirst" has "8.5", which is',
        ),
        ("UPDATE coding SET fid = NULL WHERE rowid = 1", "codings", 'column "fid" is blank'),
        (
            "UPDATE coding SET status = 'live' WHERE rowid = 1",
            "codings",
            'column "status" has "live", which is',
        ),
        ("UPDATE treefile SET catid = 9 WHERE rowid = 1", "values", "there is no file category 9"),
        ("UPDATE caselinkage SET selend = NULL WHERE rowid = 1", "members", 'column "selend" is blank'),
    ],
)
def test_a_row_that_cannot_be_one_is_broken_with_the_reason(file, statement, table, says):
    project = rqda.read(databases.change(file, statement))
    databases.assert_accounted(project)
    broken = project[table][project[table]["broken"]]
    assert len(broken) == 1
    assert broken["why"].item().startswith(says)


def test_a_missing_table_is_named(file):
    databases.change(file, "DROP TABLE freecode")
    with pytest.raises(SourceError, match='there is no table "freecode"'):
        rqda.read(file)


def test_other_files_are_refused(file):
    databases.assert_refused(file, rqda.read)


@pytest.mark.faults
def test_torn_files_are_read_or_refused(file):
    databases.assert_sturdy(file, rqda.read)


@pytest.mark.faults
def test_any_type_may_stand_in_any_column(file):
    databases.assert_any_type(file, rqda.read)


def test_it_is_known_by_its_tables():
    assert rqda.is_mine({"source", "freecode", "coding", "more"})
    assert not rqda.is_mine({"source", "code_name", "code_text", "code_cat"})
