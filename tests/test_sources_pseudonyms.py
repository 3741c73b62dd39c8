"""No name that an import knows is left in what it writes, and every place still holds its words."""

import json
import os
import stat
import unicodedata
from dataclasses import replace

import databases
import pandas as pd
import pytest
import qdpx
import sheets
import small
from hypothesis import given
from hypothesis import strategies as st
from qdpx.dialects import CODEBOOK_ONLY
from test_sources_qualcoder import SCHEMA

from analysis import ROOT, study
from analysis.__main__ import main
from analysis.sources import importing, pseudonyms, writing
from analysis.sources.importing import Choices
from analysis.sources.project import SourceError
from analysis.sources.pseudonyms import Key

ZIMMA, BRONT, IRGUN, GRUET, ODD = "Zimma Quorl", "Brontossy", "İrgünß", "Grüt-Østerlo", "J. (Jo*) [Wexl]+"
APART = unicodedata.normalize("NFD", GRUET)
CASES = (ZIMMA, "Zimma", BRONT, IRGUN, GRUET, ODD, "Q")
CODERS = ("Velda Kross", "Umbrik")
TALK = (
    "I: Whom do you ask?\n"
    f"ZIMMA QUORL: I ask Zimma, or {BRONT}; zimmas and Brontossyish are words.\n"
    f"{IRGUN}: {IRGUN.upper()} is what {IRGUN.lower()} says, and {GRUET} with {APART}.\n"
    f"Zimma\u00a0 Quorl wrote to {ODD} and to Umbrik_{BRONT}_2; Q and 12 answered.\n"
    "Velda\nKross was on the phone, and nobody in Interview Zimma.docx was.\n"
)
SAID = (
    "Whom do you ask",
    "I ask Zimma, or Brontossy",
    "are words",
    f"{IRGUN.upper()} is what",
    f"wrote to {ODD} and to Umbrik_{BRONT}_2",
    "was on the phone",
)


def project():
    """A project in which people, documents and coders have names that nobody has."""
    coded = [
        qdpx.Passage(*qdpx.at(TALK, words), codings=(qdpx.Coding("Talk", CODERS[number % 2]),))
        for number, words in enumerate(SAID)
    ]
    silent = "Nothing is said here, and it is said at length.\n" * 3
    sources = (
        qdpx.Source(f"Interview {ZIMMA}.docx", TALK, passages=tuple(coded), comment=f"With {ZIMMA}."),
        qdpx.Source(
            BRONT, silent, passages=(qdpx.Passage(0, 18, codings=(qdpx.Coding("Talk", CODERS[0]),)),)
        ),
        qdpx.Source("12", silent, passages=(qdpx.Passage(0, 7, comment=f"{IRGUN} said so."),)),
    )
    codes = (qdpx.Code("Talk", f"What {GRUET} calls talk", codes=(qdpx.Code(f"Trouble with {BRONT}"),)),)
    cases = tuple(
        qdpx.Case(name, {"ward": "A", f"friend of {BRONT}": f"knows {ZIMMA}"}, (sources[0].name,))
        for name in CASES
    )
    notes = (qdpx.Note(f"On {ODD}", f"{ZIMMA} & {BRONT} again.", CODERS[1], "source", sources[0].name),)
    return qdpx.Project(f"Study of {ZIMMA}", CODERS, codes, cases, sources, notes)


NAMES = (*(name for name in CASES if name != "Q"), *CODERS, f"Interview {ZIMMA}.docx")


@pytest.fixture
def source(tmp_path):
    return qdpx.write(tmp_path / f"{BRONT}_project.qdpx", project(), "standard")


def imported(path, key=None, **choices):
    return importing.study(path, Choices(pseudonyms=True, **choices), key)


def plain(text):
    """As names are compared here, by a second route."""
    text = unicodedata.normalize("NFD", text.casefold()).replace("\u0307", "").replace("ı", "i")
    return " ".join(text.split())


def left(made, names):
    """The names that stand in a file, as a word, in any case."""
    found = set()
    for file, data in made.files.items():
        text = data.decode("utf-8", "surrogatepass")
        forms = [text, *([json.loads(text)] if file.endswith(".json") else [])]
        for name in names:
            bare = [plain(str(form)).replace("zimmas", "").replace("brontossyish", "") for form in forms]
            if any(plain(name) in one for one in bare):
                found.add((file, name))
    return found


