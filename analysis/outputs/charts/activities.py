"""What was done where."""

import pandas as pd

from analysis.outputs.chart import BLUE, GREEN, ORANGE, Chart, canvas, nothing, style

DIRECTIONS = {"top-down": (BLUE, "s"), "bottom-up": (ORANGE, "o"), "mixed": (GREEN, "D")}


def activities(rows: pd.DataFrame, site: str) -> Chart:
    """One mark an activity, by site and direction (`activities.by_site`)."""
    if rows.empty:
        return nothing("The study has no activities.csv: there are no activities to draw.")
    sites = [*rows[site].drop_duplicates()][::-1]
    with style():
        figure, axes = canvas(0.7 + 0.36 * len(sites))
        for place, name in enumerate(sites):
            start = 0
            for row in rows[rows[site] == name].sort_values("direction", ascending=False).itertuples():
                colour, shape = DIRECTIONS[row.direction]
                axes.plot(range(start, start + row.activities), [place] * row.activities, shape, color=colour, markersize=7)
                start += row.activities
            parts = [f"{row.activities} {row.direction}" for row in rows[rows[site] == name].itertuples()][::-1]
            axes.annotate(", ".join(parts), (start - 0.4, place), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(sites)), [f"{site.capitalize()} {name}" if name != "not named" else f"{site} not named" for name in sites])
        axes.set_xlim(-0.6, rows.groupby(site)["activities"].sum().max() + 4)
        axes.set_ylim(-0.6, len(sites) - 0.4)
        axes.set_xticks([])
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    return Chart(
        figure,
        f"Activities that the record describes, by {site} and by where the initiative lay: squares top-down, circles "
        f"bottom-up. An activity of several {site}s stands in each.",
        "Rows of marks. " + " ".join(f"{row[site]}: {row.activities} {row.direction}." for _, row in rows.iterrows()),
        rows,
    )
