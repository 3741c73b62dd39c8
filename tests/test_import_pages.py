"""The pages on importing name every tool and every choice, and their example is what really happens."""

import re

import pandas as pd
import pytest

from analysis import ROOT
from analysis.__main__ import parser
from analysis.sources import headers, importing, mapping, places, recognise, refi

PAGES = ROOT / "docs" / "import"
INDEX = PAGES / "README.md"
TOOLS = sorted(path for path in PAGES.glob("*.md") if path != INDEX)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def read(path):
    return path.read_text(encoding="utf-8")


def recognised():
    """Every tool that an import knows by its files, as the code calls it."""
    yield from (tool.__name__.rpartition(".")[2] for tool in recognise.DATABASES)
    yield from (kind.split()[0] for kind in headers.known() if kind != headers.TABLE)
    yield from refi.KNOWN_UNITS


@pytest.fixture
def explained(capsys, monkeypatch):
    """What the import command says of itself, each option on a line."""
    monkeypatch.setenv("COLUMNS", "2000")
    with pytest.raises(SystemExit):
        parser().parse_args(["import", "--help"])
    return capsys.readouterr().out


def test_the_index_links_every_page():
    assert {path.name for path in TOOLS} <= {*LINK.findall(read(INDEX))}


@pytest.mark.parametrize("page", [INDEX, *TOOLS], ids=lambda path: path.stem)
def test_what_a_page_links_is_there(page):
    assert [one for one in LINK.findall(read(page)) if not (PAGES / one).exists()] == []


@pytest.mark.parametrize("tool", sorted({one.casefold() for one in recognised()}))
def test_a_tool_that_is_recognised_has_a_page_that_names_it(tool):
    assert [page.name for page in TOOLS if tool in read(page).casefold()]


@pytest.mark.parametrize("page", TOOLS, ids=lambda path: path.stem)
def test_a_page_says_what_arrives_and_what_its_reader_rests_on(page):
    heads = re.findall(r"^## (.+)$", read(page), re.MULTILINE)
    assert {"What arrives", "What this reader rests on"} <= {*heads}
    assert any("uirks" in head for head in heads)


def test_every_option_of_the_import_is_explained(explained):
    named = {*re.findall(r"^  (--[\w-]+)", explained, re.MULTILINE)}
    assert len(named) > 8
    rows = re.findall(r"^\| `(--[\w-]+)(.*?)\| (.+) \|$", read(INDEX), re.MULTILINE)
    assert {option for option, _, says in rows if len(says) > 20} == named


def test_every_value_of_an_option_is_named(explained):
    text = read(INDEX) + read(PAGES / "refi-qda.md")
    listed = re.findall(r"\{([^{}]+)\}", explained)
    values = [*places.NAMES, *{value for one in listed for value in one.split(",")}]
    assert "cases" in values
    assert [value for value in values if not re.search(rf"`[^`]*\b{re.escape(value)}`", text)] == []


def test_every_key_of_a_mapping_is_explained():
    text = read(PAGES / "spreadsheets.md")
    keys = [*mapping.KEYS, *mapping.ROLES, "[columns]", "[wide]", "[weights]", "[attributes]"]
    assert [key for key in keys if f"`{key}`" not in text] == []


@pytest.mark.parametrize("page", [INDEX, *TOOLS], ids=lambda path: path.stem)
def test_pages_name_only_paths_that_exist(page):
    """A path in backticks is a promise."""
    words = read(page).split("`")[1::2]
    paths = [word for word in words if "/" in word and not set(word) & set("<>*{} =…\n")]
    made = ("my-study", "scratch/")  # by the reader's own commands
    assert [one for one in paths if not any(word in one for word in made) and not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", [INDEX, *TOOLS], ids=lambda path: path.stem)
def test_tables_of_pages_have_rows_of_one_width(page):
    for table in re.findall(r"(?:^\|.*\|\n)+", read(page), re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


# the worked example


@pytest.fixture(scope="module")
def blocks():
    """What stands between fences, in the order of the page."""
    return re.findall(r"^```\n(.*?)^```$", read(PAGES / "spreadsheets.md"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory, blocks):
    """The two imports of the example: as it is guessed, and with the mapping edited as the page says."""
    folder = tmp_path_factory.mktemp("example")
    quotes, people, _, before, after = blocks[:5]
    (folder / "quotes.csv").write_text(quotes, encoding="utf-8")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    first = importing.study(folder / "quotes.csv", importing.Choices())
    written = first.files[importing.CHOICES].decode()
    assert {*before.splitlines()} <= {*written.splitlines()}
    changed = [line for line in before.splitlines() if not line.startswith("unused")]
    lines = dict(zip(changed, after.splitlines(), strict=True))
    edited = "\n".join(lines.get(line, line) for line in written.splitlines())
    (folder / "quotes.toml").write_text(edited, encoding="utf-8")
    choices = importing.from_toml(folder / "quotes.toml")
    return first, importing.study(folder / "quotes.csv", choices)


def said(made):
    return [made.told["summary"], *(f"- {one}" for one in made.told["findings"])]


def test_the_example_is_said_to_be_what_the_page_says(blocks, example):
    first, second = example
    assert said(first) == blocks[2].splitlines()
    assert said(second) == blocks[5].splitlines()


@pytest.mark.parametrize("table", ["excerpts", "codings", "roster"])
def test_the_example_has_the_tables_that_the_page_shows(tmp_path, example, table):
    text = read(PAGES / "spreadsheets.md").partition(f"`{table}.csv`")[2]
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in re.search(r"(?:^\|.*\|\n)+", text, re.MULTILINE)[0].splitlines()
    ]
    path = tmp_path / "table.csv"
    path.write_bytes(example[1].files[f"{table}.csv"])
    found = pd.read_csv(path, dtype="str", keep_default_na=False)[rows[0]]
    assert found.to_numpy().tolist() == rows[2:]


def test_what_the_example_leaves_out_is_what_the_page_says(example):
    (left,) = example[1].told["discarded"]
    assert (left["rows"], left["why"]) == (2, 'nothing is called "Cook C"')
    assert left["why"] in read(PAGES / "spreadsheets.md")


def test_the_least_mapping_is_one(blocks):
    assert mapping.what_is_missing(mapping.from_toml(blocks[-1])) == []
