"""What a user asks of a sequence, and what they see of it while it works."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from suite import DERIVED, GOOD, OK

ENDED = [
    f"Written: 8 files and run.json, below {DERIVED}/ and figures/wards/",
    "They are for the study's analysts. What may leave writes: make release STUDY=wards",
]


def test_a_log_has_one_plain_line_a_run_and_nothing_of_the_libraries(suite):
    done = suite.run()
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[:2] == ["Invented wards", "3 runs from data/raw/wards/"]
    for line, name in zip(lines[2:5], ("1-first", "2-second", "3-third"), strict=True):
        assert re.fullmatch(rf"\[{name[0]}/3\] {name} *  [34] cells +\d+\.\d s", line)
    assert lines[5:] == ENDED


def in_a_terminal(suite, *words):
    """Everything that the command writes into a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    seen = b""
    with suite.start(*words, stdout=theirs, env={"COLUMNS": "100"}), contextlib.suppress(OSError):
        os.close(theirs)
        while piece := os.read(ours, 4096):  # fails when the other end is closed
            seen += piece
    os.close(ours)
    return seen.decode()


def test_a_terminal_has_one_line_written_over_with_the_time_that_is_left(suite):
    seen = in_a_terminal(suite)
    top, *moments = seen.split("\r\x1b[K")
    assert top.splitlines() == ["Invented wards", "3 runs from data/raw/wards/"]
    assert all("\n" not in moment for moment in moments[:-1])
    assert any(
        re.fullmatch(r"run 2 of 3, cell 2 of 4: 2-second, \d+ s, about \d+ s left", m) for m in moments
    )
    assert moments[-1].splitlines() == ENDED


def test_without_a_last_record_a_terminal_says_only_the_time_gone(suite):
    (suite.folder / DERIVED / "run.local.json").unlink()
    seen = in_a_terminal(suite)
    assert re.search(r"run 3 of 3, cell 3 of 4: 3-third, \d+ s\r", seen)
    assert "left" not in seen


@pytest.mark.slow
def test_verbose_shows_what_cells_show_in_the_plans_order_also_side_by_side(suite):
    suite.notebook("first", *GOOD["first"], "import time; time.sleep(2)", "print('first')")
    suite.notebook("second", *GOOD["second"], "print('second')")
    lines = suite.run("-v", "--jobs", "2").stdout.splitlines()
    shown = [line for line in lines if line in ("first", "second", "2")]
    assert shown == ["2", "first", "2", "second", "first"]  # the third prints the first's table
    assert lines.index("1-first [6 of 6]") < lines.index("2-second [1 of 5]")


def test_json_is_one_event_a_line_and_nothing_else(suite):
    done = suite.run("--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["event"] for e in events if e.get("run") == "2-second"] == [
        "started", "cell", "cell", "cell", "cell", "output", "completed"
    ]  # fmt: skip
    assert events[0]["event"] == "begun"
    assert events[0]["runs"] == ["1-first", "2-second", "3-third"]
    assert events[-1]["event"] == "finished"
    assert len(events[-1]["written"]) == 8


