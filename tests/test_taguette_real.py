"""What the real Taguette makes of interviews that are known here, and what an import makes of its files."""

import csv
import io
import json
import re
import sqlite3
import uuid
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from taguette_client import PYTHON, running

from analysis.sources import importing

pytestmark = [
    pytest.mark.taguette,
    pytest.mark.skipif(not PYTHON.exists(), reason="Taguette is not here; make test-taguette installs it"),
]
EXPORTS = (
    "highlights/.csv",
    "highlights/.xlsx",
    "highlights/.html",
    "highlights/care.csv",
    "codebook.csv",
    "codebook.xlsx",
    "codebook.qdc",
    "codebook.html",
)
NAMESPACE = uuid.UUID("51b2b2b7-27eb-4ecb-9d56-e75b0a0496c2")  # of Taguette's GUIDs, from its source
CELL = 32_767  # characters that Excel lets into one


# What is put in. A text is what a reader of the document sees, and what Taguette counts the bytes of.

GUIDE = (
    "<!DOCTYPE html>\r\n<html><head><meta charset='utf-8'><title>Not part of it</title>\r\n"
    "<style>p {color: red}</style></head>\r\n<body>\r\n"
    "<h1>Nachtdienst – Gespräch</h1>\r\n<!-- left out --><p>I: Wie geht’s?</p>\r\n"
    "<p>P: Müde 😴, aber zu<b>frieden</b> &amp; ruhig.<br>Die Übergabe war &lt;kurz&gt;.</p>\r\n"
    "<script>never(1)</script><ul>\r\n<li>Erstens&nbsp;…</li><li>zweitens 👩‍⚕️ da</li></ul>\r\n"
    "</body></html>\r\n"
)
GUIDE_TEXT = (
    "Nachtdienst – Gespräch\nI: Wie geht’s?\n"
    "P: Müde 😴, aber zufrieden & ruhig.Die Übergabe war <kurz>.\n"
    "\nErstens\N{NO-BREAK SPACE}…zweitens 👩‍⚕️ da"
)
# Without the mark at its beginning its encoding would be guessed, see `odd`.
FILM = (
    "\ufeffWEBVTT\n\n00:00:01.000 --> 00:00:04.000\nI was alone.\nAll night.\n\n"
    "00:00:05.000 --> 00:00:09.000\nNobody – really nobody 🌙 – came.\n"
)
FILM_TEXT = "00:00:01.000 I was alone.All night.\n00:00:05.000 Nobody – really nobody 🌙 – came.\n"
WARD = [
    "At nine the bell rang twice.",
    "Café, naïve, Ångström: 你好, שלום.",
    "Then it was quiet. Then it was day.",
]
CODE = "<pre>\n\n\nfirst line\nsecond line\n</pre><p>after it</p>"
UNSAID = "<p>Wie geht’s?</p>"  # in UTF-8, which it does not say
UNSAID_TEXT = "Wie geht’s?".encode().decode("cp1252")
CODE_TEXT = "first line\nsecond line\nafter it"
LONG = "word " * 8_000
CELLS = {
    "=1+1": "",  # a formula, and what is read of it is blank or 0
    "{=A1}": "",
    "http://a.example/b": "http://a.example/b",
    "mailto:ada@a.example": "ada@a.example",
    "internal:note": "note",
    "12": "12",
    LONG.strip(): LONG.strip()[:CELL],
}
"""What a highlight says, and what is in its cell of the Excel export."""


def paragraphs(*lines):
    """A document of paragraphs, with line ends as Windows writes them, and its text."""
    said = "\r\n".join(f"<p>{line}</p>" for line in lines)
    return f"<meta charset='utf-8'>{said}", "\n".join(lines)


@dataclass
class Mark:
    """A highlight as it should be: its tags, each with who put it there first."""

    id: int
    document: str
    start: int
    end: int
    text: str
    tags: dict[str, str]


