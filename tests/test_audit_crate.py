"""The evidence package, read as somebody would who has nothing but its files."""

import hashlib
import json
import re
import stat
import warnings
import zipfile
from io import BytesIO

import crates
import pytest
import yaml
from crates import KEY, NAMED, PAPER, SECRET

from analysis import ROOT, study
from analysis.__main__ import main
from analysis.audit import crate, release
from analysis.audit.crate import keyed, randomness
from analysis.commands import publishing
from analysis.runs import record
from analysis.runs.files import replaced
from analysis.sources import writing
from analysis.sources.project import SourceError

DONE = "http://schema.org/CompletedActionStatus"
OTHER_KEY = bytes(32)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return crates.published(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def files(checkout):
    return crates.made(checkout)


@pytest.fixture(scope="module")
def graph(files):
    return crates.graph(files)


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    return crates.restricted(tmp_path_factory.mktemp("restricted"))


@pytest.fixture(scope="module")
def closed(private):
    return crates.made(private, SECRET, KEY)


@pytest.fixture
def changed(checkout):
    """A checkout to change a file in; it is put back."""
    kept = {}

    def change(name, text):
        path = checkout / name
        kept[path] = path.read_bytes()
        path.unlink() if text is None else path.write_text(text)

    yield change
    for path, data in kept.items():
        path.write_bytes(data)


@pytest.mark.parametrize("which", ["files", "closed"])
def test_every_file_has_its_hash_and_size_in_the_metadata_and_there_is_no_other(which, request):
    made = request.getfixturevalue(which)
    told = {at: one for at, one in crates.graph(made).items() if "File" in crates.several(one["@type"])}
    assert told.keys() == made.keys() - {crate.metadata.FILE}
    for name, one in told.items():
        assert one["sha256"] == hashlib.sha256(made[name]).hexdigest()
        assert one["contentSize"] == str(len(made[name]))
        assert one["encodingFormat"] != "application/octet-stream", name
    parts = {part["@id"] for part in crates.graph(made)["./"]["hasPart"]}
    assert parts == told.keys()


def test_the_files_are_those_of_the_record_in_their_places(checkout, files):
    said = record.read(checkout / f"data/derived/{PAPER}/run.json")
    listed = said["inputs"] | said["sources"] | said["lock"]
    for run in said["runs"]:
        listed |= run["outputs"]
    assert listed.keys() <= files.keys()
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in listed} == listed


def test_all_that_lies_with_the_code_is_there(files):
    code = (path for path in ROOT.glob("analysis/**/*.*") if path.is_file() and path.suffix != ".pyc")
    assert {path.relative_to(ROOT).as_posix() for path in code} <= files.keys()


def test_every_run_is_an_action_with_its_notebook_parameters_results_and_times(checkout, graph):
    for run in record.read(checkout / f"data/derived/{PAPER}/run.json")["runs"]:
        action = graph[f"#run/{run['run']}"]
        assert action["@type"] == "CreateAction"
        assert action["actionStatus"] == DONE
        assert action["instrument"]["@id"] == f"notebooks/{run['notebook']}.ipynb"
        assert {one["@id"] for one in action["result"]} == run["outputs"].keys()
        objects = [graph[one["@id"]] for one in action["object"]]
        values = {one["name"]: one["value"] for one in objects if one["@type"] == "PropertyValue"}
        assert values == run["parameters"]
        assert run["inputs"].keys() <= {one["@id"] for one in objects}
        assert action["startTime"] < action["endTime"]
        assert graph[f"#control/{run['run']}"]["object"] == {"@id": f"#run/{run['run']}"}


def test_every_cell_is_told_with_its_state(checkout, graph):
    for run in record.read(checkout / f"data/derived/{PAPER}/run.json")["runs"]:
        about = [graph[one["@id"]] for one in graph[f"#run/{run['run']}"]["additionalProperty"]]
        cells = [one["value"].split(", ") for one in about if one["name"] == "code cells completed"]
        assert cells == [[*run["cells"]]]


def test_the_engine_has_the_lock_and_every_package_that_was_found(checkout, graph):
    software = record.read(checkout / f"data/derived/{PAPER}/run.json")["software"]
    needs = [graph[one["@id"]] for one in graph["#papermill"]["softwareRequirements"]]
    found = {one["name"].lower(): one["softwareVersion"] for one in needs if "softwareVersion" in one}
    found |= {"papermill": graph["#papermill"]["softwareVersion"]}
    assert found | {"platform": graph["#papermill"]["operatingSystem"]} == software
    assert "requirements.lock" in {one["@id"] for one in needs}


def test_every_reference_leads_to_an_entity(graph):
    def references(value):
        if isinstance(value, dict):
            yield value["@id"]
        for one in value if isinstance(value, list) else ():
            yield from references(one)

    named = {at for one in graph.values() for value in one.values() for at in references(value)}
    assert {at for at in named if not at.startswith("http")} <= graph.keys()


