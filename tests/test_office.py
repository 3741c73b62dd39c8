"""What `make handin` writes of both studies, opened by LibreOffice and compiled by LaTeX."""

import csv
import re
import shutil
import subprocess
import sys
import zipfile

import checkout
import handed
import pytest

from analysis import ROOT

pytestmark = pytest.mark.office
STUDIES = ("bussu-marshall-2020", "simulated-east-london")
PAGES = {"bussu-marshall-2020": (25, 80), "simulated-east-london": (90, 340)}
"""The fewest and the most pages that the tables and figures of a study may take."""
TOO_WIDE = 30
"""Points by which a line of LaTeX may stick out."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A copy of the checkout with results of both studies, handed in twice."""
    folder = checkout.copy(tmp_path_factory.mktemp("office"))
    shutil.copytree(ROOT / "data/raw" / STUDIES[1], folder / "data/raw" / STUDIES[1])
    shutil.copy(ROOT / "data/derived/README.md", folder / "data/derived/README.md")
    done = checkout.reproduce(folder, STUDIES[1], "--jobs", "2")
    assert done.returncode == 0, done.stderr
    for name in STUDIES:
        first = handed_in(folder, name)
        assert handed_in(folder, name) == first, "a second run has other bytes"
    return folder


def handed_in(folder, name):
    command = [sys.executable, "-m", "analysis", "handin", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = folder / "scratch" / "handin" / name
    return {
        path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module", params=STUDIES)
def made(request, place):
    return place / "scratch" / "handin" / request.param


@pytest.fixture(scope="module")
def rendered(made, tmp_path_factory):
    """The Word documents as PDF, and the workbook as one CSV file a sheet."""
    out = tmp_path_factory.mktemp(made.name)
    converted("pdf", [*made.glob("*.docx"), made / "tables.xlsx"], out)
    converted(SHEETS, [made / "tables.xlsx"], out)
    return out


def converted(kind, paths, out):
    """Convert files by LibreOffice, with a profile of its own."""
    profile = f"-env:UserInstallation=file://{out}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", out, *paths]
    subprocess.run(command, capture_output=True, check=True, timeout=300)


SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
"""As UTF-8 with commas, values as they are and not as they are shown, every sheet."""


def derived(made):
    return made.parents[2] / "data" / "derived" / made.name


def source_of(made, name):
    folder = derived(made)
    return folder / f"{name}.csv" if (folder / f"{name}.csv").exists() else folder / "tables" / f"{name}.csv"


def words_of(pdf):
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    return done.stdout


def squeezed(text):
    """A text without what a renderer may change: blanks and line ends."""
    return re.sub(r"\s+", "", text)


def test_every_cell_of_word_is_that_of_its_csv(made):
    tables = handed.tables((made / "tables-and-figures.docx").read_bytes())
    by_cells = [[*map(tuple, rows[1:])] for rows in tables.values()]
    again = {re.sub(r"[\W_]", "", path.stem) for path in derived(made).glob("tables/*.csv")}
    for path in derived(made).glob("*.csv"):
        _, *rows = handed.cells(path)
        elsewhere = re.sub(r"[\W_]", "", path.stem) in again  # printed in fewer columns, and whole in Excel
        assert not rows or elsewhere or [*map(tuple, rows)] in by_cells, path.name
    printed = [[*handed.printed(rows)] for rows in tables.values()]
    for path in derived(made).glob("tables/*.csv"):
        _, *rows = handed.cells(path)
        assert any(rows in (those, [row[1:] for row in those]) for those in printed), path.name


def test_every_cell_that_libreoffice_reads_of_the_workbook_is_that_of_its_csv(made, rendered):
    paths = {path.stem.removeprefix("tables-"): path for path in rendered.glob("tables-*.csv")}
    expected = [*derived(made).glob("*.csv"), *derived(made).glob("tables/*.csv")]
    assert {path.stem for path in expected} == paths.keys() - {"read me"}
    for path in expected:
        with paths[path.stem].open(encoding="utf-8", newline="") as file:
            shown = [*csv.reader(file)]
        said = handed.cells(path)
        assert len(shown) == len(said), path.name
        for mine, theirs in zip(shown, said, strict=True):
            full = [*mine, *[""] * (len(theirs) - len(mine))]
            assert all(map(alike, full, theirs)), (path.name, mine, theirs)


def alike(shown, said):
    """The same text, or a number of the same value, which may be shown as per cent."""
    try:
        number = float(shown.removesuffix("%")) / (100 if shown.endswith("%") else 1)
        return shown == said or number == pytest.approx(float(said), rel=1e-9)
    except ValueError:
        return shown == said


def test_no_word_of_a_table_is_cut_off(made, rendered):
    """Each word of each cell is on the pages; lines end between words and at hyphens, so parts are sought."""
    text = squeezed(words_of(rendered / "tables-and-figures.pdf"))
    words = {
        squeezed(word)
        for rows in handed.tables((made / "tables-and-figures.docx").read_bytes()).values()
        for row in rows
        for cell in row
        for word in re.split(r"[\s/–-]+", cell)
    }
    assert sorted(word for word in words if word not in text) == []


def test_the_pages_are_as_many_as_such_tables_take(made, rendered):
    fewest, most = PAGES[made.name]
    assert fewest <= pages(rendered / "tables-and-figures.pdf") <= most
    assert pages(rendered / "coreq.pdf") <= 6
    assert pages(rendered / "methods.pdf") == 1


def pages(pdf):
    done = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True)
    return int(re.search(r"^Pages: +(\d+)", done.stdout, re.MULTILINE)[1])


