"""The thematic map."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.outputs.chart import BLUE, GREEN, ORANGE, Chart, canvas, nothing, style

COLOURS = [BLUE, ORANGE, GREEN, "#cc79a7", "#56b4e9", "#e69f00"]
TALLEST = 8.0
"""Inches: a page has no more room."""
TINTS = [0.32, 0.2, 0.1]


def thematic_map(tree: pd.DataFrame) -> Chart:
    """The codebook from left to right, each code as tall as the excerpts on it (`codes.tree`).

    A code without excerpts keeps a sliver, so that nothing of the codebook is hidden.
    """
    if tree.empty:
        return nothing("The codebook is empty: there is no map to draw.")
    height = _heights(tree)
    depth = tree["depth"].max() + 1
    colour = dict(zip(dict.fromkeys(tree["top"]), COLOURS * len(tree), strict=False))
    parents = {*tree["parent"].dropna()}
    with style():
        leaves = sum(tall for tall, code in zip(height, tree["code"], strict=True) if code not in parents)
        figure, axes = canvas(min(max(2.5, 0.29 * leaves), TALLEST))
        below: dict[str | None, float] = {}
        for row, tall in zip(tree.itertuples(), height, strict=True):
            parent = row.parent if isinstance(row.parent, str) else None
            top = below.get(parent, 0.0) if parent else below.get(None, 0.0)
            below[parent] = top + tall
            below[row.code] = top
            wide = 1 if row.code in parents else depth - row.depth
            _box(axes, row, (row.depth, top, wide, tall), colour[row.top])
        axes.set(xlim=(0, depth), ylim=(below[None], 0))
        axes.axis("off")
    tops = tree[tree["depth"] == 0]
    levels = tree["level"].dropna().drop_duplicates()
    return Chart(
        figure,
        f"The thematic map: {', '.join(levels) or 'codes'} from left to right. Numbers are excerpts; a "
        "code without subcodes is as tall as its number, others as their subcodes together. How "
        "many people would say so is not shown.",
        f"A tree of codes as nested boxes. {' '.join(f'{r.name}: {r.excerpts}.' for r in tops.itertuples())}",
        tree,
    )


def _heights(tree: pd.DataFrame) -> list[float]:
    """A code is as tall as its subcodes together; one without subcodes as its excerpts, half at least."""
    tall: dict[str, float] = {}
    for row in tree.iloc[::-1].itertuples():
        children = tree.loc[tree["parent"] == row.code, "code"]
        tall[row.code] = sum(tall[c] for c in children) if len(children) else max(row.excerpts, 0.5)
    return [tall[code] for code in tree["code"]]


def _box(axes: Axes, row: object, place: tuple[float, float, float, float], colour: str) -> None:
    left, top, wide, tall = place
    tint = TINTS[min(row.depth, len(TINTS) - 1)]
    axes.add_patch(Rectangle((left, top), wide, tall, facecolor=(colour, tint), edgecolor="white", lw=2))
    text = textwrap.fill(f"{row.name}\N{NO-BREAK SPACE}({row.excerpts})", int(26 * wide))
    axes.text(
        left + 0.03,
        top + tall / 2,
        text,
        va="center",
        fontsize=7,
        weight="bold" if row.depth == 0 else "normal",
    )
