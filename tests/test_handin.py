"""What is handed in: every cell is that of its CSV, captions are captions, and nothing is guessed."""

import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import crates
import docx
import handed
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis import ROOT, handin, study
from analysis.audit import release
from analysis.commands import handing_in
from analysis.handin import (
    answers,
    coreq,
    descriptions,
    document,
    layout,
    methods,
    printed,
    typesetting,
    workbook,
)
from analysis.handin import material as of_handin
from analysis.outputs import excel, formats
from analysis.runs import record
from analysis.runs.steps import Steps

PAPER = "bussu-marshall-2020"
DERIVED = ROOT / "data" / "derived" / PAPER
OPEN_BY_DATA = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 17, 19, 21, 23}
"""Items that no table of any study speaks of."""


@pytest.fixture(scope="module")
def material():
    return handin.gathered(study.load(PAPER), ROOT, ROOT / "scratch" / "release")


@pytest.fixture(scope="module")
def files(material):
    return handin.made(material)


@pytest.fixture(scope="module")
def whole(files):
    return handed.tables(files["tables-and-figures.docx"])


def changed(material, **frames):
    """The material of a study that says something else."""
    return replace(material, study=replace(material.study, **frames))


def result(material, name, **values):
    """The material with other values in one table of results."""
    made = [
        replace(one, cells=one.cells.assign(**values)) if one.name == name else one
        for one in material.results
    ]
    return replace(material, results=tuple(made))


# Word


def test_every_cell_of_a_result_in_word_is_that_of_its_csv(material, whole):
    for one in material.results:
        head, *rows = handed.cells(DERIVED / f"{one.name}.csv")
        if rows and not material.printed_as(one):
            shown = whole[f"{one.caption}."]
            assert shown[0] == [name.replace("_", " ") for name in head], one.name
            assert shown[1:] == rows, one.name


def test_every_cell_of_a_printed_table_in_word_is_that_of_its_csv(material, whole):
    assert [table.name for table in material.printed][:4] == ["table-1", "table-2", "table-3", "table-a1"]
    for table in material.printed:
        _, *rows = handed.cells(DERIVED / "tables" / f"{table.name}.csv")
        shown = [*handed.printed(whole[table.caption])]
        assert [row if table.section else row[1:] for row in shown] == rows


def test_nothing_of_the_results_is_left_out(material, whole):
    assert {one.name for one in material.results} == {path.stem for path in DERIVED.glob("*.csv")}
    assert {table.name for table in material.printed} == {path.stem for path in DERIVED.glob("tables/*.csv")}
    own = [one for one in material.results if not (one.cells.empty or material.printed_as(one))]
    assert len(whole) == len(material.printed) + len(own)


def test_a_table_of_results_that_is_printed_is_not_printed_twice_and_says_where(material):
    twice = {one.name: material.printed_as(one) for one in material.results if material.printed_as(one)}
    assert {*twice} >= {"joint_by_borough", "joint_by_role_group", "quotation_book"}
    for one in material.results:
        if table := twice.get(one.name):
            _, *rows = handed.cells(DERIVED / f"{one.name}.csv")
            why = document.printable(one, table).note
            assert table.caption.split(". ")[0] in why
            assert f"sheet {one.name} of tables.xlsx" in why or not rows


def test_tables_come_in_the_order_of_the_paper_then_the_appendix_then_results(files, whole):
    captions = [*whole]
    begin = [caption.split(".")[0] for caption in captions]
    assert begin[:3] == ["Table 1", "Table 2", "Table 3"]
    assert begin.index("Table A1") < begin.index("Table S1")
    every = [
        words for style, words, _ in handed.parts(files["tables-and-figures.docx"]) if style == "Caption"
    ]
    numbers = [int(caption[7:].split(".")[0]) for caption in every if caption.startswith("Table S")]
    assert numbers == [*range(1, len(numbers) + 1)]


def test_every_caption_is_one_for_word_and_its_number_a_field(files):
    captions = [one for style, _, one in handed.parts(files["tables-and-figures.docx"]) if style == "Caption"]
    fields = ["".join(one.itertext(f"{handed.W}instrText")).split() for one in captions]
    assert {field[0] for field in fields} == {"SEQ"}
    assert {field[1] for field in fields} == {"Table", "Table_A", "Table_S", "Figure"}
    for field, one in zip(fields, captions, strict=True):
        of_kind = [
            other
            for other in captions[: captions.index(one) + 1]
            if f"SEQ {field[1]} " in "".join(other.itertext())
        ]
        assert f" {field[1].rpartition('_')[2] if '_' in field[1] else ''}{len(of_kind)}." in handed.text(
            one
        ).replace("Figure ", " ").replace("Table ", " ")


