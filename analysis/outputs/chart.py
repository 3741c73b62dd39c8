"""A chart with what a reader needs beside it: a caption, a text in its place, the data behind it."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import matplotlib as mpl
import pandas as pd
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.outputs import formats

DATA = "Source data"
"""Where a PNG carries the frame that it draws, as CSV: pictures are compared by that before all else."""
WIDTH = 5.4
"""Inches: the text width of the journal, so that type is printed at the size set here."""

LAYOUTS = 4
"""Drawings after which the constrained layout stands still."""
SCREEN = 640
"""Pixels: how wide a notebook shows a chart."""

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.titleweight": "bold",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "figure.facecolor": "white",
    "svg.hashsalt": "interview-study",  # else ids in the SVG are random
}
INK, QUIET, PALE = "#222222", "#767676", "#d9d9d9"
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"  # Okabe and Ito: told apart by colour-blind readers


SHADES = {"cmap": "Blues", "cbar": False, "annot_kws": {"color": INK}}
"""A shaded table: light enough all over for dark numbers, see `darkest`."""


def darkest(values: pd.DataFrame) -> float:
    """The value that the darkest shade would stand for: far enough off that dark numbers stay readable."""
    return max(float(values.to_numpy().max(initial=0)), 1.0) * 1.9


@contextmanager
def style() -> Iterator[None]:
    """The suite's own look, whatever the reader's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


@dataclass(frozen=True)
class Chart:
    """A figure, its caption, its alternative text, the frame that it draws, and what it was written to."""

    figure: Figure
    caption: str
    alt: str
    data: pd.DataFrame
    wrote: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Settle the layout once and for all: it moves a little at every drawing, and so would bytes."""
        if self.figure.get_layout_engine() is not None:
            with style():
                for _ in range(LAYOUTS):
                    self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def stamped(self, word: str) -> "Chart":
        """The chart with a word written across it, and in front of its caption and its text."""
        with style():
            look = {
                "ha": "center",
                "va": "center",
                "rotation": 20,
                "fontsize": 34,
                "color": INK,
                "alpha": 0.08,
            }
            self.figure.text(0.5, 0.5, word, weight="bold", **look)
        return replace(self, caption=f"{word}. {self.caption}", alt=f"{word}. {self.alt}")

    @cached_property
    def png(self) -> bytes:
        """The chart at 200 dots an inch, without the writer's version in it, and with the data it draws."""
        texts = {"Software": None, "Description": self.alt, DATA: formats.csv(self.data).decode()}
        return self._saved(format="png", dpi=200, metadata=texts)

    @cached_property
    def svg(self) -> bytes:
        """The chart as SVG, with its caption as title and the alternative text inside, without a date."""
        texts = {"Date": None, "Creator": None, "Title": self.caption, "Description": self.alt}
        return self._saved(format="svg", metadata=texts)

    def _saved(self, **options: object) -> bytes:
        with style():
            buffer = io.BytesIO()
            self.figure.savefig(buffer, **options)
        return buffer.getvalue()

    def _ipython_display_(self) -> None:
        picture = {"image/png": self.png, "text/plain": self.alt}
        about = {"alt": self.alt, "width": SCREEN} | ({"wrote": [*self.wrote]} if self.wrote else {})
        display(picture, raw=True, metadata={"image/png": about})
        display(Markdown(f"*{self.caption}*"))


def canvas(height: float, columns: int = 1, rows: int = 1, **options: object) -> tuple[Figure, Any]:
    """An empty figure of the journal's width, and its axes. No state is kept in pyplot."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def beside(axes: Axes, text: object, x: float, y: float, colour: str = INK, points: float = 6) -> None:
    """A label to the right of a mark, in place of a legend."""
    place = {"xytext": (points, 0), "textcoords": "offset points", "va": "center"}
    axes.annotate(str(text), (x, y), color=colour, annotation_clip=False, **place)


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """Names down the left, without a line and ticks that would say nothing more."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def nothing(caption: str) -> Chart:
    """What stands where a chart would be when the study lacks what it draws."""
    with style():
        figure, axes = canvas(0.8)
        axes.axis("off")
        axes.text(0.5, 0.5, caption, ha="center", va="center", wrap=True, color=QUIET)
    return Chart(figure, caption, caption, pd.DataFrame())