def tables(made, tmp_path):
    """The study that is written, checked."""
    raw = tmp_path / "raw"
    writing.write(made.files, "mine", raw)
    return study.load("mine", raw), raw / "mine"


def known(made):
    """The names of the key that an import replaces among other words."""
    return {name for _, name in made.key.names if len(name) >= 2 and any(map(str.isalpha, name))}


@pytest.mark.parametrize("dialect", [name for name in qdpx.DIALECTS if name not in CODEBOOK_ONLY])
def test_no_file_of_an_import_has_a_name_left(tmp_path, dialect):
    path = qdpx.write(tmp_path / f"{BRONT}_project.qdpx", project(), dialect)
    made = imported(path)
    assert len(known(made)) > 3 or not qdpx.DIALECTS[dialect].coder
    assert left(made, known(made)) == set()
    assert left(importing.study(path, Choices()), known(made)) != set()


def test_all_of_them_are_known(source):
    assert known(imported(source)) == {*NAMES, BRONT}


def test_names_are_replaced_in_every_table(source, tmp_path):
    made = imported(source)
    loaded, _ = tables(made, tmp_path)
    of = {name: one for (kind, name), one in made.key.names.items() if kind == "P"}
    assert loaded.roster["participant"].tolist() == [of[name] for name in CASES]
    assert all(one.startswith("D") for one in loaded.documents["document"])
    assert {one[0] for one in loaded.codings["coder"]} == {"C"}
    assert loaded.codebook["name"].tolist() == ["Talk", f"Trouble with {of[BRONT]}"]
    assert loaded.codebook["code"].tolist() == ["talk", f"trouble-with-{of[BRONT].lower()}"]
    assert loaded.codebook["definition"].dropna().tolist() == [f"What {of[GRUET]} calls talk"]
    assert f"friend_of_{of[BRONT].lower()}" in loaded.roster
    assert set(loaded.roster[f"friend_of_{of[BRONT].lower()}"]) == {f"knows {of[ZIMMA]}"}
    said = dict(zip(loaded.notes["text"], loaded.notes["name"], strict=True))
    assert f"{of[ZIMMA]} & {of[BRONT]} again." in said
    assert said[f"{of[ZIMMA]} & {of[BRONT]} again."] == f"On {of[ODD]}"
    assert set(loaded.notes["author"].dropna()) <= {f"C{number:03d}" for number in range(1, 4)}
    assert loaded.title == f"Study of {of[ZIMMA]}"
    assert made.told["file"] == f"{of[BRONT]}_project.qdpx"


def test_names_are_replaced_in_texts_as_whole_words_in_any_case_the_longest_first(source, tmp_path):
    made = imported(source)
    loaded, folder = tables(made, tmp_path)
    of = {name: one for (kind, name), one in made.key.names.items() if kind == "P"}
    coder = {name: one for (kind, name), one in made.key.names.items() if kind == "C"}
    document = made.key.names["D", f"Interview {ZIMMA}.docx"]
    text = (folder / "texts" / "0001.txt").read_text(encoding="utf-8")
    assert text.split("\n")[1:] == [
        f"{of[ZIMMA]}: I ask {of['Zimma']}, or {of[BRONT]}; zimmas and Brontossyish are words.",
        f"{of[IRGUN]}: {of[IRGUN]} is what {of[IRGUN]} says, and {of[GRUET]} with {of[GRUET]}.",
        f"{of[ZIMMA]} wrote to {of[ODD]} and to {coder['Umbrik']}_{of[BRONT]}_2; Q and 12 answered.",
        f"{coder['Velda Kross']} was on the phone, and nobody in Interview {of['Zimma']}.docx was.",
        "",
    ]
    assert document.startswith("D")
    for row in loaded.excerpts.dropna(subset="start").itertuples():
        assert study.texts(loaded, folder.parent)[row.document][row.start : row.end] == row.text
    assert loaded.excerpts["text"].tolist()[:6] == [
        "Whom do you ask",
        f"I ask {of['Zimma']}, or {of[BRONT]}",
        "are words",
        f"{of[IRGUN]} is what",
        f"wrote to {of[ODD]} and to {coder['Umbrik']}_{of[BRONT]}_2",
        "was on the phone",
    ]


