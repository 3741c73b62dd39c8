"""A study goes back into other tools: what is written is valid and what the tables say; losses are listed."""

import io
import zipfile
from datetime import datetime

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from analysis import ROOT
from analysis.sources import refi_markup, refi_writer

SPACE = "{urn:QDA-XML:project:1.0}"
FIRST = "I: Hello 😀.\nP1: The ward was calm – mostly, says P1.\n"
ROUND = "P2: Nights.\nP3: Days, as a rule 患者.\n"
GUID = "0B5C4E0E-9C1D-4F3A-8A3B-0123456789AB"


@pytest.fixture(scope="module")
def schemas():
    return {
        one.stem: etree.XMLSchema(etree.parse(one)) for one in ROOT.glob("analysis/sources/schemas/*.xsd")
    }


def table(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split(), dtype="str")


def study(**other):
    tables = {
        "roster": table(
            "participant gender age", ("P1", "female", "41"), ("P2", "male", None), ("P3", None, "33")
        ),
        "documents": table(
            "document medium participants site",
            ("first", "text", "P1", "A"),
            ("round", "text", "P2; P3", None),
            ("photo", "picture", "P1", None),
        ),
        "codebook": table(
            "code parent name definition color codable",
            ("T", None, "Time", "Hours\nand days", "#aa00FF", "false"),
            ("T1", "T", 'Nights & "days"', None, None, "true"),
            ("C", None, "Calm", None, None, None),
        ),
        "excerpts": table(
            "excerpt participant document start end region text",
            ("E1", "P1", "first", "21", "34", None, "The ward was calm"),
            ("E2", "P2", "round", "4", "10", None, "Nights"),
            ("E3", "P3", "round", "16", "20", None, "Days"),
            ("E4", "P1", "first", None, None, None, None),
            ("E5", "P1", "photo", None, None, "10,20,110,60", None),
            ("E6", "P1", "first", "39", "45", None, "mostly"),
        ),
        "codings": table(
            "excerpt code coder coded_at",
            ("E1", "C", "K", "2024-03-05T09:30:00Z"),
            ("E1", "C", "L", "2024-03-05"),
            ("E2", "T1", "K", None),
            ("E3", "T1", None, None),
            ("E4", "C", "L", "2024-03-05 10:00"),
            ("E5", "C", "L", None),
        ),
        "notes": table(
            "note of owner name text author date",
            ("N1", None, None, "Plan", "Two coders <both> & a ]]>", "K", "2024-03-01T08:00:00"),
            ("N2", "documents", "first", None, "Rings.", "M", None),
            ("N3", "codebook", "T1", "Nights", None, "K", None),
            ("N4", "roster", "P2", "Tired", "After a night.", "L", None),
            ("N5", "excerpts", "E2", "E2", "Short.", None, None),
            ("N6", "codings", "E3, T1, ", "Doubt", "Is it?", None, None),
            ("N7", "documents", "photo", "Light", "Dark.", None, None),
            ("N8", "excerpts", "E4", "All", "All of it.", None, None),
        ),
    }
    return tables | other


TEXTS = {"first": FIRST, "round": ROUND}


def written(tables=None, texts=TEXTS, title="Ward"):
    return refi_writer.qdpx(study() if tables is None else tables, texts, title)


class Read:
    """A written file, read as plainly as can be."""

    def __init__(self, made):
        self.left = made.left_out
        with zipfile.ZipFile(io.BytesIO(made.data)) as opened:
            self.files = {one.filename: opened.read(one) for one in opened.infolist()}
        self.root = etree.fromstring(self.files["project.qde"])
        self.by_guid = {one.get("guid"): one for one in self.root.iter() if one.get("guid")}

    def all(self, tag):
        return list(self.root.iter(SPACE + tag))

    def text(self, source):
        return self.files["sources/" + source.get("plainTextPath").removeprefix("internal://")].decode()

    def names(self, element, tag):
        refs = element.iterfind(SPACE + tag)
        return [self.by_guid[one.get("targetGUID")].get("name") for one in refs]

    def codings(self):
        for one in self.all("Coding"):
            who = self.by_guid.get(one.get("creatingUser"))
            yield (
                one.getparent().get("name"),
                self.names(one, "CodeRef")[0],
                who is not None and who.get("name"),
            )

    def why(self, kind, key):
        return [*self.left.loc[self.left["table"].eq(kind) & self.left["id"].eq(key), "why"]]


@pytest.fixture(scope="module")
def back():
    return Read(written())


