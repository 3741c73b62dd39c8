"""Sheets as LibreOffice lays them out and a browser prints them: one page of A4 for each theme.

`make test-office` runs it; LibreOffice and poppler are needed, and Chromium for the form.
"""

import re
import shutil
import subprocess
from itertools import cycle

import pytest

from analysis import study as studies
from analysis.handin import sheets
from analysis.measures import sensecheck

pytestmark = [pytest.mark.office, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SAYING = "We were told that it would be otherwise and it was as it had been before that."
TITLE = "Sense-check: a study with a title that is as long as titles of published studies are, in two lines"


def said(words):
    """So many words, as people put them."""
    return " ".join(word for _, word in zip(range(words), cycle(SAYING.split()), strict=False))


THIRD = said(sensecheck.ROOM // sensecheck.MOST)
FULLEST = [
    sheets.Sheet("a", "A theme with a name that takes two lines", said(sensecheck.FINDING), (THIRD,) * 3, 9),
    sheets.Sheet("b", "A finding as long as may be", said(sheets.LONGEST), (), 9),
    sheets.Sheet("c", "A theme that nobody has written a finding of", "", (THIRD,) * 3, 9),
]
A4 = (595, 842)


def needed(program):
    if not (found := shutil.which(program)):
        pytest.skip(f"{program} is not here")
    return found


def pages(path):
    """The texts of the pages of a PDF; every page is A4 upright."""
    said = subprocess.run([needed("pdfinfo"), path], capture_output=True, text=True, check=True).stdout
    wide, tall = (float(one) for one in re.search(r"Page size: +([\d.]+) x ([\d.]+)", said).groups())
    assert (round(wide), round(tall)) == A4
    text = subprocess.run([needed("pdftotext"), path, "-"], capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def laid_out(data, folder):
    (folder / "sheets.docx").write_bytes(data)
    command = [needed("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(folder / "sheets.docx")]
    subprocess.run(command, capture_output=True, check=True, timeout=180)
    return pages(folder / "sheets.pdf")


def printed(data, folder):
    (folder / "sheets.html").write_bytes(data)
    command = [needed("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={folder}/form.pdf"]
    subprocess.run([*command, str(folder / "sheets.html")], capture_output=True, check=True, timeout=180)
    return pages(folder / "form.pdf")


def joined(text):
    return " ".join(text.split())


@pytest.mark.parametrize("lay_out", [laid_out, printed])
def test_the_fullest_sheets_are_one_page_each(lay_out, tmp_path):
    made = sheets.written if lay_out is laid_out else sheets.form
    found = lay_out(made(FULLEST, TITLE), tmp_path)
    assert len(found) == len(FULLEST)
    for page, sheet in zip(found, FULLEST, strict=True):
        assert sheet.theme in joined(page)
        assert sheets.NO_NAMES in joined(page)


@pytest.mark.parametrize("name", ["bussu-marshall-2020", "simulated-east-london"])
@pytest.mark.parametrize("lay_out", [laid_out, printed])
def test_a_study_has_a_page_for_each_theme_with_all_that_is_said_of_it(name, lay_out, tmp_path):
    record = studies.load(name)
    file = "sheets.docx" if lay_out is laid_out else "sheets.html"
    found = lay_out(sheets.pack(record)[file], tmp_path)
    made = sheets.sheets(record)
    assert len(found) == len(made) == len(record.themes)
    for page, sheet in zip(found, made, strict=True):
        for text in (sheet.theme, sheet.finding, *sheet.quotations, sheet.rest, sheets.NO_NAMES):
            assert joined(text) in joined(page)
