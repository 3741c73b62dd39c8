"""Where results go: below one root, and nowhere else."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from IPython.display import HTML

from analysis import ROOT
from analysis.outputs import formats, kept, results
from analysis.outputs.chart import nothing
from analysis.outputs.paper import PaperTable
from analysis.outputs.place import VARIABLE, Results

FRAME = pd.DataFrame({"role_group": ["nurse", "doctor"], "people": [31, 3]})
TABLE = PaperTable("table-1", "Table 1. People", FRAME.astype("str"), ("Role", "People"))


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A results root deep in an empty folder, with the tests standing beside it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a" / "b" / "c" / "root"))
    return tmp_path / "a" / "b" / "c" / "root"


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def chart():
    return nothing("There is nothing to draw.")


# where


def test_the_environment_names_the_root(root):
    out = results("some-study")
    assert out.derived == root / "data" / "derived" / "some-study"
    assert out.figures == root / "figures" / "some-study"


def test_a_notebook_run_by_hand_writes_to_scratch(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert results("some-study").root == ROOT / "scratch"
    assert "scratch/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_a_notebook_run_by_hand_reads_what_is_kept_in_the_checkout(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert kept("some-study").derived == ROOT / "data" / "derived" / "some-study"


def test_a_run_reads_where_it_writes(root):
    assert kept("some-study") == results("some-study") == Results("some-study", root)


def test_a_blank_variable_is_no_folder(monkeypatch):
    """Else results would lie wherever the notebook happens to run."""
    monkeypatch.setenv(VARIABLE, "")
    assert results("some-study").root == ROOT / "scratch"


def test_asking_for_a_place_makes_no_folder(root):
    results("some-study")
    assert not root.exists()


@pytest.mark.parametrize("name", ["bussu-marshall-2020", "study_2", "v1.2", "Größe", "a..b"])
def test_a_study_may_have_any_plain_name(name):
    assert results(name).study == name


@pytest.mark.parametrize("name", ["a/b", "/etc", "../secret", "a/..", "a\\b", "", " ", "a\n"])
def test_a_study_is_never_a_path(name):
    with pytest.raises(ValueError, match="no name of a folder"):
        results(name)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_study_is_never_a_folder_above_its_own(name):
    with pytest.raises(ValueError, match="no name of a folder"):
        results(name)


# what


def test_a_table_is_written_as_csv_and_shown(root):
    shown = results("s").table("voices", FRAME)
    assert files(root) == ["data/derived/s/voices.csv"]
    assert (root / "data/derived/s/voices.csv").read_bytes() == b"role_group,people\nnurse,31\ndoctor,3\n"
    assert isinstance(shown, HTML)
    assert "nurse" in shown.data


def test_a_figure_is_written_as_png_and_svg_and_given_back(root, chart):
    shown = results("s").figure("voices", chart)
    assert (shown.figure, shown.alt) == (chart.figure, chart.alt)
    assert shown.wrote == ("figures/s/voices.png", "figures/s/voices.svg")
    assert files(root) == ["figures/s/voices.png", "figures/s/voices.svg"]
    assert (root / "figures/s/voices.png").read_bytes() == chart.png


def test_a_table_of_the_paper_is_written_in_every_format_and_shown(root):
    shown = results("s").document(TABLE)
    assert files(root) == sorted(f"data/derived/s/tables/table-1.{suffix}" for suffix in formats.WRITERS)
    assert shown.data == formats.html_table(TABLE)


def test_tables_of_the_paper_are_shown_one_below_the_other(root):
    shown = results("s").documents([TABLE, replace(TABLE, name="table-2", caption="Table 2. More")])
    assert len(files(root)) == 2 * len(formats.WRITERS)
    assert shown.data.index("Table 1. People") < shown.data.index("Table 2. More")


def test_writing_again_replaces_what_was_written(root):
    out = results("s")
    out.table("voices", FRAME)
    out.table("voices", FRAME.head(1))
    assert (root / "data/derived/s/voices.csv").read_bytes() == b"role_group,people\nnurse,31\n"


# nowhere else


def test_nothing_is_written_outside_the_root(root, chart, tmp_path):
    out = results("s")
    out.table("voices", FRAME)
    out.figure("voices", chart)
    out.document(TABLE)
    assert len(files(tmp_path)) == len(files(root)) == 3 + len(formats.WRITERS)


@pytest.mark.parametrize(
    "name", ["../../../../outside", "../outside", "a/../../../../../outside", "sub/voices"]
)
def test_a_name_with_a_path_in_it_writes_nothing_beside_the_study(root, chart, tmp_path, name):
    """Names hold what a study calls its groupings, and nobody checks those for slashes."""
    out = results("s")
    writers = [
        lambda: out.table(name, FRAME),
        lambda: out.figure(name, chart),
        lambda: out.document(replace(TABLE, name=name)),
    ]
    for write in writers:
        with contextlib.suppress(ValueError, OSError):
            write()
    inside = (root / "data/derived/s", root / "figures/s")
    assert all(any(Path(tmp_path / file).is_relative_to(own) for own in inside) for file in files(tmp_path))


@pytest.mark.usefixtures("root")
def test_an_absolute_name_writes_nothing_beside_the_study(tmp_path):
    with contextlib.suppress(ValueError, OSError):
        results("s").table(str(tmp_path / "outside"), FRAME)
    assert not (tmp_path / "outside.csv").exists()


@pytest.mark.usefixtures("root")
def test_results_of_invented_people_say_so_everywhere():
    out = results("simulated-wards")
    out.table("one", FRAME)
    assert (
        (out.derived / "one.csv")
        .read_text(encoding="utf-8")
        .startswith("role_group,people,simulated\nnurse,31,yes")
    )
    plain = nothing("No chart.").png
    shown = out.figure("one", nothing("No chart."))
    assert (shown.caption, shown.alt) == ("Simulated. No chart.", "Simulated. No chart.")
    assert (out.figures / "one.png").read_bytes() == shown.png != plain
    out.document(TABLE)
    assert "Simulated. Table 1. People" in (out.derived / "tables" / "table-1.md").read_text(encoding="utf-8")