def check(schemas, kind, data):
    root = etree.fromstring(data)
    assert schemas[kind].validate(root), schemas[kind].error_log
    guids = [one.get("guid") for one in root.iter() if one.get("guid") and not one.tag.endswith("MemberCode")]
    assert len(guids) == len({*guids})
    return root


def test_a_study_is_valid(schemas):
    data = Read(written()).files["project.qde"]
    check(schemas, "Project", data)
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<Project ')


def test_excerpts_are_where_they_were(back):
    said = {}
    for one in back.all("PlainTextSelection"):
        text = back.text(one.getparent())
        said[one.get("name")] = text[int(one.get("startPosition")) : int(one.get("endPosition"))]
    assert said == {"E1": FIRST[21:34], "E2": "Nights", "E3": "Days", "E6": FIRST[39:45]}
    assert [back.text(one) for one in back.all("TextSource")] == [FIRST, ROUND]


def test_codings_are_who_coded_what(back):
    assert [*back.codings()] == [
        ("E1", "Calm", "K"),
        ("E1", "Calm", "L"),
        ("first", "Calm", "L"),
        ("E2", 'Nights & "days"', "K"),
        ("E3", 'Nights & "days"', False),
    ]
    assert [one.get("creationDateTime") for one in back.all("Coding")[:3]] == [
        "2024-03-05T09:30:00Z",
        None,
        "2024-03-05T10:00:00",
    ]


def test_participants_have_their_documents_or_excerpts(back):
    cases = {one.get("name"): one for one in back.all("Case")}
    assert back.names(cases["P1"], "SourceRef") == ["first"]
    assert back.names(cases["P1"], "SelectionRef") == []
    assert back.names(cases["P2"], "SelectionRef") == ["E2"]
    assert [one.text for one in cases["P1"].iter(SPACE + "TextValue")] == ["female", "41"]
    site = back.all("TextSource")[0].find(SPACE + "VariableValue")
    assert (back.names(site, "VariableRef"), site.findtext(SPACE + "TextValue")) == (["site"], "A")


def test_notes_hang_on_what_they_are_about(back):
    notes = {one.get("guid"): one.findtext(SPACE + "PlainTextContent") for one in back.all("Note")}
    about = {
        notes[one.get("targetGUID")]: one.getparent().tag.removeprefix(SPACE) for one in back.all("NoteRef")
    }
    assert about == {
        "Two coders <both> & a ]]>": "Project",
        "Rings.": "TextSource",
        "": "Code",
        "Short.": "PlainTextSelection",
        "Is it?": "Coding",
        "All of it.": "TextSource",
    }
    link = back.all("Link")[0]
    assert notes[link.get("originGUID")] == "After a night."
    assert back.by_guid[link.get("targetGUID")].get("name") == "P2"


def test_what_is_left_out_is_listed(back):
    assert {*zip(back.left["table"], back.left["id"], strict=True)} == {
        ("documents", "photo"),
        ("excerpts", "E5"),
        ("codings", "E5, C, L"),
        ("codings", "E1, C, L"),
        ("notes", "N7"),
        ("notes", "N8"),
    }
    assert back.why("documents", "photo") == ["all of it, since it has no text"]
    assert back.why("codings", "E1, C, L") == [
        'its "coded_at", since "2024-03-05" is no date with a time of day'
    ]


def test_the_same_study_is_the_same_bytes():
    assert written(title="\ud800").data == written(title="\ud800").data
    with zipfile.ZipFile(io.BytesIO(written().data)) as opened:
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_guids_are_kept_once(schemas):
    tables = study()
    tables["codebook"] = tables["codebook"].assign(guid=[f"{{{GUID}}}", "none", GUID])
    tables["roster"] = tables["roster"].assign(guid=[GUID, None, None])
    read = Read(written(tables))
    check(schemas, "Project", read.files["project.qde"])
    assert read.by_guid[GUID.lower()].get("name") == "Time"
    assert {one.get("name") for one in read.all("Variable")} == {"gender", "age", "site"}


def test_nothing_is_written_of_nothing(schemas):
    read = Read(written({}, {}))
    root = check(schemas, "Project", read.files["project.qde"])
    assert len(root) == 0
    assert read.left.empty
    assert [*read.left.columns] == ["table", "id", "why"]


def test_a_text_must_be_plain():
    for text in ("\ufeffHello", "one\r\ntwo"):
        with pytest.raises(ValueError, match='text of "first" has a byte-order mark or line ends of Windows'):
            written(texts={"first": text})


