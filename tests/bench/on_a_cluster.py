"""The theme table of generated studies on a Spark cluster and embedded: `python on_a_cluster.py CODINGS ...`.

Run by `make test-cluster SCALE=1e6`. The cluster is a master and two workers of one core each on this
machine, see `tests/cluster.py`. Each time is the median of some rounds, in which the engines take their
turns; the study is open when the clock starts. What was measured is kept in `docs/scale-cluster.csv`. Ends
with 1 if two engines disagree in any byte of the table.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import cluster as spark
import duckdb
import generated
import pandas as pd

from analysis import ROOT, SIMULATED

MEASURED = ROOT / "docs" / "scale-cluster.csv"
ROUNDS = 3
WORKERS = 2
TABLE = "themes-borough"


def once(cluster, folder, place, address):
    """Seconds and bytes of the theme table."""
    place.mkdir()
    with cluster.asking(folder, place, address, ONLY=TABLE) as client:
        lines, _, files = spark.told(client, place)
    return lines[-1]["seconds"][TABLE], files[TABLE]


def measured(cluster, folder, place):
    """A row for each engine, the embedded one first."""
    codings = duckdb.read_parquet(f"{folder}/codings/*.parquet").shape[0]
    engines = {"DuckDB, embedded": ("", 0), "Spark": (cluster.address, WORKERS)}
    found = {name: [] for name in engines}
    for turn in range(ROUNDS):
        for name, (address, _) in engines.items():
            found[name].append(once(cluster, folder, place / f"{name}-{turn}", address))
    tables = {table for runs in found.values() for _, table in runs}
    for name, (_, workers) in engines.items():
        seconds = statistics.median(seconds for seconds, _ in found[name])
        equal = "yes" if len(tables) == 1 else "no"
        yield {
            "codings": codings,
            "engine": name,
            "workers": workers,
            "seconds": f"{seconds:.1f}",
            "equal": equal,
        }


def main(sizes):
    rows = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "cluster").mkdir()
        with spark.running(place / "cluster", WORKERS) as cluster:
            for size in sizes:
                folder = place / f"{SIMULATED}{size}"
                generated.write(folder, size)
                out = place / f"tables-{size}"
                out.mkdir()
                rows += measured(cluster, folder, out)
                print(*rows[-2:], sep="\n", flush=True)
    pd.DataFrame(rows).to_csv(MEASURED, index=False, lineterminator="\n")
    sys.exit(any(row["equal"] == "no" for row in rows))


if __name__ == "__main__":
    main([int(float(size)) for size in sys.argv[1:]])
