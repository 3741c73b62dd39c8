"""How far coders agree, and how the codes grow."""

import pandas as pd

from analysis.outputs.chart import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    QUIET,
    Chart,
    beside,
    canvas,
    named_rows,
    nothing,
    style,
)

ALPHA_ENOUGH = 0.8
"""Krippendorff (2018), Content Analysis, 4th ed.: rely on codes above it, and draw tentative conclusions
down to `ALPHA_LEAST`."""
ALPHA_LEAST = 0.667


def agreement(rows: pd.DataFrame, codebook: pd.DataFrame) -> Chart:
    """A row for each code with its alpha and interval, and the share of judgements that use it beside it."""
    shown = rows.merge(codebook[["code", "name"]], on="code").dropna(subset="alpha").iloc[::-1]
    if shown.empty:
        return nothing("No two coders are named: there is no agreement to draw.")
    with style():
        figure, axes = canvas(0.8 + 0.2 * len(shown))
        named_rows(axes, [*shown["name"]])
        for line in (ALPHA_LEAST, ALPHA_ENOUGH):
            axes.axvline(line, color=PALE, lw=0.8, zorder=0)
        for place, row in enumerate(shown.itertuples()):
            axes.plot([row.low, row.high], [place, place], color=BLUE, lw=1.4)
            axes.plot([row.alpha], [place], "o", color=BLUE, ms=3.5)
            beside(axes, f"{row.prevalence:.0%}", 1, place, QUIET)
        least = min(0, shown[["alpha", "low"]].min().min())
        axes.set(
            xlim=(least, 1),
            xlabel="Krippendorff's alpha",
        )
    return Chart(
        figure,
        "Agreement of the coders on each code, with intervals that resample documents; at the right the "
        "share of judgements that use the code. Codes of different prevalence are not to be compared. The "
        f"lines mark {ALPHA_LEAST} and {ALPHA_ENOUGH}.",
        f"A dot and a line for each of {len(shown)} codes. Alpha runs from {shown['alpha'].min():.2f} to "
        f"{shown['alpha'].max():.2f}.",
        shown,
    )


def saturation(curve: pd.DataFrame, interview: str) -> Chart:
    """The codes seen after each interview: as they came, on the mean of random orders, and its band."""
    if curve.empty:
        return nothing("No excerpt names its interview: there is no growth of codes to draw.")
    with style():
        figure, axes = canvas(2.6)
        after = curve["order"]
        axes.fill_between(after, curve["low"], curve["high"], color=PALE, lw=0, label="95 % of random orders")
        axes.plot(after, curve["expected"], color=ORANGE, lw=1, label="expected in so many")
        axes.step(after, curve["seen"], color=BLUE, lw=1, where="post", label="in the order of the study")
        axes.plot(after[curve["new"] > 0], curve.loc[curve["new"] > 0, "seen"], "o", color=INK, ms=2.5)
        axes.set(xlabel=f"{interview}s", ylabel="codes seen", ylim=(0, None), xlim=(0, None))
        axes.legend(frameon=False, loc="lower right")
    last = curve.loc[curve["new"] > 0, "order"].max()
    return Chart(
        figure,
        f"How many codes had come up after so many {interview}s, as they came and in random "
        "orders. A flat line says that these interviews repeat each other, not that nothing else could be "
        "said.",
        f"A rising line that ends at {curve['seen'].iloc[-1]} codes; the last new one came up in {interview} "
        f"{last} of {len(curve)}.",
        curve,
    )
