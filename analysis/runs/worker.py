"""A process of its own that executes runs one after the other, and tells how they go.

Each line of its input is a run to execute, each line of its output an event, both as JSON. papermill
changes the working directory of its whole process, so that runs side by side need processes; and when the
input ends, because the sequence wants it so or is itself no longer there, the worker ends its kernel,
keeps the partial notebook and leaves.
"""

import json
import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO

# jsonschema would build a grammar of web addresses, which takes a second and which no notebook needs.
sys.modules["rfc3987_syntax"] = None

from analysis.runs.engine import UnfinishedError, one_line  # noqa: E402 - see above
from analysis.runs.execution import Folders, execute  # noqa: E402 - likewise
from analysis.runs.plan import Run  # noqa: E402 - likewise
from analysis.runs.processes import adopt_orphans  # noqa: E402 - likewise
from analysis.runs.specification import Limits  # noqa: E402 - likewise


def main() -> None:
    """Execute the runs that arrive, until no more can."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed belongs into the log
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits none
    adopt_orphans()
    orders: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_receive, args=(orders,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        while order := orders.get():
            _tell(events, _carry_out(json.loads(order), events))
    os._exit(0)  # nothing is left to tidy up


def _receive(orders: queue.Queue[str]) -> None:
    """Pass on what arrives; at the end of it, interrupt whatever is being executed."""
    for line in sys.stdin:
        orders.put(line)
    orders.put("")
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def _carry_out(order: dict[str, Any], events: TextIO) -> dict[str, Any]:
    run, limits = Run(**order["run"]), Limits(**order["limits"])
    folders = Folders(**{name: Path(path) for name, path in order["folders"].items()})
    try:
        return {"event": "completed", "states": execute(run, folders, limits, partial(_tell, events))}
    except UnfinishedError as error:
        return {"event": "failed", "states": error.states, "cell": error.cell, "reason": error.reason}
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed by it
        return {"event": "failed", "states": {}, "cell": "outside its cells", "reason": one_line(error)}


def _tell(events: TextIO, event: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):  # nobody listens any more; the end of the input says the rest
        events.write(json.dumps(event) + "\n")
        events.flush()


if __name__ == "__main__":
    main()
