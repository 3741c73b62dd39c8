"""Evidence packages held against the validator of RO-Crates, which has no network here."""

import json
import subprocess
from importlib.resources import files as parts_of

import crates
import pytest

from analysis import ROOT
from analysis.audit import crate
from analysis.runs.files import replaced

PYTHON = ROOT / ".venv/crate/bin/python"
PROGRAM = ROOT / "tests/crate/validator.py"
PROFILES = ("ro-crate-1.1", "process-run-crate-0.5", "workflow-run-crate-0.5", "provenance-run-crate-0.5")
NOTHING: dict[str, list[str]] = {profile: [] for profile in PROFILES}
pytestmark = [
    pytest.mark.crate,
    pytest.mark.skipif(not PYTHON.exists(), reason="no validator here; make test-crate installs it"),
]
RO, RUN = "https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run"
OLDER = {
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
}
"""What terms stand for in RO-Crate 1.1; the `rocrate` package has the context of 1.3."""
OF_RUNS = ("ParameterConnection", "connection", "sourceParameter", "targetParameter", "sha256")
"""The terms of workflow runs that a package uses."""


def issues(folder, files, *profiles):
    """What the validator finds at fault, by profile."""
    replaced(folder / "crate", files)
    known = json.loads((parts_of("rocrate") / "data" / "ro-crate.jsonld").read_text(encoding="utf-8"))
    contexts = {
        RO: {"@context": known["@context"] | OLDER},
        f"{RUN}/context": {"@context": {term: f"{RUN}#{term}" for term in OF_RUNS}},
    }
    (folder / "contexts.json").write_text(json.dumps(contexts))
    command = [PYTHON, PROGRAM, folder / "crate", folder / "contexts.json", "REQUIRED"]
    done = subprocess.run(
        [*command, *(profiles or PROFILES)], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return crates.made(crates.published(tmp_path_factory.mktemp("published")))


def without(files, at, name):
    """The package without one property of one entity."""
    metadata = json.loads(files[crate.metadata.FILE])
    (entity,) = [one for one in metadata["@graph"] if one["@id"] == at]
    del entity[name]
    return files | {crate.metadata.FILE: json.dumps(metadata).encode()}


def test_the_published_study_is_valid_on_every_profile(files, tmp_path):
    assert issues(tmp_path, files) == NOTHING


def test_a_restricted_study_is_valid_on_every_profile(tmp_path):
    made = crates.made(crates.restricted(tmp_path / "suite"), crates.SECRET, crates.KEY)
    assert issues(tmp_path, made) == NOTHING


def test_a_sequence_that_failed_is_valid_on_every_profile(tmp_path):
    made = crates.made(crates.broken(crates.published(tmp_path / "suite")))
    assert issues(tmp_path, made) == NOTHING


@pytest.mark.parametrize(
    ("at", "name", "profile"),
    [
        ("./", "license", "ro-crate-1.1"),
        ("#run/01-who-was-interviewed", "instrument", "process-run-crate-0.5"),
        ("#analysis/runs/plan.toml/in/min_people", "additionalType", "workflow-run-crate-0.5"),
        ("#step/01-who-was-interviewed", "workExample", "provenance-run-crate-0.5"),
    ],
)
def test_the_validator_notices_what_is_missing(files, tmp_path, at, name, profile):
    assert any(
        name.lower() in one.lower() for one in issues(tmp_path, without(files, at, name), profile)[profile]
    )


def test_the_validator_notices_a_file_that_is_not_there(files, tmp_path):
    fewer = {name: data for name, data in files.items() if name != "LICENSE"}
    assert any("'LICENSE'" in one for one in issues(tmp_path, fewer, "ro-crate-1.1")["ro-crate-1.1"])


def test_nothing_is_asked_of_the_network(tmp_path):
    code = f"import sys; sys.argv[1:] = []; sys.path.insert(0, {str(PROGRAM.parent)!r})\n"
    code += "import socket, validator\nsocket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "something asks for the network" in done.stderr
