"""How time and memory grow with the number of codings: `python scale.py LARGEST [ROUNDS]`.

Run by `make bench SCALE=1e7`. Generated studies of 10,000 codings, and of ten times as many each up to the
largest, are counted in every way of `counted.py` and `tools.py`, and gone through by the suite, each stage in
a process of its own. All take their turns in every round, and the order turns with the rounds. What was
measured is kept in `docs/scale.json`, of which `scale_page.py` makes the page. Ends with 1 if two ways
disagree in any cell.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import takewhile
from pathlib import Path

import checkout
import counted
import duckdb
import pandas as pd
import psutil
import tools
from counted import STAGES

from analysis import ROOT, SIMULATED
from analysis.study import RAW
from analysis.study.engines import MEMORY

WAYS = counted.WAYS | tools.WAYS

MEASURED = ROOT / "docs" / "scale.json"
OTHERS = ROOT / ".venv" / "bench"
SMALLEST = 10_000
LIMITS = {"memory": 12 * 1024**3, "seconds": 1_800}
"""A process that goes beyond one of these is ended, and its stage is not tried with more codings."""
PACKAGES = ("duckdb", "narwhals", "pandas", "polars", "pyspark")
WORDS = 5_000_000
"""In how many words each way of finding them is timed."""
BESIDE = 3
"""How many times the space that a study is expected to take has to be free."""
TABLE = "ours on DuckDB"
STANDARD = "DuckDB, SQL by hand"
"""The table that all others are held against."""
LARGEST = {"QualCoder's database": 1_000_000, "Taguette's database": 1_000_000}
"""Ways that are not tried with more codings: filling the databases would take longer than all else."""


# ---- one stage, in a process of its own --------------------------------------------------------------------


def one(name, folder, out):
    """Do one stage, keep its table, and print how long it took and the most memory that it had."""
    asked = (STAGES | WAYS)[name](Path(folder))
    start = time.perf_counter()
    table = asked()
    seconds = time.perf_counter() - start
    if name in WAYS:
        table.to_csv(out, index=False)
    # ru_maxrss would begin with what the process had that has started this one
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps({"seconds": seconds, "memory": int(status["VmHWM"].split()[0]) * 1024}))


# ---- all of them -------------------------------------------------------------------------------------------


def run(command, root):
    """Run a command within the limits: what it printed, its seconds, the memory of its largest process."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANALYSIS")}
    path = os.pathsep.join(map(str, (root, ROOT / "tests", ROOT / "tests" / "bench", OTHERS)))
    env |= {"PYTHONPATH": path}
    start, most = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as said:
        with psutil.Popen(command, cwd=root, env=env, stdout=said, stderr=subprocess.STDOUT) as process:
            while process.poll() is None:
                most = max(most, largest(process))
                seconds = time.perf_counter() - start
                if most > LIMITS["memory"] or seconds > LIMITS["seconds"]:
                    end(process)
                    return None, seconds, most
                time.sleep(0.05)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{text}")
    return text, time.perf_counter() - start, most


