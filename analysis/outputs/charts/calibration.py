"""How often an interval of 95 % contains the truth, where the truth is known."""

import pandas as pd

from analysis.outputs.chart import BLUE, GREEN, INK, ORANGE, PALE, QUIET, Chart, beside, canvas, style

BAND = (0.93, 0.97)
"""Within it an interval of 95 % is taken to be one."""
LOOKS = [(BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (INK, "D")]


def calibration(rows: pd.DataFrame) -> Chart:
    """A panel for each method and clustering, a line for each number of people in a group."""
    panels = [*rows.groupby(["method", "clustering"], sort=True)]
    with style():
        figure, axes = canvas(2.6, len(panels), sharey=True, squeeze=False)
        for place, ((method, clustering), panel) in zip(axes[0], panels, strict=True):
            place.axhspan(*BAND, color=PALE, zorder=0)
            for (people, line), (colour, mark) in zip(panel.groupby("people"), LOOKS, strict=False):
                drawn = line.sort_values("prevalence")
                place.plot(drawn["prevalence"], drawn["coverage"], mark, ls="-", lw=0.8, ms=3, color=colour)
                beside(place, people, drawn["prevalence"].iloc[-1], drawn["coverage"].iloc[-1], colour)
            place.set_title(f"{method}\n{clustering}ly alike", color=QUIET)
            place.set_xlabel("true share")
            place.set_xlim(0, 1.12)
        axes[0][0].set_ylabel("intervals that contain it")
    within = rows["coverage"].between(*BAND)
    return Chart(
        figure,
        "Share of intervals of 95 % that contain the true share, over simulated studies; at the right of a "
        "line the people in the group. The band is 93 to 97 %.",
        f"{len(panels)} panels of lines. {within.sum()} of {len(rows)} cells are within the band; the lowest "
        f"coverage is {rows['coverage'].min():.3f}.",
        rows,
    )
