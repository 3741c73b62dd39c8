"""The plan carried out: each run in a worker as soon as what it reads is there, promoted only as a whole."""

import queue
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis import FailedError, exchange
from analysis.runs import files, plan, record, specification, staging
from analysis.runs.plan import Run
from analysis.runs.processes import FORKS, GRACE_SECONDS, LEAVE_SECONDS, NO_FORKS, Nursery, Worker
from analysis.runs.record import Record
from analysis.runs.staging import Stage

Tell = Callable[[dict[str, Any]], None]
"""Told of everything as it happens; `progress` has what shows it."""


class RunError(FailedError):
    """A sequence that does not count: where it ended and why. Its notes say where to look."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")


@dataclass(frozen=True)
class Way:
    """How to carry out a plan: so many runs side by side, and unchanged runs `reuse`d or not.

    `cold` kernels start from nothing, as Jupyter starts them; others are forked from the `nursery`, or from
    one of the sequence's own. `agree` is shown the folder with the new results, laid out as in the checkout,
    and says whether they are to take the place of the earlier ones.
    """

    jobs: int = 1
    reuse: bool = False
    cold: bool = False
    nursery: Nursery | None = None
    agree: Callable[[Path], bool] = lambda _: True


def reproduce(
    study: str, runs: Sequence[Run], code: Path, target: Path, tell: Tell, way: Way = Way()
) -> list[str]:
    """Execute the runs, which `plan.check` has found sound, and put their results below `target`; the paths.

    There are none if `way.agree` says no.
    Earlier results are replaced at the very end, and only if every run has its evidence; whatever fails
    before that leaves them as they were, keeps what there is in `failed_folder`, and raises RunError.
    """
    ended = "failed"
    try:
        material = record.material(study, code)  # before any waiting: the plan is of now
        with staging.held(study, target, failed_folder(study, code, target), tell) as stage:
            told = Record(study, runs, code, stage.path / record.SHARED, material)
            try:
                _carry_out(runs, told, stage, tell, way)
                if agreed := way.agree(stage.path / "new"):
                    staging.promote(stage)
            except BaseException as error:
                if not (stage.path / staging.NOTE).exists():  # make room, where that was the trouble
                    with suppress(OSError):
                        exchange.remove(stage.path / "new")
                record.settle(stage.path / record.SHARED, _stopped(error))
                raise
        ended = "completed"
    except OSError as error:  # a full disk, a folder that cannot be written
        failure = RunError(str(error.filename or "the sequence"), error.strerror or str(error))
        failure.__notes__ = getattr(error, "__notes__", [staging.UNTOUCHED])
        raise failure from error
    finally:
        with suppress(OSError):  # nobody may listen any more
            tell({"event": "ended", "state": ended})
    return [path for run in runs for path in run.outputs] if agreed else []


def _carry_out(runs: Sequence[Run], told: Record, stage: Stage, tell: Tell, way: Way) -> None:
    """Every run, and last of all the records, as they speak of everything else."""
    _refuse_drift(told)
    if foreign := stage.foreign():
        raise RunError(", ".join(foreign), "no result of the last sequence, and would go with them; move it")
    course = Course(runs, told, stage, tell, way)
    course.carry_out()
    _refuse_drift(told)
    if changed := stage.changed():
        raise RunError(", ".join(changed), "changed meanwhile, so somebody or a cell writes past the plan")
    derived = stage.path / "new" / "data" / "derived" / told.study
    told.state = "completed"
    told.write(files.placed(derived / record.SHARED))
    local = record.of_machine(
        told.code, course.dates, course.seconds, course.expected, way.jobs, course.ordinary or "forked"
    )
    of = {"record": files.sha256(derived / record.SHARED)}  # another checkout's record has another machine
    record.write(derived / record.LOCAL, of | local)


def _refuse_drift(told: Record) -> None:
    if drifted := told.drifted():
        raise RunError(", ".join(drifted), "changed meanwhile, so nobody knows what the notebooks read")


def failed_folder(study: str, code: Path, target: Path) -> Path:
    """Where the last unfinished sequence of a study lies: its record, partial notebooks and logs.

    Sequences for a look or a comparison have another target, and may be at work at the same time.
    """
    aside = "trial" if target.is_relative_to(code) else "verify"
    return code / "scratch" / "failed" / (study if target == code else f"{study}-{aside}")


def _stopped(error: BaseException) -> str:
    """Why the runs that were under way have ended."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped from outside"
    return "stopped because the sequence failed"


