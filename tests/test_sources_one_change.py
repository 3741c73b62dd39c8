"""One thing changed in a file changes just that in the study, or the file is refused for it."""

import csv
import io
import re
import sqlite3
import zipfile
from contextlib import closing

import databases
import pytest
import qdpx
import test_sources_qualcoder as qualcoder
import test_sources_rqda as rqda
import test_sources_taguette as taguette
from lxml import etree

from analysis.sources import importing
from analysis.sources.project import SourceError

pytestmark = pytest.mark.faults
SAMPLE = qdpx.sample()
TEXTS = {source.name: source.text for source in SAMPLE.sources}
SENTENCE = "At nine 😀 the ward rang, für alle. Nobody came and nobody said why.\n"
WORDS = [match.span() for match in re.finditer(r"\w+", SENTENCE * 4)]
OF_CODINGS = ("excerpts.csv", "codings.csv", "notes.csv")
"""Tables in which excerpts are numbered."""


def studied(path):
    """The files of the study that a file is, and what each coding there says."""
    files = importing.study(path, importing.Choices()).files
    tables = {
        name: [*csv.DictReader(io.StringIO(data.decode()))]
        for name, data in files.items()
        if name.endswith(".csv")
    }
    excerpts = {row["excerpt"]: row for row in tables["excerpts.csv"]}
    names = {row["code"]: row["name"] for row in tables["codebook.csv"]}
    said = {
        (*_place(excerpts[row["excerpt"]]), names[row["code"]], row.get("coder", ""))
        for row in tables["codings.csv"]
    }
    notes = [(row["name"], row["text"], row.get("of")) for row in tables["notes.csv"]]
    return files, said, {_place(row) for row in excerpts.values()}, notes


def tried(path):
    """The same, or why the file is refused."""
    try:
        return studied(path)
    except SourceError as error:
        return str(error)


def _place(row):
    start, end = (int(row[one]) if row[one] else None for one in ("start", "end"))
    return row["document"], start, end, row.get("region", "")


def assert_only(before, after, gone, come, *, same=True):
    """Of all codings these are gone and those have come, of all excerpts only theirs, and nothing else."""
    assert (before[1] - after[1], after[1] - before[1]) == (gone, come)
    assert before[2] ^ after[2] <= {coding[:4] for coding in gone | come}
    assert before[3] == after[3]
    changed = {name for name in before[0] if before[0][name] != after[0].get(name)}
    assert not same or {name for name in changed if not name.startswith("import-")} <= {*OF_CODINGS}


# ---- REFI-QDA ---------------------------------------------------------------------------------------------


class Opened:
    """A project as XML, to change something in it and to read from it, another way, what it says."""

    def __init__(self, path, dialect):
        self.path, self.dialect = path, qdpx.DIALECTS[dialect]
        with zipfile.ZipFile(qdpx.write(path, SAMPLE, dialect)) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        (self.qde,) = (name for name in self.members if name.endswith(".qde"))
        self.root = etree.fromstring(self.members[self.qde])

    def all(self, tag):
        return self.root.findall(f".//{{*}}{tag}")

    def names(self, tag):
        return {one.get("guid"): one.get("name") for one in self.all(tag)}

    def codings(self):
        """Each coding of a text with its selection."""
        cases = self.names("Case")
        for selection in self.all("PlainTextSelection"):
            for coding in selection.findall("{*}Coding"):
                if coding.find("{*}CodeRef").get("targetGUID") not in cases:
                    yield selection, coding

    def said(self):
        """What the file says, places as its vendor counts them."""
        return {self.one(*pair) for pair in self.codings()}

    def one(self, selection, coding):
        source = selection.getparent()
        while not source.tag.endswith("Source"):
            source = source.getparent()
        code = self.names("Code")[coding.find("{*}CodeRef").get("targetGUID")]
        coder = self.names("User").get(coding.get("creatingUser"), "")
        places = (int(selection.get(f"{side}Position")) for side in ("start", "end"))
        return source.get("name"), *places, code, coder

    def told(self, codings):
        """Codings of a study, in the same words."""
        texts = {self.dialect.called(name): text for name, text in TEXTS.items()}
        return {
            (name, *(self.dialect.place(texts[name], one) for one in (start, end)), code, coder)
            for name, start, end, _, code, coder in codings
            if start is not None and name in texts and not name.endswith((".m4a", ".mp4"))
        }

    def saved(self):
        self.members[self.qde] = etree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        with zipfile.ZipFile(self.path, "w") as archive:
            for name, data in self.members.items():
                archive.writestr(name, data)
        return self.path