def test_the_same_pseudonyms_are_used_again_and_new_names_are_added(source, tmp_path):
    first = imported(source)
    again = imported(source, first.key)
    assert again.files == first.files
    assert again.key == first.key
    more = project()
    more = replace(more, cases=(*more.cases, qdpx.Case("Ondrila", {}, (BRONT,))))
    third = imported(qdpx.write(tmp_path / "more.qdpx", more, "standard"), first.key)
    assert first.key.names.items() <= third.key.names.items()
    assert [pair for pair in third.key.names if pair not in first.key.names] == [("P", "Ondrila")]
    assert third.key.names["P", "Ondrila"] == "P008"


def test_the_order_of_pseudonyms_tells_nothing():
    names = [f"Name{letter}" for letter in "abcdefgh"]
    made = [Key({}).longer("P", names).names for _ in range(60)]
    assert all({*one.values()} == {f"P00{number}" for number in range(1, 9)} for one in made)
    assert len({tuple(one["P", name] for name in names) for one in made}) > 50
    assert len({one["P", "Namea"] for one in made}) > 4


def test_nobody_gets_a_pseudonym_that_is_somebodys_name():
    key = Key({}).longer("P", ["P001", "p002", "Zimma"])
    assert set(key.names.values()) == {"P003", "P004", "P005"}
    key = Key({("P", "Brontossy"): "P001"}).longer("P", ["P002"])
    assert key.names["P", "P002"] == "P003"


def test_what_has_pseudonyms_already_keeps_them():
    key = Key({("P", "Zimma"): "P001", ("P", "P001"): "P002"})
    assert pseudonyms.hidden({"why": ["P001 is not Zimma"]}, key) == {"why": ["P001 is not P001"]}


LETTERS = st.text(alphabet="abz ßİıſ\u0301éÉ-_.'(*[\\n漢字한글12😀K\u212a", max_size=60)
WORDS = st.text(alphabet="abzßİıéKk.(*[\\漢字한글1-", min_size=1, max_size=6).map(str.strip).filter(bool)


@given(text=LETTERS, names=st.lists(WORDS, max_size=5), data=st.data())
@small.properties
def test_a_passage_without_a_name_holds_the_same_words_and_one_with_a_name_all_of_the_pseudonym(
    text, names, data
):
    text = "".join(part for name in [*names, ""] for part in (text, f" {name} "))
    swap = pseudonyms._Swap(Key({}).longer("P", names))  # noqa: SLF001 - what moves places is no public thing
    found, new = swap.found(text), swap.text(text)
    begins, ends = swap.places(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    held = new[begins[start] : ends[end]]
    expected, here = "", start
    for first, last, pseudonym in found:
        if first < end and start < last:
            expected += text[here:first] + pseudonym
            here = max(last, here)
    expected += text[here:end]
    if start < end:
        assert held == expected
    assert begins[0] == 0
    assert ends[len(text)] == len(new)
    assert (begins[1:] >= begins[:-1]).all()
    assert (ends[1:] >= ends[:-1]).all()


@given(
    name=WORDS,
    before=st.sampled_from(["", " ", "(", "_", "-", "\n"]),
    after=st.sampled_from(["", " ", ",", "_", "'s"]),
)
@small.properties
def test_a_name_is_found_between_whatever_is_no_letter(name, before, after):
    key = Key({("P", name): "P001"})
    known = len(name) >= 2 and any(map(str.isalpha, name))
    for written in (name, name.upper(), name.lower(), unicodedata.normalize("NFD", name)):
        text = before + written + after
        assert pseudonyms.hidden(text, key) == (before + "P001" + after if known else text)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("İlzem", "İLZEM ilzem İlzem i\u0307lzem Ilzem ılzem", "X X X X X X"),
        ("Işvin", "IŞVIN ışvin işvin", "X X X"),
        ("Weißquorl", "WEISSQUORL weißquorl WEIẞQUORL weissquorl", "X X X X"),
        ("Weß", "Wes Wessel WESS", "Wes Wessel X"),
        ("Straßl", "xStraßl Straßlx Straßl", "xStraßl Straßlx X"),
        ("Ézu", "ézu E\u0301ZU Ezu e\u0301zu\u0301", "X X Ezu e\u0301zu\u0301"),
        ("Zimma", "Zimma's Zimmas zimma-like an_zimma_2 Zimma2", "X's Zimmas X-like an_X_2 Zimma2"),
        ("Zimma Quorl", "Zimma  Quorl, Zimma\nQuorl, ZimmaQuorl, Zim\u00adma Quorl", "X, X, ZimmaQuorl, X"),
        ("田中", "田中さんと田中は、中田", "XさんとXは、中田"),
        ("김빛나", "김빛나가 김빛", "X가 김빛"),
        ("C++", "C++, C+ and c++", "X, C+ and X"),
        (".*", "a .* b and anything", "a .* b and anything"),
        ("(Jo)", "(Jo) Jo (jo)", "X Jo X"),
        ("Q", "Q and q", "Q and q"),
        ("12", "12 of 12", "12 of 12"),
        ("P12", "P12 P1 P123", "X P1 P123"),
    ],
)
def test_names_of_all_kinds(name, text, expected):
    assert pseudonyms.hidden(text, Key({("P", name): "X"})) == expected


