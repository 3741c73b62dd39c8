"""The record of a sequence: what ran on what, and what came of it, true at every moment.

It begins with every run not run, and is written anew with every change. Whatever is cut short at any time
leaves a record that says so; only a sequence whose every run has its evidence is recorded as completed.
A run is completed, reused, failed, running or not run, and so is a cell, except that none is reused.
"""

import hashlib
import json
import platform
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from analysis.elsewhere import references
from analysis.runs.files import hashes, sha256
from analysis.runs.plan import Run

SHARED = "run.json"
"""The same for the same code, data and lock on every machine, and so committed."""
PARTIAL = ".partial.ipynb"
"""How a notebook is called that was not run to its end, behind the name of its run."""
LOCK = "requirements.lock"
LOCAL = "run.local.json"
"""Of this machine: versions found, platform, git revision, durations. Ignored by git."""


class Record:
    """What `run.json` says, kept at `path`; `material` is all that results are made from."""

    def __init__(
        self, study: str, runs: Sequence[Run], code: Path, path: Path, made_from: dict[str, dict[str, str]]
    ) -> None:
        self.study, self.code, self.path, self.material = study, code, path, made_from
        self.state = "running"
        self.runs = {
            run.name: {"run": run.name, "state": "not run"}
            | {"notebook": run.notebook, "parameters": run.parameters, "cells": {}}
            for run in runs
        }
        self.write(path)

    def note(self, run: Run, /, **said: Any) -> None:  # noqa: ANN401 - whatever JSON can say
        """What has become known of a run."""
        cells = {cell: _word(state) for cell, state in said.pop("cells", {}).items()}
        said |= {"cells": cells} if cells else {}
        self.runs[run.name] |= said
        self.write(self.path)

    def basis(self, run: Run, results: Path) -> str:
        """One SHA-256 of all that a run depends on: code, data, parameters, lock, and what it reads."""
        return basis(self.material, run, results)

    def drifted(self) -> list[str]:
        """What results are made from and has changed since the sequence began, by path."""
        now = material(self.study, self.code)
        return [path for part, before in self.material.items() for path in changed(before, now.get(part, {}))]

    def write(self, path: Path) -> None:
        """Write the record as it now is."""
        write(path, {"study": self.study, "state": self.state, "runs": [*self.runs.values()]} | self.material)


def basis(material: Mapping[str, Mapping[str, str]], run: Run, results: Path) -> str:
    """One SHA-256 of all that a run depends on, of `material` and of the `results` that it reads."""
    notebook = f"notebooks/{run.notebook}.ipynb"
    made_from = {
        path: digest
        for part in material.values()
        for path, digest in part.items()
        if not path.startswith("notebooks/") or path == notebook
    }
    inputs = {path: sha256(results / path) for path in run.inputs if (results / path).is_file()}
    parts = [made_from, inputs, run.parameters, run.outputs]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def settle(path: Path, reason: str) -> None:
    """End the record of a sequence that was cut short: what was running has failed.

    What a cell came to, the partial notebooks beside the record know best: they are later than it.
    """
    if not (said := read(path)):
        return  # cut short before anything began
    latest = {partial.name: states(read(partial)) for partial in path.parent.rglob("*" + PARTIAL)}
    for run in said["runs"]:
        cells = latest.get(run["run"] + PARTIAL) or run["cells"]
        run["cells"] = {cell: _word(state, ended=True) for cell, state in cells.items()}
        if run["state"] == "running":
            run |= {"state": "failed", "reason": reason}
    with suppress(OSError):  # a full disk, say: the failure itself is what must be told
        write(path, said | {"state": "failed"})


def is_code(cell: Mapping[str, Any]) -> bool:
    """Whether a kernel counts the cell; it counts no empty one."""
    return cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())