@dataclass
class Work:
    """A project in Taguette, worked on by several browsers, and beside it what it should hold."""

    browsers: dict
    name: str
    texts: dict[str, str] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self):
        self.owner = next(iter(self.browsers))
        self.id = self.browsers[self.owner].new_project(self.name)
        self.descriptions["interesting"] = "Further review required"  # Taguette's own
        for login in self.browsers:
            if login != self.owner:
                self.browsers[self.owner].invite(self.id, login)
                self.browsers[login].get(f"/project/{self.id}")

    def by(self, login):
        return login or self.owner, self.browsers[login or self.owner]

    def document(self, name, contents, text, file="interview.html"):
        self.texts[name] = text
        self.documents[name] = self.by(None)[1].upload(self.id, name, file, contents.encode())

    def tag(self, path, description=""):
        self.tags[path] = self.by(None)[1].tag(self.id, path, description)
        self.descriptions[path] = description

    def mark(self, document, words, *tags, by=None):
        """Highlight the first passage that says these words."""
        login, browser = self.by(by)
        text = self.texts[document]
        start = len(text[: text.index(words)].encode())
        end = start + len(words.encode())
        said = text.encode()[start:end].decode()
        ids = [self.tags[path] for path in tags]
        number = browser.highlight(self.id, self.documents[document], start, end, ids)
        self.marks.append(Mark(number, document, start, end, said, dict.fromkeys(tags, login)))
        return self.marks[-1]

    def again(self, mark, *tags, by=None):
        login, browser = self.by(by)
        ids = [self.tags[path] for path in tags]
        browser.tag_again(self.id, self.documents[mark.document], mark.id, ids)
        mark.tags = {path: mark.tags.get(path, login) for path in tags}

    def remove(self, mark, by=None):
        self.by(by)[1].remove_highlight(self.id, self.documents[mark.document], mark.id)
        self.marks.remove(mark)

    def remove_document(self, name):
        self.by(None)[1].remove_document(self.id, self.documents.pop(name))
        self.marks = [mark for mark in self.marks if mark.document != name]
        del self.texts[name]

    def _without(self, path):
        del self.descriptions[path]
        return self.tags.pop(path)

    def remove_tag(self, path):
        self.by(None)[1].remove_tag(self.id, self._without(path))
        for mark in self.marks:
            mark.tags.pop(path, None)

    def merge(self, gone, kept):
        self.by(None)[1].merge_tags(self.id, self._without(gone), self.tags[kept])
        self._now(gone, kept)

    def rename(self, path, new):
        tag, description = self.tags[path], self.descriptions[path]
        self.by(None)[1].rename_tag(self.id, tag, new, description)
        del self.tags[path], self.descriptions[path]
        self.tags[new], self.descriptions[new] = tag, description
        self._now(path, new)

    def _now(self, path, new):
        for mark in self.marks:
            if path in mark.tags:
                login = mark.tags.pop(path)
                mark.tags.setdefault(new, login)

    def codings(self):
        return [(mark, path, login) for mark in self.marks for path, login in mark.tags.items()]

    def triples(self):
        """(document, tag, text) of each coding."""
        return Counter((mark.document, path, bare(mark.text)) for mark, path, _ in self.codings())


def bare(text):
    """A text without white space: the exports put some between pieces of markup, and take some away."""
    return "".join(text.split())


def night(browsers):
    """A project in which everything happens that can happen to a highlight and a tag."""
    work = Work(browsers, "Night – Nacht 🌙")
    work.document("Ådne 😀", GUIDE, GUIDE_TEXT)
    work.document("ward", *paragraphs(*WARD))
    work.document("film", FILM, FILM_TEXT, "film.vtt")
    work.document("by mistake", *paragraphs("This one goes."))
    work.tag("care", 'What is said of "care",\nwith a second line')
    for path in ("care.hand-over", "care.alone", "Müdigkeit 😴", "solitude", "quite", "wrong", "nowhere"):
        work.tag(path)
    work.mark("Ådne 😀", "Müde 😴", "Müdigkeit 😴")
    work.mark("Ådne 😀", "aber zufrieden & ruhig.Die Übergabe", "care", "care.hand-over")
    work.mark("Ådne 😀", "Gespräch\nI: Wie geht’s?", "care")
    work.mark("Ådne 😀", "zweitens 👩‍⚕️", "wrong", "care")
    work.mark("Ådne 😀", "Die Übergabe war <kurz>")  # and no tag
    work.mark("ward", "你好, שלום.\nThen", "care.alone", "solitude")
    work.mark("ward", "Then it was day.", "solitude")
    work.mark("ward", "At nine")
    work.mark("by mistake", "This one", "care", "wrong")
    work.mark("film", "alone.All night.\n00:00:05.000 Nobody", "care.alone")
    changed = work.mark("film", "really nobody 🌙", "quite", "care")
    work.again(changed, "care", "care.alone", "Müdigkeit 😴")
    untagged = work.mark("film", "came", "care")
    work.again(untagged)
    work.remove(work.mark("ward", "bell", "care"))
    work.remove_document("by mistake")
    work.merge("solitude", "care.alone")  # one highlight has both, one has only what goes
    work.remove_tag("wrong")
    work.rename("quite", "quiet")
    return work


