"""The shape of a notebook, and the evidence in an executed one."""

import ast
import json
import re

import pytest

from analysis import ROOT
from analysis.runs.engine import judge
from analysis.runs.specification import specification

PAPER = "bussu-marshall-2020"
EXPLORE = ROOT / "notebooks" / "explore.ipynb"
"""To look around in: it is no argument, and nothing of it is kept."""
SOURCES = sorted({*(ROOT / "notebooks").glob("*.ipynb")} - {EXPLORE})
EXECUTED = sorted((ROOT / "data" / "derived" / PAPER / "notebooks").glob("*.ipynb"))
FORBIDDEN = r"^\s*(def|class|with|for|if|while|try)\b|lambda|read_csv|plt\.|sys\.path|^\s*[%!]|;\s*$|open\("


def cells(path, kind):
    read = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in read["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def by_name(path):
    return path.stem


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_the_title_is_a_question_and_the_first_page_says_the_rest(path):
    first = source(cells(path, "markdown")[0])
    title, opening, last = first.split("\n\n")
    assert re.fullmatch(r"# [A-Z].*\?", title)
    assert 3 <= len(re.findall(r"[.?](?: |$)", opening)) <= 6
    assert re.match(r"Reproduces .* Reads .* Writes ", last, re.DOTALL)


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_parameters_come_first_one_a_line_with_type_default_and_help(path):
    first = cells(path, "code")[0]
    assert first["metadata"]["tags"] == ["parameters"]
    for line in source(first).splitlines():
        assert re.fullmatch(r"\w+: (str|int|float|list) = \S.*?  # .+", line), line
        assert "=" not in line.split("# ")[0].split(" = ", 1)[1]


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_parameters_are_those_of_the_plan_with_its_defaults_and_its_help(path):
    rules = specification()["parameters"]
    entries = [entry for entry in specification()["runs"] if entry["notebook"] == path.stem]
    tree = ast.parse(source(cells(path, "code")[0]))
    defaults = {node.target.id: ast.literal_eval(node.value) for node in tree.body}
    helps = dict(re.findall(r"^(\w+):.*  # (.+)$", source(cells(path, "code")[0]), re.MULTILINE))
    for entry in entries:
        assert set(defaults) == {"study", *entry.get("sets", {}), *entry.get("takes", [])}
    for name, value in defaults.items():
        assert rules[name].get("default", value) == value
        assert rules[name]["type"] == type(value).__name__
        assert rules[name]["help"] == helps[name]


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_imports_take_two_to_five_lines_of_the_second_code_cell(path):
    lines = source(cells(path, "code")[1]).splitlines()
    assert 2 <= len(lines) <= 5
    assert all(line.startswith("from analysis") for line in lines)
    others = cells(path, "code")[2:]
    assert not any(re.search(r"^\s*(from|import) ", source(cell), re.MULTILINE) for cell in others)


@pytest.mark.parametrize("path", [*SOURCES, EXPLORE], ids=by_name)
def test_notebooks_call_and_define_nothing(path):
    for cell in cells(path, "code"):
        assert not re.search(FORBIDDEN, source(cell).replace(" for table in ", " "), re.MULTILINE), source(
            cell
        )
        assert len(source(cell).splitlines()) <= 8


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_there_are_five_words_of_prose_for_each_line_of_code(path):
    words = sum(len(source(cell).split()) for cell in cells(path, "markdown"))
    lines = sum(len(source(cell).splitlines()) for cell in cells(path, "code"))
    assert words >= 5 * lines
    assert 10 <= len(cells(path, "code")) <= 25


@pytest.mark.parametrize("path", SOURCES, ids=by_name)
def test_the_last_page_says_what_is_shown_what_is_not_and_what_was_written(path):
    assert source(cells(path, "markdown")[-1]).startswith(
        "## What this shows, what it does not, what it wrote"
    )


@pytest.mark.parametrize("path", [*SOURCES, EXPLORE], ids=by_name)
def test_sources_are_kept_without_outputs(path):
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(path, "code"))


@pytest.mark.parametrize("path", [*SOURCES, EXPLORE], ids=by_name)
def test_prose_has_no_bold_sentences_and_no_number_of_the_study(path):
    """Numbers are read aloud by code, so that they cannot go stale; names of tables and years may stand."""
    for cell in cells(path, "markdown"):
        named = r"Tables? A?\d(, \d)*( (to|and) A?\d)?|Boxes 1 and 2|\(2020\)|`[^`]*`"
        text = re.sub(named, "", source(cell)).replace("and Table A1", "")
        assert "**" not in text
        assert not re.search(r"\d", text), text


def test_the_notebook_to_look_around_in_asks_a_question_and_says_how_to_read_the_screen():
    first, how, keep = map(source, cells(EXPLORE, "markdown"))
    assert re.match(r"# [A-Z].*\?\n", first)
    assert how.startswith("## How to read it")
    assert keep.startswith("## To keep a view")


def test_every_notebook_is_in_the_plan_and_every_run_has_its_notebook():
    assert {path.stem for path in SOURCES} == {entry["notebook"] for entry in specification()["runs"]}


def test_every_run_has_left_its_evidence():
    assert len(EXECUTED) == 14


@pytest.mark.parametrize("path", EXECUTED, ids=by_name)
def test_every_code_cell_of_an_executed_notebook_ran_once_in_order_without_error(path):
    """nbval compares nothing where the count is missing, so a stripped notebook must fail here."""
    import nbformat

    judge(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", EXECUTED, ids=by_name)
def test_executed_notebooks_are_canonical_and_have_the_cells_of_their_source(path):
    text = path.read_text(encoding="utf-8")
    read = json.loads(text)
    assert read["metadata"]["language_info"] == {"name": "python"}
    assert set(read["metadata"]["papermill"]) == {"parameters"}
    assert not re.search(r"\d{4}-\d\d-\d\dT|/home/|/tmp/|/root/|0x[0-9a-f]{8,}", text.replace("\\n", "\n"))
    entry = next(e for e in specification()["runs"] if path.stem.startswith(e["name"].split("{")[0]))
    ours = [source(c) for c in read["cells"] if "injected-parameters" not in c["metadata"].get("tags", [])]
    kept = json.loads((ROOT / "notebooks" / f"{entry['notebook']}.ipynb").read_text(encoding="utf-8"))
    assert ours == [source(cell) for cell in kept["cells"]]


@pytest.mark.parametrize("path", EXECUTED, ids=by_name)
def test_pictures_in_executed_notebooks_have_a_text_in_their_place(path):
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                alt = output["metadata"]["image/png"]["alt"]
                assert len(alt) > 20
                assert not re.search(r"No description|\.png|\.svg", alt)
