"""Running one notebook for real: what counts as a run, and what is left when it fails."""

from pathlib import Path

import nbformat
import pytest

from analysis.runs import execution
from analysis.runs.execution import RunError, execute, judge
from analysis.runs.plan import Run
from analysis.runs.sequence import promote, reproduce

WRITE = "import os, pathlib\nfolder = pathlib.Path(os.environ['ANALYSIS_RESULTS'])"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "staging").mkdir()
    return tmp_path


def run_of(place, *sources, outputs=()):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, place / "notebooks" / "one.ipynb")
    return Run("one", "one", {}, (*outputs, "notebooks/one.ipynb"))


def execute_in(place, run, staging="staging"):
    return execute(run, place / "notebooks", place / staging, place / "failed")


def test_a_good_run_counts_its_cells_and_writes_what_it_declares(place):
    run = run_of(place, WRITE, "_ = (folder / 'a.csv').write_text('a')", outputs=["a.csv"])
    assert execute_in(place, run).cells == 2
    assert not (place / "failed").exists()


def test_two_runs_have_the_same_bytes(place):
    run = run_of(place, "1 + 1")
    for staging in ("first", "second"):
        execute_in(place, run, staging)
    first, second = (place / staging / "notebooks/one.ipynb" for staging in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_an_error_names_notebook_cell_and_message_and_keeps_the_partial_notebook(place):
    with pytest.raises(RunError, match=r"one, code cell 2: ValueError: no such thing") as caught:
        execute_in(place, run_of(place, "1", "raise ValueError('no such thing')", "2"))
    assert str(place / "failed" / "one.ipynb") in str(caught.value)
    assert (place / "failed" / "one.ipynb").exists()


def test_a_declared_output_that_is_not_written_fails_the_run(place):
    with pytest.raises(RunError, match=r"declared and not written: a\.csv"):
        execute_in(place, run_of(place, "1", outputs=["a.csv"]))


def test_an_undeclared_output_fails_the_run(place):
    with pytest.raises(RunError, match=r"written and not declared: b.csv"):
        execute_in(place, run_of(place, WRITE, "_ = (folder / 'b.csv').write_text('b')"))


def test_a_kernel_that_dies_fails_the_run(place):
    with pytest.raises(RunError, match=r"DeadKernelError|not 1 to"):
        execute_in(place, run_of(place, "import os; os._exit(0)", "1"))


def test_a_cell_that_leaves_quietly_fails_the_run(place):
    with pytest.raises(RunError):
        execute_in(place, run_of(place, "import sys; sys.exit(0)", "1"))


def test_a_cell_that_works_too_long_fails_the_run(place, monkeypatch):
    monkeypatch.setattr(execution, "CELL_SECONDS", 1)
    with pytest.raises(RunError, match="CellTimeoutError"):
        execute_in(place, run_of(place, "import time; time.sleep(60)"))


def test_a_stripped_notebook_proves_nothing():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    with pytest.raises(ValueError, match="not 1 to 1"):
        judge(notebook)


def test_runs_and_outputs_mean_the_same_place():
    from analysis.outputs import place

    assert execution.RESULTS == place.VARIABLE


def test_the_kernel_inherits_nothing_of_the_callers_settings_afterwards(place, monkeypatch):
    import os

    monkeypatch.setenv("ANALYSIS_RESULTS", "before")
    execute_in(place, run_of(place, "1"))
    assert os.environ["ANALYSIS_RESULTS"] == "before"
    assert "IPYTHONDIR" not in os.environ


def test_a_failed_sequence_leaves_earlier_results_byte_for_byte(place):
    kept = place / "data" / "derived" / "s" / "table.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("earlier")
    bad = run_of(place, "raise SystemError('stop')")
    with pytest.raises(RunError):
        reproduce("s", [bad], place, place, lambda *_: None)
    assert kept.read_text() == "earlier"
    assert not list(place.glob(".staging*"))


def test_a_promotion_that_fails_half_way_puts_everything_back(tmp_path):
    for name in ("derived", "figures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old").write_text(name)
    (tmp_path / "staging" / "derived").mkdir(parents=True)  # and no figures
    with pytest.raises(FileNotFoundError):
        promote(tmp_path / "staging", tmp_path, [Path("derived"), Path("figures")])
    assert all((tmp_path / name / "old").read_text() == name for name in ("derived", "figures"))


def test_promotion_replaces_whole_folders(tmp_path):
    for root, name in ((tmp_path, "old"), (tmp_path / "staging", "new")):
        (root / "figures" / "s").mkdir(parents=True)
        (root / "figures" / "s" / f"{name}.png").write_text(name)
    promote(tmp_path / "staging", tmp_path, [Path("figures/s")])
    assert [path.name for path in (tmp_path / "figures" / "s").iterdir()] == ["new.png"]