def test_the_head_of_every_table_is_repeated_and_no_row_is_split(files):
    for name in ("tables-and-figures.docx", "coreq.docx"):
        for style, _, table in handed.parts(files[name]):
            if style == "table":
                first, *others = table.findall(f"{handed.W}tr")
                assert first.find(f"{handed.W}trPr/{handed.W}tblHeader") is not None
                assert all(row.find(f"{handed.W}trPr/{handed.W}tblHeader") is None for row in others)
                assert all(
                    row.find(f"{handed.W}trPr/{handed.W}cantSplit") is not None for row in [first, *others]
                )


def test_every_figure_that_was_drawn_is_there_with_its_words(material, files):
    opened = docx.Document(io.BytesIO(files["tables-and-figures.docx"]))
    words = [one._inline.docPr.get("descr") for one in opened.inline_shapes]  # noqa: SLF001
    assert words == [one.alt for _, one in material.figures]
    assert all(len(one) > 20 and ".png" not in one for one in words)
    texts = [paragraph.text for paragraph in opened.paragraphs]
    assert all(caption in texts for caption, _ in material.figures)
    assert {one.name for one in material.pictures} == {
        path.stem for path in (ROOT / "figures" / PAPER).glob("*.png")
    }
    assert any(text.startswith("Not drawn. ") for text in texts)


def test_a_table_without_a_row_says_so_and_has_no_grid(material, files):
    empty = [one for one in material.results if one.cells.empty]
    paragraphs = [(style, words) for style, words, _ in handed.parts(files["tables-and-figures.docx"])]
    assert empty
    for one in empty:
        place = paragraphs.index(("Caption", f"{one.caption}."))
        assert paragraphs[place + 1][1].startswith("No row can be computed from this record;")


def test_a_table_of_too_many_rows_is_named_with_its_sheet(material):
    (one,) = [one for one in material.results if one.name == "words"]
    long = replace(one, cells=pd.concat([one.cells] * 10, ignore_index=True))
    table = document.printable(long)
    assert len(long.cells) > document.MOST
    assert (table.columns, table.note) == (
        [],
        f"It has {len(long.cells):,} rows, and is the sheet words of tables.xlsx.",
    )


def test_the_note_below_a_table_explains_every_column(material):
    unexplained = {
        (one.name, column)
        for one in material.results
        for column in one.cells
        if column not in one.told.columns
    }
    assert unexplained == set()


def test_wide_tables_lie_across_in_type_in_which_their_words_fit(material):
    for one in material.results:
        table = document.printable(one)
        if table.columns:
            across = layout.lies_across(table)
            assert across or len(table.columns) <= layout.COLUMNS
            width = layout.ACROSS if across else layout.UPRIGHT
            assert layout.needed(table) <= layout.letters(width, layout.fitting(table, width)) * 1.02, (
                one.name
            )


def test_no_cell_of_a_result_is_taller_than_a_page(material):
    """A renderer cuts off what does not go onto one, as no row is split."""
    for one in material.results:
        table = document.printable(one)
        if table.columns:
            sides = (layout.UPRIGHT, layout.ACROSS)
            width, tall = sides[::-1] if layout.lies_across(table) else sides
            size = layout.fitting(table, width)
            for name, share in zip(table.columns, table.shares(), strict=True):
                wide = layout.letters(int(width * share), size) - layout.PADDING
                lines = max(map(len, one.cells[name])) / wide
                assert lines * 1.2 * size < 0.8 * tall / layout.Pt(1), (one.name, name)


def test_a_printed_table_whose_formats_tell_of_two_is_refused(tmp_path):
    for suffix in ("csv", "html", "tex"):
        shutil.copy(DERIVED / "tables" / f"table-3.{suffix}", tmp_path)
    path = tmp_path / "table-3.csv"
    path.write_text(path.read_text().replace("Distributed", "Undivided"))
    with pytest.raises(handin.HandinError, match=r"table-3\.csv and table-3\.html do not say the same"):
        printed.table(tmp_path, "table-3")


