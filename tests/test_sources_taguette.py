"""Databases of Taguette, with its own tables and its own log."""

import json

import databases
import pytest

from analysis.sources import offsets, taguette
from analysis.sources.project import SourceError

SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME NOT NULL,
    hashed_password VARCHAR(192), disabled BOOLEAN NOT NULL, password_set_date DATETIME, language VARCHAR(10),
    email VARCHAR(256), email_sent DATETIME);
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL, created DATETIME NOT NULL);
CREATE TABLE project_members (project_id INTEGER NOT NULL, user_login VARCHAR(30) NOT NULL,
    privileges VARCHAR(11) NOT NULL, PRIMARY KEY (project_id, user_login));
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
    description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL,
    project_id INTEGER NOT NULL, text_direction VARCHAR(13) NOT NULL, contents TEXT NOT NULL);
CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME NOT NULL,
    user_login VARCHAR(30) NOT NULL, project_id INTEGER NOT NULL, document_id INTEGER, payload TEXT NOT NULL);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,
    path VARCHAR(200) NOT NULL, description TEXT NOT NULL, UNIQUE (project_id, path));
CREATE TABLE highlight_tags (highlight_id INTEGER NOT NULL, tag_id INTEGER NOT NULL,
    PRIMARY KEY (highlight_id, tag_id));