def changes(file):
    """One change after the other: what is changed, its attribute, and the new value."""
    pairs = [*file.codings()]
    users, codes = [*file.names("User")], [*file.names("Code")]
    for selection, _ in pairs[::5]:
        start, end = (int(selection.get(f"{side}Position")) for side in ("start", "end"))
        yield selection, "startPosition", str(start - 1 if start else 1)
        yield selection, "endPosition", str(end - 1)
        yield selection, "startPosition", str(end + 1)
    for _, coding in pairs[::6]:
        ref = coding.find("{*}CodeRef")
        cases = file.names("Case")
        other = next(one for one in codes if one not in cases and one != ref.get("targetGUID"))
        yield ref, "targetGUID", other
        yield coding, "creatingUser", next(one for one in users if one != coding.get("creatingUser"))


@pytest.mark.parametrize("dialect", ["standard", "nvivo_windows", "atlas"])
def test_one_attribute_of_a_project_is_one_change_of_the_study(tmp_path, dialect):
    file = Opened(tmp_path / "it.qdpx", dialect)
    before, said = studied(file.saved()), file.said()
    assert file.told(before[1]) == said
    outcomes = set()
    for element, name, value in [*changes(file)]:
        kept = element.get(name)
        element.set(name, value)
        now = file.said()
        after = tried(file.saved())
        if isinstance(after, str):
            assert element.get("guid", "-").strip("{}").lower() in after or any(
                f"{one}: " in after
                for kind in ("TextSource", "PDFSource")
                for one in file.names(kind).values()
            )
        else:
            gone, come = before[1] - after[1], after[1] - before[1]
            assert (file.told(gone), file.told(come)) == (said - now, now - said)
            assert_only(before, after, gone, come)
        outcomes.add(type(after))
        element.set(name, kept)
    assert outcomes == {tuple, str}


# ---- databases --------------------------------------------------------------------------------------------


def cells(kind):
    """A text of which each third word has a code by one of two coders."""
    text = SENTENCE * 4
    for number, (start, end) in enumerate(WORDS[::3]):
        row = {"cid": number % 3 + 1, "fid": 1, "owner": "KL"[number % 2], "seltext": text[start:end]}
        yield row | dict(zip(kind, (start, end), strict=True))


def of_rqda(path):
    rows = {
        "project": [{"databaseversion": "0.2.2"}],
        "source": [{"name": "P1", "id": 1, "file": SENTENCE * 4, "status": 1}],
        "freecode": [{"name": f"c{number}", "id": number, "status": 1} for number in (1, 2, 3)],
        "coding": [row | {"status": 1} for row in cells(("selfirst", "selend"))],
    }
    return databases.make(path, rqda.SCHEMA, rows)


def of_qualcoder(path):
    rows = {
        "source": [{"id": 1, "name": "P1", "fulltext": SENTENCE * 4}],
        "code_name": [{"cid": number, "name": f"c{number}"} for number in (1, 2, 3)],
        "code_text": [*cells(("pos0", "pos1"))],
    }
    return databases.make(path, qualcoder.SCHEMA, rows)


def of_taguette(path):
    text, rows = SENTENCE * 4, [*cells(("start", "end"))]
    paragraphs = "".join(f"<p>{line}</p>\n" for line in text.splitlines())
    made = {
        "projects": [{"id": 1, "name": "Bells", "description": "", "created": "d"}],
        "documents": [taguette.document(1, 1, "P1") | {"contents": paragraphs}],
        "tags": [
            {"id": number, "project_id": 1, "path": f"c{number}", "description": ""} for number in (1, 2, 3)
        ],
        "highlights": [
            {
                "id": number,
                "document_id": 1,
                "start_offset": len(text[: row["start"]].encode()),
                "end_offset": len(text[: row["end"]].encode()),
                "snippet": row["seltext"],
            }
            for number, row in enumerate(rows, start=1)
        ],
        "highlight_tags": [
            {"highlight_id": number, "tag_id": row["cid"]} for number, row in enumerate(rows, start=1)
        ],
        "commands": [
            taguette.added(row["owner"], f"d{number}", number, row["cid"])
            for number, row in enumerate(rows, start=1)
        ],
    }
    return databases.make(path, taguette.SCHEMA, made)


