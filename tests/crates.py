"""Checkouts to make evidence packages of: the published study, and a restricted one of few files."""

import json
import shutil

import checkout

from analysis import ROOT, study
from analysis.audit import crate
from analysis.audit.crate.evidence import ALSO
from analysis.runs import record
from analysis.runs.files import hashes, sha256

PAPER = checkout.PAPER
SECRET = "simulated-restricted"  # noqa: S105 - a study
KEY = bytes(range(32))
NAMED = "Anna Meier"
"""Somebody whose name is that of a file."""
LOCAL = {"python": "3.11.7", "platform": "Linux-6", "jobs": 2, "memory": 250_000_000, "git": None}
BEGAN = "2026-03-01T10:00:{:02}.500+00:00"
SOURCES = ("analysis/runs/plan.toml", "analysis/audit/release.py", "analysis/measures/intervals.py")


def published(folder):
    """The published study with its kept results, recorded as of the code as it now is."""
    checkout.copy(folder)
    for name in ALSO:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    recorded(folder, PAPER)
    return folder


def recorded(folder, name, **said):
    """Bring a record up to date with its checkout, say something else in it, and keep times with it."""
    path = folder / "data/derived" / name / "run.json"
    now = record.read(path) | record.material(name, folder) | said
    record.write(path, now)
    done = [run["run"] for run in now["runs"] if run["state"] in ("completed", "failed")]
    times = {
        "began": {run: BEGAN.format(number) for number, run in enumerate(done)},
        "seconds": dict.fromkeys(done, 1.25),
    }
    record.write(path.with_name("run.local.json"), LOCAL | times | {"record": sha256(path)})


def restricted(folder):
    """A restricted study with one run, a release of it, and a text with a name."""
    raw, derived = folder / "data/raw" / SECRET, folder / "data/derived" / SECRET
    shutil.copytree(ROOT / "data/raw/simulated-east-london", raw)
    (raw / "texts").mkdir()
    (raw / "texts" / f"{NAMED}.txt").write_text("All that was said, word for word.")
    package = json.loads((raw / "datapackage.json").read_text())
    package["study"] |= {"policy": "restricted", "cleared": []}
    (raw / "datapackage.json").write_text(json.dumps(package))
    for name in (*SOURCES, "notebooks/01-who-was-interviewed.ipynb", "requirements.lock", *ALSO):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (derived / "notebooks").mkdir(parents=True)
    (derived / "sample.csv").write_text("borough,people\nA,2\n")
    cell = {"cell_type": "code", "id": "cell-08", "source": "sample", "execution_count": 1}
    shown = {"output_type": "display_data", "data": {"text/html": NAMED}}
    wrote = {"text/html": {"wrote": [f"data/derived/{SECRET}/sample.csv"]}}
    cell |= {"metadata": {}, "outputs": [shown | {"metadata": wrote}]}
    (derived / "notebooks/01-who-was-interviewed.ipynb").write_text(json.dumps({"cells": [cell]}))
    run = {"run": "01-who-was-interviewed", "state": "completed", "notebook": "01-who-was-interviewed"}
    run |= {"parameters": {"study": SECRET}, "cells": {"cell-08": "completed"}, "inputs": {}}
    run |= {"outputs": hashes(derived.rglob("*"), folder)}
    recorded(folder, SECRET, study=SECRET, state="completed", runs=[run])
    release(folder, {"withheld.csv": "result,why\nsample,few\n", "sample.csv": "borough,people\nA,\n"})
    return folder


def release(folder, files):
    """What make release would have written, and its note."""
    place = folder / "scratch/release" / SECRET
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text)
    note = {"record": sha256(folder / "data/derived" / SECRET / "run.json"), "threshold": 5}
    record.write(place.with_name(f"{SECRET}.json"), note | {"files": hashes(place.rglob("*"), place)})


def gathered(folder, name=PAPER, key=None):
    """The evidence of a study in a checkout."""
    loaded = study.load(name, folder / "data/raw")
    return crate.gather(loaded, folder, folder / "scratch/release", key)


def made(folder, name=PAPER, key=None):
    """The files of its package."""
    return crate.made(gathered(folder, name, key))


def graph(files):
    """The entities of a package by their id."""
    return {one["@id"]: one for one in json.loads(files[crate.metadata.FILE])["@graph"]}


def several(value):
    """A list of what JSON-LD has as one or as several."""
    return value if isinstance(value, list) else [value]


def broken(folder):
    """The record of a sequence that failed at its last run; one is reused, one running, one not begun."""
    path = folder / "data/derived" / PAPER / "run.json"
    runs = record.read(path)["runs"]
    states = ["reused", *["completed"] * (len(runs) - 4), "running", "not run", "failed"]
    for run, state in zip(runs, states, strict=True):
        run["state"] = state
    for run in runs[-3:]:
        del run["outputs"], run["inputs"]
    runs[-1] |= {"cell": "code cell 3", "reason": "ValueError: no such column"}
    recorded(folder, PAPER, state="failed", runs=runs)
    return folder