def largest(process):
    """The memory of the largest of a process and all that it has started."""
    sizes = [0]
    for each in (process, *children(process)):
        try:
            sizes.append(each.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return max(sizes)


def children(process):
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end(process):
    for each in (*children(process), process):
        each.kill()
    process.wait()


def measure(name, folder, root, out):
    """One stage once: its seconds and memory, and `ended` if it went beyond a limit."""
    if name in COMMANDS:
        said, seconds, memory = run([sys.executable, "-m", "analysis", *COMMANDS[name](folder.name)], root)
        found = {"seconds": seconds, "memory": memory}
    else:
        said, seconds, memory = run([sys.executable, __file__, "--one", name, str(folder), str(out)], root)
        found = json.loads(said.splitlines()[-1]) if said else {"seconds": seconds, "memory": memory}
    return found | {"ended": said is None}


LAST = ("make reproduce JOBS=2",)
"""Commands that are tried with the most codings only: they take minutes."""
COMMANDS = {
    "make check": lambda name: ["check", name],
    "make reproduce JOBS=2": lambda name: ["reproduce", name, "--jobs", "2"],
}


def in_turns(folders, root, number):
    """Every stage of every study once in each round: rows of the studies, by the codings asked for.

    Studies take their turns too, so that how busy the machine is tells on all alike. A stage that goes beyond
    a limit is not tried again with as many codings.
    """
    rows, ended = {codings: [] for codings in folders}, {}
    for turn in range(number):
        for codings, folder in folders.items():
            names = tried(codings, max(folders))
            for name in [*names[turn % len(names) :], *names[: turn % len(names)]]:
                if codings >= ended.get(name, codings + 1):
                    continue
                out = root / "tables" / folder.name / f"{name}.csv"
                out.parent.mkdir(parents=True, exist_ok=True)
                found = measure(name, folder, root, out)
                ended |= {name: codings} if found["ended"] else {}
                rows[codings].append({"stage": name, "round": turn + 1} | found)
                says = f"{found['seconds']:.2f} s, {found['memory'] / 1024**2:.0f} MB"
                print(f"{folder.name}, round {turn + 1}: {name}: {says}", flush=True)
    return rows


def tried(codings, most):
    """The stages of a study; checking comes first, as what was found sound is remembered."""
    known = [name for name in STAGES | WAYS if codings <= LARGEST.get(name, codings)]
    return known + [name for name in COMMANDS if codings == most or name not in LAST]


def generate(folder, codings, root):
    """A study, how long it took and what it is; and the databases of the tools, where they are tried."""
    command = [sys.executable, str(Path(__file__).with_name("generated.py")), str(folder), str(codings)]
    _, seconds, memory = run(command, root)
    told = {"seconds": seconds, "memory": memory, "bytes": size(folder)} | counts(folder)
    if codings <= max(LARGEST.values()):
        told["tools"] = {}
        for tool in ("qualcoder", "taguette"):
            said, seconds, _ = run([sys.executable, __file__, "--fill", tool, str(folder)], root)
            told["tools"][tool] = {"seconds": seconds, "bytes": int(said.split()[-1])}
    return told


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def counts(folder):
    tables = ("roster", "excerpts", "codings")
    return {
        table: duckdb.sql(f"SELECT count(*) FROM '{folder}/{table}/*.parquet'").fetchall()[0][0]  # noqa: S608 - own
        for table in tables
    }


def equal(folder, root):
    """Whether each way's table is the standard's, in every cell of the columns that both have, as text.

    The two of ours have more columns than any other; in those they are held against each other.
    """
    paths = {name: root / "tables" / folder.name / f"{name}.csv" for name in WAYS}
    tables = {
        name: pd.read_csv(path, dtype=str).set_index(["code", "borough", "unit"]).sort_index()
        for name, path in paths.items()
        if path.exists()
    }
    found = {}
    for name, table in tables.items():
        other = tables.get(TABLE) if name == "ours on pandas" else None
        other = tables[STANDARD] if other is None else other
        shared = [column for column in table if column in other and other[column].notna().any()]
        # a database of a tool knows no denominators of excerpts
        known = table[shared].notna() if name in LARGEST else table[shared].notna() | True
        same = table.index.equals(other.index) and table[shared].where(known).equals(
            other[shared].where(known)
        )
        found[name] = {"equal": same, "cells": int(known.to_numpy().sum())}
    return found


def rates_of_words(root):
    """How many words a second each way of finding them takes: `text, way, rate`."""
    said, _, _ = run([sys.executable, __file__, "--words", str(WORDS)], root)
    return json.loads(said.splitlines()[-1])


def main(asked, number):
    from notebooks import machine

    measured = {"rounds": number, "memory": MEMORY, "limits": LIMITS, "machine": [*machine(PACKAGES)]}
    measured |= {"sizes": [], "left out": []}
    folders, needs = {}, 0
    with tempfile.TemporaryDirectory() as place:
        root = checkout.copy(Path(place))
        shutil.copytree(RAW / SIMULATED, root / "data" / "raw" / SIMULATED)
        measured["words"] = rates_of_words(root)
        for codings in takewhile(lambda size: size <= asked, (SMALLEST * 10**power for power in range(9))):
            free = shutil.disk_usage(place).free
            if needs > free:
                measured["left out"].append({"codings": codings, "free": free, "needs": needs})
                continue
            folders[codings] = root / "data" / "raw" / f"simulated-{codings}"
            measured["sizes"].append({"asked": codings} | generate(folders[codings], codings, root))
            needs = BESIDE * 10 * measured["sizes"][-1]["bytes"]
        rows = in_turns(folders, root, number)
        for told in measured["sizes"]:
            told |= {"rows": rows[told["asked"]], "equal": equal(folders[told["asked"]], root)}
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return disagreements(measured)


def disagreements(measured):
    """1 if any table is not as the standard's, else 0; each is printed."""
    wrong = [
        (one["asked"], name)
        for one in measured["sizes"]
        for name, found in one["equal"].items()
        if not found["equal"]
    ]
    for codings, name in wrong:
        print(f"{codings:,} codings: the table of {name} is not that of {STANDARD}")
    return int(bool(wrong))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--one", name, folder, out]:
            one(name, folder, out)
        case ["--fill", tool, folder]:
            print(tools.fill(Path(folder), tool))
        case ["--words", number]:
            from words import rates

            print(json.dumps(rates(int(number))))
        case [largest_asked, *more]:
            sys.exit(main(int(float(largest_asked)), int(more[0]) if more else 3))