def test_the_licence_and_the_authors_are_those_that_the_study_states(checkout, graph):
    package = json.loads((checkout / f"data/raw/{PAPER}/datapackage.json").read_text())
    assert graph["./"]["license"]["@id"] == package["licenses"][0]["path"]
    authors = [graph[one["@id"]]["name"] for one in graph["./"]["author"]]
    assert authors == [one["title"] for one in package["contributors"]]


def test_another_reader_of_such_packages_finds_the_same(files, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of that package's own dependencies
        from rocrate.rocrate import ROCrate

        replaced(tmp_path / "crate", files)
        read = ROCrate(tmp_path / "crate")
    assert {one.id for one in read.get_by_type("File")} == files.keys() - {crate.metadata.FILE}
    assert read.mainEntity.id == crate.metadata.PLAN
    assert len(read.get_by_type("HowToStep")) == len(read.get_by_type("ControlAction")) == 14


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (f"data/derived/{PAPER}/sample.csv", "changed", "is not as its run has written it"),
        (f"figures/{PAPER}/sample.png", None, "is not as its run has written it"),
        (f"data/raw/{PAPER}/LICENSE.md", "changed", "is not what the results were made from"),
        ("analysis/measures/sample.py", "changed", "is not what the results were made from"),
        ("requirements.lock", "changed", "is not what the results were made from"),
        (f"data/derived/{PAPER}/run.json", None, "is not there, so nobody knows what ran"),
        (f"data/derived/{PAPER}/run.json", '{"runs": []}', "speaks of no results"),
    ],
)
def test_what_is_not_as_recorded_is_refused_by_name(checkout, changed, name, text, says):
    changed(name, text)
    with pytest.raises(crate.CrateError, match=f"{re.escape(name)} {says}.*make reproduce"):
        crates.gathered(checkout)


def test_the_command_refuses_with_one_and_writes_nothing(checkout, changed, monkeypatch, capsys):
    monkeypatch.setattr(publishing, "ROOT", checkout)
    monkeypatch.setattr(study.record, "RAW", checkout / "data/raw")
    changed(f"data/derived/{PAPER}/sample.csv", "changed")
    assert main(["crate", PAPER]) == 1
    assert "sample.csv is not as its run has written it" in capsys.readouterr().err
    assert not (checkout / "scratch").exists()


