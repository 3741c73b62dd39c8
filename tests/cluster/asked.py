"""What a notebook asks of a study, in a process of its own: `python asked.py STUDY OUT`.

Each frame is kept as it is and as the CSV file that would be written of it. Prints how many seconds loading and
the theme tables took; with WATCHED=1 also what each executor of the cluster does meanwhile, a line each time.
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


def themes(record, by):
    """The theme table of the notebooks."""
    excerpts, codings = record.whole.excerpts, record.whole.codings
    placed = bounds.place(excerpts, record.roster, record.roles, by)
    return prevalence.count(placed, excerpts, codings, record.codebook, record.roster)


def keep(frame, place):
    frame.to_pickle(place.with_suffix(".pickle"))
    place.with_suffix(".csv").write_bytes(formats.csv(frame))


def watch():
    """Tell what Spark's own tracker knows: tasks that run on each executor, by its port, and those that failed."""
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
            print(json.dumps({"running": running, "failed": sum(failed.values())}), flush=True)
        time.sleep(0.02)


def main(folder, out):
    start = time.perf_counter()
    record = study.load(folder.name, folder.parent)
    loaded = time.perf_counter()
    if os.environ.get("WATCHED"):
        threading.Thread(target=watch, daemon=True).start()
    for by in record.groupings:
        keep(themes(record, by), out / f"themes-{by}")
    counted = time.perf_counter()
    for table in ("roster", "documents", "excerpts", "codings"):
        keep(getattr(record, table), out / table)
    took = {"load": loaded - start, "themes": counted - loaded}
    print(json.dumps(took | {"sampled": record.sampled, "groupings": record.groupings}), flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except (UnusableError, FailedError) as error:
        sys.exit(str(error))
