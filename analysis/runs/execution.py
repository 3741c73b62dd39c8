"""One run: its notebook executed in a folder of its own, and the evidence that it wrote what it should."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
import zmq
from traitlets.config import Config

from analysis.runs.engine import NAME, UnfinishedError, Watch, states
from analysis.runs.plan import Limits, Run
from analysis.runs.record import PARTIAL, hashes

RESULTS = "ANALYSIS_RESULTS"
"""Tells a notebook where to write; `analysis.outputs.place` reads it, and a test holds the two together."""


@dataclass(frozen=True)
class Folders:
    """Where a run finds what it needs: `notebooks`, the `results` of runs before it, a `place` of its own
    to write to, and short-lived `sockets` for its kernel."""

    notebooks: Path
    results: Path
    place: Path
    sockets: Path

    def partial(self, run: Run) -> Path:
        """Where the run's notebook is kept as far as it got, if it does not get to its end."""
        return self.place.parent / f"{run.name}{PARTIAL}"


def execute(run: Run, folders: Folders, limits: Limits, watch: Watch) -> dict[str, str]:
    """Execute the run's notebook, and leave what it writes in `folders.place`; the state of every cell.

    The place begins with copies of the results that the plan lets the run read, and nothing else, so that
    whatever else is there afterwards was written by this run. Raises UnfinishedError.
    """
    shutil.rmtree(folders.place, ignore_errors=True)
    folders.place.mkdir(parents=True)
    for path in run.inputs:
        _target(folders.place / path)
        shutil.copyfile(folders.results / path, folders.place / path)
    before = hashes(folders.place.rglob("*"), folders.place)
    os.environ[RESULTS] = str(folders.place)
    partial = folders.partial(run)
    notebook = papermill.execute_notebook(
        folders.notebooks / f"{run.notebook}.ipynb",
        None,
        parameters=run.parameters,
        engine_name=NAME,
        kernel_name="python3",
        language="python",
        cwd=folders.place,
        partial=partial,
        watch=watch,
        cell_seconds=limits.cell_seconds,
        run_seconds=limits.run_seconds,
        config=_kernels(folders.sockets),
    )
    found = states(notebook)
    if wrong := _undeclared(run, before, hashes(folders.place.rglob("*"), folders.place)):
        nbformat.write(notebook, partial)
        raise UnfinishedError("its outputs", wrong, found)
    text = nbformat.writes(canonical(notebook)) + "\n"
    _target(folders.place / run.executed).write_text(text, encoding="utf-8")
    return found


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: times, and the patch version of Python."""
    kernel = notebook.metadata.get("kernelspec", {})
    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {key: kernel.get(key, "") for key in ("display_name", "language", "name")},
            "language_info": {"name": "python"},
            "papermill": {"parameters": parameters},
        }
    )
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return notebook


def _kernels(sockets: Path) -> Config:
    """Kernels talk over sockets in a folder of the user's own: no port, and nobody else can listen."""
    transport = "ipc" if zmq.has("ipc") else "tcp"
    return Config(
        {"KernelManager": {"transport": transport, "connection_file": str(sockets / "kernel.json")}}
    )


def _undeclared(run: Run, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """How what the run wrote differs from what the plan declares: all of it, and nothing else."""
    written = {path for path, digest in after.items() if before.get(path) != digest}
    declared = {*run.outputs} - {run.executed}  # which is still to be written
    wrong = {
        "declared and not written": declared - written,
        "written and not declared": written - declared,
        "removed": before.keys() - after.keys(),
    }
    return "; ".join(f"{what}: {', '.join(sorted(paths))}" for what, paths in wrong.items() if paths)


def _target(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
