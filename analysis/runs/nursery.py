"""A process that has imported what notebooks import, and forks kernels that need not import it again.

Most of the time of a small notebook goes into starting Python, importing pandas and matplotlib, and becoming
a kernel. Here imports are done once, and the next kernel gets ready while the last one works. Each is a
process of its own as ever, and sees of the nursery only what importing leaves behind.

The nursery forks keepers, and a keeper forks one kernel. It gives that to a client, and ends it, with all
that its cells have started, when the client wants so or is itself no longer there. The nursery may be killed
meanwhile: kernels that it has forked go on.
"""

import builtins
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import sys
import threading
import types
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path

import numpy as np
from ipykernel.kernelapp import IPKernelApp

from analysis.runs.processes import HISTORY, adopt_orphans, end_children, end_group, end_with_parent

LATE = ("ipykernel.ipkernel", "ipykernel.debugger", "tornado.platform.asyncio")
"""What a kernel imports not before it starts."""
STREAMS = (random.Random, np.random.Generator, np.random.RandomState)
BEGUN = dict(os.environ)
ANOTHER, NO_MORE = b"1", b"0"


def main() -> None:
    """Have a kernel ready until nobody is left who could ask for it."""
    end_with_parent()
    adopt_orphans()
    os.close(os.pidfd_open(os.getpid()))  # where a system has none, better now than with a kernel given away
    number, place, *modules = sys.argv[1:]
    requests, asked = socket.socket(fileno=int(number)), ANOTHER
    os.chdir(place)
    sys.path.pop(0)  # a kernel puts its own folder there
    _import(*LATE)
    before = _left()
    _import(*modules)
    if refusal := _refusal(before):
        while client := _client(requests):
            client.send(refusal)
        return
    gc.collect()
    gc.freeze()  # a collection in a kernel would copy what all of them share
    while asked != NO_MORE:
        waiting, taken = os.pipe()
        if not os.fork():
            os.close(waiting)
            _keep(requests, taken, Path(place))
            return
        os.close(taken)
        asked = os.read(waiting, 1)  # or nothing, from a keeper that was killed
        os.close(waiting)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    requests.close()
    end_children()  # keepers do that to theirs; this is for what one that was killed has left
    os._exit(0)  # there is nothing to tidy up


def _left() -> dict[str, int]:
    """What importing may leave behind that forks would lose, share, or not show."""
    sys.stdout.flush()
    return {
        "leaves a thread at work": threading.active_count(),
        "leaves a file or a socket open": len([*Path("/dev/fd").iterdir()]),
        "shows something": os.fstat(sys.stdout.fileno()).st_size,
    }


def _import(*modules: str) -> None:
    """Import as in a kernel: pandas and matplotlib look at that moment where they are."""
    sys.stdout.reconfigure(encoding="UTF-8")
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None)
    for module in modules:
        with suppress(Exception, SystemExit):  # the notebook that needs it will say what is wrong with it
            importlib.import_module(module)
    del builtins.get_ipython


def _refusal(before: dict[str, int]) -> str:
    """Why no kernel may be forked from what importing has made of this process, if none may."""
    ours = [vars(module) for name, module in sys.modules.items() if name.startswith("analysis.")]
    found = {what: count != before[what] for what, count in _left().items()} | {
        "has a stream of random numbers": any(
            isinstance(o, STREAMS) for names in ours for o in names.values()
        ),
        "makes a figure": "matplotlib_inline.backend_inline" in sys.modules,
    }
    return next((f"what the notebooks import {what}" for what, there in found.items() if there), "")


def _client(requests: socket.socket) -> Connection | None:
    """The next that asks for a kernel; None when nobody is left who could."""
    received = socket.recv_fds(requests, 1, 1)[1]
    return Connection(received[0]) if received else None


def _keep(requests: socket.socket, taken: int, place: Path) -> None:
    """Fork a kernel and look after it; the last word from here is how it ended, with all it started."""
    adopt_orphans()
    ours, theirs = Pipe()
    kernel = os.fork()
    if not kernel:
        ours.close()
        requests.close()
        os.close(taken)
        _be_kernel(theirs, place)
        return
    theirs.close()
    client = _client(requests)
    requests.close()
    with suppress(OSError):  # the nursery is no longer there
        os.write(taken, ANOTHER if client else NO_MORE)
    os.close(taken)
    if client:
        with suppress(EOFError, OSError):  # nor is the client, or the kernel
            ours.send(client.recv())
            if ours in wait([client, ours]):
                client.send((kernel, ours.recv()))
                select.select([client, os.pidfd_open(kernel)], [], [])
    os.kill(kernel, signal.SIGKILL)  # it may lead no group yet
    end_group(kernel)
    code = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
    end_children()
    if client:
        with suppress(OSError):
            client.send(code)
    os._exit(0)  # tidying up would touch, and so copy, all of the memory that is shared


def _be_kernel(keeper: Connection, place: Path) -> None:
    """Do what `python -m ipykernel_launcher` does; what depends on the client comes last."""
    os.setsid()
    np.random.seed()  # noqa: NPY002 - else all kernels would draw the same
    file = place / f"{os.getpid()}.json"
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(["-f", str(file), "--IPKernelApp.transport=ipc", HISTORY])
    added = {name: text for name, text in os.environ.items() if BEGUN.get(name) != text}
    sys.argv[1:], environment, folder = keeper.recv()
    os.environ.clear()
    os.environ.update(environment | added, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(folder)
    keeper.send(json.loads(file.read_text()))
    keeper.close()
    app.start()


if __name__ == "__main__":
    main()
