"""One notebook, executed in a folder of its own: what counts as a run, and what it leaves."""

import nbformat
import papermill
import pytest

from analysis.runs import execution
from analysis.runs.engine import NAME, NOT_RUN, UnfinishedError, judge
from analysis.runs.execution import Folders, canonical, execute
from analysis.runs.plan import Run
from analysis.runs.processes import CHOSEN
from analysis.runs.specification import Limits

WRITE = "import os, pathlib\nfolder = pathlib.Path(os.environ['ANALYSIS_RESULTS'])"
LIMITS = Limits(cell_seconds=60, run_seconds=60)


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("ANALYSIS_RESULTS", "")  # put back afterwards
    monkeypatch.delenv(CHOSEN, raising=False)  # a worker is given its nursery, and would end one of its own
    return tmp_path


def run_of(place, *sources, outputs=(), inputs=()):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, place / "notebooks" / "one.ipynb")
    return Run("one", "one", {}, inputs, (*outputs, "notebooks/one.ipynb"))


def execute_in(place, run, name="own", watch=lambda _: None):
    folders = Folders(place / "notebooks", place / "results", place / name, place)
    return execute(run, folders, LIMITS, watch)


def test_a_good_run_has_every_cell_completed_and_writes_what_it_declares(place):
    run = run_of(place, WRITE, "_ = (folder / 'a.csv').write_text('a')", outputs=["a.csv"])
    assert [*execute_in(place, run).values()] == ["completed", "completed"]
    assert (place / "own" / "a.csv").read_text() == "a"
    assert not [*place.glob("*.partial.ipynb")]


def test_two_runs_have_the_same_bytes(place):
    run = run_of(place, "1 + 1")
    for name in ("first", "second"):
        execute_in(place, run, name)
    first, second = (place / name / "notebooks/one.ipynb" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_two_runs_have_the_same_bytes_however_fast_a_cell_prints(place):
    slow = "import sys, time\nfor n in range(3):\n    print(n); print(n, file=sys.stderr); time.sleep({})"
    found = []
    for seconds in (0, 0.3):
        execute_in(place, run_of(place, "pass", slow.format(seconds)))
        found.append(nbformat.read(place / "own/notebooks/one.ipynb", as_version=4).cells[1].outputs)
    assert [*map(len, found)] == [2, 2]
    assert found[0] == found[1]


def test_a_failure_names_cell_and_message_and_keeps_the_partial_notebook(place):
    with pytest.raises(UnfinishedError, match="code cell 2: ValueError: no such thing") as caught:
        execute_in(place, run_of(place, "1", "raise ValueError('no such thing')", "2"))
    assert [*caught.value.states.values()] == ["completed", "failed", NOT_RUN]
    kept = nbformat.read(place / "one.partial.ipynb", as_version=4)
    assert [cell.metadata.papermill.status for cell in kept.cells] == ["completed", "failed", NOT_RUN]


def test_declared_inputs_are_there_and_must_stay_as_they_are(place):
    (place / "results").mkdir()
    (place / "results" / "in.csv").write_text("in")
    execute_in(place, run_of(place, WRITE, "assert (folder / 'in.csv').exists()", inputs=["in.csv"]))
    for change in ("write_text('other')", "unlink()"):
        with pytest.raises(UnfinishedError, match=r"(removed|not declared): in\.csv"):
            execute_in(place, run_of(place, WRITE, f"_ = (folder / 'in.csv').{change}", inputs=["in.csv"]))
    assert (place / "results" / "in.csv").read_text() == "in"


def test_nothing_of_an_earlier_run_is_left_in_its_folder(place):
    (place / "own").mkdir()
    (place / "own" / "a.csv").write_text("earlier")
    with pytest.raises(UnfinishedError, match=r"declared and not written: a\.csv"):
        execute_in(place, run_of(place, "1", outputs=["a.csv"]))


def test_what_cells_show_is_passed_on(place):
    told = []
    execute_in(place, run_of(place, "print('hello')", "1 + 1"), watch=told.append)
    assert [event["text"] for event in told if event["event"] == "output"] == ["hello\n", "2"]
    assert [(e["cell"], e["cells"]) for e in told if e["event"] == "cell"] == [(1, 2), (2, 2)]


def test_a_stripped_notebook_proves_nothing():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    with pytest.raises(ValueError, match="not 1 to 1"):
        judge(notebook)


def test_an_error_proves_nothing_even_where_it_is_allowed(place):
    run = run_of(place, "1 / 0")
    notebook = nbformat.read(place / "notebooks" / "one.ipynb", as_version=4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, place / "notebooks" / "one.ipynb")
    with pytest.raises(UnfinishedError, match="code cell 1: ZeroDivisionError"):
        execute_in(place, run)


def test_canonical_is_the_same_twice(place):
    execute_in(place, run_of(place, "1"))
    notebook = nbformat.read(place / "own" / "notebooks" / "one.ipynb", as_version=4)
    assert canonical(notebook.copy()) == notebook


def test_papermill_knows_the_engine_by_name_and_keeps_its_last_good_output(place):
    run_of(place, "1", "import sys; sys.exit(0)", "2")
    out = place / "out.ipynb"
    out.write_text("the last good output")
    with pytest.raises(UnfinishedError, match="code cell 2: SystemExit: 0"):
        papermill.execute_notebook(
            place / "notebooks" / "one.ipynb",
            out,
            engine_name=NAME,
            kernel_name="python3",
            language="python",
            progress_bar=False,
        )
    assert out.read_text() == "the last good output"
    kept = nbformat.read(place / "out.partial.ipynb", as_version=4)
    assert kept.cells[-1].metadata.papermill.status == NOT_RUN


def test_runs_and_outputs_mean_the_same_place():
    from analysis.outputs import place

    assert execution.RESULTS == place.VARIABLE
