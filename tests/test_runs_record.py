"""The record of a sequence: what a run rests on, and what becomes of a record that was cut short."""

import json

import pytest

from analysis.runs import record
from analysis.runs.plan import Run
from analysis.runs.record import Record

FILES = ["analysis/a.py", "analysis/runs/plan.toml", "notebooks/one.ipynb", "notebooks/two.ipynb"]
FILES += ["data/raw/s/roster.csv", "requirements.lock", "results/in.csv", "kept/data/derived/s/out.csv"]
ONE = Run("1-one", "one", {"depth": 1}, ("in.csv",), ("data/derived/s/out.csv",))


@pytest.fixture
def code(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def record_of(code, run=ONE):
    return Record("s", [run], code, code / "run.json", record.material("s", code))


def basis(code, run=ONE):
    return record_of(code, run).basis(run, code / "results")


@pytest.mark.parametrize("name", [name for name in FILES if "two" not in name and "kept" not in name])
def test_a_run_rests_on_code_data_lock_and_what_it_reads(code, name):
    before = basis(code)
    assert basis(code) == before
    (code / name).write_text("changed")
    assert basis(code) != before


def test_a_run_rests_on_its_parameters_and_on_no_other_notebook(code):
    before = basis(code)
    (code / "notebooks/two.ipynb").write_text("changed")
    assert basis(code) == before
    assert basis(code, Run("1-one", "one", {"depth": 2}, ONE.inputs, ONE.outputs)) != before


def test_only_what_is_still_as_recorded_is_reused(code):
    kept, path = code / "kept", "data/derived/s/out.csv"
    told, derived = record_of(code), kept / "data" / "derived" / "s"
    told.note(ONE, state="completed", basis=basis(code), outputs=record.hashes([kept / path], kept))
    told.write(derived / "run.json")
    assert record.reusable(derived, kept, ONE, basis(code))["state"] == "completed"
    assert record.reusable(derived, kept, ONE, "another basis") is None
    (kept / path).write_text("edited by hand")
    assert record.reusable(derived, kept, ONE, basis(code)) is None
    (derived / "run.json").write_text("no record")
    assert record.reusable(derived, kept, ONE, basis(code)) is None


@pytest.mark.parametrize("text", ["[]", "null", '{"runs": null}', '{"runs": [1, {}]}', "no JSON"])
def test_a_record_that_cannot_be_read_is_none(code, text):
    (code / "run.json").write_text(text)
    assert [entry for entry in record.entries(code) if entry] == []
    assert record.reusable(code, code, ONE, "a basis") is None
    (code / "run.local.json").write_text(text)
    assert record.read(code / "run.local.json").get("expected") is None


def test_what_was_running_when_it_was_cut_short_has_failed(code):
    told = record_of(code)
    told.note(ONE, state="running", cells={"a": "completed", "b": "running", "c": "pending"})
    said = json.loads((code / "run.json").read_text())
    assert said["state"] == "running"
    assert said["runs"][0]["cells"] == {"a": "completed", "b": "running", "c": "not run"}
    record.settle(code / "run.json", "the process was killed")
    said = json.loads((code / "run.json").read_text())
    assert said["state"] == "failed"
    assert said["runs"][0]["reason"] == "the process was killed"
    assert said["runs"][0]["cells"] == {"a": "completed", "b": "failed", "c": "not run"}


def test_a_change_of_the_material_is_noticed_also_where_a_file_is_new(code):
    told = record_of(code)
    assert told.drifted() == []
    (code / "analysis/a.py").write_text("changed")
    (code / "notebooks/three.ipynb").write_text("new")
    assert told.drifted() == ["analysis/a.py", "notebooks/three.ipynb"]
