"""Kernels that start at once, for any client of Jupyter's: forked, or ordinary where none can be forked.

`JUPYTER_DEFAULT_PROVISIONER_NAME=forked` in the environment of papermill, pytest or JupyterLab is all that
they need, as an entry point tells jupyter_client that name. The first kernel of a process starts a nursery
for it, unless it was given one.
"""

import atexit
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import AsyncKernelClient
from jupyter_client.provisioning import LocalProvisioner

from analysis import ROOT
from analysis.runs.processes import (
    CHOSEN,
    FORKS,
    HISTORY,
    LEAVE_SECONDS,
    NO_FORKS,
    REQUESTS,
    Nursery,
    end_group,
)

LAUNCHER = [sys.executable, "-m", "ipykernel_launcher"]
GONE = "the process that kernels are forked from has ended"
START_SECONDS = 60
"""A kernel that has not answered by then is not going to."""


class Forked:
    """What jupyter_client asks of a subprocess.Popen, for a kernel that a keeper looks after."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: str) -> None:
        ours, theirs = socket.socketpair()
        self.keeper, self.returncode, self.lost = Connection(ours.detach()), None, False
        with theirs:
            socket.send_fds(_requests(), [b"k"], [theirs.fileno()])
        self.keeper.send((arguments, environment, str(Path(folder).absolute())))
        if not self.keeper.poll(START_SECONDS):
            raise OSError(f"no kernel came within {START_SECONDS} seconds")
        answer = self.keeper.recv()
        if not isinstance(answer, tuple):
            raise OSError(answer if isinstance(answer, str) else "the kernel that was ready has ended")
        self.pid, self.connection = answer

    def poll(self) -> int | None:
        """How it has ended, as Popen says it; None if it has not."""
        return self.wait() if self.returncode is None and self.keeper.poll() else self.returncode

    def wait(self) -> int:
        """How it has ended, once all that its cells have started has ended too."""
        if self.returncode is None:
            try:
                self.returncode = self.keeper.recv()
            except (EOFError, OSError):  # its keeper was killed
                end_group(self.pid)
                self.returncode, self.lost = -signal.SIGKILL, True
            self.keeper.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Do nothing: jupyter_client has tried its group of processes, which is no longer there."""


class Provisioner(LocalProvisioner):
    """jupyter_client's provisioner of the name "forked"; `refusal` says why a kernel is an ordinary one."""

    refusal = ""
    forked: Forked | None = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> dict[str, Any]:  # noqa: ANN401 - Popen's
        """Take a kernel from the nursery; other commands, and restarts, start in the ordinary way."""
        options["env"] = {key: text for key, text in options["env"].items() if key not in (CHOSEN, REQUESTS)}
        known = [*cmd[:3], *cmd[5:]] in ([*LAUNCHER, HISTORY], LAUNCHER)
        self.refusal = "" if known else f"they are started by {' '.join(cmd)}"
        if not self.refusal and not self.pid:
            try:
                self.process = Forked(cmd[3:], options["env"], str(options.get("cwd") or ""))
            except (EOFError, OSError) as error:
                self.refusal = str(error) if type(error) is OSError else GONE
            else:
                self.forked, self.pid, self.pgid = self.process, self.process.pid, self.process.pid
                return self.process.connection | {"key": self.process.connection["key"].encode()}
        if self.refusal:
            self.log.warning("This kernel starts in the ordinary way: %s", self.refusal)
        return await super().launch_kernel(cmd, **options)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and return when it has; jupyter_client would look for that ten times a second."""
        await super().kill(restart)
        self.process.wait()

    async def cleanup(self, restart: bool = False) -> None:
        """RuntimeError, if nobody knows whether all that the cells have started has ended."""
        await super().cleanup(restart)
        if self.forked and self.forked.lost:
            raise RuntimeError("the process that looks after its kernel was killed")


class Client(AsyncKernelClient):
    """jupyter_client's, but for the fifth of a second for which that waits at the end for silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - jupyter_client's
        """Return as soon as something shown proves that nothing can be missed any more."""
        end = time.monotonic() + (timeout or START_SECONDS)
        while time.monotonic() < end:
            self.kernel_info()
            with suppress(Empty):
                await self.iopub_channel.get_msg(timeout=1)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


@cache
def _requests() -> socket.socket:
    """Where a nursery takes requests: one that was started for this process, or one of its own."""
    if not FORKS:
        raise OSError(NO_FORKS)
    if REQUESTS in os.environ:
        return socket.socket(fileno=int(os.environ[REQUESTS]))
    nursery = Nursery(ROOT, dict(os.environ))
    atexit.register(nursery.end, LEAVE_SECONDS)
    return nursery.requests