def day(browsers):
    """A second project of the same database: names of documents and tags are those of the first."""
    work = Work(browsers, "Day")
    work.document("ward", *paragraphs("Day after day.", "The bell – again 🔔."))
    work.tag("care", "another one")
    work.tag("care.alone")
    work.mark("ward", "The bell – again 🔔", "care")
    work.mark("ward", "after day.\nThe", "care.alone")
    return work


def odd(browsers):
    """A project that Taguette's own exports do not hold as it is."""
    work = Work(browsers, "Odd")
    work.document("cells", *paragraphs(*CELLS))
    work.document("code", CODE, CODE_TEXT)
    work.document("unsaid", UNSAID, UNSAID_TEXT)
    work.document("unsaid film", FILM.removeprefix("\ufeff"), FILM_TEXT.encode().decode("cp1252"), "film.vtt")
    work.tag("care", "=2+2")
    for words in CELLS:
        work.mark("cells", words, "care")
    work.mark("code", "second line", "care")
    return work


def shared(browsers):
    """A project of two coders, who put tags on highlights of one another."""
    work = Work(browsers, "Two coders")
    work.document("ward", *paragraphs(*WARD))
    for path in ("care", "care.alone", "night", "late"):
        work.tag(path)
    one = work.mark("ward", "At nine", "care", by="ada")
    work.again(one, "care", "night", by="ben")
    two = work.mark("ward", "At nine", "night", by="ben")  # the same passage, by the other one
    work.again(two, by="ada")
    work.again(two, "night", by="ada")  # it is hers now
    work.mark("ward", "quiet", "late", "care.alone", by="ben")
    work.merge("late", "night")  # by Ada, the coding stays Ben's
    work.remove(work.mark("ward", "bell", "care", by="ada"), by="ben")
    work.mark("ward", "Then it was day.", "care", "night", by="ada")
    return work


@dataclass
class Made:
    """A database of the running program, what it holds, and where its exports are."""

    program: object
    works: list[Work]

    def rows(self, query, *values):
        with sqlite3.connect(f"file:{self.program.database}?mode=ro", uri=True) as base:
            rows = base.execute(query, values).fetchall()
        base.close()
        return rows

    def path(self, work, what):
        return self.program.folder / str(work.id) / what.replace("/", "-")

    def save(self, work, *exports):
        for what in exports:
            path = self.path(work, what)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(work.by(None)[1].export(work.id, what))


