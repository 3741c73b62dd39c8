"""The processes of a sequence: a worker is started, given runs, listened to, and ended with its kernel.

Beside the workers is the nursery that their kernels are forked from, where the system can do that.
"""

import ctypes
import dataclasses
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from analysis.runs.plan import Run, imported
from analysis.runs.record import sources
from analysis.runs.specification import Limits

GRACE_SECONDS = 10
"""How long a worker may take to stop its kernel and to keep its notebook."""

LEAVE_SECONDS = 1
"""And how long a nursery may, which has nothing to keep."""

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""From Linux's prctl.h."""

FORKS = sys.platform == "linux"
"""Whether a process that has imported much may fork: macOS advises against it, Windows has no such thing."""
NO_FORKS = "this system cannot fork processes that have imported much"
CHOSEN = "JUPYTER_DEFAULT_PROVISIONER_NAME"
"""Tells jupyter_client which kernels to start; `analysis.runs.kernels` has those of the name "forked"."""
REQUESTS = "ANALYSIS_NURSERY"
"""And these where to ask for one: the number of an inherited socket."""

HISTORY = "--HistoryManager.hist_file=:memory:"
"""What papermill starts kernels with; those of a nursery begin so too."""

UNWANTED = (
    CHOSEN,
    REQUESTS,
    "PYTHONSTARTUP",
    "PYTHONOPTIMIZE",
    "PYTHONWARNINGS",
    "MPLBACKEND",
    "MATPLOTLIBRC",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_PATH",
    "JPY_PARENT_PID",
)
"""Settings of the user's that would reach a kernel and change what it computes or draws."""


class Nursery:
    """The process that kernels are forked from: it takes `requests`, and ends when nobody can make any.

    It imports what the notebooks of `code` import, with the `settings` of a worker unless others are given;
    `sources` are the SHA-256 of the code that it began with.
    """

    def __init__(self, code: Path, settings: dict[str, str] | None = None) -> None:
        self.place = tempfile.TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True)
        self.log = Path(self.place.name, "nursery.log")
        self.sources = sources(code)
        self.requests, theirs = socket.socketpair()
        words = [str(theirs.fileno()), self.place.name, *imported((code / "notebooks").glob("*.ipynb"))]
        with theirs, self.log.open("wb") as file:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "analysis.runs.nursery", *words],
                cwd=code,
                env=settings or environment(code, Path(self.place.name)),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def end(self, seconds: float = 0) -> None:
        """Ask for no more, so that it ends; wait so long before it has to, as it may still be importing."""
        self.requests.close()
        try:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        finally:
            self.process.kill()
            self.process.wait()
            self.place.cleanup()


class Worker:
    """A process that executes runs; what it says arrives in `events`, and last that it is gone.

    Its kernels are forked from the nursery, or ordinary ones without any.
    """

    def __init__(
        self,
        code: Path,
        sockets: Path,
        log: Path,
        lock: int,
        events: queue.Queue,
        nursery: Nursery | None = None,
    ) -> None:
        self.sockets, self.log, self.kernel = sockets, log, None
        sockets.mkdir()
        requests = nursery and nursery.requests.fileno()
        forked = {CHOSEN: "forked", REQUESTS: str(requests)} if nursery else {}
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "analysis.runs.worker"],
                cwd=code,
                env=environment(code, sockets) | forked,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,  # what libraries have to say is of interest after a failure only
                text=True,
                encoding="utf-8",
                pass_fds=[lock, *([requests] if requests else [])],  # with the lock nobody else begins
                start_new_session=True,  # Ctrl-C is for the sequence to handle
            )
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def _listen(self, events: queue.Queue) -> None:
        with self.process.stdout as said, suppress(ValueError):  # a line cut short by a kill
            for line in said:
                event = json.loads(line)
                if event["event"] == "kernel":
                    self.kernel = event["process"]
                elif event["event"] in ("completed", "failed"):
                    self.kernel = None  # it has ended, and its number may be another's by now
                events.put((self, event))
        events.put((self, {"event": "gone"}))

    def give(self, run: Run, folders: dict[str, Path], limits: Limits) -> None:
        """Have a run executed, in the folders that `execution.Folders` explains."""
        paths = {name: str(path) for name, path in (folders | {"sockets": self.sockets}).items()}
        order = {"run": dataclasses.asdict(run), "folders": paths, "limits": dataclasses.asdict(limits)}
        with suppress(BrokenPipeError):  # it is gone, and its last event says so
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()

    def close(self) -> None:
        """Ask it to stop what it does and to leave."""
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def wait(self) -> None:
        """Return when it has left, which it is made to if it takes too long; its kernel goes with it."""
        try:
            self.process.wait(GRACE_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            end_group(self.process.pid)
            self.process.wait()
        finally:
            if self.kernel:
                end_group(self.kernel)

    def last_words(self) -> str:
        """Why it has left, though nobody asked it to."""
        code = self.process.wait(GRACE_SECONDS)
        if code < 0:
            return f"its process was {killed_by(code)}"
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"its process left with exit code {code}" + (f": {lines[-1]}" if lines else "")


def killed_by(code: int) -> str:
    """What a negative exit code says."""
    hint = ", as happens when memory runs out" if -code == signal.SIGKILL else ""
    return f"killed by {signal.Signals(-code).name}{hint}"


def end_group(leader: int) -> None:
    """End a process and all that it has started: workers and kernels each lead a group of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of what one's children leave behind, where the system knows that: on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """Be ended with the process that has started this one, even in the middle of an import; on Linux."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_children() -> None:
    """End every process that this one has started, with those that they have started meanwhile."""
    for _ in range(GRACE_SECONDS):
        if not (alive := [child for child in psutil.Process().children(recursive=True) if _alive(child)]):
            return
        for child in alive:
            with suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(alive, timeout=1)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def environment(code: Path, place: Path) -> dict[str, str]:
    """What a worker and its kernels inherit: this code, and no variable that sets a kernel up otherwise."""
    return {name: value for name, value in os.environ.items() if name not in UNWANTED} | {
        "PYTHONPATH": str(code),
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(place / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
