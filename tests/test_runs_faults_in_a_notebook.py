"""What goes wrong inside a notebook, really done: first with papermill alone, then here.

After each fault: the exit code is not 0, the earlier results are as they were, the record says what
happened, nothing is left running, and the next run works. `make faults` tries all of it.
"""

import ctypes
import json
import os
import signal
import sys
import uuid
from pathlib import Path

import pytest
from suite import DERIVED, EARLIER, FAILED, GOOD, NEVER, NOT, OK, PARAMETERS, STUDY, WRITE, writing

pytestmark = pytest.mark.faults
SECOND = [f"figures/{STUDY}/second.{kind}" for kind in ("png", "svg")]
CHILD = "import subprocess; _ = subprocess.Popen(['sleep', '600']{})"


both = pytest.mark.parametrize("kernels", [(), ("--cold",)], ids=["forked", "cold"])
"""In kernels that are forked, as all faults are tried, and in those that are started from nothing."""


def survives(suite, done, says, cells, before):
    """The five things that must hold after a fault in the second notebook."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith(f"failed: 2-second, {says}"), done.stderr
    assert len(done.stderr.splitlines()) <= 4, "one line says why, and the others where to look"
    assert suite.hashes() == before
    assert suite.record(failed=True)["state"] == "failed"
    assert suite.states(failed=True) == {"1-first": "completed", "2-second": "failed", "3-third": "not run"}
    assert [*suite.cells("2-second", failed=True).values()] == cells
    assert suite.processes() == []
    assert not (suite.folder / ".staging-wards").exists()
    suite.works_again(before)


def partial(suite):
    cells = json.loads((suite.failed / "2-second.partial.ipynb").read_text())["cells"]
    return [cell["metadata"]["papermill"]["status"] for cell in cells]


FULL = """
import duckdb, narwhals as nw
from analysis import frames
for limit in ("memory_limit = '50MB'", "max_temp_directory_size = '1MB'"):
    duckdb.sql(f"SET {limit}")