def test_names_that_contain_each_other():
    key = Key(
        {("P", "Ann"): "1", ("P", "Ann Zimma"): "2", ("P", "Zimma Quorl"): "3", ("D", "Ann Zimma Quorl"): "4"}
    )
    assert (
        pseudonyms.hidden("Ann; Ann Zimma; Ann Zimma Quorl; Zimma Quorl; ann zimma quo", key)
        == "1; 2; 4; 3; 2 quo"
    )


def test_a_name_of_several_kinds_is_in_texts_what_the_keeper_says_or_the_person():
    key = Key({("C", "Zimma"): "C001", ("D", "Zimma"): "D001", ("P", "Zimma"): "P001"})
    assert pseudonyms.hidden("Zimma", key) == "P001"
    assert pseudonyms.hidden("Zimma", Key(key.names | {("N", "zimma"): "somebody"})) == "somebody"


def test_a_name_that_is_also_a_code_or_a_variable_is_no_longer_there(tmp_path):
    text = "Trussel is a word.\n" * 9
    made = qdpx.Project(
        "Words",
        ("K",),
        (qdpx.Code("Trussel"), qdpx.Code("Other")),
        (
            qdpx.Case("Trussel", {"Trussel": "yes", "ward": "A"}, ("I1",)),
            qdpx.Case("Wem", {"ward": "B"}, ("I1",)),
        ),
        (qdpx.Source("I1", text, passages=(qdpx.Passage(0, 18, codings=(qdpx.Coding("Trussel", "K"),)),)),),
    )
    found = imported(qdpx.write(tmp_path / "a.qdpx", made, "standard"))
    assert left(found, ["Trussel"]) == set()
    loaded, _ = tables(found, tmp_path)
    one = found.key.names["P", "Trussel"]
    assert loaded.codebook["name"].tolist() == [one, "Other"]
    assert loaded.codings["code"].tolist() == [one.lower()]
    assert loaded.roster[one.lower()].fillna("").tolist() == ["yes", ""]
    assert loaded.excerpts["text"].tolist() == [f"{one} is a word."]


def test_what_the_keeper_adds_is_replaced_too(source, tmp_path):
    path = tmp_path / "key.csv"
    writing.write_key(imported(source).key, path)
    path.write_text(
        path.read_text(encoding="utf-8") + "N,Whom do,[who]\nN,at   length,[long]\n", encoding="utf-8"
    )
    made = imported(source, writing.read_key(path))
    _, folder = tables(made, tmp_path)
    assert (folder / "texts" / "0001.txt").read_text(encoding="utf-8").startswith("I: [who] you ask?")
    assert made.key.names["N", "at length"] == "[long]"
    assert b"at length" not in b"".join(made.files.values())
    writing.write_key(made.key, path)
    assert writing.read_key(path) == made.key


def test_a_key_comes_back_as_it_was_written(tmp_path):
    key = Key(
        {("P", 'A "B", C'): "P001", ("D", "12"): "D001", ("C", "İß😀"): "C001", ("N", "=1+1"): "[x], y"}
    )
    writing.write_key(key, tmp_path / "a" / "key.csv")
    assert writing.read_key(tmp_path / "a" / "key.csv") == key
    assert writing.read_key(tmp_path / "none.csv") is None


def test_only_its_owner_can_read_a_key(tmp_path):
    before = os.umask(0)
    try:
        for _ in range(2):
            writing.write_key(Key({("P", "Zimma"): "P001"}), tmp_path / "keys" / "key.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys" / "key.csv").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["key.csv"]