"""
HTML = "<p>At <em>nine</em> 😀 caf\u00e9 &amp; ward</p>\n<p>Nobody came.</p>"
TEXT = "At nine 😀 café & ward\nNobody came."


def document(key, project, name, description=""):
    more = {"filename": f"{name}.txt", "created": "d", "text_direction": "LEFT_TO_RIGHT", "contents": HTML}
    return {"id": key, "project_id": project, "name": name, "description": description, **more}


def highlight(key, document_id, quote, snippet=None):
    start = len(TEXT[: TEXT.index(quote)].encode())
    place = {"start_offset": start, "end_offset": start + len(quote.encode())}
    html = snippet or f"<p>{quote}</p>".replace("&", "&amp;")
    return {"id": key, "document_id": document_id, "snippet": html, **place}


def command(project, login, date, document_id=None, **payload):
    return {
        "project_id": project,
        "user_login": login,
        "date": date,
        "document_id": document_id,
        "payload": json.dumps(payload),
    }


def added(login, date, key, *tags, document_id=1):
    payload = {"highlight_id": key, "start_offset": 0, "end_offset": 7, "tags": [*tags]}
    return command(1, login, date, document_id, type="highlight_add", **payload)


ROWS = {
    "alembic_version": [{"version_num": "d4da1c6bd6a1"}],
    "users": [
        {"login": login, "created": "d", "disabled": 0, "email": f"{login}@example.org"}
        for login in ("K", "L", "M", "Z")
    ],
    "projects": [
        {"id": 1, "name": "Bells", "description": "A study of bells.", "created": "d"},
        {"id": 2, "name": "Birds", "description": "", "created": "d"},
    ],
    "project_members": [
        {"project_id": 1, "user_login": "K", "privileges": "ADMIN"},
        {"project_id": 1, "user_login": "M", "privileges": "READ"},
        {"project_id": 2, "user_login": "Z", "privileges": "ADMIN"},
    ],
    "documents": [document(1, 1, "P1", "The first."), document(2, 2, "B1"), document(3, 1, "P2")],
    "tags": [
        {"id": 1, "project_id": 1, "path": "noise", "description": "All of it"},
        {"id": 2, "project_id": 1, "path": "noise.bell", "description": ""},
        {"id": 3, "project_id": 1, "path": "ward.alone", "description": ""},
        {"id": 4, "project_id": 1, "path": "noise.bell.small", "description": ""},
        {"id": 5, "project_id": 1, "path": "noise.", "description": ""},
        {"id": 6, "project_id": 2, "path": "noise", "description": "of birds"},
    ],
    "highlights": [
        highlight(1, 1, "nine 😀 café", "<p><em>nine</em> 😀 café</p>"),
        highlight(2, 1, "Nobody came."),
        highlight(3, 1, "café & ward"),
        highlight(4, 2, "At nine"),
        highlight(5, 3, "At nine"),
    ],
    "highlight_tags": [
        {"highlight_id": 1, "tag_id": 1},
        {"highlight_id": 1, "tag_id": 2},
        {"highlight_id": 2, "tag_id": 3},
        {"highlight_id": 2, "tag_id": 4},
        {"highlight_id": 4, "tag_id": 6},
        {"highlight_id": 5, "tag_id": 1},
    ],
    "commands": [
        command(1, "K", "d0", type="project_meta", project_name="Bells", description=""),
        added("K", "d1", 1, 1),
        added("L", "d2", 1, 1, 2),
        added("K", "d3", 2, 7),
        added("L", "d4", 2, 7, 4),
        command(1, "M", "d5", type="tag_merge", src_tag_id=7, dest_tag_id=3),
        added("L", "d6", 3, 1),
        added("K", "d7", 3),
        command(2, "Z", "d8", 2, type="highlight_add", highlight_id=4, tags=[6]),
        added("K", "d9", 8, 1, document_id=9),
        command(1, "K", "d10", 9, type="document_delete"),
    ],
}


@pytest.fixture
def file(tmp_path):
    return databases.make(tmp_path / "studies-generated.sqlite3", SCHEMA, ROWS)


@pytest.fixture
def project(file):
    return taguette.read(file, "Bells")


def logged(file, *commands):
    """The project with another log."""
    databases.change(file, "DELETE FROM commands")
    databases.make(file, "", {"commands": commands})
    return taguette.read(file, "1")


def coders(project):
    found = databases.rows(project, "codings", "passage", "code", "coder", "date")
    return {(int(passage), int(code)): (coder, date) for passage, code, coder, date in found}


def test_every_row_of_the_project_is_accounted_for(project):
    databases.assert_accounted(project)
    assert project.totals == {
        "project member": 2,
        "document": 2,
        "tag": 5,
        "highlight": 4,
        "highlight tag": 5,
        "command": 10,
    }
    assert (project.tool, project.form, project.title) == ("Taguette", "Taguette database", "Bells")


def test_the_other_project_is_left_alone(file):
    other = taguette.read(file, "2")
    databases.assert_accounted(other)
    assert other.totals["highlight tag"] == 1
    assert databases.rows(other, "codings", "passage", "code", "coder") == [("4", "6", "Z")]
    assert databases.rows(other, "codes", "name", "definition") == [("noise", "of birds")]
    assert "example.org" not in "".join(frame.to_csv() for frame in other.tables.values())


@pytest.mark.parametrize(
    ("wanted", "says"), [(None, "it has 2 projects: "), ("Boats", 'it has no project "Boats"')]
)
def test_of_several_projects_one_is_named(file, wanted, says):
    with pytest.raises(SourceError) as refused:
        taguette.read(file, wanted)
    assert says in str(refused.value)
    assert '"Bells" (number 1), "Birds" (number 2)' in str(refused.value)
    assert "--project" in str(refused.value)


def test_two_projects_of_one_name_are_told_apart_by_number(file):
    databases.change(file, "UPDATE projects SET name = 'Bells'")
    with pytest.raises(SourceError, match="by its number"):
        taguette.read(file, "Bells")
    assert taguette.read(file, "2").totals["document"] == 1


def test_the_only_project_needs_no_name(file):
    databases.change(file, "DELETE FROM projects WHERE id = 2")
    project = taguette.read(file)
    assert project.title == "Bells"
    broken = project["sources"][project["sources"]["broken"]]
    assert broken["why"].tolist() == ["there is no project 2"]
    databases.assert_accounted(project)


def test_a_database_without_a_project_is_refused(file):
    databases.change(file, "DELETE FROM projects")
    with pytest.raises(SourceError, match="there is no project in it"):
        taguette.read(file)


def test_a_text_is_the_text_nodes_of_its_html_and_places_are_bytes_of_it(project):
    (_, text), *_ = databases.rows(project, "sources", "name", "text")
    assert text == TEXT
    found = databases.rows(project, "passages", "id", "source", "start", "end", "text")[:3]
    assert [TEXT.encode()[start:end].decode() for _, _, start, end, _ in found] == [
        "nine 😀 café",
        "Nobody came.",
        "café & ward",
    ]
    tried = offsets.tried(text, [one[2:4] for one in found], [one[4] for one in found])
    detected = offsets.decide({"it": tried}, project.unit)["it"]
    assert (detected.unit.counted, detected.score) == ("UTF-8 bytes", 1)


def test_a_dot_makes_a_code_below_another_only_where_there_is_that_other(project):
    assert databases.rows(project, "codes", "id", "parent", "name", "definition", "codable") == [
        ("1", None, "noise", "All of it", "true"),
        ("2", "1", "bell", None, "true"),
        ("3", None, "ward.alone", None, "true"),
        ("4", "2", "small", None, "true"),
        ("5", None, "noise.", None, "true"),
    ]


def test_each_tag_has_who_put_it_there_and_when(project):
    assert coders(project) == {
        (1, 1): ("K", "d1"),
        (1, 2): ("L", "d2"),
        (2, 3): ("K", "d3"),
        (2, 4): ("L", "d4"),
        (5, 1): (None, None),
    }
    assert project.findings == ["Of 1 of the 5 tags on highlights nothing says who put them there."]
    assert databases.rows(project, "coders", "id") == [("K",), ("L",)]
    assert "put anywhere" in databases.whys(project, "project member")["2"]


def test_a_highlight_without_a_tag_is_a_passage_without_a_coding(project):
    passages = {key for (key,) in databases.rows(project, "passages", "id")}
    assert passages - {key for (key,) in databases.rows(project, "codings", "passage")} == {"3"}


def test_a_tag_put_on_again_is_by_who_did_it_last(file):
    project = logged(file, added("K", "d1", 1, 1), added("L", "d2", 1), added("M", "d3", 1, 1))
    assert coders(project)[1, 1] == ("M", "d3")


@pytest.mark.parametrize(
    "undone",
    [
        command(1, "L", "d2", 1, type="highlight_delete", highlight_id=1),
        command(1, "L", "d2", 1, type="document_delete"),
        command(1, "L", "d2", type="tag_delete", tag_id=1),
        command(1, "L", "d2", type="tag_merge", src_tag_id=1, dest_tag_id=2),
        command(1, "L", "d2", type="project_import"),
    ],
)
def test_what_was_undone_is_by_nobody(file, undone):
    assert coders(logged(file, added("K", "d1", 1, 1), undone))[1, 1] == (None, None)


def test_of_tags_that_become_one_the_tag_that_was_there_stays(file):
    merge = command(1, "M", "d3", type="tag_merge", src_tag_id=2, dest_tag_id=1)
    project = logged(file, added("K", "d1", 1, 1), added("L", "d2", 1, 1, 2), merge)
    assert coders(project)[1, 1] == ("K", "d1")


def test_in_an_imported_project_who_coded_before_is_not_known(file):
    imported = command(1, "M", "d2", type="project_import")
    project = logged(file, added("M", "d1", 1, 1), imported, added("L", "d3", 1, 1, 2))
    assert coders(project)[1, 2] == ("L", "d3")
    assert (
        "The project was imported into this database; who coded before that is not known." in project.findings
    )


@pytest.mark.parametrize(
    "payload",
    [
        "{",
        "[]",
        "7",
        "[" * 100_000,
        '{"type": "highlight_add", "highlight_id": [1], "tags": {"1": 2}}',
        '{"type": "tag_merge", "src_tag_id": {}, "dest_tag_id": true}',
        '{"type": ["tag_delete"]}',
        '{"type": "highlight_add", "highlight_id": 1, "tags": [[], null, "1", 1.5, true]}',
    ],
    ids=range(8),
)
def test_a_command_that_is_none_is_passed_over(file, payload):
    odd = command(1, "L", "d2") | {"payload": payload}
    project = logged(file, added("K", "d1", 2, 3), odd)
    databases.assert_accounted(project)
    assert coders(project)[2, 3] == ("K", "d1")


def test_descriptions_are_notes(project):
    assert databases.rows(project, "notes", "of", "owner", "name", "text") == [
        (None, None, "Project description", "A study of bells."),
        ("sources", "1", None, "The first."),
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "abc"),
        ("<p>x &lt; y &amp;&nbsp;z&#233;</p>", "x < y &\xa0zé"),
        ("\n <p>a</p>\r\n<p>b\rc</p>", "a\nb\nc"),
        ("<pre>\n\na</pre>", "\na"),
        ("<pre><b>\na</b></pre>", "\na"),
        ("no tags at all & none", "no tags at all & none"),
        ("<!-- nothing --><p>a</p>", "a"),
        ("", ""),
    ],
)
def test_text_of_html(html, text):
    assert taguette.text_of(html) == text


@pytest.mark.parametrize(
    ("statement", "table", "says"),
    [
        ("UPDATE highlights SET start_offset = 'nine' WHERE id = 1", "passages", 'column "start_offset" has'),
        ("UPDATE highlights SET end_offset = 7.5 WHERE id = 1", "passages", 'column "end_offset" has "7.5"'),
    ],
)
def test_a_row_that_cannot_be_one_is_broken_with_the_reason(file, statement, table, says):
    project = taguette.read(databases.change(file, statement), "Bells")
    databases.assert_accounted(project)
    broken = project[table][project[table]["broken"]]
    assert broken["where"].str.endswith("row 1").tolist() == [True]
    assert broken["why"].item().startswith(says)


@pytest.mark.parametrize(
    "odd", ["<![odd[b", "<!-", "</", "<!DOCTYPE [<!", "<?", "&#x110000;", "&#xD800;", "<<<"]
)
def test_html_that_is_none_is_text_or_a_broken_row(file, odd):
    databases.change(file, ("UPDATE documents SET contents = ? WHERE id = 1", ["<p>a</p>" + odd]))
    project = taguette.read(file, "Bells")
    databases.assert_accounted(project)
    first = project["sources"].iloc[0]
    assert first["why"].startswith("the HTML cannot be read") if first["broken"] else first["text"][0] == "a"


def test_a_missing_table_is_named(file):
    databases.change(file, "DROP TABLE highlight_tags")
    with pytest.raises(SourceError, match='there is no table "highlight_tags"'):
        taguette.read(file, "Bells")


def test_a_database_without_a_log_has_no_coders(file):
    databases.change(file, "DROP TABLE commands")
    project = taguette.read(file, "Bells")
    databases.assert_accounted(project)
    assert {coder for coder, _ in coders(project).values()} == {None}


def bells(file):
    return taguette.read(file, "1")


def test_other_files_are_refused(file):
    databases.assert_refused(file, bells)


@pytest.mark.faults
def test_torn_files_are_read_or_refused(file):
    databases.assert_sturdy(file, bells)


@pytest.mark.faults
def test_any_type_may_stand_in_any_column(file):
    databases.assert_any_type(file, bells)


def test_it_is_known_by_its_tables():
    assert taguette.is_mine({"projects", "documents", "highlights", "highlight_tags", "tags", "users"})
    assert not taguette.is_mine({"source", "freecode", "coding"})