@pytest.fixture(scope="module")
def desktop(tmp_path_factory):
    """Taguette as it runs on one's own machine, with three projects."""
    with running(tmp_path_factory.mktemp("desktop")) as (program, browsers):
        made = Made(program, [night(browsers), day(browsers), odd(browsers)])
        for work in made.works:
            pages = [f"document/{number}.html" for number in work.documents.values()]
            made.save(work, *EXPORTS, *pages)
        for work in made.works[:2]:
            made.save(work, "project.sqlite3")
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Taguette as a server of two coders, with one project of both."""
    with running(tmp_path_factory.mktemp("server"), "ada", "ben") as (program, browsers):
        made = Made(program, [shared(browsers)])
        made.save(made.works[0], *EXPORTS, "project.sqlite3")
        yield made


# What is in the database.


class Text(HTMLParser):
    """The text nodes of a document, one after the other."""

    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data):
        self.text += data


def in_database(made, work):
    """(document, tag, text) of each coding, the text by its places."""
    rows = made.rows(
        """SELECT name, path, contents, start_offset, end_offset FROM highlight_tags
        JOIN highlights ON highlights.id = highlight_id JOIN tags ON tags.id = tag_id
        JOIN documents ON documents.id = document_id WHERE documents.project_id = ?""",
        work.id,
    )
    texts = [Text(html).text.encode()[start:end].decode() for _, _, html, start, end in rows]
    return Counter((name, path, bare(text)) for (name, path, *_), text in zip(rows, texts, strict=True))


def test_a_document_has_the_text_that_was_put_in_and_lines_that_end_in_one_character(desktop):
    for work in desktop.works:
        rows = desktop.rows("SELECT name, contents FROM documents WHERE project_id = ?", work.id)
        assert {name for name, _ in rows} == {*work.texts}
        for name, html in rows:
            assert "\r" not in html
            if name != "code":
                assert Text(html).text == work.texts[name]


def test_a_file_that_does_not_say_its_encoding_may_be_misread_for_good(desktop):
    """What is wrong in such a database was wrong before anybody coded; its places fit the wrong text."""
    odd = desktop.works[2]
    html = desktop.rows("SELECT contents FROM documents WHERE id = ?", odd.documents["unsaid"])[0][0]
    assert html == "<p>Wie gehtâ€™s?</p>"


def test_places_are_bytes_of_the_text_without_its_markup(desktop):
    for work in desktop.works[:2]:
        assert in_database(desktop, work) == work.triples()


def test_a_line_end_that_begins_preformatted_text_is_stored_and_not_counted(desktop):
    """HTML drops it whenever it is read; who reads it as it stands is off by one."""
    odd = desktop.works[2]
    html = desktop.rows("SELECT contents FROM documents WHERE id = ?", odd.documents["code"])[0][0]
    assert html == "<pre>\nfirst line\nsecond line\n</pre><p>after it</p>"
    assert Text(html).text == "\n" + CODE_TEXT
    start, snippet = desktop.rows("SELECT start_offset, snippet FROM highlights ORDER BY id DESC")[0]
    assert (start, snippet) == (len("first line\n"), "<pre>second line</pre>")


def test_highlights_and_their_snippets_are_those_that_were_made(desktop, server):
    for made in (desktop, server):
        rows = made.rows("SELECT id, start_offset, end_offset, snippet FROM highlights")
        marks = {mark.id: mark for work in made.works for mark in work.marks}
        assert {row[0] for row in rows} == {*marks}
        for number, start, end, snippet in rows:
            assert (start, end) == (marks[number].start, marks[number].end)
            assert Text(snippet).text == marks[number].text


def test_a_snippet_keeps_the_markup_that_it_stands_in(desktop):
    rows = desktop.rows("SELECT snippet FROM highlights ORDER BY id LIMIT 3")
    assert [row[0] for row in rows] == [
        "<p>Müde 😴</p>",
        "<p>aber zu<b>frieden</b> &amp; ruhig.<br/>Die Übergabe</p>",
        "<h1>Gespräch</h1>\n<p>I: Wie geht’s?</p>",
    ]


# Who coded: the commands, one after the other.


def replayed(made):
    """Who put which tag on which highlight first, by the commands alone, as they were given."""
    placed = {}
    commands = made.rows("SELECT user_login, document_id, payload FROM commands ORDER BY id")
    for login, document, text in commands:
        payload = json.loads(text)
        kind = payload["type"]
        if kind == "highlight_add":
            before = placed.get(payload["highlight_id"], (document, {}))[1]
            tags = {tag: before.get(tag, login) for tag in payload["tags"]}
            placed[payload["highlight_id"]] = (document, tags)
        elif kind == "highlight_delete":
            del placed[payload["highlight_id"]]
        elif kind == "document_delete":
            placed = {key: mark for key, mark in placed.items() if mark[0] != document}
        elif kind in ("tag_merge", "tag_delete"):
            _let_go(placed, payload)
    return {(key, tag): login for key, (_, tags) in placed.items() for tag, login in tags.items()}


def _let_go(placed, payload):
    gone = payload.get("src_tag_id", payload.get("tag_id"))
    for _, tags in placed.values():
        login = tags.pop(gone, None)
        if login and "dest_tag_id" in payload:
            tags.setdefault(payload["dest_tag_id"], login)


def test_the_commands_tell_who_coded_and_end_where_the_tables_are(desktop, server):
    for made in (desktop, server):
        told = {
            (mark.id, work.tags[path]): login for work in made.works for mark, path, login in work.codings()
        }
        assert replayed(made) == told
        assert {*told} == {*made.rows("SELECT highlight_id, tag_id FROM highlight_tags")}
    assert {*told.values()} == {"ada", "ben"}


def test_a_change_of_tags_is_another_command_that_adds_and_a_merge_names_no_highlight(desktop):
    night = desktop.works[0]
    changed = next(mark for mark in night.marks if mark.text.startswith("really"))
    payloads = [json.loads(row[0]) for row in desktop.rows("SELECT payload FROM commands ORDER BY id")]
    about = [one for one in payloads if one.get("highlight_id") == changed.id]
    assert [one["type"] for one in about] == ["highlight_add", "highlight_add"]
    assert about[1].keys() == {"type", "highlight_id", "start_offset", "end_offset", "tags"}
    assert about[1]["tags"] == sorted(night.tags[path] for path in changed.tags)
    merges = [one for one in payloads if one["type"] == "tag_merge"]
    assert [one.keys() for one in merges] == [{"type", "src_tag_id", "dest_tag_id"}]
    assert merges[0]["dest_tag_id"] == night.tags["care.alone"]
    removed = [one.keys() for one in payloads if one["type"] == "highlight_delete"]
    assert removed == [{"type", "highlight_id"}]


def test_a_project_that_is_exported_as_a_database_says_nothing_of_its_coders(server):
    """Whoever imports it is said to have done everything, and that is "admin"."""
    base = sqlite3.connect(server.path(server.works[0], "project.sqlite3"))
    assert {*base.execute("SELECT user_login FROM commands")} == {("admin",)}
    assert base.execute("SELECT login FROM users").fetchall() == [("admin",)]
    base.close()


# What is in the exports.


def in_csv(made, work, what):
    text = made.path(work, what).read_bytes().decode("utf-8")
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def in_excel(path):
    """The cells of a workbook's only sheet, rows of texts; a formula is blank."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        strings = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - Taguette's own file
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - likewise
    texts = ["".join(part.text or "" for part in one.iter(f"{space}t")) for one in strings]
    rows = []
    for row in sheet.iter(f"{space}row"):
        rows.append(dict.fromkeys("ABCD", ""))
        for cell in row:
            value = cell.findtext(f"{space}v", "")
            shown = texts[int(value)] if cell.get("t") == "s" else value
            rows[-1][cell.get("r")[0]] = "" if cell.find(f"{space}f") is not None else shown
    return [[*row.values()] for row in rows]