@pytest.mark.parametrize("place", ["key.csv", "scratch/key.csv", "data/raw/mine/key.csv", "../{}/key.csv"])
def test_a_key_is_never_kept_inside_of_the_suite(place, tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="inside of the suite; keep it where"):
        writing.key_of("mine", str(ROOT / place.format(ROOT.name)))
    (tmp_path / "link").symlink_to(ROOT)
    with pytest.raises(SourceError, match="inside of the suite"):
        writing.key_of("mine", str(tmp_path / "link" / "key.csv"))
    monkeypatch.setattr(writing, "KEYS", tmp_path / "link" / "keys")
    with pytest.raises(SourceError, match="inside of the suite"):
        writing.key_of("mine", None)
    with pytest.raises(SourceError, match="this is a folder; name a file in it"):
        writing.key_of("mine", str(tmp_path))


def test_a_key_is_kept_for_each_study(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "KEYS", tmp_path / "keys")
    assert writing.key_of("mine", None) == tmp_path / "keys" / "mine.key.csv"
    assert writing.key_of("mine", str(tmp_path / "a.csv")) == tmp_path / "a.csv"


HEAD = "kind,name,pseudonym\n"
DAMAGED = {
    "": "line 1: the file is empty; expected a header with kind, name, pseudonym, and rows below it.",
    "kind;name;pseudonym\n": 'line 1: "kind;name;pseudonym" is one column, separated by semicolons; expected',
    "kind,name\nP,Zimma\n": 'line 1, column "pseudonym": the column is missing; the header has kind, name.',
    HEAD + "X,Zimma,P001\n": 'line 2, column "kind": "X" is not one of N, P, D, C.',
    HEAD + "P,Zimma,\n": 'line 2, column "pseudonym": the cell is blank; expected a value.',
    HEAD + "P,Zimma\n": "line 2: 2 values where the header has 3: P, Zimma; a comma is missing",
    HEAD + 'P,"Zimma,P001\n': 'line 2: the quotation marks " of this row do not pair up',
    HEAD
    + "P,Zimma,P001\nP,Zimma,P002\n": 'line 3, column "pseudonym": "P002" is another pseudonym of "Zimma" '
    'than "P001" on line 2; expected one.',
    HEAD + "P,Zimma,P001\nP,Wem,P001\n": 'line 3, column "pseudonym": "P001" stands for "Zimma" on line 2 '
    "already; two would be one.",
    HEAD + "P,Gr\udcfct,P001\n": 'line 2, column "name": "Gr\ufffdt" has a letter that is not saved as UTF-8',
}


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_key_is_a_sentence_and_no_study_is_written(source, own, tmp_path, capsys, content):
    path = tmp_path / "key.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    assert main(["import", str(source), "no-such-study", "--pseudonyms", "--key", str(path)]) == 2
    assert f"key.csv, {DAMAGED[content]}" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert not own.exists()


def test_a_key_may_have_the_mark_and_the_blank_rows_of_a_spreadsheet(tmp_path):
    path = tmp_path / "key.csv"
    rows = "kind,name,pseudonym\r\nP,Zimma,P001\r\n,,\r\nN,St Wem,[house]\r\nN,Wem House,[house]\r\n"
    path.write_text(rows, encoding="utf-8-sig", newline="")
    assert set(writing.read_key(path).names.values()) == {"P001", "[house]"}


SHEET = [
    ["Participant", "Quote", "Theme", "Coder"],
    ["Zimma", "Zimma and Brontossy wait; WEMELIA waits.", "Time; Brontossy", "Umbrik"],
    ["Brontossy", "I asked zimma.", "Time", "Velda Kross"],
]
ABOUT = [
    ["Participant", "Ward", "Friend"],
    ["zimma", "A", "Brontossy"],
    ["Wemelia", "B", "Umbrik"],
]


def test_names_of_a_sheet_and_of_its_attributes_are_replaced(tmp_path):
    path = sheets.plain(tmp_path / "Zimma_quotes.csv", SHEET)
    sheets.plain(tmp_path / "about_Brontossy.csv", ABOUT)
    made = imported(path, attributes="about_Brontossy.csv")
    assert left(made, ["Zimma", "Brontossy", "Umbrik", "Velda Kross", "Wemelia"]) == set()
    of = {name: one for (kind, name), one in made.key.names.items() if kind == "P"}
    assert made.told["file"] == f"{of['Zimma']}_quotes.csv"
    assert made.told["attributes"] == {
        "only in the sheet": [of["Wemelia"]],
        "only in the project": [of["Brontossy"]],
    }
    assert f'attributes = "about_{of["Brontossy"]}.csv"' in made.files["import.toml"].decode()
    loaded, _ = tables(made, tmp_path)
    assert loaded.excerpts["text"].tolist()[0].endswith(f"{of['Wemelia']} waits.")
    assert [*loaded.roster["friend"].dropna()] == [of["Brontossy"]]