rows = nw.from_native(duckdb.sql("SELECT 'the excerpt ' || i AS excerpt FROM range(3_000_000) t(i)"))
frames.collected(rows.group_by("excerpt").agg(nw.len().alias("n")).filter(nw.col("n") > 1))
"""
ENDINGS = {
    # the cell; what papermill alone makes of it: exit code, and its words for the cells; what is said here
    "an error": (
        "raise ValueError('no such thing')",
        1,
        [OK, FAILED, "pending"],
        "ValueError: no such thing",
    ),
    "sys.exit(0)": ("import sys; sys.exit(0)", 0, [OK, FAILED, "pending"], "SystemExit: 0"),
    "os._exit(0)": ("import os; os._exit(0)", 1, [OK, OK, OK], "the kernel died: it left with exit code 0"),
    "an engine that has no room": (
        FULL,
        1,
        [OK, FAILED, "pending"],
        "FailedError: the disk is full on which the engine puts what memory does not hold; make room there (",
    ),
    "killed from within": (
        "import os; os.kill(os.getpid(), 9)",
        1,
        [OK, OK, OK],
        "the kernel died: killed by SIGKILL, as happens when memory runs out",
    ),
}


@both
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cell_that_ends_badly(suite, ending):
    source, code, statuses, says = ENDINGS[ending]
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, source, NEVER)
    found, text, words = suite.stock("second")
    assert (found, words) == (code, statuses)
    assert text != EARLIER, "papermill has overwritten the last good output"

    done = suite.run()
    assert partial(suite) == [OK, OK, FAILED, NOT]
    survives(suite, done, f"code cell 3: {says}", [OK, OK, FAILED, NOT], before)


@pytest.fixture
def little_memory():
    """A group of processes that together may take 600 MB; only root may make one."""
    group = Path("/sys/fs/cgroup/memory") / uuid.uuid4().hex
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(600_000_000))
    except OSError:
        pytest.skip("this user may not limit the memory of a group of processes")
    yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    group.rmdir()


@both
def test_memory_that_runs_out(suite, little_memory):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, "_ = b'x' * 2_000_000_000", NEVER)
    _, _, words = suite.stock("second", preexec_fn=little_memory)
    assert words == [OK, OK, OK], "papermill calls all cells completed, also the one that never ran"

    done = suite.run(preexec_fn=little_memory)
    says = "code cell 3: the kernel died: killed by SIGKILL, as happens when memory runs out"
    survives(suite, done, says, [OK, OK, FAILED, NOT], before)


@both
def test_a_kernel_killed_in_the_middle_of_a_cell(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    _, _, words = suite.stock("second", until=lambda _, kernel: os.kill(kernel, signal.SIGKILL))
    assert words == [OK, OK, OK], "papermill calls all cells completed, also the one that never ran"

    process = suite.start()
    os.kill(suite.until_asleep(), signal.SIGKILL)
    survives(
        suite,
        suite.end(process),
        "code cell 3: the kernel died: killed by SIGKILL",
        [OK, OK, FAILED, NOT],
        before,
    )


def test_a_cell_that_works_past_its_limit(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    _, _, words = suite.stock("second", timeout=3)
    assert words == [OK, OK, OK]

    suite.plan(cell_seconds=3)
    says = "code cell 3: the cell worked longer than its limit of 3 seconds"
    survives(suite, suite.run(), says, [OK, OK, FAILED, NOT], before)


def test_cells_that_together_work_past_the_limit_of_a_run(suite):
    before = suite.hashes()
    naps = ["import time; time.sleep(2)"] * 3  # each far from the limit, however busy the machine is
    suite.notebook("second", PARAMETERS, *naps, *GOOD["second"][1:])
    assert suite.stock("second", timeout=5)[0] == 0, "papermill knows no such limit"

    suite.notebook("second", PARAMETERS, *(["import time; time.sleep(3)"] * 9))
    suite.plan(cell_seconds=5, run_seconds=6)
    done = suite.run()
    assert "the run worked longer than its limit of 6 seconds" in done.stderr
    words = [*suite.cells("2-second", failed=True).values()]
    assert words[:2] == [OK, OK]
    assert words.count(FAILED) == 1
    assert words[-1] == NOT
    survives(suite, done, f"code cell {words.index(FAILED) + 1}: the run", words, before)


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ([writing("second", SECOND[0])], f"declared and not written: {SECOND[1]}"),
        (
            [writing("second", *SECOND, f"{DERIVED}/surplus.csv")],
            f"written and not declared: {DERIVED}/surplus.csv",
        ),
        (
            [writing("second", *SECOND), "_ = pathlib.Path('stray.txt').write_text('here')"],
            "written and not declared: stray.txt",
        ),
    ],
    ids=["too few", "too many", "beside the results"],
)
def test_outputs_that_are_not_those_declared(suite, sources, says):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, *sources)
    assert suite.stock("second")[0] == 0, "papermill asks for no outputs"

    survives(suite, suite.run(), f"its outputs: {says}", [OK] * (2 + len(sources)), before)


def test_an_output_that_is_a_link_is_none(suite):
    """Promoted, it would point to itself, and the earlier result would be lost."""
    before = suite.hashes()
    linked = (
        f"p = out / '{DERIVED}/second.csv'; p.unlink(); p.symlink_to('{suite.folder}/{DERIVED}/second.csv')"
    )
    suite.notebook("second", *GOOD["second"], linked)
    assert suite.stock("second")[0] == 0
    says = f"its outputs: written as a link, not as a file: {DERIVED}/second.csv"
    survives(suite, suite.run(), says, [OK] * 5, before)


def test_a_cell_that_writes_into_the_earlier_results_is_not_hidden(suite):
    """Nothing keeps it from that, but nobody is told that they are as they were."""
    path = f"{DERIVED}/first.csv"
    for touched in (path, f"{DERIVED}/new.csv"):
        suite.notebook("second", *GOOD["second"], f"_ = open('{suite.folder}/{touched}', 'w').write('other')")
        done = suite.run()
        assert done.returncode == 1
        first, *_, last = done.stderr.splitlines()
        assert first == f"failed: {touched}: changed meanwhile, so somebody or a cell writes past the plan"
        assert last == f"Earlier results were changed meanwhile, by a cell or by somebody else: {touched}"


def without_power_over_permissions():
    """So that root too is held to them: the two capabilities are dropped with the next program."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def test_a_folder_that_a_cell_made_read_only_hides_no_reason_and_stands_in_nobodys_way(suite):
    before = suite.hashes()
    locked = "folder = pathlib.Path('locked'); folder.mkdir(); (folder / 'x').touch(); folder.chmod(0o555)"
    suite.notebook("second", PARAMETERS, f"import pathlib; {locked}", "raise ValueError('the reason')")
    done = suite.run(preexec_fn=without_power_over_permissions if sys.platform == "linux" else None)
    survives(suite, done, "code cell 4: ValueError: the reason", [OK, OK, OK, FAILED], before)


