"""What was done where."""

import pandas as pd

from analysis.outputs.chart import BLUE, GREEN, ORANGE, Chart, beside, canvas, named_rows, nothing, style

DIRECTIONS = {"top-down": (BLUE, "s"), "mixed": (GREEN, "D"), "bottom-up": (ORANGE, "o")}
MARKS = {"top-down": "squares", "mixed": "diamonds", "bottom-up": "circles"}


def activities(rows: pd.DataFrame, site: str) -> Chart:
    """One mark an activity, by site and direction (`activities.by_site`)."""
    if rows.empty:
        return nothing("The study has no activities.csv: there are no activities to draw.")
    table = rows.pivot_table("activities", site, "direction", aggfunc="sum", fill_value=0)
    table = table.reindex(columns=[d for d in DIRECTIONS if d in table]).astype(int).iloc[::-1]
    with style():
        figure, axes = canvas(0.7 + 0.36 * len(table))
        named_rows(axes, [f"{site.capitalize()} {name}" for name in table.index])
        for y, (_, counts) in enumerate(table.iterrows()):
            ends = counts.cumsum()
            for direction, (colour, shape) in DIRECTIONS.items():
                marks = range(ends.get(direction, 0) - counts.get(direction, 0), ends.get(direction, 0))
                axes.plot(marks, [y] * len(marks), shape, color=colour, markersize=7)
            parts = [f"{n} {direction}" for direction, n in counts.items() if n]
            beside(axes, ", ".join(parts), counts.sum() - 0.4, y, points=4)
        axes.set(xlim=(-0.6, table.sum(axis=1).max() + 4), xticks=[])
        axes.spines["bottom"].set_visible(False)
    return Chart(
        figure,
        f"Activities that the record describes, by {site} and by where the initiative lay: "
        f"{', '.join(f'{MARKS[d]} {d}' for d in table)}. An activity of several {site}s stands in each. "
        "How much was done anywhere is not shown.",
        f"Rows of marks. {' '.join(f'{r[site]}: {r.activities} {r.direction}.' for _, r in rows.iterrows())}",
        rows,
    )
