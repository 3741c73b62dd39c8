"""Themes across groups: counts where the record gives them, ranges where it leaves them open."""

import textwrap

import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from analysis.measures.prevalence import above_subthemes
from analysis.outputs.chart import BLUE, ORANGE, PALE, SHADES, Chart, canvas, darkest, nothing, style
from analysis.outputs.sentences import alike

LINE = 60
"""Characters: names of groups that are longer together are written aslant."""


def themes(
    readings: dict[str, pd.DataFrame], by: str, unit: str = "excerpts", *, broad: bool = True
) -> Chart:
    """The themes of one reading, or of several side by side, as `prevalence.count` gives them.

    Those above subthemes, which few excerpts make long and empty, or else all that the readings have.
    """
    counted = {name: frame[frame["unit"] == unit] for name, frame in readings.items()}
    rows = {name: above_subthemes(frame) for name, frame in counted.items()} if broad else counted
    first = next(iter(rows.values()))
    if first.empty:
        return nothing(f"Nothing is counted in {unit} here.")
    exact = all((frame["least"] == frame["most"]).all() for frame in rows.values())
    what = "dimension and theme" if broad else "code"
    return _counts(first, by, unit, what) if exact else _ranges(rows, by, unit, what)


def _counts(rows: pd.DataFrame, by: str, unit: str, what: str) -> Chart:
    table = rows.pivot_table("least", ["code", "name"], by, sort=False).astype(int).droplevel("code")
    sizes = rows.drop_duplicates(by).set_index(by)["denominator"]
    shown = table.rename(columns=lambda name: f"{name} ({sizes[name]})")
    shown.index = [textwrap.fill(name, 34) for name in shown.index]
    with style():
        figure, axes = canvas(1.1 + 0.36 * len(table))
        marks = shown.map(lambda n: str(n) if n else "·")
        limits = {"vmin": 0, "vmax": darkest(table)}
        sns.heatmap(shown, annot=marks, fmt="", linewidths=1.5, ax=axes, **limits, **SHADES)
        axes.set(xlabel="", ylabel="")
        axes.tick_params(length=0, rotation=0)
        if sum(map(len, shown.columns)) > LINE:
            axes.set_xticks(axes.get_xticks(), shown.columns, rotation=35, ha="right", rotation_mode="anchor")
    top = rows.sort_values("least", kind="stable").iloc[-1]
    group = alike(by)
    return Chart(
        figure,
        f"{unit.capitalize()} under each {what}, by {group}; a dot is none. In brackets the "
        f"{unit} of the {group} in all. Excerpts are chosen and do not show how common a theme is."
        + (" Field notes belong to no role group and are left out." if by == "role_group" else ""),
        f"Table of {len(table)} codes and {len(table.columns)} groups, shaded by count. The largest cell is "
        f"{top['name']}, {top[by]}, with {top['least']} {unit}.",
        table.reset_index(),
    )


def _ranges(readings: dict[str, pd.DataFrame], by: str, unit: str, what: str) -> Chart:
    first = next(iter(readings.values()))
    groups = sorted(first[by].unique())
    names = first.drop_duplicates("code").set_index("code")["name"].iloc[::-1]
    colours = dict(zip(readings, [BLUE, ORANGE], strict=False))
    with style():
        figure, axes = canvas(0.9 + 0.42 * len(names), len(groups), sharex=True, sharey=True, squeeze=False)
        for panel, group in zip(axes[0], groups, strict=True):
            for step, (reading, frame) in enumerate(readings.items()):
                here = frame[frame[by] == group].set_index("code").loc[names.index]
                y = [place + 0.13 * (len(readings) - 1) - 0.26 * step for place in range(len(names))]
                panel.hlines(
                    y, here["least"], here["most"], colours[reading], lw=3, alpha=0.55, label=reading
                )
                panel.plot(here["most"], y, "|", color=colours[reading], markersize=8)
                panel.plot(here["least"], y, "|", color=colours[reading], markersize=8)
                panel.plot(here["expected"], y, "o", mfc="white", mec=colours[reading], markersize=4)
            panel.set_title(f"{alike(by).capitalize()} {group}", loc="left")
            panel.set_axisbelow(True)
            panel.grid(axis="x", color=PALE, lw=0.6)
            panel.tick_params(length=0)
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes[0][0].set_yticks(range(len(names)), [textwrap.fill(name, 24) for name in names])
        figure.supxlabel(f"{unit} (bar: least to most; circle: expected under the model)", fontsize=8)
        if len(readings) > 1:
            figure.legend(
                *axes[0][0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False
            )
    return Chart(figure, *_range_texts(readings, by, unit, what))


def _range_texts(
    readings: dict[str, pd.DataFrame], by: str, unit: str, what: str
) -> tuple[str, str, pd.DataFrame]:
    data = pd.concat([frame.assign(reading=name) for name, frame in readings.items()])
    free = ((data["least"] == 0) & (data["most"] > 0)).sum()
    group = alike(by)
    caption = (
        f"The least and the most number of {unit} that each {group} can have under each {what}. "
        "The circle is a model, not data: the expected number if each speaker were drawn at random from the "
        "people whose stated role fits; none where field notes are among the excerpts or a single quotation "
        "is open."
    )
    alt = (
        f"Ranges in {data[by].nunique()} panels. {free} of {len(data)} ranges start at none: there the "
        "record does not show that anybody of the group spoke of the code."
    )
    return caption, alt, data