def states(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The state of every code cell, by its id, as far as a notebook carries them."""
    code = {
        cell["id"]: cell["metadata"].get("papermill") for cell in notebook.get("cells", []) if is_code(cell)
    }
    return {cell: papermill["status"] for cell, papermill in code.items() if papermill}


def _word(state: str, *, ended: bool = False) -> str:
    """The record's word for papermill's, which calls a cell pending as long as others might run."""
    return {"pending": "not run", "running": "failed" if ended else "running"}.get(state, state)


MADE_FROM = ("inputs", "elsewhere", "sources", "lock")
"""What of a record is the same only if results are made from the same."""
NOT_HASHED = "not hashed: the table of a cluster"
"""What is said of material that can change without a trace."""


def material(study: str, code: Path) -> dict[str, dict[str, str]]:
    """Everything that results are made from: the SHA-256 of inputs, sources and the lock, and the versions
    found of Python, the platform and each package of the lock. Raises OSError."""
    raw = code / "data" / "raw" / study
    far = elsewhere(raw)
    return {
        "inputs": hashes(raw.rglob("*"), code),
        **({"elsewhere": far} if far else {}),
        "sources": sources(code),
        "lock": {LOCK: sha256(code / LOCK)},
        "software": software(code / LOCK),
    }


def elsewhere(folder: Path) -> dict[str, str]:
    """The tables of a study that lie outside of its folder: of files the SHA-256 and the size."""
    found: dict[str, str] = {}
    for reference in references(read(folder / "datapackage.json")).values():
        files = reference.files(folder)
        outside = [file for file in files if not file.resolve().is_relative_to(folder.resolve())]
        found |= {str(file): f"{sha256(file)}, {file.stat().st_size} bytes" for file in outside}
        found |= {} if files else {str(reference): NOT_HASHED}
    return found


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The paths at which two parts of records differ, sorted."""
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def sources(code: Path) -> dict[str, str]:
    """The SHA-256 of the code, the notebooks, and what else is read of the checkout."""
    patterns = (
        "analysis/**/*.py",
        "analysis/**/*.toml",
        "analysis/**/*.json",
        "notebooks/*.ipynb",
        "docs/calibration.csv",
    )
    return hashes((path for pattern in patterns for path in code.glob(pattern)), code)


def software(lock: Path) -> dict[str, str]:
    """The versions found, as far as they are the same wherever the lock is kept to."""
    names = {_plain(name) for name in pinned(lock)}
    found = installed()
    here = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    return here | {name: found[name] for name in sorted(names & found.keys())}


def installed() -> dict[str, str]:
    """The version of each package, as the name of the folder that its installer made says it.

    What a package says of itself is the same and takes a quarter of a second to read.
    """
    folders = [folder for place in reversed(sys.path) for folder in Path(place).glob("*.dist-info")]
    found = [folder.stem.partition("-") for folder in folders]
    return {_plain(name): version for name, _, version in found}


def pinned(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock allows of each package; more than one where they hang on the machine."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        versions.setdefault(_plain(name), set()).add(version)
    return versions


def _plain(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def reusable(folder: Path, root: Path, run: Run, basis: str) -> dict[str, Any] | None:
    """What the record in `folder` says of a run on the same basis whose files are still what they were.

    Of a run on material that can change without a trace, nothing is known.
    """
    said = read(folder / SHARED)
    entry = of_run(said, run.name)
    outputs = entry.get("outputs", {})
    hashed = NOT_HASHED not in said.get("elsewhere", {}).values()
    same = hashed and entry.get("basis") == basis and outputs.keys() == {*run.outputs}
    whole = same and outputs == hashes((root / path for path in outputs), root)
    return entry if whole else None


def entries(folder: Path) -> list[dict[str, Any]]:
    """What the record in `folder` says of each run; nothing where there is no such record."""
    return runs(read(folder / SHARED))


def runs(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a record says of each run; nothing where it is none."""
    found = said.get("runs")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def of_run(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a record says of the run of that name; nothing where it does not have it."""
    return next((one for one in runs(said) if one.get("run") == name), {})


def of_machine(
    code: Path,
    began: dict[str, str],
    seconds: dict[str, float],
    known: dict[str, float],
    jobs: int,
    kernels: str,
) -> dict[str, Any]:
    """What `run.local.json` says: when each run `began`, the `seconds` it took, those `expected` next time,
    of reused runs too, the `memory` of the largest process, and whether `kernels` were forked."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "git": git_state(code),
        "jobs": jobs,
        "kernels": kernels,
        "memory": largest(),
        "began": began,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "expected": {name: round(value, 2) for name, value in (known | seconds).items()},
        "packages": dict(sorted(installed().items())),
    }


def largest() -> int:
    """The most bytes of memory that one process had of all that this one has started and outlived.

    Workers outlive their kernels, so these count too; what several had at a time is not known.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def altered(study: str, root: Path) -> list[str]:
    """The results in place that are not as their runs have written them; all, if there is no record."""
    derived = root / "data" / "derived" / study
    written = {path: digest for run in entries(derived) for path, digest in run.get("outputs", {}).items()}
    if not written:
        return [f"data/derived/{study}/{SHARED}"]
    found = hashes((root / path for path in written), root)
    return [path for path, digest in sorted(written.items()) if found.get(path) != digest]


def read(path: Path) -> dict[str, Any]:
    """A record, or an empty one where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def of_results(study: str, root: Path) -> dict[str, Any]:
    """The record of a study's results below `root`; empty where there is none, or none of this form."""
    found = read(root / "data" / "derived" / study / SHARED)
    with suppress(fastjsonschema.JsonSchemaException):
        return _form()(found)
    return {}


@cache
def _form() -> Callable[[Any], Any]:
    return fastjsonschema.compile(read(Path(__file__).with_name("record.schema.json")))


def write(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record; the path never holds half of it."""
    part = path.with_suffix(".part")
    part.write_bytes(text(record))
    part.replace(path)


def text(record: Mapping[str, Any]) -> bytes:
    """A record as JSON that reads well in a diff."""
    written = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    return written.encode(errors="backslashreplace")  # a file's name may be no text


def git_state(code: Path) -> dict[str, Any] | None:
    """The revision checked out, and whether files differ from it or are not in it; None outside git."""
    revision, status = (_git(code, *words) for words in (["rev-parse", "HEAD"], ["status", "--porcelain"]))
    return None if revision is None else {"revision": revision, "dirty": bool(status)}


def committed(code: Path, path: str) -> str | None:
    """The day on which a file was last committed; None outside git, or if it never was."""
    return _git(code, "log", "-1", "--format=%cs", "--", path) or None


def _git(code: Path, *words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, "-C", code, *words], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return None if done.returncode else done.stdout.strip()