def test_names_of_columns_are_replaced_in_the_mapping_that_is_kept(tmp_path):
    rows = [
        ["speaker", "text", "Time", "asked Zimma"],
        ["Zimma", "a b", "x", "x"],
        ["Wemelia", "c d", "x", "x"],
    ]
    path = sheets.plain(tmp_path / "a.csv", rows)
    made = imported(path)
    assert left(made, ["Zimma", "Wemelia"]) == set()
    (tmp_path / "import.toml").write_bytes(made.files["import.toml"])
    kept = importing.from_toml(tmp_path / "import.toml").mapping
    assert {*kept.wide} == {"Time", f"asked {made.key.names['P', 'Zimma']}"}


def test_names_of_files_in_a_folder_are_replaced_in_the_list_of_rows(tmp_path):
    folder = tmp_path / "Zimma_codes"
    folder.mkdir()
    text = "<Internals\\\\Interview Brontossy> - § 1 reference coded [1.00% Coverage]\n\n"
    text += "Reference 1 - 1.00% Coverage\n\nWaiting.\n"
    (folder / "Time.txt").write_text(text)
    made = imported(folder)
    assert left(made, ["Interview Brontossy"]) == set()
    assert left(importing.study(folder, Choices()), ["Interview Brontossy"]) != set()


def test_names_of_a_database_are_replaced_and_of_those_who_only_wrote_notes(tmp_path):
    folder = tmp_path / "mine.qda"
    folder.mkdir()
    text = "Wemelia rang, and Zimma did not.\n" * 4
    owner = {"owner": "Velda Kross", "date": "2026-01-02 03:04:05"}
    rows = {
        "project": [{"databaseversion": "v16", "about": "QualCoder 3.8.2", "memo": "With Zimma."}],
        "source": [{"id": 1, "name": "Wemelia.txt", "fulltext": text, "memo": "Wemelia came.", **owner}],
        "code_name": [{"cid": 1, "name": "as Zimma says", "memo": "Wemelia's word.", **owner}],
        "code_text": [{"cid": 1, "fid": 1, "pos0": 0, "pos1": 12, "seltext": text[:12], **owner}],
        "cases": [{"caseid": 1, "name": "Wemelia", **owner}, {"caseid": 2, "name": "Zimma", **owner}],
        "case_text": [{"caseid": 1, "fid": 1, "pos0": 0, "pos1": len(text), **owner}],
        "journal": [{"name": "Day of Zimma", "jentry": "Ondrila rang Wemelia.", "owner": "Ondrila"}],
    }
    databases.make(folder / "data.qda", SCHEMA, rows)
    made = imported(folder)
    assert left(made, ["Zimma", "Wemelia", "Velda Kross", "Ondrila"]) == set()
    loaded, _ = tables(made, tmp_path)
    assert (
        loaded.notes["author"].isin([one for (kind, _), one in made.key.names.items() if kind == "C"]).any()
    )


def test_a_name_that_two_people_have_is_one_pseudonym_with_a_number(tmp_path):
    twice = qdpx.Project(
        "Twice",
        ("K",),
        (qdpx.Code("Talk"),),
        (),
        tuple(
            qdpx.Source(
                name,
                "So it was said, at length.",
                passages=(qdpx.Passage(0, 5, codings=(qdpx.Coding("Talk", "K"),)),),
            )
            for name in ("Zimma", " Zimma  ")
        ),
    )
    made = imported(qdpx.write(tmp_path / "a.qdpx", twice, "standard"), people="sources")
    loaded, _ = tables(made, tmp_path)
    assert loaded.roster["participant"].tolist() == ["D001", "D001 (2)"]


def test_nothing_is_replaced_unless_it_is_asked_for(source):
    made = importing.study(source, Choices(), Key({("N", "Whom"): "[who]"}))
    assert made.key is None
    assert b"Whom do you ask" in made.files["texts/0001.txt"]


def test_an_import_without_names_has_nothing_to_replace(tmp_path):
    nobody = qdpx.Project("Blank", ("K",), (qdpx.Code("Talk"),), (), ())
    made = imported(qdpx.write(tmp_path / "a.qdpx", nobody, "standard"))
    assert {kind for kind, _ in made.key.names} <= {"C"}
    frame = pd.Series(["a", None], dtype="str")
    assert pseudonyms._Swap(Key({})).column(frame).equals(frame)  # noqa: SLF001 - see above
