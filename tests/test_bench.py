"""What the benchmark measures is what there is: its floor is made of the notebooks as they are."""

import importlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from analysis import ROOT, SIMULATED, study


def module(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tests" / "bench")
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The folder of a generated study."""
    folder = tmp_path_factory.mktemp("raw") / "simulated-generated"
    module("generated").write(folder, 10_000)
    return folder


def rows(folder, table):
    return duckdb.sql(f"FROM '{folder}/{table}/*.parquet'").df()


@pytest.fixture(scope="module")
def in_csv(generated, tmp_path_factory):
    """The same study with its tables as CSV files, loaded and thereby checked."""
    folder = tmp_path_factory.mktemp("csv") / generated.name
    shutil.copytree(generated, folder)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package.pop("resources"):
        rows(generated, resource["name"]).to_csv(folder / f"{resource['name']}.csv", index=False)
        shutil.rmtree(folder / resource["name"])
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return study.load(folder.name, folder.parent)


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


def test_a_generated_study_is_a_study_and_about_as_large_as_asked(in_csv):
    assert in_csv.simulated
    assert in_csv.excerpts["text"].str.startswith("[Simulated ").all()
    assert len(in_csv.codings) == pytest.approx(10_000, rel=0.1)
    assert {*in_csv.excerpts["text"].str.split().map(len)} <= {*range(20, 60)}
    ends = in_csv.excerpts["end"] - in_csv.excerpts["start"]
    assert (ends == in_csv.excerpts["text"].str.len()).all()


def test_the_same_seed_generates_the_same_rows_and_another_seed_others(generated, tmp_path):
    for seed, same in ((1, True), (2, False)):
        folder = tmp_path / f"simulated-{seed}"
        module("generated").write(folder, 10_000, seed)
        for table in ("roster", "documents", "excerpts", "codings"):
            assert rows(folder, table).equals(rows(generated, table)) is same


def test_blocks_of_a_generated_study_share_no_person_and_no_excerpt(tmp_path, monkeypatch):
    monkeypatch.setattr(module("generated"), "PEOPLE", 100)
    module("generated").write(tmp_path / "simulated-blocks", 10_000)
    assert len([*(tmp_path / "simulated-blocks" / "codings").iterdir()]) == 5
    assert rows(tmp_path / "simulated-blocks", "roster")["participant"].is_unique
    assert rows(tmp_path / "simulated-blocks", "excerpts")["excerpt"].is_unique


def test_people_of_a_generated_study_are_those_of_the_record_and_speak_as_declared(tmp_path):
    folder = tmp_path / "simulated-chances"
    module("generated").write(folder, 200_000)
    roster, codings = rows(folder, "roster"), rows(folder, "codings")
    share = roster["borough"].value_counts(normalize=True)
    assert share.to_dict() == pytest.approx({"A": 37 / 88, "B": 27 / 88, "C": 24 / 88}, abs=0.02)
    declared = study.declared_simulation(study.RAW / SIMULATED)
    kinds = module("generated").kinds_of(declared)
    assert {*zip(roster["borough"], roster["role"], strict=True)} <= {
        *zip(kinds["borough"], kinds["role"], strict=True)
    }
    likely = (module("generated").chances_of(declared, kinds).T @ kinds["share"]).to_dict()
    error, said = declared["coder_error"], len(rows(folder, "excerpts"))
    judged = codings["code"].value_counts() / 2 / said
    found = ((judged - error) / (1 - 2 * error)).to_dict()
    assert found == pytest.approx(likely, abs=0.02)
