"""Tables of every format come out as the same rows, and no bytes bring anything but a sentence."""

import csv
import datetime as dt
import re
import shutil
import subprocess
import zipfile

import pytest
import sheets
import xlsxwriter

from analysis.sources import grid, workbook
from analysis.sources.project import SourceError

ROWS = [["name", "says", "n"], ["Zoë", 'a "b", c;\td', 3], ["P2", "two\nlines", 1.5]]
SHOWN = [["name", "says", "n"], ["Zoë", 'a "b", c;\td', "3"], ["P2", "two\nlines", "1.5"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff")],
)
def test_text_of_every_delimiter_and_mark_is_read(tmp_path, delimiter, encoding, mark):
    path = sheets.plain(tmp_path / "generated.csv", ROWS, delimiter, encoding, mark)
    (sheet,) = grid.read(path)
    assert sheet.rows == SHOWN
    assert sheet.height == 3
    assert [sheet.where(row) for row in range(3)] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_workbooks_are_read_as_text_files_are(tmp_path, ending):
    path = getattr(sheets, ending)(tmp_path / f"generated.{ending}", ROWS)
    (sheet,) = grid.read(path)
    assert sheet.rows == SHOWN
    assert (sheet.name, sheet.height) == ("Sheet1", 3)
    assert sheet.where(2) == 'sheet "Sheet1", row 3'


def test_a_row_after_quoted_lines_stands_where_an_editor_shows_it(tmp_path):
    path = sheets.plain(tmp_path / "generated.csv", [*ROWS, ["P3", "x", 1]])
    assert grid.read(path)[0].where(3) == "line 5"


def test_cells_are_texts_of_what_is_stored(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "generated.xlsx")
    sheet = book.add_worksheet("Only")
    day, time = (book.add_format({"num_format": form}) for form in ("dd.mm.yyyy", "dd.mm.yyyy hh:mm:ss"))
    sheet.write_row(1, 1, [True, False, 7.0, -0.25])
    sheet.write_datetime(2, 1, dt.datetime.fromisoformat("2024-03-01"), day)
    sheet.write_datetime(2, 2, dt.datetime.fromisoformat("2024-03-01T10:20:30"), time)
    sheet.write_formula(2, 3, '=WEBSERVICE("http://localhost")', None, "seen last")
    sheet.write_string(2, 4, "=1+1")
    book.add_worksheet("Blank")
    book.close()
    only, blank = grid.read(tmp_path / "generated.xlsx")
    assert only.rows[1] == ["", "true", "false", "7", "-0.25"]
    assert only.rows[2] == ["", "2024-03-01", "2024-03-01T10:20:30", "seen last", "=1+1"]
    assert (only.height, blank.height, blank.rows) == (3, 0, [])


def test_times_are_texts_to_the_second():
    assert workbook.shown(dt.timedelta(hours=30, seconds=3)) == "30:00:03"
    assert workbook.shown(dt.time(9, 5)) == "09:05:00"
    assert workbook.shown(dt.datetime.fromisoformat("2024-03-01T10:19:59.999999")) == "2024-03-01T10:20:00"
    assert workbook.shown(1e20) == "100000000000000000000"


def refused(path):
    with pytest.raises(SourceError) as error:
        grid.read(path)
    assert len(error.value.problems) == 1
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "name\nZo\u00eb\n".encode("latin-1"), r'line 2: byte 0xEB is not UTF-8; .*"CSV UTF-8"'),
        ("a.csv", b"\xff\xfea\x00\n\x00\x00\xd8", "line 2: byte .* is not UTF-16"),
        ("a.csv", "a,b\n".encode("utf-16-le"), "line 1: byte 0x00 is no text"),
        ("a.csv", b'a,b\n1,"2\n', "line 2: not readable as a table"),
        ("a.csv", b'a,b\n1,"2"x\n', "line 2: not readable as a table"),
        ("a.xlsx", b"<html><table/></html>", "named .xlsx but is no such workbook"),
        ("a.xls", b"", "named .xls but is no such workbook"),
        ("a.xlsx", b"PK\x03\x04 and no more", "the zip file cannot be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, "holds no workbook"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    assert re.search(says, refused(path))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "cannot be opened" in refused(tmp_path / "none.csv")
    assert "cannot be opened" in refused(tmp_path)


def test_other_zip_files_are_no_workbooks(tmp_path):
    assert "no workbook" in refused(sheets.zipped(tmp_path / "a.xlsx", {"word/document.xml": "<w/>"}))


def test_a_member_that_leads_out_is_refused(tmp_path):
    path = sheets.zipped(tmp_path / "a.xlsx", {"xl/workbook.xml": "<w/>", "../../outside.txt": "x"})
    assert "leads out of the zip file" in refused(path)


def test_locked_workbooks_are_named_as_such(tmp_path):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(sheets.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x" * 5000}))
    assert "protected by a password" in refused(path)
    entry = (
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
    )
    assert "protected by a password" in refused(sheets.ods(tmp_path / "locked.ods", ROWS, entry))


def test_what_unpacks_to_too_much_is_refused_before_it_does(tmp_path, monkeypatch):
    path = sheets.xlsx(tmp_path / "a.xlsx", ROWS)
    monkeypatch.setattr(grid, "_book", lambda _: pytest.fail("it was read"))
    monkeypatch.setattr(grid, "MOST_TOTAL", 1000)
    assert "unpacks to more than" in refused(path)
    bomb = {"xl/workbook.xml": "<w/>", "xl/worksheets/sheet1.xml": b" " * (65 * 2**20)}
    assert "more than 64 MiB" in refused(sheets.zipped(tmp_path / "bomb.xlsx", bomb))


def test_a_cell_in_the_last_corner_does_not_fill_the_memory(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "corner.xlsx")
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "b")
    book.close()
    assert "larger than any study's" in refused(tmp_path / "corner.xlsx")


def test_a_cell_repeated_without_end_does_not_fill_the_memory(tmp_path):
    head = '<table:table-cell table:number-columns-repeated="2000000000" office:value-type="string">'
    words = f'<text:p xmlns:text="{sheets.ODF}text:1.0">x</text:p></table:table-cell>'
    (sheet,) = grid.read(sheets.ods(tmp_path / "a.ods", [[head + words]]))
    assert len(sheet.rows) == 1
    assert len(sheet.rows[0]) < workbook.MOST_CELLS


def test_a_reader_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "SECONDS", 0.001)
    assert "damaged, or larger" in refused(sheets.xlsx(tmp_path / "a.xlsx", ROWS))


