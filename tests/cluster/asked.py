"""What notebooks ask of a study, in a process of its own: `python asked.py STUDY OUT`.

Each frame is kept as it is and as the CSV file that would be written of it. Prints how many seconds loading
and each table took; with WATCHED=1 also what each executor of the cluster does meanwhile, a line each time.
ONLY names a single table; with ANEW=1 the study is checked, whatever is remembered of it. READY says how many
seconds a cluster has to begin work.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from analysis import FailedError, UnusableError, study
from analysis.measures import bounds, codes, cooccurrence, prevalence, wording
from analysis.outputs import formats
from analysis.study import engines


def asked(record):
    """Questions by the names of their tables: those of the whole, and what is in memory."""
    whole, book = record.whole, record.codebook

    def themes(by):
        placed = bounds.place(whole.excerpts, record.roster, record.roles, by)
        return prevalence.count(placed, whole.excerpts, whole.codings, book, record.roster)

    def words():
        return wording.counts(whole.excerpts, codes.top_of(book, whole.codings))

    return {
        **{f"themes-{by}": lambda by=by: themes(by) for by in record.groupings},
        "tree": lambda: codes.tree(book, whole.codings),
        "cooccurrence": lambda: cooccurrence.by_every_unit(whole.codings, whole.excerpts, book)[0],
        "keyness": lambda: wording.keyness(words()),
        "collocations": lambda: wording.collocations(words()),
        **{
            table: lambda table=table: getattr(record, table)
            for table in ("roster", "documents", "excerpts", "codings")
        },
    }


def watch():
    """Tell what Spark's tracker knows: how many tasks run on each executor, by its port."""
    from pyspark import SparkContext

    while True:
        context = SparkContext._active_spark_context  # noqa: SLF001 - pyspark has no other way to ask
        if context is not None:
            executors = context._jsc.sc().statusTracker().getExecutorInfos()  # noqa: SLF001 - likewise
            running = {one.port(): one.numRunningTasks() for one in executors}
            print(json.dumps({"at": time.time(), "running": running}), flush=True)
        time.sleep(0.02)


def main(folder, out):
    engines.READY = int(os.environ.get("READY", engines.READY))
    start = time.perf_counter()
    record = study.load(folder.name, folder.parent, anew=bool(os.environ.get("ANEW")))
    seconds = {"load": time.perf_counter() - start}
    if os.environ.get("WATCHED"):
        threading.Thread(target=watch, daemon=True).start()
    questions = asked(record)
    only = os.environ.get("ONLY")
    for name in [only] if only else questions:
        start = time.perf_counter()
        frame = questions[name]()
        seconds[name] = time.perf_counter() - start
        frame.to_pickle(out / f"{name}.pickle")
        (out / f"{name}.csv").write_bytes(formats.csv(frame))
    print(json.dumps({"seconds": seconds, "sampled": record.sampled}), flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except (UnusableError, FailedError) as error:
        sys.exit(str(error))