def test_no_page_is_blank(rendered):
    from PIL import Image

    draw = ["pdftoppm", "-r", "20", "-gray", "-png"]
    subprocess.run([*draw, rendered / "tables-and-figures.pdf", rendered / "page"], check=True)
    blank = []
    for path in sorted(rendered.glob("page-*.png")):
        with Image.open(path) as page:
            shades = page.convert("L").histogram()
        if sum(shades[:200]) < 20:
            blank.append(path.name)
    assert blank == []


def test_libreoffice_keeps_the_pictures_words(made, rendered):
    """Alternative text is read from what LibreOffice itself makes of the document."""
    converted("odt", [made / "tables-and-figures.docx"], rendered)
    with zipfile.ZipFile(rendered / "tables-and-figures.odt") as file:
        content = file.read("content.xml").decode()
    drawn = len([*(made / "latex").glob("*.png")])
    assert drawn
    assert len(re.findall(r"<svg:desc>[^<]{20,}</svg:desc>", content)) == drawn
    assert content.count("text:sequence ") >= drawn


def known(name):
    """Whether TeX has a file of that name."""
    return bool(shutil.which("kpsewhich")) and not subprocess.run(["kpsewhich", name], check=False).returncode


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_latex_compiles(made, tmp_path, engine):
    if shutil.which(engine) is None or (engine == "lualatex" and not known("luaotfload.sty")):
        package = {"pdflatex": "texlive-latex-recommended", "lualatex": "texlive-luatex fonts-lmodern"}[
            engine
        ]
        pytest.skip(f"{engine} is not here. On Debian and Ubuntu: apt install {package}")
    shutil.copytree(made / "latex", tmp_path / "latex")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "handin.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path / "latex", capture_output=True, check=False, timeout=600)
        log = (tmp_path / "latex" / "handin.log").read_text(encoding="utf-8", errors="replace")
        assert done.returncode == 0, log[-3000:]
    assert "Missing character" not in log
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]
    assert max(wide, default=0) < TOO_WIDE
    fewest, most = PAGES[made.name]
    assert fewest <= pages(tmp_path / "latex" / "handin.pdf") <= most
