"""What a notebook asks of a study, in a process of its own: `python asked.py STUDY OUT`.

Each frame is kept as it is and as the CSV file that would be written of it. Prints how many seconds loading
and the theme tables took; with WATCHED=1 also what each executor of the cluster does meanwhile, a line each
time. READY says how many seconds a cluster has to begin work.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from analysis import FailedError, UnusableError, study
from analysis.measures import bounds, prevalence
from analysis.outputs import formats
from analysis.study import engines


def themes(record, by):
    """The theme table of the notebooks."""
    excerpts, codings = record.whole.excerpts, record.whole.codings
    placed = bounds.place(excerpts, record.roster, record.roles, by)
    return prevalence.count(placed, excerpts, codings, record.codebook, record.roster)


def keep(frame, place):
    frame.to_pickle(place.with_suffix(".pickle"))
    place.with_suffix(".csv").write_bytes(formats.csv(frame))


def watch():
    """Tell what Spark knows of its tasks: how many run on each executor, by its port, and how many failed."""
    from pyspark import SparkContext

    failed = {}
    while True:
        context = SparkContext._active_spark_context  # noqa: SLF001 - pyspark has no other way to ask
        if context is not None:
            tracker = context.statusTracker()
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            failed |= {one.stageId: one.numFailedTasks for one in stages if one}
            executors = context._jsc.sc().statusTracker().getExecutorInfos()  # noqa: SLF001 - likewise
            running = {one.port(): one.numRunningTasks() for one in executors}
            state = {"at": time.time(), "running": running, "failed": sum(failed.values())}
            print(json.dumps(state), flush=True)
        time.sleep(0.02)


def main(folder, out):
    engines.READY = int(os.environ.get("READY", engines.READY))
    start = time.perf_counter()
    record = study.load(folder.name, folder.parent)
    loaded = time.perf_counter()
    if os.environ.get("WATCHED"):
        threading.Thread(target=watch, daemon=True).start()
    seconds = {}
    for by in record.groupings:
        begun = time.perf_counter()
        frame = themes(record, by)
        seconds[by] = time.perf_counter() - begun
        keep(frame, out / f"themes-{by}")
    for table in ("roster", "documents", "excerpts", "codings"):
        keep(getattr(record, table), out / table)
    print(json.dumps({"load": loaded - start, "themes": seconds, "sampled": record.sampled}), flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except (UnusableError, FailedError) as error:
        sys.exit(str(error))