def test_a_printed_table_without_a_number_gets_the_next_one_of_the_appendix(material):
    first, *others = material.printed
    bare = [replace(first, caption="Joint display"), *others, replace(first, caption="Simulated. Of codes")]
    captions = [table.caption for table in of_handin._in_appendix(bare)]  # noqa: SLF001
    taken = sum(table.caption.startswith("Table A") for table in material.printed)
    assert captions[0] == f"Table A{taken + 1}. Joint display"
    assert captions[-1] == f"Simulated. Table A{taken + 2}. Of codes"
    assert captions[1:-1] == [table.caption for table in others]


def test_a_table_by_another_grouping_is_described_like_that_by_borough():
    known = descriptions.of_tables(ROOT, ["ward"])
    told = descriptions.of_table("themes_by_ward", known)
    assert told.about == "Every code by ward, as bounds"
    assert told.columns["ward"] == ("", "the group")
    assert descriptions.of_table("diary", known).about == ""


def test_what_is_released_of_a_table_is_described_as_what_it_is():
    known = descriptions.of_tables(ROOT, ["borough", "service"])
    people = descriptions.of_released("people_by_borough_and_service", known, ROOT)
    assert people.about.startswith("By borough and service: how many people belong to both groups")
    agreed = descriptions.of_released("agreement", known, ROOT)
    assert agreed.about.startswith("How far coders agree on each code")
    assert "Released: alpha in two digits" in agreed.about
    assert "bounds" not in descriptions.of_released("themes_by_borough", known, ROOT).about


# Excel


def sheets(files):
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["tables.xlsx"]))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_cell_of_the_workbook_is_that_of_its_csv(material, files):
    found = sheets(files)
    assert [*found] == ["read me", *workbook.sheet_names(material)]
    for name in [*found][1:]:
        folder = DERIVED / "tables" if (DERIVED / "tables" / f"{name}.csv").exists() else DERIVED
        head, *rows = handed.cells(folder / f"{name}.csv")
        shown = [row + [""] * (len(head) - len(row)) for row in found[name]]
        assert shown[0] == head
        assert len(shown) - 1 == len(rows)
        for mine, theirs in zip(shown[1:], rows, strict=True):
            assert all(map(handed.same_number, mine, theirs)), (name, mine, theirs)


def test_numbers_are_numbers_and_shares_are_shown_as_per_cent(material, files):
    rows = sheets(files)["voices"]
    assert all(isinstance(cell, float) for cell in rows[1][1:])
    told = {one.name: workbook.shares(one.cells, one.told) for one in material.results}
    assert told["voices"] == {"people_share", "excerpts_share"}
    assert told["themes_by_borough"] == {"share", "share_of_code", "low", "high"}
    assert told["agreement"] == {"prevalence"}


def test_the_first_sheet_leads_to_every_other_and_explains_columns(material, files):
    rows = sheets(files)["read me"]
    names = {row[0] for row in rows}
    assert {*workbook.sheet_names(material)} <= names
    assert any(row[:2] == ["voices", "ratio"] for row in rows)
    links = zipfile.ZipFile(io.BytesIO(files["tables.xlsx"])).read("xl/worksheets/sheet1.xml").decode()
    assert links.count("<hyperlink ") >= len(names) - 1


def test_what_would_not_be_the_same_as_a_number_stays_a_text():
    for texts in (["1.1", "1.10"], ["007", "8"], ["1e5", "2"], ["1e400", "2"]):
        assert not excel.is_numeric(pd.Series(texts)), texts
    assert excel.is_numeric(pd.Series(["0.25", "", "-3", "1.5e-07"]))


def test_a_text_that_could_be_run_is_marked_and_is_what_it_was(material):
    said = result(material, "voices", role_group="=1+1")
    data = workbook.written(said)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert {row[0] for row in book.get_sheet_by_name("voices").to_python()[1:]} == {"=1+1"}
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert b'quotePrefix="1"' in archive.read("xl/styles.xml")
    assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


# LaTeX


def test_latex_is_balanced_and_names_files_that_are_there(files):
    sources = {name: data.decode() for name, data in files.items() if name.endswith(".tex")}
    assert all(map(handed.balanced, sources.values()))
    main = sources["latex/handin.tex"]
    assert {f"latex/{name}" for name in typesetting_inputs(main)} | {"latex/handin.tex"} == {
        name for name in files if name.startswith("latex/")
    }


def typesetting_inputs(main):
    return re.findall(r"\\(?:input|includegraphics\[[^]]*\])\{([^}]+)\}", main)


