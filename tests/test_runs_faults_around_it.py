"""What goes wrong around the notebooks, really done: killed runners, full disks, two at once, Ctrl-C."""

import contextlib
import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from suite import DERIVED, EARLIER, FAILED, GOOD, NEVER, NOT, OK, PARAMETERS, STUDY

from analysis import ROOT
from analysis.runs import staging

pytestmark = pytest.mark.faults
LARGE = "print('x' * 3_000_000)"


def cut_short(suite, cells=4):
    """The record of a sequence that ended in the sleeping cell of the second notebook."""
    assert suite.record(failed=True)["state"] == "failed"
    assert suite.states(failed=True) == {"1-first": OK, "2-second": FAILED, "3-third": NOT}
    assert [*suite.cells("2-second", failed=True).values()] == [OK, OK, FAILED, NOT, NOT][:cells]


def test_a_runner_that_is_killed(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    code, text, _ = suite.stock("second", until=lambda process, _: process.kill())
    assert code == -signal.SIGKILL
    assert text != EARLIER

    process = suite.start()
    suite.until_asleep()
    process.kill()
    assert suite.end(process).returncode == -signal.SIGKILL
    assert suite.hashes() == before
    again = suite.works_again(before)
    assert f"An earlier sequence (process {process.pid}, begun at " in again.stdout
    cut_short(suite)
    assert (suite.failed / "2-second.partial.ipynb").exists()


def without_ctrl_c():
    """As a shell starts a job in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_a_runner_that_is_killed_in_the_background(suite):
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    process = suite.start(preexec_fn=without_ctrl_c)
    suite.until_asleep()
    process.kill()
    suite.end(process)
    suite.until(lambda: not suite.processes(), seconds=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_runner_that_is_stopped(suite, number):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    if number == signal.SIGINT:
        _, text, words = suite.stock("second", until=lambda process, _: os.killpg(process.pid, number))
        assert words == [OK, OK, OK]
        assert text != EARLIER

    process = suite.start()
    suite.until_asleep()
    os.killpg(process.pid, number)
    done = suite.end(process)
    assert done.returncode == 128 + number
    assert done.stderr.startswith("stopped\nThe notebook as far as it got: scratch/failed/wards/2-second")
    assert suite.processes() == []
    assert suite.hashes() == before
    cut_short(suite)
    suite.works_again(before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_runner_that_ends_while_a_kernel_does_not_answer(suite, number):
    """A kernel that has not begun to listen does not notice that it is alone."""
    before = suite.hashes()
    deaf = suite.folder / "ipykernel_launcher.py"
    deaf.write_text(suite.sleep)
    env = {"PYTHONPATH": str(suite.folder)}
    if number == signal.SIGKILL:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(suite.folder))
            suite.stock("second", until=lambda process, _: process.kill())
        assert suite.named("ipykernel_launcher"), "papermill leaves the kernel behind"
        suite.kill()

    process = suite.start("--cold", env=env)
    suite.until_asleep()
    process.send_signal(number)
    suite.end(process)
    suite.until(lambda: not suite.processes(), seconds=10)
    assert suite.hashes() == before
    deaf.unlink()
    suite.works_again(before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_runner_that_ends_while_an_import_does_not(suite, number):
    """What kernels are forked from has not begun to listen, and does not notice that it is alone."""
    before = suite.hashes()
    (suite.folder / "analysis" / "slow.py").write_text(suite.sleep)
    suite.notebook("second", PARAMETERS, "from analysis import slow", NEVER)
    process = suite.start()
    suite.until_asleep()
    process.send_signal(number)
    suite.end(process)
    suite.until(lambda: not suite.processes(), seconds=10)
    assert suite.hashes() == before


def test_a_nursery_that_is_killed_leaves_kernels_at_work_and_the_next_are_ordinary(suite):
    before = suite.hashes()
    suite.notebook("second", *GOOD["second"], suite.until_told)
    process = suite.start()
    asleep = psutil.Process(suite.until_asleep())
    nursery = asleep.parent().parent()
    assert "analysis.runs.nursery" in nursery.cmdline()
    nursery.kill()
    suite.go()
    done = suite.end(process)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Kernels start in the ordinary way") <= 1, "the one that was ready may be taken"
    assert suite.processes() == []
    assert suite.states() == {"1-first": OK, "2-second": OK, "3-third": OK}
    suite.works_again(before)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_nursery_that_is_killed_before_the_first_kernel(suite, jobs):
    before = suite.hashes()
    process = suite.start("--jobs", jobs)
    (nursery,) = suite.until(lambda: suite.named("analysis.runs.nursery"))
    nursery.kill()
    done = suite.end(process)
    assert done.returncode == 0, done.stderr
    says = "Kernels start in the ordinary way, which takes longer: "
    assert done.stdout.count(f"{says}the process that kernels are forked from has ended.") == 1
    assert suite.hashes() == before
    assert suite.processes() == []


def test_a_keeper_that_is_killed_takes_its_kernel_along(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    process = suite.start()
    psutil.Process(suite.until_asleep()).parent().kill()
    done = suite.end(process)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "failed: 2-second, code cell 3: RuntimeError: the process that looks after its"
    )
    assert suite.processes() == []
    assert suite.hashes() == before
    cut_short(suite)
    suite.works_again(before)


def test_a_worker_that_is_killed_takes_its_kernel_along(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    process = suite.start()
    suite.until_asleep()
    (worker,) = suite.named("analysis.runs.worker")
    worker.kill()
    done = suite.end(process)
    assert done.returncode == 1
    assert done.stderr.startswith("failed: 2-second, its worker: its process was killed")
    assert suite.processes() == []
    assert suite.hashes() == before
    cut_short(suite)
    suite.works_again(before)


def test_a_worker_that_hangs_is_noticed(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.sleep, NEVER)
    suite.plan(run_seconds=5)
    process = suite.start()
    suite.until_asleep()
    (worker,) = suite.named("analysis.runs.worker")
    worker.suspend()
    done = suite.end(process)
    assert done.stderr.startswith("failed: 2-second, its worker: no sign of life")
    assert suite.processes() == []
    assert suite.hashes() == before
    suite.works_again(before)


def test_a_runner_that_was_suspended_goes_on(suite):
    """As with Ctrl-Z, or a laptop that was closed."""
    suite.notebook("second", PARAMETERS, suite.until_told, *GOOD["second"][1:])
    suite.plan(run_seconds=5)
    process = suite.start()
    suite.until_asleep()
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    suite.go()
    time.sleep(16)
    process.send_signal(signal.SIGCONT)
    done = suite.end(process)
    assert done.returncode == 0, done.stderr


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def test_a_file_that_may_not_grow(suite):
    before = suite.hashes()
    suite.notebook("second", *GOOD["second"], LARGE)
    code, text, _ = suite.stock("second", preexec_fn=small_files)
    assert code == 1
    assert text != EARLIER, "papermill has overwritten the last good output with half of another"

    done = suite.run(preexec_fn=small_files)
    assert done.returncode == 1
    assert "2-second, outside its cells: OSError: [Errno 27] File too large" in done.stderr
    assert suite.hashes() == before
    assert suite.states(failed=True)["2-second"] == FAILED
    assert {*suite.cells("2-second", failed=True).values()} == {OK}, "it is not they who failed"
    suite.works_again(before)


def test_a_disk_that_is_full(good, disk):
    suite = good.copied(disk)
    before = suite.hashes()
    suite.notebook("second", *GOOD["second"], LARGE, LARGE)
    code, text, _ = suite.stock("second")
    assert code == 1
    assert text != EARLIER
    (disk / "stock.ipynb").unlink()

    done = suite.run()
    assert done.returncode == 1
    assert "2-second, " in done.stderr
    assert "No space left on device" in done.stderr
    assert suite.hashes() == before
    assert suite.processes() == []
    assert suite.states(failed=True) == {"1-first": OK, "2-second": FAILED, "3-third": NOT}
    suite.works_again(before)


def test_a_disk_without_room_for_anything(good, disk):
    suite = good.copied(disk)
    before = suite.hashes()
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    done = suite.run()
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert suite.hashes() == before
    (disk / "filler").unlink()
    suite.works_again(before)


@contextlib.contextmanager
def read_only(folder):
    """The folder cannot be written: for root by mounting it so, for others by its permissions."""
    if os.geteuid():
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    bind = ["mount", "--bind", str(folder), str(folder)]
    if subprocess.run(bind, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a folder")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("folder", [".", "data/derived", f"figures/{STUDY}"])
def test_a_target_that_cannot_be_written_is_said_before_anything_runs(suite, folder):
    before = suite.hashes()
    slow = suite.folder / "began"
    suite.notebook("second", PARAMETERS, f"open('{slow}', 'w').close()", *GOOD["second"][1:])
    (suite.folder / "stock" / folder).mkdir(parents=True)
    slow.unlink(missing_ok=True)
    with read_only(suite.folder / "stock" / folder):
        assert suite.stock("second")[0] == 1
    assert slow.exists(), "papermill has worked for as long as it takes until something is written"

    suite.notebook("second", *GOOD["second"])
    with read_only(suite.folder / folder):
        done = suite.run()
    assert done.returncode == 1
    assert done.stderr.startswith(f"failed: {suite.folder}")
    assert done.stderr.endswith(": cannot be written\nEarlier results are as they were.\n")
    assert "[1/3]" not in done.stdout
    assert suite.hashes() == before
    suite.works_again(before)


def test_a_target_that_can_no_longer_be_written_at_the_end(suite):
    """One of two folders can be replaced, the other cannot: neither is."""
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.until_told, *GOOD["second"][1:])
    process = suite.start()
    suite.until_asleep()
    with read_only(suite.folder / "figures" / STUDY):
        suite.go()
        done = suite.end(process)
    assert done.returncode == 1
    assert f"figures/{STUDY}: " in done.stderr.splitlines()[0]
    assert suite.hashes() == before
    suite.works_again(before)


def two_at_once(suite):
    """One sequence in the middle of its second notebook, and one that waits for it."""
    suite.notebook("second", PARAMETERS, suite.until_told, *GOOD["second"][1:])
    first = suite.start()
    suite.until_asleep()
    second = suite.start()
    says = suite.until_said(second, "Another sequence of this study is at work")
    assert f"(process {first.pid}, begun at" in says
    return first, second


def test_the_second_of_two_at_once_waits_and_says_for_whom(suite):
    before = suite.hashes()
    suite.notebook("second", PARAMETERS, suite.until_told)
    codes = []

    def meanwhile(*_):
        codes.append(suite.stock("first")[0])
        suite.go()

    code, text, _ = suite.stock("second", until=meanwhile)
    assert [*codes, code] == [0, 0], "with papermill, both succeed"
    assert "1 + 1" not in text, "and the one that ends last has silently replaced the other's output"

    (suite.folder / "go").unlink()
    first, second = two_at_once(suite)
    suite.go()
    assert suite.end(first).returncode == 0
    done = suite.end(second)
    assert done.returncode == 0, done.stderr
    assert suite.hashes().keys() == before.keys()
    suite.works_again(before)


def test_the_second_of_two_at_once_goes_on_when_the_first_is_killed(suite):
    before = suite.hashes()
    first, second = two_at_once(suite)
    first.kill()
    suite.end(first)
    suite.until_said(second, "was killed before its end")
    suite.go()
    done = suite.end(second)
    assert done.returncode == 0, done.stderr
    cut_short(suite, 5)
    suite.works_again(before)


def test_what_changes_while_a_sequence_waits_stops_it(suite):
    """It would run the plan as it was, on notebooks as they are."""
    before = suite.hashes()
    first, second = two_at_once(suite)
    suite.notebook("third", *GOOD["third"], "1")
    suite.go()
    assert suite.end(first).stderr.startswith("failed: notebooks/third.ipynb: changed meanwhile")
    done = suite.end(second)
    assert done.stderr.startswith("failed: notebooks/third.ipynb: changed meanwhile")
    assert "[1/3]" not in done.stdout
    assert suite.hashes() == before
    suite.works_again(before)


def test_a_worker_that_dies_without_a_run_is_noticed(suite):
    before = suite.hashes()
    suite.notebook("first", *GOOD["first"], suite.until_told)
    process = suite.start("--jobs", "2", "--cold")
    suite.until_asleep()
    suite.until_said(process, "2-second")
    busy = max(suite.named("ipykernel"), key=lambda kernel: kernel.create_time()).parent()
    (idle,) = [worker for worker in suite.named("analysis.runs.worker") if not worker.children()]
    assert idle != busy
    idle.kill()
    done = suite.end(process)
    assert done.returncode == 1
    assert done.stderr.startswith("failed: a worker without a run: its process was killed by SIGKILL")
    assert suite.hashes() == before
    suite.works_again(before)


@contextlib.contextmanager
def renames_fail(*numbers):
    """The renames of these numbers fail, counted from one."""
    rename, count = Path.rename, itertools.count(1)

    def failing(path, target):
        if next(count) in numbers:
            raise OSError("broken")
        return rename(path, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", failing)
        yield


def promoted_without_figures(suite, fails=()):
    """A table alone is promoted."""
    with staging.held(STUDY, suite.folder, suite.failed, print) as stage, renames_fail(*fails):
        new = stage.path / "new" / DERIVED
        new.mkdir(parents=True)
        (new / "new.csv").write_text("new")
        staging.promote(stage)


def test_results_without_figures_replace_those_that_had_some(suite):
    """And where they cannot, the figures come back: none are lost that the new results lack."""
    before = suite.hashes()
    with pytest.raises(OSError, match="broken") as caught:
        promoted_without_figures(suite, fails=[4])
    assert suite.hashes() == before
    assert caught.value.__notes__ == [staging.UNTOUCHED]
    promoted_without_figures(suite)
    assert [*suite.hashes()] == [f"{DERIVED}/new.csv"]


def test_results_that_can_be_put_neither_there_nor_back_are_put_there_by_the_next_start(suite):
    with pytest.raises(OSError, match="broken") as caught:
        promoted_without_figures(suite, fails=[5, 6])
    assert caught.value.__notes__ == [staging.HALFWAY]
    stage = suite.folder / f".staging-{STUDY}"
    assert (stage / staging.NOTE).exists()
    assert (stage / "old" / DERIVED / "first.csv").exists(), "nothing is lost"
    with staging.held(STUDY, suite.folder, suite.failed, print):
        assert [*suite.hashes()] == [f"{DERIVED}/new.csv"]
    assert not stage.exists()


RENAMES = """
import os, pathlib, signal, sys
from analysis.runs import staging
rename, left = pathlib.Path.rename, [int(sys.argv[1])]
def counted(path, target):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)
pathlib.Path.rename = counted
target = pathlib.Path()
with staging.held("wards", target, target / "failed", print) as stage:
    for folder in staging.folders("wards"):
        (stage.path / "new" / folder).mkdir(parents=True)
        (stage.path / "new" / folder / "new").write_text("new")
    staging.promote(stage)
