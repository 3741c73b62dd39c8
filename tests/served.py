"""JupyterLab's server, started as `make lab` starts it, in a home of its own."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

WAIT = 120


def start(folder, home, study, **more):
    """The process, serving a checkout; `more` is for its environment."""
    names = {name: text for name, text in os.environ.items() if not name.startswith("ANALYSIS")}
    env = names | {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home), "BROWSER": "true"} | more
    root = ["--", "--allow-root"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "analysis", "lab", study, *root]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=folder, env=env, **quiet)


def told(home, process):
    """What the server says of itself: read once it is written in full and the server takes connections.

    It writes where it will listen before it does, and the file is there, empty, a moment before that.
    """
    until = time.monotonic() + WAIT
    while process.poll() is None and time.monotonic() < until:
        for path in home.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError, ConnectionRefusedError):
                said = json.loads(path.read_text())
                socket.create_connection((said["hostname"], said["port"]), timeout=10).close()
                return said
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up (it ended with {process.poll()})")