def test_every_sign_that_pdflatex_stops_at_is_declared(material):
    odd = result(material, "voices", role_group="≥ 5 Ω \u202f Ж 😀")
    main = typesetting.files(odd)["handin.tex"].decode()
    for sign in ("2265", "03A9", "202F", "0416", "1F600"):
        assert f"\\DeclareUnicodeCharacter{{{sign}}}" in main
    assert "[U+0416]" in main
    assert "\\DeclareUnicodeCharacter{2013}" not in main


def test_latex_of_a_printed_table_is_that_of_the_results(files):
    for name in ("table-1", "table-a1"):
        assert files[f"latex/{name}.tex"] == (DERIVED / "tables" / f"{name}.tex").read_bytes()


# COREQ


def status(material):
    rows = coreq.rows(material)
    return dict(zip(rows["item"], rows["status"], strict=True)), dict(
        zip(rows["item"], rows["answer"], strict=True)
    )


def test_the_checklist_has_32_items_in_three_domains(material):
    rows = coreq.rows(material)
    assert rows["item"].tolist() == [*range(1, 33)]
    assert rows["domain"].nunique() == 3
    assert {*rows["status"]} <= {answers.FROM_DATA, answers.IN_PART, answers.OPEN}


def test_what_no_table_speaks_of_is_open_and_says_so(material):
    states, texts = status(material)
    assert {number for number, one in states.items() if one == answers.OPEN} >= OPEN_BY_DATA
    assert all(texts[number] == coreq.ASKED for number in OPEN_BY_DATA)


def test_a_record_that_does_not_agree_with_itself_is_told_side_by_side(material):
    states, texts = status(material)
    assert states[12] == answers.FROM_DATA
    for words in ("90 people", "81 interviews", "88 participants", "does not agree with itself"):
        assert words in texts[12]


def test_who_was_not_interviewed_is_told_and_who_declined_stays_open(material):
    states, texts = status(material)
    assert states[13] == answers.IN_PART
    assert "In borough A nobody is listed of these by role group: doctor." in texts[13]
    assert "“Specialist nurse”" in texts[13]
    roster = material.study.roster
    moved = roster.assign(borough=roster["borough"].where(roster["role_group"] != "doctor", "A"))
    assert "borough A nobody" not in status(changed(material, roster=moved))[1][13]


def test_sample_and_coders_and_quotations_follow_the_data(material):
    record_of = material.study
    more = changed(material, roster=record_of.roster.assign(n=record_of.roster["n"] + 1))
    assert "90 people" not in status(more)[1][12]
    two = record_of.codings.assign(coder=["x", "y"] + ["x"] * (len(record_of.codings) - 2))
    states, texts = status(changed(material, codings=two))
    assert (status(material)[0][24], states[24]) == (answers.OPEN, answers.FROM_DATA)
    assert texts[24].startswith("2 coders are named.")
    fewer = record_of.excerpts.assign(speaker=None)
    assert "17 by a role label" in status(material)[1][29]
    assert "0 by a role label" in status(changed(material, excerpts=fewer))[1][29]


def test_participant_checking_is_open_until_there_are_answers(material):
    assert status(material)[0][28] == answers.OPEN
    given = pd.DataFrame(
        {
            "code": ["impact", "impact"],
            "workshop": ["1", "1"],
            "answer": ["that is so", "not so"],
            "people": [7, 2],
            "comment": None,
        }
    )
    nobody = status(changed(material, responses=given.assign(people=0)))
    assert nobody[0][28] == answers.OPEN
    states, texts = status(changed(material, responses=given))
    assert states[28] == answers.IN_PART
    assert "to participants" not in texts[28]  # who came to a workshop need not have been interviewed
    assert "that is so: 7" in texts[28]
    assert "9 answers" in texts[28]


def test_saturation_is_open_where_it_cannot_be_judged(material):
    states, texts = status(material)
    assert states[22] == answers.OPEN
    assert "Saturation cannot be judged" in texts[22]


def test_the_software_is_the_tool_that_codings_came_from(material):
    told = {"summary": "Imported from Taguette.", "findings": [], "changed": []}
    assert status(material)[0][27] == answers.IN_PART
    states, texts = status(changed(material, imported=told))
    assert states[27] == answers.FROM_DATA
    assert texts[27].startswith("Imported from Taguette.")


