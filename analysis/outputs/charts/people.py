"""Who was interviewed, and who is quoted."""

import pandas as pd
import seaborn as sns

from analysis.measures.sample import NOT_STATED
from analysis.outputs.chart import (
    BLUE,
    GREEN,
    ORANGE,
    PALE,
    QUIET,
    SHADES,
    Chart,
    beside,
    canvas,
    darkest,
    named_rows,
    nothing,
    style,
)

RECONCILED = [
    ("people_listed", "people listed", BLUE, "o", 0.22),
    ("participants_implied", "participants implied", ORANGE, "D", 0.0),
    ("interviews", "interviews printed", GREEN, "s", -0.22),
]


def sample(people: pd.DataFrame, rows: str, columns: str) -> Chart:
    """People in each cell of two groupings, from a frame with `people`."""
    if people.empty or rows == columns:
        return nothing("The roster is empty or has one grouping: there is no table of people to draw.")
    people = people.fillna({rows: NOT_STATED, columns: NOT_STATED})
    table = people.pivot_table("people", rows, columns, aggfunc="sum", fill_value=0, sort=False)
    table = table.astype(int).sort_index().sort_index(axis=1)
    labelled = table.rename(columns=lambda name: f"{columns.capitalize()} {name}\n{table[name].sum()} people")
    labelled.index = [f"{name} ({table.loc[name].sum()})" for name in table.index]
    with style():
        figure, axes = canvas(0.9 + 0.33 * len(table))
        limits = {"vmin": 0, "vmax": darkest(table)}
        sns.heatmap(labelled, annot=True, fmt="d", linewidths=2, ax=axes, **limits, **SHADES)
        axes.set(xlabel="", ylabel="")
        axes.tick_params(length=0, labeltop=True, labelbottom=False, axis="x")
        axes.tick_params(length=0, axis="y", rotation=0)
    peak = people.groupby([rows, columns])["people"].sum().idxmax()
    return Chart(
        figure,
        f"People listed, by {rows} and {columns}; all {table.to_numpy().sum()} of them. How much each of "
        "them said is not shown.",
        f"Table of {len(table)} rows and {len(table.columns)} columns, shaded by the number of people. "
        f"The largest cell is {peak[0]}, {columns} {peak[1]}, with {table.loc[peak]} people.",
        table.reset_index(),
    )


def _some(count: int, one: str, more: str) -> str:
    return f"{count or 'no'} {one if count == 1 else more}"


def role_mix(people: pd.DataFrame, site: str) -> Chart:
    """How many people of each role group every site has."""
    if people.empty or people["role_group"].isna().all():
        return nothing("The study has no role groups: there is no mix to draw.")
    table = people.pivot_table("people", "role_group", site, aggfunc="sum", fill_value=0)
    table = table.loc[table.sum(axis=1).sort_values(kind="stable").index].astype(int)
    with style():
        figure, axes = canvas(
            0.6 + 0.22 * len(table), len(table.columns), sharey=True, sharex=True, squeeze=False
        )
        for panel, name in zip(axes[0], table, strict=True):
            bars = panel.barh(table.index, table[name], color=BLUE, height=0.7)
            panel.bar_label(bars, padding=2, labels=[str(n) if n else "none" for n in table[name]])
            panel.set_title(f"{site.capitalize()} {name} ({table[name].sum()})", loc="left")
            panel.set_xlim(0, table.to_numpy().max() * 1.25)
            panel.tick_params(length=0)
            panel.spines[:].set_visible(False)
            panel.set_xticks([])
    parts = [
        f"{site} {name}: {', '.join(f'{group} {n}' for group, n in table[name].iloc[::-1].items())}."
        for name in table
    ]
    caption = (
        f"People listed in each role group, by {site}. People without a stated profession may belong to a "
        "group that shows none."
    )
    return Chart(figure, caption, " ".join([f"Bars, a panel each {site}.", *parts]), table.reset_index())


