"""Sheets for a workshop: what stands on them, what never does, and what comes back."""

import io
import itertools
import json
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import docx
import pandas as pd
import pytest

from analysis import study as studies
from analysis.handin import sheets
from analysis.measures import sensecheck

PAPER, SIMULATED = "bussu-marshall-2020", "simulated-east-london"
BOTH = pytest.mark.parametrize("name", [PAPER, SIMULATED])


@pytest.fixture(scope="module")
def packs():
    return {name: sheets.pack(studies.load(name)) for name in (PAPER, SIMULATED)}


@pytest.fixture
def restricted(raw):
    """The paper's study as if it were confidential, with two of its quotations cleared."""
    path = raw / PAPER / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["study"] |= {"policy": "restricted", "cleared": ["E01", "E15"]}
    path.write_text(json.dumps(package), encoding="utf-8")
    return studies.load(PAPER, raw)


def table(data):
    return pd.read_csv(io.BytesIO(data), keep_default_na=False)


def pages_of(document):
    """The texts of a Word document page by page: those of paragraphs, and those of cells."""
    pages = []
    for part in document.iter_inner_content():
        if isinstance(part, docx.table.Table):
            pages[-1] += [cell.text for row in part.rows for cell in row.cells]
        elif part.style.name == "Study":
            pages.append([part.text])
        else:
            pages[-1].append(part.text)
    return pages


@BOTH
def test_every_text_on_paper_reads_back_equal_to_its_row(packs, name):
    said = table(packs[name]["sheets.csv"])
    pages = pages_of(docx.Document(io.BytesIO(packs[name]["sheets.docx"])))
    for page, (_, rows) in zip(pages, said.groupby("code", sort=False), strict=True):
        assert [text for text in page if text in {*rows["text"]}] == rows["text"].tolist()


@BOTH
def test_the_form_has_the_same_texts(packs, name):
    page = Reader.of(packs[name]["sheets.html"])
    for part, text in table(packs[name]["sheets.csv"])[["part", "text"]].to_numpy():
        assert (text.removeprefix("☐ ") if part == "answer" else text) in page.texts


@BOTH
def test_the_same_study_makes_the_same_bytes(packs, name):
    assert sheets.pack(studies.load(name)) == packs[name]


@BOTH
def test_no_sheet_has_an_id_or_a_label_beside_a_quotation(packs, name):
    record = studies.load(name)
    ids = {*record.excerpts["excerpt"], *record.roster["participant"].dropna()}
    for text in table(packs[name]["sheets.csv"])["text"]:
        assert not ids & {*text.split()}
    labels = {*record.excerpts["speaker"].dropna()}
    for page in pages_of(docx.Document(io.BytesIO(packs[name]["sheets.docx"]))):
        assert not labels & {*page}


def test_quotations_are_whole_and_no_two_sheets_have_the_same(packs, paper):
    said = table(packs[PAPER]["sheets.csv"])
    shown = said.loc[said["part"] == "quotation", "text"]
    assert shown.is_unique
    assert {*shown} <= {*paper.excerpts["text"]}
    assert said[said["part"] == "quotation"].groupby("code").size().max() == sensecheck.MOST


def test_a_sheet_says_how_many_quotations_are_not_on_it():
    sheet = sheets.Sheet("c", "Theme", "So.", ("One.",), 0)
    assert sheet.rest == "These are all quotations of this theme that may be shown."
    more = sheets.Sheet("c", "Theme", "So.", ("One.",), 1)
    assert more.rest == "1 more quotation of this theme may be shown and is not on this page."
    long = sheets.Sheet("c", "Theme", "So.", (), 2)
    assert long.rest == "2 quotations of this theme may be shown and are not on this page."
    assert sheets.Sheet("c", "Theme", "So.", (), 0).rest == "No quotation of this theme may be shown."


def test_a_finding_is_the_analysts_or_a_blank_and_never_made_up(raw):
    path = raw / PAPER / "codebook.csv"
    book = pd.read_csv(path, dtype=str).assign(finding=None)
    book.loc[book["code"] == "top-down", "finding"] = "Those who decide do not ask."
    book.loc[book["code"] == "barriers", "definition"] = None
    book.to_csv(path, index=False)
    found = {one.code: one.finding for one in sheets.sheets(studies.load(PAPER, raw))}
    assert found["top-down"] == "Those who decide do not ask."
    assert found["service-change"] == found["barriers"] == ""
    made = sheets.pack(studies.load(PAPER, raw))
    assert sheets.UNWRITTEN in Reader.of(made["sheets.html"]).texts
    pages = pages_of(docx.Document(io.BytesIO(made["sheets.docx"])))
    assert [sheets.UNWRITTEN in page for page in pages] == [False, True, True, True, True]
    about = "How changes of services are paced, explained and announced."
    assert [about in page for page in pages] == [False, True, False, False, False]
    assert about in Reader.of(made["sheets.html"]).texts


