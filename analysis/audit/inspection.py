"""What kept results say for themselves, before anything is run again: their record and their notebooks.

An alarm is a sentence. Whoever edits a result and the record with it is not found out here but by
`verify`, which computes again; what is found here is found in a second.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from analysis.audit.verify import results
from analysis.runs import record
from analysis.runs.engine import judge
from analysis.runs.files import hashes
from analysis.runs.plan import Run, twice

INJECTED = "injected-parameters"
UNREADABLE = (OSError, ValueError, TypeError, AttributeError, LookupError, NameError)
UNREADABLE += (nbformat.ValidationError,)  # nbformat is not careful with what is no notebook


def of_record(study: str, runs: Sequence[Run], root: Path) -> list[str]:
    """What speaks against the record of a study's results: against the plan, the files, or what they are
    made from. Empty if nothing does."""
    own = f"data/derived/{study}/{record.SHARED}"
    said = record.of_results(study, root)
    entries = {entry["run"]: entry for entry in record.runs(said)}
    if not entries:
        return [f"{own}: there is no record of what has run, or none that can be read"]
    alarms = [] if said.get("state") == "completed" else [f'{own}: the sequence is "{said.get("state")}"']
    alarms += [
        f"{own}: {name} is no run of the plan" for name in sorted(entries.keys() - {r.name for r in runs})
    ]
    alarms += [
        f"{own}: {name} is there more than once" for name in twice(e["run"] for e in record.runs(said))
    ]
    for run in runs:
        alarms += [f"{run.name}: {alarm}" for alarm in _of_run(run, entries.get(run.name), root)]
    known = {own, *(path for run in runs for path in run.outputs)}
    alarms += [f"{path}: no run of the plan writes it" for path in results(study, root) if path not in known]
    return [*alarms, *_of_material(study, said, root)]


def _of_run(run: Run, entry: Mapping[str, Any] | None, root: Path) -> Iterator[str]:
    if entry is None:
        yield "the record does not have it"
        return
    if entry["state"] != "completed":
        yield f"the record says {entry['state']}"
    cells = entry["cells"] or {"its cells": "unknown"}
    if unfinished := sorted(cell for cell, state in cells.items() if state != "completed"):
        yield f"cells that are not completed: {', '.join(unfinished)}"
    if entry["parameters"] != run.parameters:
        told, due = (json.dumps(parameters) for parameters in (entry["parameters"], run.parameters))
        yield f"it ran with {told}; the plan says {due}"
    yield from _of_files(run, entry.get("outputs", {}), root)


def _of_files(run: Run, said: Mapping[str, str], root: Path) -> Iterator[str]:
    found = hashes((root / path for path in run.outputs), root)
    for path in sorted({*run.outputs, *said}):
        if path not in found:
            yield f"{path} is missing" if path in run.outputs else f"{path} is not in the plan"
        elif path not in said:
            yield f"the record does not say what {path} was"
        elif said[path] != found[path]:
            yield f"{path} is not as the run has written it"


def _of_material(study: str, said: Mapping[str, Any], root: Path) -> Iterator[str]:
    """What the results were made from, and what is there now."""
    now = record.material(study, root)
    for part in record.MADE_FROM:
        for path in record.changed(said.get(part, {}), now.get(part, {})):
            yield f"{path}: not what the results were made from"
    there, here = said.get("software", {}), now["software"]
    if all(there.get(name) == here[name] for name in ("python", "platform")) or not there:
        untold = sorted(here.keys() - there.keys())
        yield from (f"the record does not say with which {name} the results were made" for name in untold[:1])
    allowed = record.pinned(root / record.LOCK)
    for whose, found in (("the record says", there), ("installed is", here)):
        for name, version in found.items():
            pins = allowed.get(name, {"none"})
            if name not in ("python", "platform") and version not in pins:
                yield f"{name}: {whose} {version}, the lock has {' or '.join(sorted(pins))}"


def of_notebooks(runs: Iterable[Run], root: Path) -> list[str]:
    """What speaks against the executed notebooks being their sources, run once from top to bottom."""
    return [f"{run.executed}: {alarm}" for run in runs for alarm in _of_notebook(run, root)]


def _of_notebook(run: Run, root: Path) -> Iterator[str]:
    try:
        executed = nbformat.read(root / run.executed, as_version=4)
        source = nbformat.read(root / "notebooks" / f"{run.notebook}.ipynb", as_version=4)
    except UNREADABLE as error:
        yield f"it cannot be read ({type(error).__name__})"
        return
    try:
        judge(executed)
    except ValueError as error:
        yield str(error)
    told = executed.metadata.get("papermill", {}).get("parameters")
    if told != run.parameters:
        yield f"it says that it ran with {json.dumps(told)}"
    before = {cell.id: cell.source for cell in source.cells}
    after = {cell.id: cell.source for cell in executed.cells if cell.id != INJECTED}
    for cell in dict.fromkeys([*before, *after]):
        if before.get(cell) != after.get(cell):
            yield f"cell {cell} is not that of notebooks/{run.notebook}.ipynb"
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            yield from _of_picture(cell.id, output, root)


def _of_picture(cell: str, output: Mapping[str, Any], root: Path) -> Iterator[str]:
    """A picture that a cell shows is the file that it says it has written."""
    picture = output.get("data", {}).get("image/png")
    for path in output.get("metadata", {}).get("image/png", {}).get("wrote", []):
        shown = base64.b64decode(picture) if path.endswith(".png") else None
        if shown and (not (root / path).is_file() or (root / path).read_bytes() != shown):
            yield f"cell {cell} shows another picture than {path}"