def test_odd_rows_are_left_out_with_a_reason():
    odd = table(
        "excerpt participant document start end region text mood",
        ("E1", "P9", "round", "0", "2", None, None, "glad"),
        ("E1", None, "round", "0", "2", None, None, None),
        (None, None, "round", "0", "2", None, None, None),
        ("E2", None, "round", "0", "999", None, None, None),
        ("E3", None, "round", "2", "1", None, None, None),
        ("E4", None, "round", "-1", "x", None, None, None),
        ("E5", None, "round", "3", None, None, None, None),
        ("E6", "P2", "round", None, None, None, None, None),
        ("E7", None, "first", "0", "2", None, None, None),
        ("E8", None, "nowhere", "0", "2", None, None, None),
    )
    coded = table("excerpt code coder", ("E1", "X", "K"), ("E9", "C", "K"))
    documents = table("document medium participants", ("first", "audio", "P1"), ("round", None, "P2;P3;P8"))
    read = Read(written(study(excerpts=odd, codings=coded, documents=documents), TEXTS | {"lost": "Text"}))
    why = {(row.table, row.id, row.why.split(",")[0]) for row in read.left.itertuples()}
    assert why >= {
        ("excerpts", "E1", 'its participant "P9"'),
        ("excerpts", "E1", "a second row of this id"),
        ("excerpts", "", 'a row without a "excerpt"'),
        ("excerpts", "", 'the column "mood"'),
        *(("excerpts", one, "all of it") for one in ("E2", "E3", "E4", "E5", "E8")),
        ("excerpts", "E6", 'its participant "P2"'),
        ("excerpts", "E6", "all of it"),
        ("excerpts", "E7", 'that nobody is said to speak there: all of "first" is P1\'s'),
        ("codings", "E1, X, K", "all of it"),
        ("codings", "E9, C, K", "all of it"),
        ("documents", "first", "that it is audio: only its text is written"),
        ("documents", "round", 'its participant "P8"'),
        ("documents", "lost", "its text"),
    }
    assert [one.get("name") for one in read.all("PlainTextSelection")] == ["E7", "E1"]


def test_half_characters_of_a_text_move_nothing():
    read = Read(written(texts={"first": FIRST[:5] + "\ud83d" + FIRST[6:]}))
    assert read.text(read.all("TextSource")[0]) == FIRST[:5] + "\ufffd" + FIRST[6:]
    assert read.why("documents", "first") == [
        "the half character U+D83D in its text, which UTF-8 cannot hold"
    ]


def test_a_codebook_is_valid_with_its_sets(schemas):
    codes = table("code name hours wave", ("a", "A", "yes", None), ("b", "B", None, "2"))
    made = refi_writer.qdc(codes, {"hours": "Hours"})
    root = check(schemas, "Codebook", made.data)
    guids = {one.get("name"): one.get("guid") for one in root.iter("{*}Code")}
    sets = {one.get("name"): [code.get("guid") for code in one] for one in root.iter("{*}Set")}
    assert sets == {"Hours": [guids["A"]], "wave: 2": [guids["B"]]}
    assert made.left_out.empty


def test_a_codebook_without_sets_has_none(schemas):
    root = check(schemas, "Codebook", refi_writer.qdc(study()["codebook"]).data)
    assert root.find("{*}Sets") is None


def test_an_empty_codebook_is_refused():
    with pytest.raises(ValueError, match="without codes"):
        refi_writer.qdc(study()["codebook"].head(0))


def test_codes_above_themselves_stand_at_the_top(schemas):
    codes = table(
        "code parent level", ("A", "B", "theme"), ("B", "C", None), ("C", "A", None), ("D", "X", None)
    )
    made = refi_writer.qdc(codes)
    root = check(schemas, "Codebook", made.data)
    assert len(root.findall(".//{*}Code")) == 4
    assert made.left_out["id"].tolist() == ["", "D", "A"]


def test_a_codebook_of_many_levels_is_written():
    many = [(f"c{n}", f"c{n - 1}" if n else None) for n in range(3000)]
    made = refi_writer.qdc(table("code parent", *many))
    assert made.data.count(b"<Code ") == 3000


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2024-03-05T09:30:00Z", "2024-03-05T09:30:00Z"),
        ("2024-03-05 09:30", "2024-03-05T09:30:00"),
        ("2024-03-05T09:30:00.5+05:30", "2024-03-05T09:30:00.5+05:30"),
        ("2024-03-05", None),
        ("2024-02-30T09:30:00", None),
        ("2024-03-05T09:30:00+20:00", None),
        ("5 March", None),
    ],
)
def test_a_moment_is_as_the_schema_wants_it(said, meant):
    assert refi_markup.moment(said) == meant


@small.properties
@given(st.datetimes())
def test_every_moment_is_kept(when):
    assert datetime.fromisoformat(refi_markup.moment(str(when))) == when


