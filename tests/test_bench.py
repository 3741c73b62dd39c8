"""What the benchmark measures is what there is: its floor is made of the notebooks as they are."""

import importlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from analysis import ROOT, SIMULATED, study

PACKAGES = ROOT / ".venv" / "bench"
WAYS = ["ours on DuckDB", "ours on pandas", "DuckDB, SQL by hand with codes as bits", "pandas by hand"]


def module(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tests" / "bench")
        return importlib.import_module(name)


def counted(way, folder):
    """The table of a way, without what only ours has."""
    return module("counted").WAYS[way](folder)()[["code", "borough", "unit", "least", "denominator", "share"]]


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


def test_the_page_of_scale_is_made_of_what_was_measured():
    page = module("scale_page")
    measured = json.loads(page.MEASURED.read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.page(measured)


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


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_counting_gives_the_same_table(generated, way):
    assert counted(way, generated).equals(counted("DuckDB, SQL by hand", generated))


def test_polars_gives_the_same_table(generated, monkeypatch):
    monkeypatch.syspath_prepend(PACKAGES)
    pytest.importorskip("polars", reason="only make bench has it")
    assert counted("polars by hand", generated).equals(counted("DuckDB, SQL by hand", generated))


@pytest.mark.parametrize("tool", ["qualcoder", "taguette"])
def test_the_databases_of_tools_hold_the_same_counts(generated, tool):
    tools = module("tools")
    tools.fill(generated, tool)
    table, known = getattr(tools, tool)(generated)(), counted("DuckDB, SQL by hand", generated)
    people = known["unit"] == "people"
    assert table["least"].equals(known["least"])
    assert table[people].equals(known[people])
    assert table.loc[~people, "denominator"].isna().all()


def test_a_table_that_differs_in_one_cell_is_told(generated, tmp_path, capsys):
    scale = module("scale")
    kept = tmp_path / "tables" / generated.name
    kept.mkdir(parents=True)
    table = counted(scale.STANDARD, generated)
    table.to_csv(kept / f"{scale.STANDARD}.csv", index=False)
    table.to_csv(kept / "pandas by hand.csv", index=False)
    table.assign(least=table["least"].where(table.index != 7, 0)).to_csv(
        kept / f"{scale.TABLE}.csv", index=False
    )
    found = scale.equal(generated, tmp_path)
    assert {name: one["equal"] for name, one in found.items()} == {
        scale.TABLE: False, scale.STANDARD: True, "pandas by hand": True,
    }  # fmt: skip
    assert scale.disagreements({"sizes": [{"asked": 10_000, "equal": found}]}) == 1
    assert f"10,000 codings: the table of {scale.TABLE}" in capsys.readouterr().out


def test_time_that_doubles_with_the_codings_has_the_slope_one():
    page = module("scale_page")
    rows = [
        {"stage": "straight", "round": 1, "seconds": codings / 1000, "memory": 1, "ended": False}
        for codings in (100_000, 1_000_000)
    ]
    sizes = [
        {"asked": size, "codings": size, "rows": [row]}
        for size, row in zip((10**5, 10**6), rows, strict=True)
    ]
    assert page.slope(page.medians({"sizes": sizes}), "straight") == pytest.approx(1)
