"""Studies whose truth is known."""

import argparse

from analysis import ROOT, exchange, study
from analysis.measures import calibration
from analysis.outputs import charts, formats
from analysis.study import simulated
from analysis.study.tables import written


def simulate(given: argparse.Namespace) -> int:
    """Write the simulated study's tables; its datapackage.json is its declaration and stays."""
    folder = study.RAW / given.study
    declared = study.declared_simulation(folder)
    with given.steps("Inventing people and what they say"):
        tables = simulated.tables(declared, study.load(declared["of"]))
    exchange.written({folder / f"{name}.csv": written(frame).encode() for name, frame in tables.items()})
    print(*(f"{name}.csv: {len(frame)} rows" for name, frame in tables.items()), sep="\n")
    return 0


def calibrate(given: argparse.Namespace) -> int:
    """Write docs/calibration.csv and its figure, and say in which cells an interval is what it claims."""
    with given.steps as tell:
        rows = calibration.coverage(given.studies, tell=tell)
        tell("Drawing the figure")
        chart = charts.calibration(rows)
    made = {"csv": formats.csv(rows), "png": chart.png, "svg": chart.svg}
    exchange.written({ROOT / "docs" / f"calibration.{kind}": data for kind, data in made.items()})
    print(calibration.summary(rows).to_string(index=False))
    return 0
