"""A throw-away copy of the checkout, to change something in it and reproduce it for real."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys

from analysis import ROOT

PAPER = "bussu-marshall-2020"
PARTS = ["analysis", "notebooks", "requirements.lock", "docs/calibration.csv", f"data/raw/{PAPER}"]
RESULTS = [f"data/derived/{PAPER}", f"figures/{PAPER}"]


def copy(folder):
    """The parts that a run needs, and the kept results."""
    for part in [*PARTS, *RESULTS]:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target)
    return folder


def change(folder, table, key, column, value):
    """Put a value into the row of a raw table whose cells contain all of `key`."""
    path = folder / "data" / "raw" / PAPER / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (row,) = [row for row in rows if all(row[name] == cell for name, cell in key.items())]
    row[column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def reproduce(folder, *words):
    """`python -m analysis reproduce` in the copy."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANALYSIS", "PYTEST"))}
    command = [sys.executable, "-m", "analysis", "reproduce", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def hashes(folder, results=RESULTS):
    """Every result but the record, by path."""
    files = [path for part in results for path in (folder / part).rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.startswith("run.")
    }


def changed(folder):
    """The results that differ from the kept ones, without their folders' common part."""
    before, after = hashes(ROOT), hashes(folder)
    assert before.keys() == after.keys()
    return {
        path.replace(f"/{PAPER}", "").replace("data/", "") for path in before if before[path] != after[path]
    }
