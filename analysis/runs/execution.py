"""One notebook, executed by papermill in a fresh kernel, and the evidence that it was."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from analysis.runs.plan import Run

RESULTS = "ANALYSIS_RESULTS"
"""Tells a notebook where to write; `analysis.outputs.place` reads it, and a test holds the two together."""
CELL_SECONDS = 600
"""A cell that works longer has failed."""


IPC = Config({"KernelManager": {"transport": "ipc"}})
"""Kernels talk over sockets in a folder of the user's own: no port, and nobody else can listen."""


class RunError(Exception):
    """A run that does not count: which, at which cell, why, and where its partial notebook lies."""

    def __init__(self, run: Run, cell: str, reason: str, partial: Path | None) -> None:
        lies = f"\nThe notebook as far as it got: {partial}" if partial else ""
        super().__init__(f"{run.name}, {cell}: {reason}{lies}\nEarlier results are as they were.")


@dataclass(frozen=True)
class Evidence:
    """What an executed notebook proves: how many code cells ran, each once and in order."""

    cells: int


def execute(run: Run, notebooks: Path, root: Path, failed: Path) -> Evidence:
    """Execute the run's notebook; everything it writes goes below `root`.

    The executed copy is put into canonical form, so that the same run has the same bytes. Where the
    run fails, its partial notebook is kept in `failed` and RunError says why.
    """
    target = root / run.outputs[-1]
    target.parent.mkdir(parents=True, exist_ok=True)
    before = {path for path in root.rglob("*") if path.is_file()}
    try:
        with _kernel_environment(root):
            papermill.execute_notebook(
                notebooks / f"{run.notebook}.ipynb",
                target,
                parameters=run.parameters,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=CELL_SECONDS,
                config=IPC,
                cwd=notebooks.parent,
            )
        notebook = canonical(nbformat.read(target, as_version=4))
        evidence = judge(notebook)
    except PapermillExecutionError as error:
        cell, reason = f"code cell {error.exec_count}", f"{error.ename}: {error.evalue}"
        raise RunError(run, cell, reason, _kept(target, failed)) from None
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        kept = _kept(target, failed)
        raise RunError(run, "before its end", f"{type(error).__name__}: {reason}", kept) from error
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    written = {path for path in root.rglob("*") if path.is_file()} - before
    _as_declared(run, root, written, failed)
    return evidence


def judge(notebook: nbformat.NotebookNode) -> Evidence:
    """A run counts by its evidence: every code cell counted once, in order, and none in error."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        raise ValueError(f"the code cells are counted {counts}, not 1 to {len(cells)}")
    if any(output.output_type == "error" for cell in cells for output in cell.outputs):
        raise ValueError("a cell ended in an error")
    return Evidence(len(cells))


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: times, random ids, the patch version."""
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
        if "injected-parameters" in tags:
            cell.id = "injected-parameters"
    return notebook


@contextmanager
def _kernel_environment(root: Path) -> Iterator[None]:
    """What the kernel inherits: where to write, which code, and nothing of the user's own settings."""
    code = Path(__file__).parents[2]
    ours: dict[str, str] = {
        RESULTS: str(root),
        "PYTHONPATH": str(code),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "IPYTHONDIR": str(root / ".ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    saved: dict[str, Any] = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        shutil.rmtree(root / ".ipython", ignore_errors=True)
        for name, value in saved.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _as_declared(run: Run, root: Path, written: set[Path], failed: Path) -> None:
    """The run must have written what the plan declares, all of it and nothing else."""
    found = {path.relative_to(root).as_posix() for path in written}
    missing, extra = sorted({*run.outputs} - found), sorted(found - {*run.outputs})
    if missing or extra:
        reasons = [f"declared and not written: {', '.join(missing)}"] if missing else []
        reasons += [f"written and not declared: {', '.join(extra)}"] if extra else []
        raise RunError(run, "its outputs", "; ".join(reasons), _kept(root / run.outputs[-1], failed))


def _kept(partial: Path, failed: Path) -> Path | None:
    if not partial.exists():
        return None
    failed.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(partial, failed / partial.name))