def test_a_file_whose_name_is_no_text_is_named_as_far_as_it_can_be(suite):
    before = suite.hashes()
    suite.notebook("second", *GOOD["second"], "import os; os.close(os.open(b'caf\\xe9', os.O_CREAT))")
    says = "its outputs: written and not declared: caf"
    survives(suite, suite.run(), says, [OK] * 5, before)


def test_a_reason_is_one_line_of_a_length_that_can_be_read(suite):
    suite.notebook("second", PARAMETERS, "raise ValueError('x' * 100_000)")
    assert len(suite.run().stderr) < 1000


def test_a_result_of_another_run_is_not_found_unless_declared(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, f"{WRITE}(out / '{DERIVED}/first.csv').read_text()")
    done = suite.run()
    survives(suite, done, "code cell 3: FileNotFoundError", [OK, OK, FAILED], before)


def test_a_result_of_another_run_is_never_overwritten(suite):
    before = suite.hashes()
    suite.notebook("third", PARAMETERS, writing("third"), writing("first") + "; _ = p.write_text('other')")
    done = suite.run()
    assert done.returncode == 1
    assert f"3-third, its outputs: written and not declared: {DERIVED}/first.csv" in done.stderr
    assert suite.hashes() == before


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        (f"{PARAMETERS}\ndephts: int = 1", ['has no parameter "depth"', 'has the parameter "dephts"']),
        (f"{PARAMETERS}\ndepth: str = '1'", ['takes "depth" as str, and the plan gives int']),
    ],
)
def test_parameters_that_notebook_and_plan_do_not_share_are_refused_before_anything_runs(
    suite, parameters, says
):
    before = suite.hashes()
    suite.notebook("first", parameters, *GOOD["first"][1:])
    done = suite.run()
    assert done.returncode == 2
    assert all(words in done.stderr for words in says)
    assert "[1/3]" not in done.stdout
    assert suite.hashes() == before


@both
@pytest.mark.parametrize("apart", ["", ", start_new_session=True"])
def test_what_a_cell_has_started_ends_with_its_notebook(suite, apart):
    if apart and sys.platform != "linux":
        pytest.skip("only Linux tells who started a process that has left its session")
    suite.notebook("second", PARAMETERS, CHILD.format(apart), *GOOD["second"][1:])
    assert suite.run().returncode == 0
    assert suite.processes() == []


def test_a_notebook_that_changes_while_it_runs_has_no_record(suite):
    before = suite.hashes()
    more = f"_ = open({str(suite.folder / 'notebooks/first.ipynb')!r}, 'a').write(' ')"
    suite.notebook("second", PARAMETERS, *GOOD["second"][1:], more)
    done = suite.run()
    assert done.returncode == 1
    assert done.stderr.startswith("failed: notebooks/first.ipynb: changed meanwhile")
    assert suite.hashes() == before
