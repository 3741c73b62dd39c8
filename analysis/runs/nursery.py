"""A process that has imported what the notebooks import, and forks kernels that need not import it again.

Most of the time of a small notebook goes into starting Python and importing pandas and matplotlib. Here that
is done once. A kernel is a process of its own as ever, with its own memory, and sees of the nursery only
what importing leaves behind.

For each kernel the nursery forks a keeper, and the keeper the kernel: it says when the kernel can answer and
how it ended, and when its client wants so, or is itself no longer there, it ends the kernel with whatever
the cells have started. The nursery may be killed meanwhile; kernels that it has forked go on.
"""

import ast
import builtins
import gc
import importlib
import json
import os
import socket
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.runs.processes import adopt_orphans, end_children

KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "tornado.platform.asyncio")
"""What every kernel imports, the last two not before it starts."""
USUAL = ("pandas", "matplotlib.pyplot", "seaborn", "nltk")
"""What most notebooks import; what they import of this project is added."""


def main() -> None:
    """Fork a keeper for every request, until nobody is left who could ask."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    sys.path.pop(0)  # a kernel puts its own folder there
    _import(*KERNEL, *USUAL, *_imported(Path("notebooks")))
    refusal = _refusal({0, 1, 2, requests.fileno()})
    gc.collect()
    gc.freeze()  # a collection in a kernel would copy what all of them share
    while received := socket.recv_fds(requests, 1, 1)[1]:
        client = Connection(received[0])
        if refusal:
            client.send(refusal)
        elif not os.fork():
            requests.close()
            _keep(client)
            return
        client.close()
        while _ended(-1) is not None:
            pass
    with suppress(ChildProcessError):
        while True:
            os.wait()  # so that with this process all have ended


def _import(*modules: str) -> None:
    """Import as a kernel would: pandas and matplotlib look at that moment who asks for them."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None)
    for module in modules:
        with suppress(Exception):  # the notebook that needs it will say what is wrong with it
            importlib.import_module(module)
    del builtins.get_ipython


def _imported(notebooks: Path) -> Iterator[str]:
    """What the notebooks import of this project; what else they import may change what others see."""
    for path in sorted(notebooks.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            with suppress(SyntaxError):  # of a magic, say, or of prose
                for node in ast.walk(ast.parse("".join(cell["source"]))):
                    if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("analysis."):
                        yield node.module
                        yield from (f"{node.module}.{name.name}" for name in node.names)


def _refusal(known: set[int]) -> str:
    """Why this process must not be forked, if it must not."""
    if threading.active_count() > 1:
        return "what the notebooks import has started a thread"
    for number in {int(name) for name in os.listdir("/dev/fd")} - known:
        with suppress(OSError):  # the folder itself, which has been closed again
            os.fstat(number)
            return "what the notebooks import has left a file or a socket open"
    return ""


def _keep(client: Connection) -> None:
    """Fork a kernel, tell its number once it can answer, and how it ended whenever that is asked.

    The last answer, to any word but "poll", is that nothing of the kernel is left.
    """
    adopt_orphans()
    with suppress(EOFError, OSError):  # the client is no longer there
        arguments, environment, folder = client.recv()
        begun, ready = os.pipe()
        kernel = os.fork()
        if not kernel:
            client.close()
            os.close(begun)
            _be_kernel(arguments, environment, folder, ready)
            return
        os.close(ready)
        os.read(begun, 1)  # nothing comes, but its end: the kernel has closed it, or has ended
        client.send(kernel)
        code = None
        while client.recv() == "poll":
            code = _ended(kernel) if code is None else code
            client.send(code)
    end_children()
    with suppress(OSError):
        client.send(code)


def _be_kernel(arguments: list[str], environment: dict[str, str], folder: str, ready: int) -> None:
    """What `python -m ipykernel_launcher` does, with what a fork has inherited put right."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    np.random.seed()  # noqa: NPY002 - else all kernels would draw the same
    sys.argv[1:] = arguments
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    os.close(ready)
    app.start()


def _ended(child: int) -> int | None:
    """How a child has ended; None if it has not, or if there is none."""
    with suppress(ChildProcessError):
        number, status = os.waitpid(child, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if number else None
    return None


if __name__ == "__main__":
    main()
