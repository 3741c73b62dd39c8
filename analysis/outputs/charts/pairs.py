"""Codes that stand together."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.outputs.chart import BLUE, INK, ORANGE, PALE, Chart, canvas, nothing, style

MOST = 30
"""Lines beyond so many hide each other; the strongest are drawn."""
WIDEST = 4.0


def cooccurrence(pairs: pd.DataFrame, codebook: pd.DataFrame, unit: str = "excerpts") -> Chart:
    """The codes without subcodes on a circle, a line between two that share excerpts (`cooccurrence`).

    A line is as wide as the excerpts that two codes share, and orange where they share more than codes that
    have nothing to do with each other would.
    """
    leaves = codebook.loc[~codebook["code"].isin(codebook["parent"]), ["code", "name"]].reset_index(drop=True)
    here = pairs[(pairs["unit"] == unit) & pairs[["code", "other"]].isin([*leaves["code"]]).all(axis=1)]
    if here.empty:
        return nothing(f"No two codes stand on the same {unit}: there is no network to draw.")
    drawn = here.sort_values(["both", "code", "other"], ascending=[False, True, True]).head(MOST)
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(leaves)) / len(leaves)
    spots = dict(zip(leaves["code"], zip(np.cos(angles), np.sin(angles), strict=True), strict=True))
    with style():
        figure, axes = canvas(4.2)
        for row in drawn.iloc[::-1].itertuples():
            (x, y), (other_x, other_y) = spots[row.code], spots[row.other]
            colour = ORANGE if row.lift > 1 else PALE
            axes.plot([x, other_x], [y, other_y], color=colour, lw=WIDEST * row.both / drawn["both"].max())
        for row in leaves.itertuples():
            _code(axes, *spots[row.code], str(row.name))
        axes.set(xlim=(-2.1, 2.1), ylim=(-1.25, 1.25))
        axes.axis("off")
    left_out = f" The {MOST} widest of {len(here)} lines are drawn." if len(here) > MOST else ""
    strongest = drawn.iloc[0]
    return Chart(
        figure,
        f"Codes that stand on the same {unit}; a line is as wide as the {unit} that two codes share, and "
        f"orange where these are more than chance would give.{left_out}",
        f"A circle of {len(leaves)} codes with {len(drawn)} lines. The widest joins {strongest.code} and "
        f"{strongest.other}, which share {strongest.both} {unit}.",
        here,
    )


def _code(axes: Axes, x: float, y: float, name: str) -> None:
    axes.plot([x], [y], "o", color=BLUE, ms=5)
    side = "left" if x > 0 else "right"
    text = textwrap.fill(name, 26)
    axes.text(x * 1.07, y * 1.07, text, ha=side, va="center", fontsize=7, color=INK)
