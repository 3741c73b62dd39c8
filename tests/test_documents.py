"""Documents that can drift, held to what they speak of."""

import csv
import json
import re

import pandas as pd
import pytest

from analysis import ROOT
from analysis.runs.plan import plan

PAPER = "bussu-marshall-2020"
DERIVED = ROOT / "data" / "derived" / PAPER
PACKAGE = json.loads((ROOT / "data" / "raw" / PAPER / "datapackage.json").read_text(encoding="utf-8"))


def sections(page):
    """The parts of a page under `### file`, each with the columns that its table names."""
    parts = re.split(r"^##+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        part.split("\n")[0]: re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)
        for part in parts
        if part.split("\n")[0].endswith(".csv")
    }


def header(path):
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("resource", PACKAGE["resources"], ids=lambda resource: resource["name"])
def test_the_raw_dictionary_names_every_column_with_its_description(resource):
    text = (ROOT / "data/raw/README.md").read_text(encoding="utf-8")
    assert sections(ROOT / "data/raw/README.md")[resource["path"]] == header(
        ROOT / "data/raw" / PAPER / resource["path"]
    )
    for field in resource["schema"]["fields"]:
        assert f"| `{field['name']}` | {field['type']} | {field['description']}" in text


def test_the_derived_dictionary_names_every_table_and_column():
    found = sections(ROOT / "data/derived/README.md")
    assert set(found) == {path.name for path in DERIVED.glob("*.csv")}
    like = {f"{table}_by_role_group.csv": f"{table}_by_borough.csv" for table in ("contrasts", "differences")}
    others = {f"{table}_by_role_group.csv" for table in ("themes", "joint")}
    for name in found.keys() - others - {"themes_by_borough_narrow.csv"}:
        assert found[like.get(name, name)] == header(DERIVED / name), name
    for name in others:
        same = found[name.replace("role_group", "borough")]
        assert header(DERIVED / name) == ["role_group" if c == "borough" else c for c in same]
    narrow = [column for column in found["themes_by_borough.csv"] if column != "holds"]
    assert header(DERIVED / "themes_by_borough_narrow.csv") == narrow


def planned_runs(paper):
    names = {
        "grouping": paper.compare,
        "site": [paper.site],
        "table": [f"table-{n}" for n in ("1", "2", "3", "a1")],
    }
    return plan(PAPER, names)


def test_the_kept_results_are_those_of_the_plan(paper):
    planned = {path for run in planned_runs(paper) for path in run.outputs}
    roots = [DERIVED, ROOT / "figures" / PAPER]
    kept = {p.relative_to(ROOT).as_posix() for root in roots for p in root.rglob("*") if p.is_file()}
    assert kept - {f"data/derived/{PAPER}/run.local.json"} == planned | {f"data/derived/{PAPER}/run.json"}


def test_the_record_has_the_hash_of_every_input_source_and_output(paper):
    from analysis.runs import record

    said = record.read(DERIVED / "run.json")
    now = record.material(PAPER, ROOT)
    for part in ("inputs", "sources", "lock"):
        assert now[part]
        assert said[part] == now[part], f"{part} changed since the last run: make reproduce"
    assert [run["run"] for run in said["runs"]] == [run.name for run in planned_runs(paper)]
    for entry, run in zip(said["runs"], planned_runs(paper), strict=True):
        for part, paths in (("inputs", run.inputs), ("outputs", run.outputs)):
            assert entry[part] == record.hashes((ROOT / path for path in paths), ROOT)


def test_the_kept_results_are_of_one_whole_sequence_with_nothing_reused():
    said = json.loads((DERIVED / "run.json").read_text(encoding="utf-8"))
    assert said["state"] == "completed"
    for run in said["runs"]:
        assert {run["state"], *run["cells"].values()} == {"completed"}
        executed = json.loads((DERIVED / "notebooks" / f"{run['run']}.ipynb").read_text(encoding="utf-8"))
        code = [cell["id"] for cell in executed["cells"] if cell["cell_type"] == "code"]
        assert [*run["cells"]] == code


def test_the_readmes_answer_is_what_was_computed(paper):
    words = (ROOT / "README.md").read_text(encoding="utf-8").split("The answer: ")[1].split("\n\n")[0]
    verdicts = pd.read_csv(DERIVED / "claims.csv")["verdict"].value_counts()
    total = pd.read_csv(DERIVED / "reconciliation.csv").set_index("borough").loc["all"]
    numbers = [*map(int, re.findall(r"\d+", words))]
    assert numbers == [
        len(paper.claims),
        *verdicts.reindex(["agrees", "differs", "attested", "not reproducible"]),
        *total[["people_listed", "interviews", "participants_implied"]].astype(int),
    ]
    voices = pd.read_csv(DERIVED / "voices.csv")
    silent = ((voices["people"] > 0) & (voices["excerpts"] == 0)).sum()
    assert f"the label of {['no', 'one', 'two', 'three', 'four', 'five', 'six'][silent]} groups" in words


def test_every_picture_of_the_readme_is_there_and_has_words():
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(pictures) > 3
    for words, path in pictures:
        assert (ROOT / path).stat().st_size > 10_000, path
        assert len(words) > 30, path


def test_the_changelog_counts_the_claims(paper):
    assert f"{len(paper.claims)} of its claims" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_environment_has_the_locks_python_and_the_lock():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    bounds = re.search(r'requires-python = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        1
    ]
    assert f"- python{bounds}" in text
    assert "- --requirement requirements.lock" in text
    assert "--python-version 3.11" in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_package_is_locked_with_a_hash_and_within_its_bounds():
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.findall(r"^([\w.-]+)==([\w.]+).*?\\\n((?:    --hash=.*\n)+)", lock, re.MULTILINE)
    assert all("sha256:" in hashes for _, _, hashes in blocks)
    assert len(blocks) == len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE))
    locked = {name: version for name, version, _ in blocks}
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        need = Requirement(text)
        assert need.specifier.contains(locked[need.name]), text
    assert "://" not in lock


def test_no_page_or_module_names_a_machine_or_a_registry():
    pages = [
        p for p in ROOT.rglob("*") if p.suffix in (".md", ".py", ".toml", ".yml", ".json", ".cff", ".ipynb")
    ]
    for page in pages:
        if not set(page.relative_to(ROOT).parts) & {".venv", "scratch", "tests"}:
            text = page.read_text(encoding="utf-8")
            assert not re.search(r"/home/\w|/root/|://[^ ]*/(simple|packages)/", text), page