class Course:
    """The runs on their way: those that wait, those under way and those that are done."""

    def __init__(self, runs: Sequence[Run], told: Record, stage: Stage, tell: Tell, way: Way) -> None:
        self.runs, self.told, self.tell, self.way = runs, told, tell, way
        self.stage, self.lock, self.new = stage.path, stage.lock, stage.path / "new"
        self.kept = told.code / "data" / "derived" / told.study
        self.waiting = [*runs]
        self.busy: dict[Worker, Run] = {}
        self.workers: list[Worker] = []
        self.events: queue.Queue[tuple[Worker, dict[str, Any]]] = queue.Queue()
        self.nursery = way.nursery
        self.ordinary = "each started from nothing, as was asked" if way.cold else ""
        self.silent: dict[Worker, float] = {}
        self.last = time.monotonic()
        self.began: dict[str, float] = {}
        self.dates: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self.expected: dict[str, float] = record.read(self.kept / record.LOCAL).get("expected", {})

    def carry_out(self) -> None:
        """Until every run is completed or reused; RunError as soon as one is not."""
        names = [run.name for run in self.runs]
        self.tell({"event": "begun", "runs": names, "jobs": self.way.jobs, "expected": self.expected})
        with tempfile.TemporaryDirectory(prefix="runs-", ignore_cleanup_errors=True) as sockets:
            self._begin_nursery()
            try:
                while self.waiting or self.busy:
                    self._give(Path(sockets))
                    while self.busy and not self._hear():
                        pass
            finally:
                for worker in self.workers:
                    worker.close()
                for worker in self.workers:
                    worker.wait()
                if self.nursery:
                    self._end_nursery(self.nursery)

    def _begin_nursery(self) -> None:
        """Let kernels be got ready while the workers begin, where they can be forked."""
        if not FORKS:
            self._start_ordinarily(NO_FORKS)
        if self.nursery and self.nursery.sources != self.told.material["sources"]:
            self.nursery.end()  # what it imports may not be what the record says
            self.nursery = None
        if not self.ordinary:
            self.nursery = self.nursery or Nursery(self.told.code)

    def _end_nursery(self, nursery: Nursery) -> None:
        """What it had to say lies beside what the workers had."""
        with suppress(OSError):
            shutil.copyfile(nursery.log, self.stage / nursery.log.name)
        nursery.end(LEAVE_SECONDS if self.workers else 0)

    def _start_ordinarily(self, reason: str) -> None:
        """Say once why kernels take longer."""
        if not self.ordinary:
            self.tell({"event": "ordinary", "reason": reason})
            self.ordinary = reason

    def _give(self, sockets: Path) -> None:
        """Give every worker that is free a run that has what it reads."""
        undone = {run.name for run in [*self.waiting, *self.busy.values()]}
        for run in [run for run in self.waiting if not plan.needed(run, self.runs) & undone]:
            basis = self.told.basis(run, self.new)
            if self.way.reuse and self._take_over(run, basis):
                self._give(sockets)  # others may have what they read by that
                return
            worker = self._free(sockets)
            if worker is None:
                return
            self.waiting.remove(run)
            self.busy[worker] = run
            self.began[run.name], self.silent[worker] = time.monotonic(), 0
            self.dates[run.name] = datetime.now(UTC).isoformat(timespec="milliseconds")
            self.told.note(run, state="running", basis=basis)
            self._say(run, "started")
            notebooks, place = self.told.code / "notebooks", self.stage / "runs" / run.name
            folders = {"notebooks": notebooks, "results": self.new, "place": place}
            worker.give(run, folders, specification.limits())

    def _free(self, sockets: Path) -> Worker | None:
        idle = [worker for worker in self.workers if worker not in self.busy]
        if idle or len(self.workers) == self.way.jobs:
            return idle[0] if idle else None
        name = f"worker-{len(self.workers) + 1}"
        log = self.stage / f"{name}.log"
        worker = Worker(self.told.code, sockets / name, log, self.lock, self.events, self.nursery)
        self.workers.append(worker)
        return worker

    def _hear(self) -> bool:
        """Take in what a worker says next, or notice that one has not said anything for too long.

        Whether a run has come to its end, so that another may begin.
        """
        try:
            worker, event = self.events.get(timeout=1)
        except queue.Empty:
            self.tell({"event": "tick"})
            worker, event = None, {"event": "nothing"}
        self._listen_for(worker)
        kind, run = event.pop("event"), self.busy.get(worker)
        match kind:
            case "kernel" if event["refusal"]:
                self._start_ordinarily(event["refusal"])
            case "cell":
                self.told.note(run, cells=event.pop("states"))
                self._say(run, "cell", **event)
            case "output":
                self._say(run, "output", **event)
            case "completed":
                del self.busy[worker]
                self._complete(run, event["states"])
            case "failed":
                self._fail(run, **event)
            case "gone":
                self._miss(worker, run)
        return kind == "completed"

    def _miss(self, worker: Worker, run: Run | None) -> None:
        """A worker has left, though nobody asked it to."""
        if run is None:
            raise RunError("a worker without a run", worker.last_words())
        self._fail(run, "its worker", worker.last_words())

    def _listen_for(self, speaking: Worker | None) -> None:
        """A worker that hangs cannot say so itself.

        Silence is counted in short steps, because a laptop that was closed for the night has heard nothing.
        """
        step, self.last = min(time.monotonic() - self.last, 2), time.monotonic()
        for worker, run in self.busy.items():
            self.silent[worker] = 0 if worker == speaking else self.silent[worker] + step
            if self.silent[worker] > specification.limits().run_seconds + GRACE_SECONDS:
                self._fail(run, "its worker", "no sign of life within the limit of a whole run")

    def _complete(self, run: Run, cells: dict[str, str]) -> None:
        """Put the run's results where the runs after it find them."""
        place = self.stage / "runs" / run.name
        for path in run.outputs:
            (place / path).rename(files.placed(self.new / path))
        exchange.remove(place)
        self.seconds[run.name] = time.monotonic() - self.began[run.name]
        self.told.note(run, state="completed", cells=cells, **self._hashes(run))
        self._say(run, "completed", cells=len(cells), seconds=round(self.seconds[run.name], 2))

    def _take_over(self, run: Run, basis: str) -> bool:
        """Reuse the kept results of the run, if they are of the same basis and still as recorded."""
        kept = record.reusable(self.kept, self.told.code, run, basis)
        if kept is None:
            return False
        for path in run.outputs:
            shutil.copyfile(self.told.code / path, files.placed(self.new / path))
        self.waiting.remove(run)
        self.told.note(run, **kept | {"state": "reused"})
        self._say(run, "reused", cells=len(kept["cells"]))
        return True

    def _hashes(self, run: Run) -> dict[str, dict[str, str]]:
        both = {"inputs": run.inputs, "outputs": run.outputs}
        return {part: files.hashes((self.new / p for p in paths), self.new) for part, paths in both.items()}

    def _fail(self, run: Run, cell: str, reason: str, states: dict[str, str] | None = None) -> None:
        with suppress(OSError):  # a full disk must not hide what was first
            self.told.note(run, state="failed", cell=cell, reason=reason, cells=states or {})
        self._say(run, "failed", cell=cell, reason=reason)
        raise RunError(f"{run.name}, {cell}", reason)

    def _say(self, run: Run, event: str, **more: Any) -> None:  # noqa: ANN401 - whatever JSON can say
        self.tell({"event": event, "run": run.name, "number": self.runs.index(run) + 1, **more})
