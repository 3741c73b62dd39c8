"""What a user sees of work that is no sequence: nothing if it is short, else one line, or lines in a log."""

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time

import pytest

from analysis import ROOT
from analysis.runs import steps
from analysis.runs.steps import Steps

CLEAR = "\r\x1b[K"


class Out(io.StringIO):
    """A terminal, or none."""

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


class Clock:
    """A time that passes when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


class Shown:
    """Steps with a clock of their own, shown each second as the thread would."""

    def __init__(self, terminal, last_time=()):
        self.out, self.clock = Out(terminal), Clock()
        self.steps = Steps(self.out, dict(last_time), self.clock)

    def wait(self, seconds):
        for _ in range(seconds):
            self.clock.now += 1
            self.steps.show()

    @property
    def text(self):
        return self.out.getvalue()

    @property
    def line(self):
        """What stands in the terminal now."""
        return self.text.split(CLEAR)[-1]


@pytest.fixture
def line():
    return Shown(terminal=True)


@pytest.fixture
def log():
    return Shown(terminal=False)


@pytest.mark.parametrize("terminal", [True, False])
def test_work_of_less_than_two_seconds_shows_nothing(terminal):
    shown = Shown(terminal)
    with shown.steps("Reading tables") as tell:
        shown.wait(1)
        tell("Writing tables")
    assert shown.text == ""


def test_a_terminal_has_one_line_that_says_what_is_done_and_since_when_and_nothing_of_it_stays(line):
    with line.steps("Reading tables"):
        line.wait(2)
        assert line.line == "Reading tables: 2 s"
        line.wait(1)
        assert line.line == "Reading tables: 3 s", "also while the step is silent"
    assert "\n" not in line.text
    assert line.text.endswith(CLEAR)


def test_the_pace_says_how_long_the_rest_may_take(line):
    for _ in line.steps.each(range(10), "Searching files"):
        line.wait(2)
    assert "Searching files, 3 of 10: 5 s, about 15 s left in this step" in line.text
    assert "Searching files, 10 of 10: 20 s, about 0 s left in this step" in line.text


def test_what_begins_anew_has_a_pace_of_its_own(line):
    for folder in (range(4), range(2)):
        for _ in line.steps.each(folder, "Searching files"):
            line.wait(2)
    assert line.line == "Searching files, 2 of 2: 12 s, about 0 s left in this step"
    line.wait(5)
    assert line.line == "Searching files, 2 of 2: 17 s, longer than expected"


def test_of_a_step_that_comes_again_last_time_says_nothing_more():
    line = Shown(terminal=True, last_time={"Searching": 10, "Listing": 2})
    for name in ("Searching", "Listing", "Searching"):
        line.steps(name)
        line.wait(2)
    assert line.line == "Searching: 6 s"


def test_without_a_number_last_time_says_how_long_it_and_what_comes_after_it_may_take():
    line = Shown(terminal=True, last_time={"Starting": 1, "Reading": 10, "Writing": 30})
    line.steps("Starting")
    line.steps("Reading")
    line.wait(4)
    assert line.line == "Reading: 4 s, about 36 s left"
    line.steps("Writing")
    line.wait(4)
    assert line.line == "Writing: 8 s, about 26 s left"
    line.wait(30)
    assert line.line == "Writing: 38 s, longer than expected"


def test_where_nothing_is_known_only_the_time_gone_is_told(line):
    line.steps("Reading")
    line.wait(5)
    assert "left" not in line.text


def test_a_step_that_begins_after_a_pause_is_quiet_again(line):
    """A sequence has its own view, and what comes after it may be short."""
    line.steps("Reading")
    line.wait(3)
    line.steps.end()
    line.wait(60)
    before = line.text
    with line.steps("Grading files"):
        line.wait(1)
    assert line.text == before


def test_a_log_has_a_plain_line_now_and_then(log):
    with log.steps("Reading tables") as tell:
        log.wait(4)
        for number in range(3):
            tell("Making pages", number, 3)
            log.wait(12)
    assert log.text.splitlines() == [
        "Reading tables: 2 s",
        "Making pages, 1 of 3: 6 s",
        "Making pages, 1 of 3: 16 s",
        "Making pages, 2 of 3: 26 s, about 14 s left in this step",
        "Making pages, 3 of 3: 36 s, about 4 s left in this step",
        "Making pages: took 36 s",
    ]
    assert "\r" not in log.text
    assert "\x1b" not in log.text


def test_how_fast_a_machine_starts_is_nothing_for_a_log_unless_it_takes_long(log):
    log.steps(steps.START)
    log.wait(9)
    assert log.text == ""
    log.wait(1)
    assert log.text == "Starting: 10 s\n"


def test_results_are_printed_above_the_line(line, capsys):
    line.steps("Planting faults")
    line.wait(2)
    line.steps.say("1 of 2: noticed")
    assert line.text.endswith(CLEAR)
    assert capsys.readouterr().out == "1 of 2: noticed\n"


def test_a_line_is_cut_to_the_width_of_the_terminal(line, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    line.steps("A step with a name that is longer than that")
    line.wait(2)
    assert len(line.line) == 19


def test_nobody_who_reads_it_is_no_failure(line):
    line.steps("Reading")
    line.out.close()
    line.clock.now += 3
    line.steps.over.wait = lambda _: False
    line.steps.watch()
    line.steps.wipe()


# ---- the thread, and what is kept --------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    return tmp_path / steps.DURATIONS


def watchers():
    return [one for one in threading.enumerate() if one.name == "progress"]


def test_it_is_shown_by_a_thread_that_ends_with_the_work(place, monkeypatch):
    monkeypatch.setattr(steps, "QUIET", 0.01)
    out = Out(terminal=False)
    with steps.told("report", "mine", out) as tell:
        tell("Making pages")
        assert len(watchers()) == 1
        end = time.monotonic() + 10
        while not out.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
    assert watchers() == []
    assert re.fullmatch(r"Making pages: \d s\n", out.getvalue())
    assert [*json.loads((place / "report-mine.json").read_text())] == ["Making pages"]


def test_what_the_steps_took_is_known_the_next_time(place, monkeypatch):
    monkeypatch.setattr(steps, "QUIET", 0)
    for known in (set(), {"Making pages"}):
        with steps.told("report", "mine", Out(terminal=True)) as tell:
            assert tell.last_time.keys() == known
            tell("Making pages")
    assert [path.name for path in place.iterdir()] == ["report-mine.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_work_that_did_not_end_well_teaches_nothing_and_leaves_no_thread(place, monkeypatch, error):
    monkeypatch.setattr(steps, "QUIET", 0)

    def work():
        with steps.told("report", "mine", Out(terminal=True)) as tell:
            tell("Making pages")
            raise error

    with pytest.raises(error):
        work()
    assert watchers() == []
    assert not place.exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": "b"}', '{"a": null}', '"a"'])
def test_durations_that_cannot_be_read_are_none(place, text):
    place.mkdir(parents=True)
    (place / "report-mine.json").write_text(text)
    with steps.told("report", "mine", Out(terminal=True)) as tell:
        assert tell.last_time == {}


def test_durations_stay_in_their_folder_whatever_a_study_is_called(place, monkeypatch):
    monkeypatch.setattr(steps, "QUIET", 0)
    with steps.told("check", "../../mine", Out(terminal=True)) as tell:
        tell("Reading")
    assert [path.parent for path in place.parent.rglob("*.json")] == [place]


# ---- a command for real ------------------------------------------------------------------------------------

SLOW = """
import sys, time
from analysis import study
from analysis.runs import steps
from analysis.__main__ import main
steps.QUIET, steps.DURATIONS = 0.1, sys.argv[1]
load = study.load
study.load = lambda *given, **more: (time.sleep(1.5), load(*given, **more))[1]
sys.exit(main(["check", "bussu-marshall-2020"]))
"""


def slow(place, **options):
    return subprocess.Popen([sys.executable, "-c", SLOW, str(place)], cwd=ROOT, text=True, **options)


def test_progress_is_no_part_of_what_a_command_says(tmp_path):
    with slow(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=60)
    assert re.fullmatch(r"(Reading and checking the tables: \d s\n)+", err)
    assert out.splitlines()[0].endswith(": no errors")
    assert "Reading" not in out
    assert (tmp_path / "check-bussu-marshall-2020.json").exists()


def test_a_terminal_is_clean_when_the_results_are_printed(tmp_path):
    ours, theirs = pty.openpty()
    seen = b""
    with slow(tmp_path, stdout=theirs, stderr=theirs), contextlib.suppress(OSError):
        os.close(theirs)
        while piece := os.read(ours, 4096):  # fails when the other end is closed
            seen += piece
    os.close(ours)
    *moments, last = seen.decode().split(CLEAR)
    assert any(re.fullmatch(r"Reading and checking the tables: \d s", moment) for moment in moments)
    assert all("\n" not in moment for moment in moments)
    assert last.splitlines()[0].endswith(": no errors")
