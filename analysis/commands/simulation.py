"""Studies whose truth is known."""

import argparse

from analysis import ROOT, study
from analysis.measures import calibration
from analysis.outputs import charts, formats
from analysis.study import simulated
from analysis.study.tables import written


def simulate(given: argparse.Namespace) -> int:
    """Write the simulated study's tables; its datapackage.json is its declaration and stays."""
    folder = study.RAW / given.study
    declared = study.declared_simulation(folder)
    for name, frame in simulated.tables(declared, study.load(declared["of"])).items():
        (folder / f"{name}.csv").write_text(written(frame), encoding="utf-8")
        print(f"{name}.csv: {len(frame)} rows")
    return 0


def calibrate(given: argparse.Namespace) -> int:
    """Write docs/calibration.csv and its figure, and say in which cells an interval is what it claims."""
    rows = calibration.coverage(given.studies)
    chart = charts.calibration(rows)
    docs = ROOT / "docs"
    docs.mkdir(exist_ok=True)
    for name, data in (("csv", formats.csv(rows)), ("png", chart.png), ("svg", chart.svg)):
        (docs / f"calibration.{name}").write_bytes(data)
    print(calibration.summary(rows).to_string(index=False))
    return 0
