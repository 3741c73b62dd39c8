"""The audit by planted faults, without the runs that it takes: `make audit` has those.

Here the second run is the kept results themselves, as an untouched checkout gives the same bytes.
"""

import hashlib
import shutil
from dataclasses import replace

import pytest

from analysis import ROOT
from analysis.audit import faults, trials
from analysis.audit.faults import Fault
from analysis.runs.files import placed

PAPER = "bussu-marshall-2020"
SOME = [
    one
    for one in faults.KNOWN
    if one.name in ("a junk figure with the right name", "a table from an older run")
]


def named(fault):
    return fault.name


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    whole = trials.copied(ROOT, PAPER, tmp_path_factory.mktemp("bench") / "whole")
    loaded, runs = trials.planned(whole, PAPER)
    older = whole.parent / "older"
    words = f"data/derived/{PAPER}/words.csv"
    lines = (whole / words).read_text().splitlines(keepends=True)
    placed(older / words).write_text("".join(lines[:-1]))
    return trials.Bench(whole, loaded, runs, whole, None, older)


@pytest.fixture
def tried(bench, tmp_path):
    return lambda fault: [*trials.tried(bench, fault, tmp_path / "trial", 1)]


def state(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.*") if path.is_file()
    }


def test_a_copy_without_a_fault_raises_no_alarm(bench):
    assert trials.unfounded(bench) == []


@pytest.mark.parametrize("fault", [*SOME, *faults.made_up(3, seed=5)], ids=named)
def test_a_fault_in_results_is_noticed_in_both_guises_and_leaves_nothing_behind(
    bench, tried, fault, tmp_path
):
    before = state(bench.whole)
    plain, covered = tried(fault)
    assert (plain.guise, covered.guise) == (trials.PLAIN, trials.COVERED)
    assert plain.alarms
    assert covered.alarms
    assert plain.changed == covered.changed
    assert state(bench.whole) == before
    assert not (tmp_path / "trial").exists()


def test_a_record_that_agrees_hides_what_only_it_would_tell(bench, tmp_path):
    root = trials.copied(bench.whole, PAPER, tmp_path / "copy")
    (edited,) = [one for one in faults.KNOWN if one.name == "an edited output of a cell"]
    edited.plant(bench.place(root))
    assert {check for check, _ in trials.alarms(bench, root)} == {trials.RECORD}
    trials.cover(root, PAPER, bench.runs)
    assert [*trials.alarms(bench, root)] == []
    (check, said), *_ = trials.later(bench, root, tmp_path / "again", 1, changes=False)
    assert check == trials.AGAIN
    assert "is different: cell cell-05" in said


def test_a_fault_that_nothing_notices_fails_the_audit(tried):
    outcomes = tried(Fault("nothing at all", lambda _: "nothing", faults.PUBLISHED))
    assert [one.alarms for one in outcomes] == [[], []]
    says = trials.verdict(outcomes, {"published": []})
    assert says[0] == "  not noticed: nothing at all, plainly: nothing"
    assert "0 of 2 noticed" in says[-1]
    assert "NOT NOTICED" in trials.sentence(outcomes)


def test_a_sound_copy_that_raises_an_alarm_fails_the_audit_before_anything_is_planted(bench, tmp_path):
    root = shutil.copytree(bench.whole, tmp_path / "root")
    (root / "data/derived" / PAPER / "sample.csv").unlink()
    found = trials.unfounded(replace(bench, whole=root))
    says = trials.verdict([], {"published": found})
    assert says[0] == "A copy without a fault raised an alarm, so nothing was planted:"
    assert any("sample.csv is missing" in line for line in says)


def test_faults_by_chance_are_the_same_for_the_same_seed_and_others_for_another(bench, tmp_path):
    def planted(seed, name):
        root = trials.copied(bench.whole, PAPER, tmp_path / name)
        return [one.plant(bench.place(root)) for one in faults.made_up(6, seed)]

    assert planted(1, "a") == planted(1, "b") != planted(2, "c")


def test_the_account_says_what_was_planted_and_which_checks_noticed(tried, bench):
    (fault,) = [one for one in faults.KNOWN if one.name == "a stripped notebook"]
    said = trials.account(tried(fault), {"published": []}, bench)["faults"]
    assert [row["guise"] for row in said] == [trials.PLAIN, trials.COVERED]
    assert trials.NOTEBOOKS in said[1]["caught_by"]
    assert trials.RECORD not in said[1]["caught_by"]
    assert "the code cells are counted" in said[1]["said"]