def test_the_command_writes_a_folder_and_an_archive_of_the_same(checkout, files, monkeypatch):
    monkeypatch.setattr(publishing, "ROOT", checkout)
    monkeypatch.setattr(study.record, "RAW", checkout / "data/raw")
    assert main(["crate", PAPER]) == 0
    place = checkout / "scratch/crate"
    assert {one.relative_to(place / PAPER).as_posix() for one in (place / PAPER).rglob("*.*")} >= {*files} - {
        "LICENSE",
        "Makefile",
    }
    with zipfile.ZipFile(place / f"{PAPER}.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_the_same_record_gives_the_same_bytes(checkout, files):
    again = crates.made(checkout)
    assert again == files
    assert crate.zipped(again) == crate.zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(BytesIO(crate.zipped(files))) as archive:
        assert {one.date_time[0] for one in archive.infolist()} == {1980}


def test_what_failed_was_reused_or_never_ran_is_told_so_and_never_as_completed(tmp_path):
    made = crates.made(crates.broken(crates.published(tmp_path)))
    graph = crates.graph(made)
    runs = record.read(tmp_path / f"data/derived/{PAPER}/run.json")["runs"]
    for run in runs:
        action, control = graph[f"#run/{run['run']}"], graph[f"#control/{run['run']}"]
        assert (action["actionStatus"] == DONE) == (run["state"] == "completed")
        assert action["actionStatus"] == control["actionStatus"]
        assert ("error" in action) == (run["state"] == "failed")
    last = graph[f"#run/{runs[-1]['run']}"]
    assert last["error"] == "code cell 3: ValueError: no such column"
    assert last["actionStatus"] == graph["#run"]["actionStatus"] == graph["#organize"]["actionStatus"]
    assert last["actionStatus"].endswith("FailedActionStatus")
    page = made["README.md"].decode()
    assert (
        "The sequence of runs is failed. Its runs: 1 reused, 10 completed, 1 running, 1 not run, 1 failed."
        in page
    )
    assert "ValueError: no such column" in page


def test_a_record_that_contradicts_itself_is_not_believed(tmp_path):
    folder = crates.published(tmp_path)
    runs = record.read(folder / f"data/derived/{PAPER}/run.json")["runs"]
    runs[0]["cells"] |= {"cell-08": "not run"}
    crates.recorded(folder, PAPER, runs=runs)
    graph = crates.graph(crates.made(folder))
    assert graph["#run"]["actionStatus"] != DONE
    assert "does not say so of its cells" in graph[f"#run/{runs[0]['run']}"]["error"]


def test_times_of_another_record_are_not_told(checkout, changed):
    changed(f"data/derived/{PAPER}/run.local.json", json.dumps(crates.LOCAL | {"record": "0"}))
    made = crates.made(checkout)
    assert "startTime" not in crates.graph(made)["#run"]
    assert "Run time and memory: not known" in made["README.md"].decode()


def test_the_authors_half_of_a_codecheck_has_every_result_and_nothing_of_the_other_half(checkout, files):
    text = files["codecheck.template.yml"].decode()
    told = yaml.safe_load(text)
    runs = record.read(checkout / f"data/derived/{PAPER}/run.json")["runs"]
    assert {one["file"] for one in told["manifest"]} == {path for run in runs for path in run["outputs"]}
    assert all(len(one["comment"]) > 10 for one in told["manifest"])
    assert told.keys() == {"version", "manifest", "paper"}
    assert [one.keys() for one in told["paper"]["authors"]] == [{"name"}] * 2, "no ORCID is invented"
    assert "the perspective of clinicians" in told["paper"]["title"]
    assert all(f"#   {name} " in text for name in ("summary", "codechecker", "report", "certificate"))


def test_the_page_lists_every_table_and_figure_with_the_cell_that_wrote_it(files):
    page = files["README.md"].decode()
    listed = page.split("## List of tables, figures and programs")[1]
    names = [name for name in files if name.startswith((f"figures/{PAPER}", f"data/derived/{PAPER}"))]
    stems = {name.rsplit(".", 1)[0] for name in names if "/notebooks/" not in name} - {
        f"data/derived/{PAPER}/run"
    }
    assert {*re.findall(r"^\| `([^`]+)\.\w+`", listed, re.MULTILINE)} == stems
    assert f"| `data/derived/{PAPER}/sample.csv` |" in listed
    assert re.search(r"sample\.csv` .* 01-who-was-interviewed .* `cell-08` \|", listed)
    assert "not recorded" not in listed


def test_the_page_names_every_seed(files):
    page = files["README.md"].decode()
    for found in re.finditer(
        r"^def (\w+)\([^)]*\bseed: int = (\d+)", files["analysis/measures/alpha.py"].decode(), re.MULTILINE
    ):
        assert f"| `alpha.{found[1]}` |" in page
    assert "Generators without a seed, and draws from a shared one: none" in page


def test_chance_is_found_in_code_and_notebooks():
    code = b"import numpy as np\ndef draw(n, seed=7):\n    return np.random.default_rng(seed)\n"
    loose = (
        b"import numpy as np\nimport random\nnp.random.default_rng()\nnp.random.normal()\nrandom.random()\n"
    )
    cells = [{"cell_type": "code", "source": "chance.draw(3, seed=8)"}]
    files = {
        "analysis/measures/chance.py": code,
        "analysis/outputs/loose.py": loose,
        "notebooks/one.ipynb": json.dumps({"cells": cells}).encode(),
    }
    (found,) = randomness.seeded(files)
    assert (found.called, found.line, found.seed) == ("chance.draw", 2, 7)
    assert randomness.used(files, [found]) == {"chance.draw": ["notebooks/one.ipynb"]}
    assert randomness.overridden(files) == [("notebooks/one.ipynb", 1)]
    assert randomness.unseeded(files) == [("analysis/outputs/loose.py", line) for line in (3, 4, 5)]


# What there is of a restricted study


def test_of_a_restricted_study_only_the_release_is_there(private, closed):
    said = record.read(private / f"data/derived/{SECRET}/run.json")
    assert not {*said["inputs"], *said["runs"][0]["outputs"]} & closed.keys()
    assert {name for name in closed if name.startswith("release/")} == {
        "release/sample.csv",
        "release/withheld.csv",
    }
    text = b"\n".join(closed.values()).decode(errors="replace")
    assert NAMED not in text
    plain = [*said["inputs"].values(), *said["runs"][0]["outputs"].values()]
    assert not [digest for digest in plain if digest in text], "a plain hash can be found by trying"
    assert len(crate.doubtful(study.load(SECRET, private / "data/raw"), closed)) == 0


def test_private_files_are_entities_without_content_and_unknown_names_are_not_told(private, closed):
    entities = [one for at, one in crates.graph(closed).items() if at.startswith("#private/")]
    said = record.read(private / f"data/derived/{SECRET}/run.json")
    assert len(entities) == len(said["inputs"]) + len(said["runs"][0]["outputs"]) + 1
    assert {*entities[0]} == {"@id", "@type", "name", "description", "identifier", "exampleOfWork"}
    assert "raw file 1" in {one["name"] for one in entities}
    assert "File" not in {one["@type"] for one in entities}


def test_the_private_files_are_proved_with_the_key_and_with_no_other(private, closed):
    said = record.read(private / f"data/derived/{SECRET}/run.json")
    metadata = json.loads(closed[crate.metadata.FILE])
    assert keyed.unlike(metadata, crate.private(SECRET, private, said, KEY)) == []
    promised = keyed.promised(metadata)
    other = keyed.unlike(metadata, crate.private(SECRET, private, said, OTHER_KEY))
    assert len(other) == 2 * len(promised)
    assert len({*promised.values()}) == len(promised)


def test_files_that_are_alike_do_not_look_alike(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("the same")
    found = keyed.files(tmp_path, {"a": "", "b": ""}, KEY)
    assert found["a"].keyed != found["b"].keyed
    assert {one.name for one in found.values()} == {"raw file 1", "raw file 2"}


def test_the_command_proves_and_says_what_has_changed(tmp_path, monkeypatch, capsys):
    folder = crates.restricted(tmp_path / "suite")
    monkeypatch.setattr(publishing, "ROOT", folder)
    monkeypatch.setattr(writing, "ROOT", folder)
    monkeypatch.setattr(study.record, "RAW", folder / "data/raw")
    key = ["--key", str(tmp_path / "away.key")]
    assert main(["crate", SECRET, "--prove", *key]) == 2, "without a key there is none made for a proof"
    assert main(["crate", SECRET, *key]) == 0
    assert stat.S_IMODE((tmp_path / "away.key").stat().st_mode) == 0o600
    assert main(["crate", SECRET, "--prove", *key]) == 0
    assert "13 of 13 private files" in capsys.readouterr().out
    roster = folder / f"data/raw/{SECRET}/roster.csv"
    roster.write_text(roster.read_text() + "P999,A,Rapid response,nurse\n")
    assert main(["crate", SECRET, "--prove", *key]) == 1
    assert f"data/raw/{SECRET}/roster.csv: no file here has its keyed hash" in capsys.readouterr().out
    assert main(["crate", SECRET, "--key", str(folder / "in.key")]) == 2


def test_a_release_that_is_not_of_these_results_is_refused(tmp_path):
    folder = crates.restricted(tmp_path)
    table = folder / f"scratch/release/{SECRET}/sample.csv"
    table.write_text("borough,people\nA,2\n")
    with pytest.raises(release.UnreleasedError, match="no longer as it was written; first run make release"):
        crates.gathered(folder, SECRET, KEY)
    crates.release(folder, {})
    crates.recorded(folder, SECRET, state="completed", more="something")
    with pytest.raises(
        release.UnreleasedError, match="not made from the results in place; first run make release"
    ):
        crates.gathered(folder, SECRET, KEY)
    (folder / f"scratch/release/{SECRET}.json").unlink()
    with pytest.raises(release.UnreleasedError, match="only what make release writes may leave"):
        crates.gathered(folder, SECRET, KEY)


def test_words_that_are_not_cleared_are_found_wherever_they_are(private):
    loaded = study.load(SECRET, private / "data/raw")
    said = loaded.excerpts["text"].iloc[0].encode()
    with pytest.raises(crate.CrateError, match=r"LICENSE, line 1: quotation X001 is not cleared"):
        crate.doubtful(loaded, {"LICENSE": said})
    someone = loaded.roster["participant"].iloc[0].encode()
    with pytest.raises(crate.CrateError, match=f"CITATION.cff, .*: participant {someone.decode()} is"):
        crate.doubtful(loaded, {"CITATION.cff": someone})
    assert len(crate.doubtful(loaded, {"analysis/example.py": someone})) == 1


def test_why_a_run_of_a_restricted_study_failed_is_not_told(tmp_path):
    folder = crates.restricted(tmp_path)
    runs = record.read(folder / f"data/derived/{SECRET}/run.json")["runs"]
    runs[0] |= {"state": "failed", "cell": "code cell 1", "reason": f"KeyError: {NAMED}"}
    crates.recorded(folder, SECRET, state="failed", runs=runs)
    crates.release(folder, {})
    made = crates.made(folder, SECRET, KEY)
    assert crates.graph(made)["#run"]["actionStatus"].endswith("FailedActionStatus")
    assert NAMED not in b"\n".join(made.values()).decode(errors="replace")


def test_a_file_that_is_no_key_is_refused(tmp_path):
    path = tmp_path / "some.key"
    path.write_text("short")
    with pytest.raises(SourceError, match="no key of keyed hashes"):
        writing.secret(path)
    path.unlink()
    assert writing.secret(path) == writing.secret(path)
    assert len(writing.secret(path)) == 32