SAID = {
    of_rqda: "SELECT s.name, selfirst, selend, f.name, c.owner FROM coding c JOIN source s ON s.id = fid "
    "JOIN freecode f ON f.id = cid WHERE c.status = 1 AND s.status = 1 AND f.status = 1",
    of_qualcoder: "SELECT s.name, pos0, pos1, n.name, c.owner FROM code_text c JOIN source s ON s.id = fid "
    "JOIN code_name n USING (cid)",
    of_taguette: "SELECT d.name, start_offset, end_offset, path, user_login FROM highlight_tags t "
    "JOIN highlights h ON h.id = t.highlight_id JOIN documents d ON d.id = h.document_id "
    "JOIN tags ON tags.id = t.tag_id JOIN commands c ON c.id = h.id",
}
"""What a database says, asked another way than its reader asks."""
CHANGES = {
    of_rqda: [
        "UPDATE coding SET selfirst = selfirst + 1 WHERE rowid = 3",
        "UPDATE coding SET selend = selend - 1 WHERE rowid = 4",
        "UPDATE coding SET selfirst = selend + 1 WHERE rowid = 5",
        "UPDATE coding SET owner = 'L' WHERE rowid = 1",
        "UPDATE coding SET owner = 'M' WHERE rowid = 1",
        "UPDATE coding SET cid = 3 WHERE rowid = 1",
        "UPDATE coding SET cid = 9 WHERE rowid = 1",
        "UPDATE coding SET status = 0 WHERE rowid = 2",
        "UPDATE coding SET status = -1 WHERE rowid = 2",
        "UPDATE freecode SET status = 0 WHERE id = 2",
        "UPDATE source SET status = 0",
    ],
    of_qualcoder: [
        "UPDATE code_text SET pos0 = pos0 + 1 WHERE ctid = 3",
        "UPDATE code_text SET pos1 = pos1 - 1 WHERE ctid = 4",
        "UPDATE code_text SET pos0 = pos1 + 1 WHERE ctid = 5",
        "UPDATE code_text SET owner = 'L' WHERE ctid = 1",
        "UPDATE code_text SET owner = 'M' WHERE ctid = 1",
        "UPDATE code_text SET cid = 3 WHERE ctid = 1",
        "UPDATE code_text SET cid = 9 WHERE ctid = 1",
        "DELETE FROM code_text WHERE ctid = 2",
    ],
    of_taguette: [
        "UPDATE highlights SET start_offset = start_offset + 1 WHERE id = 3",
        "UPDATE highlights SET end_offset = end_offset - 1 WHERE id = 4",
        "UPDATE highlights SET start_offset = end_offset + 1 WHERE id = 5",
        "UPDATE commands SET user_login = 'L' WHERE id = 1",
        "UPDATE commands SET user_login = 'M' WHERE id = 1",
        "UPDATE highlight_tags SET tag_id = 9 WHERE highlight_id = 1",
        "DELETE FROM highlight_tags WHERE highlight_id = 2",
    ],
}


def said_by(path, make):
    text = SENTENCE * 4
    points = {len(text[:place].encode()): place for place in range(len(text) + 1)}
    with closing(sqlite3.connect(path)) as base:
        rows = [*base.execute(SAID[make])]
    ends = points if make is of_taguette else dict(enumerate(range(len(text) + 1)))
    return {(name, ends[int(a)], ends[int(b)], "", code, coder) for name, a, b, code, coder in rows}


@pytest.mark.parametrize("make", CHANGES, ids=lambda make: make.__name__)
def test_one_cell_of_a_database_is_one_change_of_the_study(tmp_path, make):
    path = make(tmp_path / "it.db")
    before, said, good = studied(path), said_by(path, make), path.read_bytes()
    assert before[1] == said
    refused = 0
    for statement in CHANGES[make]:
        databases.change(path, statement)
        after, now = tried(path), said_by(path, make)
        if isinstance(after, str):
            assert f"row {re.search('= ([0-9]+)$', statement)[1]}" in after, statement
        else:
            assert said != now, statement
            whole = "freecode" in statement or "source" in statement
            assert_only(before, after, said - now, now - said, same=not whole)
        refused += isinstance(after, str)
        path.write_bytes(good)
    assert refused == 2