def test_a_finding_that_no_page_holds_is_named():
    sheet = sheets.Sheet("c", "Theme", "word " * (sheets.LONGEST + 1), (), 0)
    assert sheets.too_long([sheet]) == ["Theme"]


def test_of_a_restricted_study_only_cleared_quotations_are_on_sheets(restricted):
    made = sheets.pack(restricted)
    said = table(made["sheets.csv"])
    texts = restricted.excerpts.set_index("excerpt")["text"]
    assert said.loc[said["part"] == "quotation", "text"].tolist() == [texts["E01"], texts["E15"]]
    assert sheets.NONE_SHOWN in {*said["text"]}
    assert sheets.doubtful(restricted, made).empty


def test_words_that_are_not_cleared_stop_the_sheets(restricted):
    book = restricted.codebook.copy()
    book.loc[book["code"] == "barriers", "finding"] = restricted.excerpts.loc[2, "text"]
    leaky = replace(restricted, codebook=book)
    with pytest.raises(sheets.SheetError, match="quotation E03 is not cleared"):
        sheets.doubtful(leaky, sheets.pack(leaky))


@BOTH
def test_the_empty_table_is_sound_as_it_is_and_answers_nothing(packs, name, raw):
    if name == SIMULATED:
        shutil.copytree(studies.RAW / SIMULATED, raw / SIMULATED)
    (raw / name / "responses.csv").write_bytes(packs[name]["responses.csv"])
    record = studies.load(name, raw)
    assert len(record.responses) == 3 * len(record.themes)
    told = sensecheck.tally(record.responses, record.codebook, record.themes)
    assert set(told["outcome"]) == {"not asked"}


def test_what_is_filled_in_comes_back_beside_its_theme(packs, raw):
    rows = table(packs[PAPER]["responses.csv"])
    mine = rows["code"] == "barriers"
    rows.loc[mine, "workshop"], rows.loc[mine, "people"] = "North", [4, 1, 0]
    rows.to_csv(raw / PAPER / "responses.csv", index=False)
    record = studies.load(PAPER, raw)
    told = sensecheck.tally(record.responses, record.codebook, record.themes)
    assert sensecheck.summed(told).set_index("code").loc["barriers", "outcome"] == "disagreement"


def test_the_pack_says_how_answers_come_back(packs):
    page = packs[SIMULATED]["README.md"].decode()
    assert f"data/raw/{SIMULATED}/" in page
    assert f"make reproduce STUDY={SIMULATED}" in page
    assert "{" not in page


def test_sheets_of_invented_people_say_so(packs):
    assert b"<title>Sense-check: Simulated" in packs[SIMULATED]["sheets.html"]
    assert sheets._title(studies.load(PAPER)).startswith("Sense-check: Organisational")  # noqa: SLF001


class Reader(HTMLParser):
    """What a page of HTML holds: its elements with their attributes, and its texts."""

    def __init__(self):
        super().__init__()
        self.elements, self.texts, self.open = [], set(), []

    @classmethod
    def of(cls, data):
        reader = cls()
        reader.feed(data.decode("utf-8"))
        return reader

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), [*self.open]))
        if tag not in ("input", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.add(data.strip())

    def all(self, *tags):
        return [attrs for tag, attrs, _ in self.elements if tag in tags]


@BOTH
def test_the_form_can_be_used_by_everybody_offline_and_saves_nothing(packs, name):
    page = Reader.of(packs[name]["sheets.html"])
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    ids = Counter(attrs["id"] for _, attrs, _ in page.elements if "id" in attrs)
    assert set(ids.values()) == {1}
    labelled = [attrs["for"] for attrs in page.all("label")]
    fields = page.all("input", "textarea")
    assert sorted(labelled) == sorted(attrs["id"] for attrs in fields)
    assert all(attrs["autocomplete"] == "off" and "name" not in attrs for attrs in fields)
    assert {attrs["aria-labelledby"] for attrs in page.all("section")} <= ids.keys()
    assert len(page.all("fieldset")) == len(page.all("legend")) == 3 * len(page.all("section"))
    heads = [int(tag[1]) for tag, _, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(heads))
    assert not {"script", "form", "link", "img", "iframe"} & {tag for tag, _, _ in page.elements}
    assert b"http" not in packs[name]["sheets.html"]
    assert b"@page { size: A4" in packs[name]["sheets.html"]


def test_the_command_writes_the_pack_and_replaces_an_earlier_one(tmp_path, monkeypatch, capsys):
    from analysis.__main__ import main
    from analysis.commands import SENSECHECKS, sensechecking

    monkeypatch.setattr(sensechecking, "ROOT", tmp_path)
    stale = tmp_path / SENSECHECKS / PAPER / "old.txt"
    stale.parent.mkdir(parents=True)
    stale.write_text("old", encoding="utf-8")
    assert main(["sensecheck", PAPER]) == 0
    assert "Written: 5 sheets" in capsys.readouterr().out
    assert {path.name for path in stale.parent.iterdir()} == {
        "README.md", "responses.csv", "sheets.csv", "sheets.docx", "sheets.html",
    }  # fmt: skip