def triples_of(rows):
    return Counter((row["document"], row["tag"], bare(row["content"])) for row in rows)


def test_the_csv_of_highlights_has_a_row_for_each_tag_and_none_for_a_highlight_without(desktop, server):
    for made in (desktop, server):
        for work in made.works:
            rows = in_csv(made, work, "highlights/.csv")
            assert [*rows[0]] == ["id", "document", "tag", "content"]
            assert triples_of(rows) == work.triples()
            assert {int(row["id"]) for row in rows} == {mark.id for mark in work.marks if mark.tags}
    assert any(not mark.tags for mark in desktop.works[0].marks)


def test_the_excel_file_of_highlights_has_the_same_rows_with_ids_as_text(desktop):
    for work in desktop.works[:2]:
        head, *rows = in_excel(desktop.path(work, "highlights/.xlsx"))
        assert [dict(zip(head, row, strict=True)) for row in rows] == in_csv(desktop, work, "highlights/.csv")


def test_the_excel_file_does_not_hold_every_highlight_as_it_is(desktop):
    odd = desktop.works[2]
    rows = in_excel(desktop.path(odd, "highlights/.xlsx"))
    assert [row[3] for row in rows if row[1] == "cells"] == [*CELLS.values()]
    assert [row[1] for row in in_excel(desktop.path(odd, "codebook.xlsx")) if row[0] == "care"] == [""]
    assert in_csv(desktop, odd, "codebook.csv")[1]["description"] == "=2+2"


def test_a_text_of_the_exports_has_blanks_between_pieces_of_markup(desktop):
    rows = in_csv(desktop, desktop.works[0], "highlights/.csv")
    assert rows[0]["content"] == "Gespräch I: Wie geht’s?"
    assert "aber zu frieden & ruhig. Die Übergabe" in {row["content"] for row in rows}


def test_the_highlights_under_a_tag_are_given_once_for_each_of_its_tags_that_fit(desktop):
    """An export of one tag repeats rows: who counts them counts twice."""
    night = desktop.works[0]
    rows = in_csv(desktop, night, "highlights/care.csv")
    expected = Counter()
    for mark in night.marks:
        fitting = sum(path.startswith("care") for path in mark.tags)
        expected.update({(str(mark.id), path): fitting for path in mark.tags if fitting})
    assert Counter((row["id"], row["tag"]) for row in rows) == expected
    assert max(expected.values()) == 2


def test_the_codebook_counts_highlights_and_documents(desktop, server):
    for made in (desktop, server):
        for work in made.works:
            rows = in_csv(made, work, "codebook.csv")
            assert [*rows[0]] == ["tag", "description", "number of highlights", "number of documents"]
            assert {row["tag"]: row["description"] for row in rows} == work.descriptions
            for row in rows:
                having = [mark.document for mark in work.marks if row["tag"] in mark.tags]
                counted = (int(row["number of highlights"]), int(row["number of documents"]))
                assert counted == (len(having), len({*having}))


