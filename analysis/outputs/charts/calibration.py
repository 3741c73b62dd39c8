"""How often an interval of 95 % contains the truth, where the truth is known."""

import pandas as pd

from analysis.measures.calibration import WITHIN
from analysis.outputs.chart import BLUE, GREEN, INK, ORANGE, PALE, QUIET, Chart, canvas, style

LOOKS = [(BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (INK, "D")]


def calibration(rows: pd.DataFrame) -> Chart:
    """A panel for each method and clustering, a line for each number of people in a group."""
    panels = [*rows.groupby(["method", "clustering"], sort=True)]
    with style():
        figure, axes = canvas(2.9, len(panels), sharey=True, squeeze=False)
        for place, ((method, clustering), panel) in zip(axes[0], panels, strict=True):
            place.axhspan(*WITHIN, color=PALE, zorder=0)
            for (people, line), (colour, mark) in zip(panel.groupby("people"), LOOKS, strict=False):
                drawn = line.sort_values("prevalence")
                look = {"ls": "-", "lw": 0.8, "ms": 3, "color": colour, "label": f"{people} people"}
                place.plot(drawn["prevalence"], drawn["coverage"], mark, **look)
            place.set_title(f"{method}\n{clustering}ly alike", color=QUIET)
            place.set_xlabel("true share")
            place.set_xlim(0, 1)
        figure.legend(
            *axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False
        )
        axes[0][0].set_ylabel("intervals that contain it")
    within = rows["coverage"].between(*WITHIN)
    return Chart(
        figure,
        "Share of intervals of 95 % that contain the true share, over simulated studies, by the people in a "
        "group and by how alike the excerpts of one person are. The band is 93 to 97 %.",
        f"{len(panels)} panels of lines. {within.sum()} of {len(rows)} cells are within the band; the lowest "
        f"coverage is {rows['coverage'].min():.3f}.",
        rows,
    )