@pytest.mark.slow
def test_a_verdict_as_json_is_events_and_nothing_else(suite):
    command = [sys.executable, "-m", "analysis", "verify", "wards", "--json"]
    done = subprocess.run(command, cwd=suite.folder, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "finished"
    assert events[-1]["good"] is True
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_part_runs_with_what_it_needs_into_scratch(suite):
    before = suite.hashes()
    by_hand = suite.folder / "scratch" / DERIVED / "second.csv"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("made by hand")
    done = suite.run("--runs", "2")
    assert "\n1 run from" in done.stdout
    assert suite.hashes() == before
    assert by_hand.read_text() == "made by hand"
    found = sorted(p.name for p in (suite.folder / "scratch/trials" / DERIVED).rglob("*") if p.is_file())
    assert found == ["2-second.ipynb", "run.json", "run.local.json", "second.csv"]

    done = suite.run("--runs", "3-th")
    assert [line[:13] for line in done.stdout.splitlines()[2:5]] == [
        "[1/3] 1-first",
        "[2/3] 2-secon",
        "[3/3] 3-third",
    ]
    assert suite.hashes() == before


@pytest.mark.slow
def test_what_is_unchanged_is_reused_on_request_and_marked(suite):
    before = suite.hashes()
    suite.notebook("second", *GOOD["second"], "print('a new cell')")
    done = suite.run("--reuse")
    assert suite.states() == {"1-first": "reused", "2-second": OK, "3-third": OK}
    assert "1 of 3 runs reused" in done.stdout
    same = {path for path, digest in suite.hashes().items() if before.get(path) == digest}
    assert same == before.keys() - {f"{DERIVED}/notebooks/2-second.ipynb", f"{DERIVED}/run.json"}

    suite.run()
    assert set(suite.states().values()) == {OK}


def test_the_record_of_the_machine_says_versions_revision_and_seconds(suite):
    said = json.loads((suite.folder / DERIVED / "run.local.json").read_text())
    assert said["jobs"] == 1
    assert [*said["seconds"]] == [*said["expected"]] == ["1-first", "2-second", "3-third"]
    assert "papermill" in said["packages"]
    assert {"python", "platform", "git"} <= said.keys()


def test_a_plan_that_does_not_hold_together_is_refused_before_anything_runs(suite):
    path, before = suite.folder / "analysis/runs/plan.toml", suite.hashes()
    path.write_text(path.read_text().replace("writes", "wirtes"))
    done = suite.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('plan.toml, run 1 "1-first": "wirtes" is not known')
    assert suite.hashes() == before


def test_an_environment_without_its_lock_is_refused(suite):
    before = suite.hashes()
    (suite.folder / "requirements.lock").unlink()
    done = suite.run()
    assert done.returncode == 1
    assert "requirements.lock: No such file or directory" in done.stderr
    assert suite.hashes() == before


def test_a_sequence_that_nobody_can_read_any_more_ends_with_one_line(suite):
    before = suite.hashes()
    with Path("/dev/full").open("wb") as full:
        done = suite.run("--json", stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("failed: ")
    assert "No space left on device" in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr
    assert suite.hashes() == before
    assert suite.processes() == []


def test_what_is_no_result_is_not_swept_away_with_them(suite):
    notes = suite.folder / DERIVED / "my-notes.md"
    notes.write_text("mine")
    done = suite.run()
    assert done.returncode == 1
    assert done.stderr.startswith(f"failed: {DERIVED}/my-notes.md: no result of the last sequence")
    assert "[1/3]" not in done.stdout
    assert notes.read_text() == "mine"


@pytest.mark.slow
def test_results_without_a_record_that_can_be_read_are_nobodys(suite):
    (suite.folder / DERIVED / "run.local.json").write_text("[]")
    assert suite.run("--reuse").returncode == 0
    (suite.folder / DERIVED / "run.json").write_text("[]")
    done = suite.run("--reuse")
    assert done.returncode == 1
    assert "first.csv" in done.stderr, "without a record nobody knows whose they are"
    assert "Traceback" not in done.stderr


def test_a_parameter_that_no_chosen_run_takes_is_refused(suite):
    done = suite.run("--runs", "2", "--parameter", "depth", "7")
    assert done.returncode == 2
    assert done.stderr == "depth is taken by none of the runs that are chosen\n"
    assert suite.run("--parameter", "depth", "7", "--parameter", "depth", "8").returncode == 2


@pytest.mark.slow
def test_a_failed_trial_leaves_what_failed_before_it(suite):
    suite.notebook("second", *GOOD["second"], "raise ValueError('no')")
    suite.run()
    done = suite.run("--runs", "2")
    assert "scratch/failed/wards-trial/2-second.partial.ipynb" in done.stderr
    assert (suite.failed / "run.json").exists()


def test_braces_in_a_path_are_only_braces(good, tmp_path):
    done = good.copied(tmp_path / "a {depth} of its {own}").run("--runs", "2")
    assert done.returncode == 0, done.stderr


def test_a_terminal_without_the_letters_shows_something_else_for_them(suite):
    suite.notebook("second", *GOOD["second"], "print('caf\N{LATIN SMALL LETTER E WITH ACUTE}')")
    done = suite.run("-v", "--runs", "2", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "caf\\xe9" in done.stdout


def test_a_long_path_for_short_lived_files_is_no_obstacle(suite):
    """No socket fits into it."""
    place = suite.folder / ("long" * 25)
    place.mkdir()
    done = suite.run("--runs", "2", env={"TMPDIR": str(place)})
    assert done.returncode == 0, done.stderr


def test_a_worker_that_cannot_start_says_its_last_words(suite):
    (suite.folder / "analysis/runs/engine.py").write_text("import no_such_module\n")
    done = suite.run()
    assert done.returncode == 1
    assert "its worker: its process left with exit code 1: ModuleNotFoundError" in done.stderr
    assert (suite.failed / "worker-1.log").exists()