ODD = ["]]>", "<", "&", '"', "'", "\n", "\t", "\r", " ", "é", "😀", "\x00", "\x0b", "\ufffe"]
SIGNS = st.lists(st.sampled_from(ODD) | st.characters(), max_size=8).map("".join)
CELL = st.none() | SIGNS


def clean(text):
    return refi_markup.FORBIDDEN.sub("", text or "")


@small.properties
@given(name=SIGNS, definition=CELL, color=CELL, title=SIGNS)
def test_any_codebook_is_valid_and_says_what_it_was_told(schemas, name, definition, color, title):
    codes = table(
        "code parent name definition color hours",
        ("A", None, name or None, definition, color, "yes"),
        ("B", "A", title, None, None, None),
    )
    made = refi_writer.qdc(codes, {"hours": title})
    root = check(schemas, "Codebook", made.data)
    first, second = root.iter("{*}Code")
    assert first.get("name") == (clean(name) if name else "A")
    assert second.get("name") == (clean(title) if title else "B")
    assert (first.findtext("{*}Description") or "") == clean(definition)
    assert root.find(".//{*}Set").get("name") == clean(title)
    dropped = {
        f"U+{ord(sign):04X}" for sign in refi_markup.FORBIDDEN.findall(name + (definition or "") + title)
    }
    assert dropped == {word for why in made.left_out["why"] for word in why.split() if word.startswith("U+")}


@st.composite
def studies(draw):
    """Tables of any words, whose ids mostly fit."""
    text = draw(st.text("ab é😀\n患", max_size=30))
    people = draw(st.lists(SIGNS, max_size=3, unique=True))
    codes = draw(st.lists(SIGNS, max_size=3, unique=True))
    some = st.sampled_from([None, "", "X", *people])
    number = st.integers(-1, len(text) + 1).map(str) | st.none()
    excerpts = draw(st.lists(st.tuples(some, st.sampled_from(["D", "D", "Q"]), number, number), max_size=5))
    ids = st.sampled_from([f"E{n}" for n in range(len(excerpts) + 1)])
    codings = draw(st.lists(st.tuples(ids, st.sampled_from([*codes, "X"]), CELL, CELL), max_size=6))
    of = st.sampled_from([None, "documents", "codebook", "roster", "excerpts"])
    owner = st.sampled_from([None, "D", "E0", *people, *codes])
    notes = draw(st.lists(st.tuples(of, owner, CELL, CELL, CELL), max_size=4))
    return {
        "roster": table("participant mood", *[(one, draw(CELL)) for one in people]),
        "documents": table("document participants site", ("D", ";".join(people[:2]), draw(CELL))),
        "codebook": table(
            "code parent name", *[(one, draw(st.sampled_from([None, *codes])), draw(CELL)) for one in codes]
        ),
        "excerpts": table(
            "excerpt participant document start end", *[(f"E{n}", *one) for n, one in enumerate(excerpts)]
        ),
        "codings": table("excerpt code coder coded_at", *codings),
        "notes": table("note of owner name text author", *[(f"N{n}", *one) for n, one in enumerate(notes)]),
    }, {"D": text}


@small.properties
@given(studies(), SIGNS)
def test_any_study_is_valid_and_loses_nothing_unsaid(schemas, made, title):
    tables, texts = made
    one = written(tables, texts, title)
    read = Read(one)
    root = check(schemas, "Project", read.files["project.qde"])
    assert root.get("name") == clean(title)
    assert [read.text(source) for source in read.all("TextSource")] == [texts["D"]]
    gone = read.left["why"].str.startswith("all of it") | read.left["why"].str.startswith(
        ("a second row", "a row")
    )
    for kind, tag in {"roster": "Case", "codebook": "Code", "codings": "Coding", "notes": "Note"}.items():
        lost = int((gone & read.left["table"].eq(kind)).sum())
        assert len(read.all(tag)) + lost == len(tables[kind]), kind
    for selection in read.all("PlainTextSelection"):
        row = tables["excerpts"].set_index("excerpt").loc[selection.get("name")]
        assert (selection.get("startPosition"), selection.get("endPosition")) == (row["start"], row["end"])
    told = [one.findtext(SPACE + "PlainTextContent") or "" for one in read.all("Note")]
    assert told == [
        clean(one)
        for one in tables["notes"]["text"].astype(object).where(tables["notes"]["text"].notna(), "")
    ]
    named = {one.get("targetGUID") for one in read.root.iter() if one.get("targetGUID")}
    assert named <= {*read.by_guid}
    assert written(tables, texts, title).data == one.data