def test_open_items_are_coloured_in_word_and_no_others(files):
    (rows, coloured) = ([], [])
    for style, _, table in handed.parts(files["coreq.docx"]):
        if style == "table":
            for row in table.findall(f"{handed.W}tr")[1:]:
                cells = row.findall(f"{handed.W}tc")
                rows.append(handed.text(cells[4]))
                coloured.append(cells[3].find(f"{handed.W}tcPr/{handed.W}shd") is not None)
    assert coloured == [one == answers.OPEN for one in rows]
    assert len(rows) == 32


def test_the_checklist_as_csv_says_what_word_says(files):
    rows = pd.read_csv(io.BytesIO(files["coreq.csv"]))
    words = [row[3] for table in handed_rows(files["coreq.docx"]) for row in table[1:]]
    assert rows["answer"].tolist() == words


def handed_rows(data):
    return [[*handed.rows_of(one)] for style, _, one in handed.parts(data) if style == "table"]


def test_what_is_said_to_be_from_the_data_asks_the_authors_for_nothing(material):
    states, texts = status(material)
    asked = {number for number, text in texts.items() if coreq.ASKED in text}
    assert asked == {number for number, one in states.items() if one != answers.FROM_DATA}


# Methods


def test_the_methods_name_each_number_with_its_unit(files):
    text = files["methods.md"].decode()
    for words in ("90 people", "81 interviews", "88 participants", "19 excerpts (2 field notes among them)"):
        assert words in text
    for words in ("The record named no coder", "Saturation could not be judged", "at least 5 people"):
        assert words in text
    assert "## What the authors must add" in text


def test_the_methods_are_four_to_eight_sentences(material):
    assert 4 <= len(methods.sentences(material)) <= 8


def test_the_methods_follow_the_data(material):
    roster = material.study.roster
    said = " ".join(methods.sentences(changed(material, roster=roster.assign(n=2 * roster["n"]))))
    assert "180 people" in said
    assert "180 excerpts" not in said
    named = changed(material, excerpts=material.study.excerpts.assign(participant="P1"))
    assert "every excerpt named its participant" in " ".join(methods.sentences(named))


def test_when_the_last_code_came_up_is_said_only_of_interviews_in_an_order(material):
    curve = {"order": ["1", "2"], "new": ["3", "1"]}
    held = [
        replace(one, cells=pd.DataFrame(curve)) if one.name == "saturation" else one
        for one in material.results
    ]
    documents = pd.DataFrame({"document": ["D1", "D2"], "order": [None, None]})
    said = replace(changed(material, documents=documents), results=tuple(held))
    assert "as it gave interviews in no order" in " ".join(methods.sentences(said))
    ordered = changed(said, documents=documents.assign(order=[1, 2]))
    assert "The last new code came up in document 2 of 2." in methods.sentences(ordered)


def test_methods_in_word_and_in_markdown_are_the_same_sentences(material, files):
    said = " ".join(methods.sentences(material))
    assert said in [words for _, words, _ in handed.parts(files["methods.docx"])]
    assert formats.plain(said) in files["methods.md"].decode()


# all of it


def test_the_page_names_every_file_and_what_is_open(files):
    text = files["README.md"].decode()
    assert all(f"`{name}`" in text for name in files if "/" not in name and name != "README.md")
    assert "- 28, Participant checking" in text


def test_no_file_says_who_wrote_it_or_when(files):
    for name in ("tables-and-figures.docx", "coreq.docx", "methods.docx"):
        known = docx.Document(io.BytesIO(files[name])).core_properties
        assert (known.author, known.created.year, known.modified.year) == ("", 2020, 2020)


def test_a_simulated_study_says_so_wherever_it_is_told_of(material):
    invented = replace(material, study=replace(material.study, name="simulated-wards"))
    assert "invented" in " ".join(document.about(invented))
    assert methods.sentences(invented)[0].startswith("The people of this study were invented")
    words = [words for _, words, _ in handed.parts(coreq.written(invented, coreq.rows(invented)))]
    assert "Simulated: the people of this study are invented." in words


# what is refused


@pytest.fixture
def checkout(tmp_path):
    """A copy of the parts that a hand-in reads."""
    for part in (f"data/raw/{PAPER}", f"data/derived/{PAPER}", f"figures/{PAPER}", "notebooks"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "data/derived/README.md", tmp_path / "data/derived/README.md")
    return tmp_path


def handed_in(root, monkeypatch, name=PAPER):
    monkeypatch.setattr(handing_in, "ROOT", root)
    monkeypatch.setattr(study.record, "RAW", root / "data" / "raw")
    return handing_in.handin(SimpleNamespace(study=name, steps=Steps(io.StringIO(), {})))


