"""What the benchmark measures is what there is: its floor is made of the notebooks as they are."""

import importlib.util
from pathlib import Path

from analysis import ROOT


def module(name):
    found = importlib.util.spec_from_file_location(name, ROOT / "tests" / "bench" / f"{name}.py")
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def test_the_floor_is_the_notebooks_code_of_now():
    plain = module("plain")
    says = "run: PYTHONPATH=. .venv/bin/python tests/bench/plain.py"
    assert Path(plain.FLOOR).read_text(encoding="utf-8") == plain.floor(), says


def test_the_floor_writes_what_the_notebooks_write(tmp_path, monkeypatch):
    kept = ROOT / "data" / "derived" / "bussu-marshall-2020"
    monkeypatch.setenv("ANALYSIS_RESULTS", str(tmp_path))
    module("floor").RUNS["05-whose-voice-is-heard"]()
    (written,) = tmp_path.rglob("voices.csv")
    assert written.read_bytes() == (kept / "voices.csv").read_bytes()


def test_the_page_of_benchmarks_says_of_every_goal_whether_it_was_reached():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page.count("reached, with") == 4
    assert page.count("| one plain program, imports included | one for all |") == 2