def reconciliation(rows: pd.DataFrame, site: str) -> Chart:
    """People listed, interviews printed and participants implied, side by side for each site."""
    if rows["interviews"].isna().all():
        return nothing("The study has no interviews.csv: there is nothing to hold the people listed against.")
    sites = rows[rows[site] != "all"].iloc[::-1].reset_index(drop=True)
    numbers = sites.drop(columns=[site, "group_interviews", "difference"]).astype(float)
    with style():
        figure, axes = canvas(0.7 + 0.62 * len(sites))
        named_rows(axes, [f"{site.capitalize()} {name}" for name in sites[site]])
        for column, label, colour, shape, shift in RECONCILED:
            axes.plot(numbers[column], sites.index + shift, shape, color=colour, markersize=6)
            for y, x in numbers[column].dropna().items():
                least = f"{numbers.loc[y, 'people_least']:.0f} to " if _repeated(numbers, column, y) else ""
                beside(axes, f"{least}{x:.0f} {label}", x, y + shift, colour)
        lift = sites.index + RECONCILED[0][-1]
        axes.hlines(lift, numbers["people_least"], numbers["people_listed"], BLUE, lw=2)
        low, high = numbers.min().min(), numbers.max().max()
        axes.set_xlim(low - 1, high + max(high - low, 4) * 0.45)
        axes.set_xlabel("people, or interviews")
    said = rows.astype(object).where(rows.notna(), "an unknown number")
    total = said[said[site] == "all"].iloc[0]
    parts = [
        f"{row[site]}: {row.people_listed} people listed, {row.participants_implied} implied, "
        f"{row.interviews} interviews."
        for _, row in said.iterrows()
    ]
    return Chart(
        figure,
        f"People listed ({total.people_least} to {total.people_listed} in all), interviews printed "
        f"({total.interviews}) and the participants that they imply ({total.participants_implied}). A line "
        "reaches down to the count without those who may be listed twice.",
        " ".join(["Three markers for each site.", *parts]),
        rows,
    )


def _repeated(numbers: pd.DataFrame, column: str, row: int) -> bool:
    return column == "people_listed" and numbers.loc[row, "people_least"] < numbers.loc[row, column]


def voices(rows: pd.DataFrame) -> Chart:
    """Each role group's share of the people listed against its share of the quotations."""
    if rows.empty:
        return nothing("The study has no role groups: there are no voices to compare.")
    rows = rows.iloc[::-1].reset_index(drop=True)
    with style():
        figure, axes = canvas(0.9 + 0.27 * len(rows))
        axes.hlines(rows.index, rows["people_share"], rows["excerpts_share"], PALE, lw=3, zorder=0)
        axes.plot(
            rows["people_share"], rows.index, "o", color=BLUE, markersize=6, label="of the people listed"
        )
        axes.plot(
            rows["excerpts_share"], rows.index, "D", color=ORANGE, markersize=5, label="of the quotations"
        )
        for row in rows.itertuples():
            edge = max(row.people_share, row.excerpts_share)
            says = (
                f"{_some(row.people, 'person', 'people')}, {_some(row.excerpts, 'quotation', 'quotations')}"
            )
            beside(axes, says, edge, row.Index, QUIET, points=8)
        named_rows(axes, rows["role_group"])
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.set_xlim(-0.015, max(rows[["people_share", "excerpts_share"]].max()) * 1.5)
        figure.legend(loc="outside upper left", ncols=2, frameon=False)
        axes.set_xlabel("share")
    silent = rows.loc[rows["excerpts"] == 0, "role_group"].iloc[::-1]
    return Chart(
        figure,
        f"Each role group's share of the {rows['people'].sum()} people listed and of the "
        f"{rows['excerpts'].sum()} quotations, by the label beside them. Quotations are "
        "chosen and are no sample.",
        "Two markers for each role group. "
        + (f"Never quoted: {', '.join(silent)}." if len(silent) else "Every group is quoted."),
        rows.iloc[::-1],
    )
