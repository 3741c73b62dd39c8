"""The engine: papermill, with a record that is true however a notebook ends.

papermill calls cells completed that never ran once a kernel has died or a limit has passed, takes
`sys.exit(0)` for success, and overwrites the last good output before the first cell runs. Here a cell is
completed when the kernel has answered for it and at no other time, and a notebook that did not run to its
end raises UnfinishedError. Whoever imports this module may also call papermill itself:
`papermill.execute_notebook("in.ipynb", "out.ipynb", engine_name="evidence")` leaves `out.ipynb` as it was
unless every cell ran, and keeps what there is in `out.partial.ipynb`.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.iorw import write_ipynb
from papermill.log import logger

from analysis.runs.kernels import START_SECONDS
from analysis.runs.processes import killed_by
from analysis.runs.record import is_code, states

NAME = "evidence"
NOT_RUN = "not run"
OUTPUT_SECONDS = 60
"""How long a cell's last outputs may take to arrive after it ended, on a busy machine."""

LONGEST = 300
"""Letters of a reason: the partial notebook has all of it."""

UNUSED = ("input_path", "autosave_cell_every")
"""What papermill says and nbclient has no use for."""

Watch = Callable[[dict[str, Any]], None]
"""Told of each cell that begins, and of each piece of text that a cell shows."""


class UnfinishedError(Exception):
    """A notebook that did not run to its end: at which cell, why in one line, and each cell's state."""

    def __init__(self, cell: str, reason: str, found: dict[str, str]) -> None:
        super().__init__(f"{cell}: {reason}")
        self.cell, self.reason, self.states = cell, reason, found


class Evidence(NotebookExecutionManager):
    """papermill's bookkeeping of cells, without its guess that what is pending at the end was completed."""

    def notebook_complete(self, **kwargs: object) -> None:
        """Whatever never began was not run."""
        for cell in self.nb.cells:
            if cell.metadata.papermill["status"] == self.PENDING:
                cell.metadata.papermill["status"] = NOT_RUN
        super().notebook_complete(**kwargs)


class Client(PapermillNotebookClient):
    """nbclient, run cell by cell, with a failed cell for every way in which one can end badly."""

    def __init__(self, manager: Evidence, watch: Watch, **options: Any) -> None:  # noqa: ANN401 - nbclient's own
        super().__init__(manager, **options)
        self.watch, self.at = watch, "before its first cell"

    def start_new_kernel(self, **kwargs: Any) -> None:  # noqa: ANN401 - nbclient's own
        """Tell of the kernel before it has answered, as one that never does must be ended too."""
        super().start_new_kernel(**kwargs)
        refusal = getattr(self.km.provisioner, "refusal", "")
        self.watch({"event": "kernel", "process": self.km.provisioner.pid, "refusal": refusal})

    def papermill_execute_cells(self) -> None:
        """Execute the cells in order; the first that fails ends it."""
        total, number = len(_code(self.nb)), 0
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            if is_code(cell):
                number += 1
                self.at = f"code cell {number}"
                self.watch({"event": "cell", "cell": number, "cells": total, "states": states(self.nb)})
            try:
                self.execute_cell(cell, index)
            except BaseException as error:
                self.nb_man.cell_exception(cell, index, exception=error)
                if isinstance(error, DeadKernelError):
                    raise DeadKernelError(_how(self.km)) from None
                raise
            finally:
                self.nb_man.cell_complete(cell, index)
        self.at = "after its last cell"

    def process_message(self, *args: Any, **kwargs: Any) -> NotebookNode | None:  # noqa: ANN401 - nbclient's own
        """Pass on what a cell shows as text."""
        output = super().process_message(*args, **kwargs)
        data = output.get("data", {}) if output else {}
        text = output and (output.get("text") or data.get("text/markdown") or data.get("text/plain"))
        if text:  # an error has none; the run's failure speaks of it
            self.watch({"event": "output", "text": text})
        return output