def problems(path):
    """What a file is refused for; none, if it is read, and then every cell is a text."""
    try:
        found = grid.read(path)
    except SourceError as error:
        return error.problems
    assert all(isinstance(cell, str) for sheet in found for row in sheet.rows for cell in row)
    return []


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls", "csv"])
def test_bytes_changed_anywhere_bring_rows_or_a_sentence(tmp_path, ending):
    path = tmp_path / f"generated.{ending}"
    (sheets.plain if ending == "csv" else getattr(sheets, ending))(path, ROWS)
    whole = path.read_bytes()
    for seed in range(40):
        path.write_bytes(sheets.changed(whole, seed))
        assert len(problems(path)) <= 1


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_tags_changed_within_a_sound_zip_bring_rows_or_a_sentence(tmp_path, ending):
    """A changed byte is seen by the zip file's checksum; these reach the reader of workbooks."""
    path = getattr(sheets, ending)(tmp_path / f"generated.{ending}", ROWS)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for seed in range(40):
        name = sorted(members)[seed % len(members)]
        sheets.zipped(path, members | {name: sheets.changed(members[name], seed, b'<>"/ 019Aaz\x00\xff')})
        assert len(problems(path)) <= 1


def test_a_passage_may_be_longer_than_the_usual_limit_of_a_cell(tmp_path):
    before = csv.field_size_limit()
    path = sheets.plain(tmp_path / "long.csv", [["text", "code"], ["word " * 40_000, "Time"]])
    assert len(grid.read(path)[0].rows[1][0]) == 200_000
    assert csv.field_size_limit() == before


def test_an_xls_of_a_spreadsheet_program_is_read(tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("soffice is not here to write one")
    sheets.xlsx(tmp_path / "generated.xlsx", ROWS)
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [
        office,
        home,
        "--headless",
        "--convert-to",
        "xls",
        "--outdir",
        tmp_path,
        tmp_path / "generated.xlsx",
    ]
    subprocess.run(command, capture_output=True, timeout=120, check=False)
    if not (tmp_path / "generated.xls").exists():
        pytest.skip("soffice has no spreadsheet program")
    assert grid.read(tmp_path / "generated.xls")[0].rows == SHOWN