"""


@pytest.mark.parametrize("renames", range(6))
def test_a_crash_between_two_renames_is_repaired_at_the_next_start(tmp_path, renames):
    """One rename for the note, and two for each of the two folders; after five, nothing is left to do."""
    places = [tmp_path / folder for folder in staging.folders("wards")]
    for place in places:
        place.mkdir(parents=True)
        (place / "old").write_text("old")
    command = [sys.executable, "-c", RENAMES, str(renames)]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == (-signal.SIGKILL if renames < 5 else 0)

    told = []
    with staging.held("wards", tmp_path, tmp_path / "failed", told.append):
        found = [[path.name for path in place.iterdir()] for place in places]
    assert found == [["old"], ["old"]] if renames == 0 else [["new"], ["new"]]
    assert [event["event"] for event in told] == [["unfinished"], *[["repaired"]] * 4, []][renames]


def test_side_by_side_or_one_after_the_other_the_bytes_are_the_same(suite):
    before = suite.hashes()
    done = suite.run("--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert suite.hashes() == before


def test_one_of_two_that_fails_stops_the_other(suite):
    before = suite.hashes()
    suite.notebook("first", *GOOD["first"], suite.sleep)
    asleep = f"import os, time\nwhile not os.path.exists('{suite.folder}/asleep'): time.sleep(0.05)"
    suite.notebook("second", PARAMETERS, asleep, "raise ValueError('no')")
    done = suite.run("--jobs", "2")
    assert done.returncode == 1
    assert done.stderr.startswith("failed: 2-second, code cell 4: ValueError: no")
    assert suite.processes() == []
    assert suite.states(failed=True) == {"1-first": FAILED, "2-second": FAILED, "3-third": NOT}
    assert {path.name for path in suite.failed.glob("*.ipynb")} == {
        "1-first.partial.ipynb",
        "2-second.partial.ipynb",
    }
    reasons = {run["run"]: run.get("reason") for run in suite.record(failed=True)["runs"]}
    assert reasons["1-first"] == "stopped because the sequence failed"
    suite.works_again(before)


def test_the_record_of_a_good_run_has_the_hash_of_everything(suite):
    record = suite.record()
    hashes = {path: digest for run in record["runs"] for path, digest in run["outputs"].items()}
    assert hashes | {f"{DERIVED}/run.json": suite.hashes()[f"{DERIVED}/run.json"]} == suite.hashes()
    assert record["runs"][2]["inputs"] == {
        path: hashes[path]
        for path in (
            f"{DERIVED}/first.csv",
            f"{DERIVED}/notebooks/1-first.ipynb",
            f"{DERIVED}/notebooks/2-second.ipynb",
        )
    }
    assert record["state"] == OK
    assert {state for run in record["runs"] for state in run["cells"].values()} == {OK}