class EvidenceEngine(Engine):
    """papermill's engine of the name "evidence"."""

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        output_path: str | None = None,
        partial: Path | None = None,
        watch: Watch = lambda _: None,
        cell_seconds: float = float("inf"),
        run_seconds: float = float("inf"),
        **options: Any,  # noqa: ANN401 - papermill's and nbclient's own
    ) -> NotebookNode:
        """The notebook with its outputs, or UnfinishedError; a partial notebook is kept at `partial`.

        With `output_path` the partial notebook lies beside it and is saved after every cell.
        """
        if output_path and partial is None:
            partial = Path(output_path).with_suffix(".partial.ipynb")
        for cell in nb.cells:
            if "injected-parameters" in cell.metadata.get("tags", []):
                cell.id = "injected-parameters"  # papermill makes one up for every run
        clock = Clock(options.pop("execution_timeout", None) or cell_seconds, run_seconds)
        shown = options.pop("log_output", False), options.pop("progress_bar", False)
        manager = Evidence(nb, output_path and str(partial), *shown)
        client = _client(manager, watch, clock, kernel_name=kernel_name, log_output=shown[0], **options)
        manager.notebook_start()
        try:
            client.execute()
            judge(nb)
        except BaseException as error:
            manager.notebook_complete()
            _keep(nb, partial)
            if isinstance(error, Exception):
                raise UnfinishedError(client.at, clock.reason(error), states(nb)) from None
            raise
        manager.notebook_complete()
        if partial:
            partial.unlink(missing_ok=True)
        return nb


def _client(manager: Evidence, watch: Watch, clock: "Clock", **options: Any) -> Client:  # noqa: ANN401 - likewise
    start = options.pop("start_timeout", START_SECONDS)
    return Client(
        manager,
        watch,
        log=logger,
        startup_timeout=min(start, clock.run_seconds),
        timeout_func=clock.left,
        iopub_timeout=OUTPUT_SECONDS,
        force_raise_errors=True,  # an error is one, whatever tag its cell has
        shutdown_kernel="immediate",
        **{name: value for name, value in options.items() if name not in UNUSED},
    )


papermill_engines.register(NAME, EvidenceEngine)


class Clock:
    """The two limits, for one cell and for the whole run, and which of them has passed."""

    def __init__(self, cell_seconds: float, run_seconds: float) -> None:
        self.cell_seconds, self.run_seconds = cell_seconds, run_seconds
        self.start = time.monotonic()

    def left(self, _cell: NotebookNode) -> float | None:
        """The seconds that a cell beginning now may take; None for no limit."""
        left = min(self.cell_seconds, self.start + self.run_seconds - time.monotonic())
        return None if left == float("inf") else max(left, 0.001)  # nbclient takes zero for no limit

    def reason(self, error: Exception) -> str:
        """Why a notebook ended, in one line."""
        if isinstance(error, CellTimeoutError):
            whole = time.monotonic() - self.start >= self.run_seconds
            what, limit = ("run", self.run_seconds) if whole else ("cell", self.cell_seconds)
            return f"the {what} worked longer than its limit of {limit:g} seconds"
        if isinstance(error, CellExecutionError):
            return _short(f"{error.ename}: {error.evalue}")
        return _short(str(error)) if isinstance(error, DeadKernelError | ValueError) else one_line(error)


def one_line(error: Exception) -> str:
    """An error's kind and what it says, in one line."""
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    line = (text.strip().splitlines() or ["no reason given"])[0]
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 2]} …"


def judge(notebook: NotebookNode) -> None:
    """A run counts by its evidence: every code cell counted once, in order, and none in error."""
    cells = _code(notebook)
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        raise ValueError(f"the code cells are counted {counts}, not 1 to {len(cells)}")
    if any(output.output_type == "error" for cell in cells for output in cell.outputs):
        raise ValueError("a cell ended in an error")


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if is_code(cell)]


def _how(manager: Any) -> str:  # noqa: ANN401 - a kernel manager of jupyter_client
    """How a kernel died."""
    process = getattr(manager.provisioner, "process", None)
    code = process.poll() if process else None
    if code is None:
        return "the kernel died"
    if code < 0:
        return f"the kernel died: {killed_by(code)}"
    return f"the kernel died: it left with exit code {code} in the middle of the cell"


def _keep(notebook: NotebookNode, partial: Path | None) -> None:
    """A partial notebook is a help, not a result: where it cannot be written, its reason counts more."""
    if partial:
        try:
            write_ipynb(notebook, str(partial))
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
