"""Kernels that start at once, for any client of Jupyter's: forked from a nursery, or ordinary where none helps.

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
from analysis.runs.processes import CHOSEN, REQUESTS, Nursery, end_group

START_SECONDS = 60
"""A kernel that has not answered by then is not going to."""


class OrdinaryError(Exception):
    """Why a kernel has to start in the ordinary way."""


class Forked:
    """What jupyter_client asks of a subprocess.Popen, for a kernel that a keeper looks after."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: str) -> None:
        self.returncode: int | None = None
        ours, theirs = socket.socketpair()
        self.keeper = Connection(ours.detach())
        try:
            with theirs:
                socket.send_fds(_requests(), [b"k"], [theirs.fileno()])
            self.keeper.send((arguments, environment, folder))
            if not self.keeper.poll(START_SECONDS):
                raise TimeoutError(f"no kernel was forked within {START_SECONDS} seconds")
            answer = self.keeper.recv()
        except (EOFError, ConnectionError):
            raise OrdinaryError("the process that kernels are forked from has ended") from None
        if isinstance(answer, str):
            raise OrdinaryError(answer)
        self.pid = answer

    def poll(self) -> int | None:
        """How it has ended, as Popen says it; None if it has not."""
        if self.returncode is None:
            self.returncode = self._ask("poll")
        return self.returncode

    wait = poll

    def kill(self) -> None:
        """End it and what its cells have started; all of that has ended when this returns."""
        if not self.keeper.closed:
            self.returncode = self.poll() or -signal.SIGKILL
            self._ask("end")
            self.keeper.close()

    def send_signal(self, number: int) -> None:
        """Where the kernel leads no group of processes any more."""
        os.kill(self.pid, number)

    def _ask(self, word: str) -> int | None:
        try:
            self.keeper.send(word)
            return self.keeper.recv()
        except (EOFError, OSError):
            end_group(self.pid)  # its keeper was killed
            return -signal.SIGKILL


class Provisioner(LocalProvisioner):
    """jupyter_client's provisioner of the name "forked"; `refusal` says why a kernel is an ordinary one."""

    refusal = ""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> dict[str, Any]:  # noqa: ANN401 - Popen's
        """Fork a kernel of this Python; start any other one, or where there is no forking, as usual."""
        environment = {key: value for key, value in options["env"].items() if key not in (CHOSEN, REQUESTS)}
        if cmd[1:3] == ["-m", "ipykernel_launcher"] and os.path.samefile(cmd[0], sys.executable):
            try:
                self.process = Forked(cmd[3:], environment, str(options.get("cwd") or Path.cwd()))
            except OrdinaryError as error:
                self.refusal = str(error)
            else:
                self.pid = self.pgid = self.process.pid
                return self.connection_info
        return await super().launch_kernel(cmd, **options | {"env": environment})

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - jupyter_client's own
        """End the kernel, with whatever it has started."""
        if isinstance(self.process, Forked):
            self.process.kill()
        else:
            await super().kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - likewise
        """A kernel that died has left what it has started."""
        if isinstance(self.process, Forked):
            self.process.kill()
        await super().cleanup(restart)


class Client(AsyncKernelClient):
    """jupyter_client's, but for the fifth of a second for which that waits at the end for silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return as soon as an answer shows that no output can be missed."""
        end = time.monotonic() + (timeout or START_SECONDS)
        while True:
            self.kernel_info()
            with suppress(Empty):
                await self.iopub_channel.get_msg(timeout=1)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


@cache
def _requests() -> socket.socket:
    """Where a nursery takes requests: one that was started for this process, or its own."""
    if REQUESTS in os.environ:
        return socket.socket(fileno=int(os.environ[REQUESTS]))
    nursery = Nursery(ROOT, dict(os.environ), Path(os.devnull))
    atexit.register(nursery.close)
    return nursery.requests
