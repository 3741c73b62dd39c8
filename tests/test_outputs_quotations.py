"""Quotations and codes that leave the suite: each with all that is known beside it, and nothing that runs."""

import io
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis.outputs import excel, formats, quotations

CODEBOOK = pd.DataFrame(
    {
        "code": ["work", "pace", "home"],
        "parent": [None, "work", None],
        "name": ["Work", "Pace", "Home"],
        "definition": [None, "=HYPERLINK(1)", None],
    }
)
EXCERPTS = pd.DataFrame(
    {
        "excerpt": ["X1", "X2", "X3"],
        "participant": ["P1", "P2", None],
        "document": ["D1", "D2", "D2"],
        "start": pd.array([0, 4, None], dtype="Int64"),
        "end": pd.array([3, 9, None], dtype="Int64"),
        "text": ["=cmd|'/C calc'!A0", "Calm.", "Nobody knows."],
    }
)
CODINGS = pd.DataFrame(
    {"excerpt": ["X1", "X1", "X2"], "code": ["pace", "pace", "work"], "coder": ["K", "L", "K"]}
)
ROSTER = pd.DataFrame(
    {
        "participant": ["P1", "P2"],
        "n": 1,
        "ward": ["North", "South"],
        "text": ["a", "b"],
        "note": None,
        "lead": False,
    }
)


def tidy():
    return quotations.tidy(CODINGS, EXCERPTS, CODEBOOK, ROSTER)


def test_each_coding_is_a_row_with_the_attributes_of_who_speaks():
    rows = tidy()
    assert rows[["excerpt", "ward", "path", "coder"]].fillna("").to_numpy().tolist() == [
        ["X1", "North", "Work > Pace", "K"],
        ["X1", "North", "Work > Pace", "L"],
        ["X2", "South", "Work", "K"],
        ["X3", "", "", ""],
    ]
    assert "lead" not in rows
    assert rows["text of the participant"].fillna("").tolist() == ["a", "a", "b", ""]


def test_the_codebook_is_read_by_names_and_counts_excerpts_once():
    table = quotations.codes(CODEBOOK, CODINGS)
    assert table.frame.to_numpy().tolist() == [
        ["Work", "Work", "", "1"],
        ["Work", "Pace", "=HYPERLINK(1)", "1"],
        ["Home", "Home", "", "0"],
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_text_in_a_csv(text):
    data = formats.csv(formats.neutral(pd.DataFrame({"text": [text]}))).decode()
    assert pd.read_csv(io.StringIO(data))["text"][0].startswith("'")


def test_numbers_are_left_alone_in_a_csv():
    assert formats.neutral(pd.DataFrame({"start": [-1, 2]}))["start"].tolist() == [-1, 2]


def test_a_workbook_has_texts_as_texts_and_numbers_as_numbers():
    data = excel.xlsx({"quotations": tidy()})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("quotations")
    head, first, *_ = sheet.to_python()
    row = dict(zip(head, first, strict=True))
    assert (row["text"], row["start"], row["end"]) == ("=cmd|'/C calc'!A0", 0, 3)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_same_quotations_are_the_same_bytes():
    assert excel.xlsx({"a": tidy()}) == excel.xlsx({"a": tidy()})


def test_a_text_that_no_cell_holds_is_cut_and_says_so():
    data = excel.xlsx({"a": pd.DataFrame({"text": ["x" * 40_000]})})
    cell = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1][0]
    assert len(cell) == excel.LONGEST
    assert cell.endswith(excel.CUT)