def test_the_qdc_has_flat_codes_without_descriptions_and_an_empty_list_of_sets(desktop):
    for work in desktop.works:
        root = ET.parse(desktop.path(work, "codebook.qdc")).getroot()  # noqa: S314 - Taguette's own file
        space = "{urn:QDA-XML:codebook:1.0}"
        assert root.attrib == {"origin": "Taguette 1.5.2"}
        assert [child.tag for child in root] == [f"{space}Codes", f"{space}Sets"]
        assert len(root[1]) == 0
        assert [code.get("name") for code in root[0]] == [*_in_order(work)]
        for code in root[0]:
            assert len(code) == 0
            assert code.get("isCodable") == "true"
            assert code.get("guid") == str(uuid.uuid5(NAMESPACE, code.get("name"))).upper()


def _in_order(work):
    """The tags as they were made; Taguette's own came first."""
    return ["interesting", *sorted(work.tags, key=work.tags.get)]


def test_the_document_shows_its_highlights_with_their_tags_and_also_those_without(desktop):
    night = desktop.works[0]
    page = desktop.path(night, f"document/{night.documents['Ådne 😀']}.html").read_text(encoding="utf-8")
    shown = re.findall(r'<span class="taglist"> \[(.*?)\]</span>', page)
    marks = sorted((mark for mark in night.marks if mark.document == "Ådne 😀"), key=lambda one: one.end)
    assert [{*tags.split(", ")} - {""} for tags in shown] == [{*mark.tags} for mark in marks]


# What an import makes of it.


def imported(path, **choices):
    """The study tables, by name, that an import makes of a file of Taguette."""
    files = importing.study(path, importing.Choices(**choices)).files
    names = ("codebook", "codings", "excerpts")
    return {name: pd.read_csv(io.BytesIO(files[f"{name}.csv"]), dtype="str") for name in names}


def paths(codebook):
    """Each code by its tag: a code below another is called by the rest of it."""
    rows = codebook.set_index("code")

    def path(code):
        above = rows.get("parent", pd.Series(dtype="str")).get(code)
        return (f"{path(above)}." if isinstance(above, str) else "") + rows.loc[code, "name"]

    return {code: path(code) for code in rows.index}


def triples(frames):
    """(document, tag, text) of each coding in tables of a study."""
    names = paths(frames["codebook"])
    rows = frames["codings"].merge(frames["excerpts"], on="excerpt", validate="many_to_one")
    said = zip(rows["document"], rows["code"].map(names), rows["text"], strict=True)
    return Counter((document, name, bare(text)) for document, name, text in said)


def coders(frames):
    """(tag, text, coder) of each coding in tables of a study."""
    names = paths(frames["codebook"])
    rows = frames["codings"].merge(frames["excerpts"], on="excerpt", validate="many_to_one")
    said = zip(rows["code"].map(names), rows["text"], rows["coder"], strict=True)
    return Counter((name, bare(text), coder) for name, text, coder in said)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["night", "day", "odd"])
def test_the_database_is_imported_project_by_project(desktop, place):
    work = desktop.works[place]
    assert triples(imported(desktop.program.database, project=work.name)) == work.triples()


@pytest.mark.parametrize("place", [0, 1], ids=["night", "day"])
@pytest.mark.parametrize("what", ["project.sqlite3", "highlights/.csv", "highlights/.xlsx"])
def test_an_export_is_imported(desktop, place, what):
    work = desktop.works[place]
    assert triples(imported(desktop.path(work, what))) == work.triples()


def test_rows_that_an_export_repeats_are_imported_once(desktop):
    night = desktop.works[0]
    frames = imported(desktop.path(night, "highlights/care.csv"))
    under = {mark.id for mark in night.marks if any(path.startswith("care") for path in mark.tags)}
    expected = Counter(
        (mark.document, path, bare(mark.text)) for mark, path, _ in night.codings() if mark.id in under
    )
    assert triples(frames) == expected


def test_each_coding_is_imported_with_its_coder(server):
    work = server.works[0]
    expected = Counter((path, bare(mark.text), login) for mark, path, login in work.codings())
    assert coders(imported(server.program.database)) == expected


@pytest.mark.parametrize("place", [0, 1, 2], ids=["night", "day", "odd"])
@pytest.mark.parametrize("what", ["codebook.qdc", "codebook.csv", "codebook.xlsx"])
def test_a_codebook_is_imported(desktop, place, what):
    work = desktop.works[place]
    assert {*paths(imported(desktop.path(work, what))["codebook"]).values()} == {*work.descriptions}
