"""One run: its notebook executed in a folder of its own, and the evidence that it wrote what it should."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
import zmq
from traitlets.config import Config

from analysis import exchange
from analysis.runs.engine import NAME, UnfinishedError, Watch, one_line
from analysis.runs.files import hashes, placed
from analysis.runs.plan import Run
from analysis.runs.processes import end_children
from analysis.runs.record import PARTIAL, states
from analysis.runs.specification import Limits

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
    whatever else is there afterwards was written by this run. For a process of its own: it ends whatever
    this one has started, and papermill changes its directory. Raises UnfinishedError.
    """
    if folders.place.exists():
        exchange.remove(folders.place)
    folders.place.mkdir(parents=True)
    for path in run.inputs:
        shutil.copyfile(folders.results / path, placed(folders.place / path))
    before = _written(folders.place)
    os.environ[RESULTS] = str(folders.place)
    try:
        notebook = _executed(run, folders, limits, watch)
    finally:
        end_children()  # the kernel, if it has not left, and what its cells have started: nobody writes now
    found = states(notebook)
    try:
        wrong = _linked(folders.place) or _undeclared(run, before, _written(folders.place))
        if wrong:
            nbformat.write(notebook, folders.partial(run))
            raise UnfinishedError("its outputs", wrong, found)
        text = nbformat.writes(canonical(notebook)) + "\n"
        placed(folders.place / run.executed).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:  # no room, say: the cells are none the worse for it
        with suppress(OSError):  # and half a notebook must not take the room of the record
            (folders.place / run.executed).unlink(missing_ok=True)
        raise UnfinishedError("outside its cells", one_line(error), found) from error
    return found


def _executed(run: Run, folders: Folders, limits: Limits, watch: Watch) -> nbformat.NotebookNode:
    source = str(folders.notebooks / f"{run.notebook}.ipynb")
    return papermill.execute_notebook(
        source.replace("{", "{{").replace("}", "}}"),  # papermill fills braces in
        None,
        parameters=run.parameters,
        engine_name=NAME,
        kernel_name="python3",
        language="python",
        cwd=folders.place,
        progress_bar=False,
        partial=folders.partial(run),
        watch=watch,
        cell_seconds=limits.cell_seconds,
        run_seconds=limits.run_seconds,
        config=_kernels(folders.sockets),
    )


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: times, pace of printing, patch version of Python."""
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
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs with all that a cell printed in one stream of each name: else bytes hang on how fast it is."""
    streams: dict[str, nbformat.NotebookNode] = {}
    kept = []
    for output in outputs:
        if output.output_type == "stream" and output.name in streams:
            streams[output.name].text += output.text
        else:
            kept.append(output)
            if output.output_type == "stream":
                streams[output.name] = output
    places = [at for at, output in enumerate(kept) if output.output_type == "stream"]
    for at, name in zip(places, sorted(streams, reverse=True), strict=True):  # what is out before what is err
        kept[at] = streams[name]
    return kept


def _kernels(sockets: Path) -> Config:
    """Kernels talk over sockets in a folder of the user's own: no port, and nobody else can listen.

    Where the system has no such sockets, or the folder's path is too long for one, a port on loopback must
    do, with the key that Jupyter gives it.
    """
    file = str(sockets / "kernel.json")
    fits = len(f"{file}-ipc-5".encode()) < zmq.IPC_PATH_MAX_LEN if zmq.has("ipc") else False
    return Config(
        {
            "KernelManager": {
                "transport": "ipc" if fits else "tcp",
                "connection_file": file,
                "client_class": "analysis.runs.kernels.Client",
            }
        }
    )


def _written(place: Path) -> dict[str, str]:
    return hashes(place.rglob("*"), place)


def _linked(place: Path) -> str:
    """What is no file of its own: a link would be promoted in the place of what it points to."""
    links = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_symlink())
    return f"written as a link, not as a file: {', '.join(links)}" if links else ""


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
