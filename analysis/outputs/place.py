"""Where results go, and the only functions that write them.

A run of the plan names its folder in the environment; a notebook run by hand writes to `scratch/`,
which git ignores, so that looking around never touches the committed results.
"""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import ROOT
from analysis.outputs import formats, reading
from analysis.outputs.paper import PaperTable

if TYPE_CHECKING:
    from analysis.outputs.chart import Chart

CALIBRATED = "docs/calibration.csv"
VARIABLE = "ANALYSIS_RESULTS"
"""Names the folder that takes the place of the checkout for everything written."""


@dataclass(frozen=True)
class Results:
    """The folders of one study's results below `root`, which is laid out as the checkout is."""

    study: str
    root: Path

    @property
    def simulated(self) -> bool:
        """Whether the people are invented: a study that declares so has to be named so."""
        return self.study.startswith("simulated-")

    @property
    def derived(self) -> Path:
        """`data/derived/<study>/`: tables, executed notebooks, the run record."""
        return self.root / "data" / "derived" / self.study

    @property
    def figures(self) -> Path:
        """`figures/<study>/`."""
        return self.root / "figures" / self.study

    def table(self, name: str, frame: pd.DataFrame) -> reading.Table:
        """Write a frame as `<name>.csv`, and give back its first rows to be shown."""
        frame = frame.assign(simulated="yes") if self.simulated else frame
        return reading.rows(
            frame, wrote=self._write(self.derived, {f"{_file(name)}.csv": formats.csv(frame)})
        )

    def figure(self, name: str, chart: "Chart") -> "Chart":
        """Write a chart as `<name>.png` and `<name>.svg`, and give it back to be shown."""
        chart = chart.stamped("Simulated") if self.simulated else chart
        names = [f"{_file(name)}.png", f"{_file(name)}.svg"]
        chart = replace(chart, wrote=tuple(self._path(self.figures, one) for one in names))
        self._write(self.figures, dict(zip(names, (chart.png, chart.svg), strict=True)))
        return chart

    def document(self, table: PaperTable) -> reading.Table:
        """Write a table of the paper in every format, and give it back to be shown as printed."""
        if self.simulated:
            table = replace(table, caption=f"Simulated. {table.caption}")
        made = {f"{_file(table.name)}.{suffix}": write(table) for suffix, write in formats.WRITERS.items()}
        wrote = self._write(self.derived / "tables", made)
        return reading.Table(formats.html_table(table), formats.WRITERS["md"](table).decode(), wrote)

    def documents(self, tables: list[PaperTable]) -> reading.Table:
        """Write several tables of the paper, and give them back to be shown one below the other."""
        shown = [self.document(table) for table in tables]
        page, words = (
            "\n".join(parts) for parts in ([one.data for one in shown], [one.words for one in shown])
        )
        return reading.Table(page, words, [path for one in shown for path in one.wrote])

    def _write(self, folder: Path, files: dict[str, bytes]) -> list[str]:
        """Write files, and give back their paths below `root`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return [self._path(folder, name) for name in files]

    def _path(self, folder: Path, name: str) -> str:
        return (folder / name).relative_to(self.root).as_posix()


def results(study: str) -> Results:
    """Where this notebook writes: the run's folder, or `scratch/` when it is run by hand."""
    return _of(study, ROOT / "scratch")


def kept(study: str) -> Results:
    """Where results lie to be read: the run's folder, or the checkout's when it is run by hand."""
    return _of(study, ROOT)


def calibrated() -> pd.DataFrame:
    """What `make calibrate` found: how often each interval contained the truth."""
    return pd.read_csv(ROOT / CALIBRATED)


def _of(study: str, by_hand: Path) -> Results:
    return Results(_file(study), Path(os.environ.get(VARIABLE) or by_hand))


def _file(name: str) -> str:
    """The name itself, where it is a plain one: names come from studies, and must not lead elsewhere."""
    if not re.fullmatch(r"\w[\w .-]*", name):
        raise ValueError(f'"{name}" is no name of a folder or a file')
    return name