def test_results_that_were_altered_or_are_not_there_are_refused_and_the_earlier_stays(checkout, monkeypatch):
    target = checkout / "scratch" / "handin" / PAPER
    target.mkdir(parents=True)
    (target / "earlier.txt").write_text("as it was")
    path = checkout / "data" / "derived" / PAPER / "voices.csv"
    path.write_text(path.read_text().replace("nurse,31", "nurse,32"))
    with pytest.raises(handin.HandinError, match=r"voices\.csv is not as its run has written it"):
        handed_in(checkout, monkeypatch)
    (checkout / "data" / "derived" / PAPER / "run.json").unlink()
    with pytest.raises(handin.HandinError, match="has no results; run make reproduce STUDY="):
        handed_in(checkout, monkeypatch)
    assert [path.name for path in target.iterdir()] == ["earlier.txt"]


@pytest.mark.parametrize("how", [KeyboardInterrupt, ValueError])
def test_what_cannot_be_finished_leaves_the_earlier_hand_in(checkout, monkeypatch, how):
    target = checkout / "scratch" / "handin" / PAPER
    target.mkdir(parents=True)
    (target / "earlier.txt").write_text("as it was")

    def broken(_material):
        raise how

    monkeypatch.setattr(typesetting, "files", broken)
    with pytest.raises(how):
        handed_in(checkout, monkeypatch)
    assert [path.name for path in target.iterdir()] == ["earlier.txt"]


def test_the_command_writes_the_same_bytes_again_and_says_what_is_open(checkout, monkeypatch, capsys, files):
    assert handed_in(checkout, monkeypatch) == 0
    target = checkout / "scratch" / "handin" / PAPER
    written = {
        path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()
    }
    assert written == files
    said = capsys.readouterr().out
    assert "22 are open" in said
    assert f"Written: {len(files)} files" in said


# a restricted study


@pytest.fixture
def restricted(tmp_path):
    return crates.restricted(tmp_path)


def loaded(folder):
    return study.load(crates.SECRET, folder / "data" / "raw")


def with_page(folder):
    shutil.copy(ROOT / "data/derived/README.md", folder / "data/derived/README.md")
    return handin.gathered(loaded(folder), folder, folder / "scratch" / "release")


def test_a_restricted_study_without_a_release_is_refused(restricted):
    shutil.rmtree(restricted / "scratch" / "release" / crates.SECRET)
    with pytest.raises(release.UnreleasedError, match="first run make release STUDY=simulated-restricted"):
        with_page(restricted)


def test_of_a_restricted_study_only_the_release_is_handed_in(restricted):
    material = with_page(restricted)
    assert material.figures == []
    assert {one.name for one in material.results} == {"sample", "withheld"}
    assert material.study.roster.empty
    assert material.study.excerpts.empty
    made = handin.made(material)
    assert b"The study is restricted" in made["README.md"]
    assert not [name for name in made if name.endswith(".png")]
    pages = {name: made[name] for name in ("README.md", "coreq.csv", "methods.docx")}  # all of them take long
    assert handin.doubtful(loaded(restricted), pages).empty
    states, texts = status(material)
    assert states[12] == states[13] == states[16] == answers.OPEN
    assert texts[24] == coreq.ASKED  # that nobody is named by the release is not that nobody is named
    assert not any(
        participant in text
        for text in texts.values()
        for participant in loaded(restricted).roster["participant"]
    )


def test_words_that_are_not_cleared_stop_the_hand_in(restricted):
    said = loaded(restricted).excerpts["text"].iloc[0]
    with pytest.raises(handin.HandinError, match="is not cleared"):
        handin.doubtful(loaded(restricted), {"methods.md": said.encode()})


def test_a_study_that_stays_is_searched_before_anything_is_written(restricted, monkeypatch):
    shutil.copy(ROOT / "data/derived/README.md", restricted / "data/derived/README.md")
    path = restricted / "data/raw" / crates.SECRET / "datapackage.json"
    package = json.loads(path.read_text()) | {"title": loaded(restricted).excerpts["text"].iloc[0]}
    path.write_text(json.dumps(package))
    with pytest.raises(handin.HandinError, match="is not cleared"):
        handed_in(restricted, monkeypatch, crates.SECRET)
    assert not (restricted / "scratch" / "handin").exists()
    assert record.read(restricted / "scratch/release" / f"{crates.SECRET}.json")
