"""How often an interval of 95 % contains the truth, where the truth is known."""

import pandas as pd

from analysis.measures.calibration import WITHIN
from analysis.outputs.chart import BLUE, GREEN, INK, ORANGE, PALE, QUIET, Chart, canvas, nothing, style

LOOKS = [(BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (INK, "D")]


def calibration(rows: pd.DataFrame) -> Chart:
    """A panel for each method and clustering, a line for each number of people in a group."""
    if rows.empty:
        return nothing("Nothing was calibrated: there is no coverage to draw.")
    panels = [*rows.groupby(["method", "clustering"], sort=True)]
    with style():
        figure, axes = canvas(0.55 * len(panels) + 0.6, 2, -(-len(panels) // 2), sharex=True, sharey=True)
        for place, ((method, clustering), panel) in zip(axes.flat, panels, strict=True):
            place.axhspan(*WITHIN, color=PALE, zorder=0)
            for (people, line), (colour, mark) in zip(panel.groupby("people"), LOOKS, strict=False):
                drawn = line.sort_values("prevalence")
                look = {"ls": "-", "lw": 0.8, "ms": 3, "color": colour, "label": f"{people} people"}
                place.plot(drawn["prevalence"], drawn["coverage"], mark, **look)
            place.set_title(f"{method}, {clustering}ly alike", color=QUIET)
            place.set_xlim(0, 1)
        keys = axes.flat[0].get_legend_handles_labels()
        figure.legend(*keys, loc="outside upper center", ncols=4, frameon=False)
        figure.supxlabel("true share", fontsize=8)
        figure.supylabel("share of studies that hold the truth", fontsize=8)
    within = rows["coverage"].between(*WITHIN)
    return Chart(
        figure,
        "How often an interval of 95 % contains the truth, and how often a test at 5 % keeps it, over "
        "simulated studies, by the people in a group (documents, for alpha) and by how alike the excerpts of "
        "one person are. The band is 93 to 97 %; a test above it is cautious, bounds have to hold always.",
        f"{len(panels)} panels of lines. {within.sum()} of {len(rows)} cells are within the band; the lowest "
        f"coverage is {rows['coverage'].min():.3f}.",
        rows,
    )
