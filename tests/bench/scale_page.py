"""The page `docs/scale.md` and its figures, of what `scale.py` has measured: `python scale_page.py`.

Numbers come from `docs/scale.json` and, for a cluster, from `docs/scale-cluster.csv`; only prose stands here.
"""

import json
import math
import statistics

import numpy as np
import pandas as pd
from scale import COMMANDS, LARGEST, MEASURED, STANDARD, TABLE

from analysis import ROOT
from analysis.outputs.chart import BLUE, GREEN, INK, ORANGE, QUIET, Chart, canvas, style
from notebooks import table

PAGE = ROOT / "docs" / "scale.md"
CLUSTER = ROOT / "docs" / "scale-cluster.csv"
OURS = (TABLE, "ours on pandas")
BY_HAND = (STANDARD, "DuckDB, SQL by hand with codes as bits", "polars by hand", "pandas by hand")
TOOLS = tuple(LARGEST)
STEPS = ("checking the study", "opening it again", TABLE, "theme table with intervals", *COMMANDS)
FROM = 100_000
"""Growth is fitted from here up: below it, what is the same at every size hides it."""
NOTEBOOKS = "make reproduce JOBS=2"
FUTURE, NODES = 10**9, 10
LOOKS = {
    TABLE: (BLUE, "o"),
    "ours on pandas": (BLUE, "s"),
    STANDARD: (ORANGE, "o"),
    "DuckDB, SQL by hand with codes as bits": (ORANGE, "v"),
    "polars by hand": (GREEN, "o"),
    "pandas by hand": (GREEN, "s"),
    "QualCoder's database": (INK, "o"),
    "Taguette's database": (QUIET, "s"),
}

METHOD = """\
Each stage runs in a process of its own, which has imported and opened what it needs before the clock
starts, and reads all tables from Parquet files that the disk's cache holds. Seconds and memory are
medians of {rounds} rounds, in which all stages of all studies take their turns, in an order that turns
with the rounds; memory is the most that the process ever had. In the suite's stages DuckDB may use {memory},
as it is unless one says otherwise; by hand as much as it likes.
A stage is ended beyond {limit} of memory or {seconds} seconds and then not tried with more codings. The
studies are simulated, by `tests/bench/generated.py`: the people of the published record in the same
proportions, each with two to six excerpts that two coders have coded with a codebook of {codes} codes."""
THEMES = """\
How often each code, its subcodes included, stands in each borough: in distinct excerpts and in distinct
people, with denominators and shares. `ours` is `prevalence.count` as the notebooks call it, without
intervals. By hand are programs written for this one table: SQL as one would write it, SQL with a trick
that a codebook of at most 63 codes allows, polars, and pandas. Frames of pandas are read from the same
files by DuckDB, and only the columns that are needed, before they are counted; that is part of their
time."""
TODAY = """\
QualCoder and Taguette keep a project in a database of SQLite. Neither makes this table, so it is asked
in SQL, with the indexes that the tools make. Taguette knows no people: a document is one's interview,
and its description says the borough. A passage without a code is kept by neither, so there are counts
and the number of people, and no denominators of excerpts. The databases were filled with up to
{largest} codings, more was not tried."""
WORDS = """\
On one core, in `tests/bench/words.py`. Words alone is what `wording.tokens` gives; with all that is counted
is `wording.counts`: words in all and under three codes, the excerpts that each stands in, and pairs of
neighbours. The others count words in all, and nothing else. One text is drawn from the words of the
published quotations; in the other are 30,000 invented ones, the n-th of which is said 1/n times as often as
the first."""
GROWTH = """\
The slope of the logarithm of time over the logarithm of codings, by least squares, from {start} codings
up: 1 is time that grows with the codings, 0 time that stays as it is."""
COST = """\
What {future} codings would cost, with the same codebook and people with as many excerpts. On disk the
tables would take {bytes}, at {each:.1f} bytes for a coding. On one machine with DuckDB: the seconds for
{largest} codings times ({future} ÷ {largest}) to the power of the slope, if files are read as
fast as here. A slope below 1 comes of what every stage costs before it begins, which does not go on, so
it is taken as 1, which is too much where little grows."""
ON_A_CLUSTER = """\
The theme table of boroughs with its intervals, on a master and two workers of one core and 1 GB each on this
machine, which `make test-cluster SCALE="1e5 1e6 1e7"` starts. Seconds are medians of three rounds in which
the engines take their turns; the study is open when the clock starts. `equal` says whether both wrote the
same bytes.
The tests of the cluster hold all other tables to the embedded ones as well, and take a worker away while
Spark has a task on it: the tables are the same."""
SHARED = """\
On {nodes} machines like this one with Spark: the theme table took {start:.1f} s that do not grow and
{more:.2f} s for each million codings, by least squares over the rows of the section above, where
{workers} workers shared this machine. If sharing costs no more among {nodes} machines than it did here, it is
{start:.1f} + {more:.2f} × {millions:,} ÷ {nodes} = **{seconds:,.0f} s**."""
NOT_SCALING = """\
- A concordance has a line for each place of a word. It is made of the sample, and of each word at most
  200 places are listed, drawn with a seed.
- Exact tests go through all tables with the margins of the one found. Where these are too many, 20,000
  are drawn, and `method` says so. Shuffling people one by one is left out: its rows are not there.
- Agreement on stretches of text, saturation and what leaving out one participant changes need every
  excerpt of an interview. They are left out, and the notebook says why. Agreement by code and on sets, and
  the list of disagreements, are those of the sample.
- Pairs of codes whose excerpts overlap are not counted in characters; pairs in excerpts and in people are
  counted in full.
- Codes that stand together, and words, come back as a row for each set of codes that an excerpt stands
  under. The codebook here has few of them; with a hundred codes, and many to an excerpt, they may be as many
  as the excerpts, and have to fit into memory.
- Quotations and their places are those of the sample.
- Of a restricted study nothing leaves while its tables lie in an engine: what leaves has to be searched for
  every text and every id, and only the sample is known."""


# ---- numbers -----------------------------------------------------------------------------------------------


def medians(measured):
    """The median seconds and memory of each stage and size that was never ended."""
    rows = pd.DataFrame(
        [
            {"codings": one["codings"], "asked": one["asked"]} | row
            for one in measured["sizes"]
            for row in one["rows"]
        ]
    )
    ended = rows.groupby(["stage", "asked"])["ended"].transform("any")
    return rows[~ended].groupby(["stage", "asked"], sort=False)[["codings", "seconds", "memory"]].median()


def ratios(one, name):
    """The seconds of a stage over those of the standard in the same round: median, least, most."""
    by_round = pd.DataFrame(one["rows"]).query("not ended").pivot_table("seconds", "round", "stage")
    found = by_round[name] / by_round[STANDARD]
    return statistics.median(found), found.min(), found.max()


def slope(middle, stage):
    """How time grows: the slope over the sizes from FROM up; None of fewer than two."""
    if stage not in middle.index.get_level_values("stage"):
        return None
    rows = middle.loc[stage]
    rows = rows[rows.index >= FROM]
    if len(rows) < 2:
        return None
    return float(np.polyfit(np.log(rows["codings"]), np.log(rows["seconds"]), 1)[0])


# ---- words -------------------------------------------------------------------------------------------------


def time_of(seconds):
    return f"{seconds:.2f}" if seconds < 100 else f"{seconds:,.0f}"


def bytes_of(number):
    unit = min(int(math.log(max(number, 1), 1000)), 4)
    return f"{number / 1000**unit:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[unit]}"


def grid(middle, stages, sizes, column, words):
    """A table of stages × sizes; a dash where a stage was not tried, or was ended."""
    known = [stage for stage in stages if stage in middle.index.get_level_values("stage")]
    rows = [
        [
            stage,
            *(
                words(middle.loc[(stage, size), column]) if (stage, size) in middle.index else "–"
                for size in sizes
            ),
        ]
        for stage in known
    ]
    return table(["", *(f"{size:,}" for size in sizes)], rows)


def data(measured):
    rows = [
        [
            f"{one['codings']:,}", f"{one['excerpts']:,}", f"{one['roster']:,}", time_of(one["seconds"]),
            bytes_of(one["memory"]), bytes_of(one["bytes"]),
        ]
        for one in measured["sizes"]
    ]  # fmt: skip
    yield "## The studies"
    yield table(["codings", "excerpts", "people", "seconds to generate", "memory", "on disk"], rows)
    for one in measured["left out"]:
        yield f"""{one["codings"]:,} codings were left out: {bytes_of(one["needs"])} of free space were wanted
beforehand, and {bytes_of(one["free"])} were there."""


def themes(measured, middle, sizes):
    yield "## The theme table"
    yield THEMES
    yield "Seconds:"
    yield grid(middle, OURS + BY_HAND, sizes, "seconds", time_of)
    yield "Memory of the process:"
    yield grid(middle, OURS + BY_HAND, sizes, "memory", bytes_of)
    one = measured["sizes"][-1]
    rows = []
    for name in OURS + BY_HAND:
        if (name, one["asked"]) in middle.index:
            middling, least, most = ratios(one, name)
            rows.append([name, f"**{middling:.2f}**", f"{least:.2f} to {most:.2f}"])
    yield f"Ratios of seconds to {STANDARD} in the same round, for {one['codings']:,} codings:"
    yield table(["", "median ratio", "in single rounds"], rows)
    yield from same(measured)


def same(measured):
    """What the comparison of all tables found."""
    rows = [
        [name, *(said(one["equal"].get(name)) for one in measured["sizes"])]
        for name in dict.fromkeys(name for one in measured["sizes"] for name in one["equal"])
    ]
    yield f"""Every cell of each table was compared as text with that of {STANDARD}, and every column of ours
on pandas with ours on DuckDB. This is what was found, with the number of cells:"""
    yield table(["", *(f"{one['codings']:,}" for one in measured["sizes"])], rows)


def said(found):
    return "–" if found is None else f"{'equal' if found['equal'] else 'NOT EQUAL'}, {found['cells']}"


def today(measured, middle, sizes):
    yield "## What one asks today"
    yield TODAY.format(largest=f"{max(LARGEST.values()):,}")
    yield "Seconds:"
    yield grid(
        middle, (TABLE, *TOOLS), [size for size in sizes if size <= max(LARGEST.values())], "seconds", time_of
    )
    rows = [
        [tool, f"{one['codings']:,}", time_of(found["seconds"]), bytes_of(found["bytes"])]
        for one in measured["sizes"]
        for tool, found in one.get("tools", {}).items()
    ]
    yield table(["database", "codings", "seconds to fill", "on disk"], rows)


def steps(middle, sizes):
    yield "## The suite's own steps"
    yield """Checking goes through every row and draws the sample; what was found sound is only opened
again, as notebooks do. The last are commands, timed from their start to their end, with the memory of the
largest of their processes; with JOBS=2 two notebooks run at a time."""
    yield "Seconds:"
    yield grid(middle, STEPS, sizes, "seconds", time_of)
    yield "Memory:"
    yield grid(middle, STEPS, sizes, "memory", bytes_of)


GOALS = {
    "time": 1.2,  # of SQL by hand in the same round
    "memory": 1_500_000_000,
    "slope": 1.0,
    "seconds": 120,  # of all notebooks
    "words": 5_000_000,
}


def goals(measured, middle):
    """What was aimed at, what came of it, and whether it was reached: rows of texts."""
    one = measured["sizes"][-1]
    asked, many = one["asked"], f"{one['codings']:,} codings"
    time, memory, slopes, seconds, rates = GOALS.values()
    ratio = ratios(one, TABLE)[0]
    bits = ratio / ratios(one, "DuckDB, SQL by hand with codes as bits")[0]
    yield f"theme table, {many}, to SQL by hand", f"at most {time:.2f}", f"{ratio:.2f}", ratio <= time
    yield "the same, to SQL by hand with codes as bits", "", f"{bits:.2f}", None
    for name in ("checking the study", TABLE, *COMMANDS):
        if (name, asked) in middle.index:
            found = middle.loc[(name, asked), "memory"]
            yield f"memory of {name}", f"at most {bytes_of(memory)}", bytes_of(found), found <= memory
    if (found := slope(middle, TABLE)) is not None:
        yield f"slope of {TABLE}", f"at most {slopes:.2f}", f"{found:.2f}", found <= slopes
    if (NOTEBOOKS, asked) in middle.index:
        found = middle.loc[(NOTEBOOKS, asked), "seconds"]
        yield f"{NOTEBOOKS}, {many}", f"at most {seconds} s", f"{found:.0f} s", found <= seconds
    for text, way, rate in measured["words"]:
        if way.startswith("ours"):
            yield f"{way}, {text}, words a second", f"at least {rates:,}", f"{rate:,.0f}", rate >= rates


def reached(measured, middle):
    yield "## What was aimed at"
    says = {True: "reached", False: "**not reached**", None: "no goal"}
    rows = [[what, goal, found, says[good]] for what, goal, found, good in goals(measured, middle)]
    yield table(["", "goal", "found", ""], rows)


def words(measured):
    yield "## Finding words"
    yield WORDS
    rates = pd.DataFrame(measured["words"], columns=["text", "way", "rate"])
    rates = rates.pivot_table("rate", "way", "text", sort=False)
    yield table(
        ["words a second", *rates], [[name, *map("{:,.0f}".format, row)] for name, *row in rates.itertuples()]
    )


def growth(middle):
    yield "## How time grows"
    yield GROWTH.format(start=f"{FROM:,}")
    found = {name: slope(middle, name) for name in dict.fromkeys((*OURS, *BY_HAND, *TOOLS, *STEPS))}
    yield table(["", "slope"], [[name, f"{value:.2f}"] for name, value in found.items() if value is not None])
    yield "![Seconds by the number of codings, for each way](scale-time.svg)"
    yield "![Memory by the number of codings, for each way](scale-memory.svg)"


def cluster():
    yield "## On a cluster"
    if not CLUSTER.exists():
        yield "Nothing was measured on a cluster yet: `make test-cluster SCALE=1e6` does it."
        return
    yield ON_A_CLUSTER
    rows = pd.read_csv(CLUSTER, dtype=str).fillna("")
    rows["codings"] = rows["codings"].astype(int).map("{:,}".format)
    yield table([*rows], rows.to_numpy().tolist())


def cost(measured, middle):
    one = measured["sizes"][-1]
    largest, each = one["codings"], one["bytes"] / one["codings"]
    words = {"future": f"{FUTURE:,}", "largest": f"{largest:,}", "each": each}
    yield f"## {FUTURE:,} codings on one machine and on {NODES}"
    yield COST.format(bytes=bytes_of(each * FUTURE), **words)
    rows = []
    for name in STEPS:
        grows = slope(middle, name)
        if grows is not None and (name, one["asked"]) in middle.index:
            now, power = middle.loc[(name, one["asked"]), "seconds"], max(grows, 1)
            times = FUTURE / largest
            rows.append([name, f"{time_of(now)} × {times:.1f}^{power:.2f}", f"{now * times**power:,.0f}"])
    yield table(["", "arithmetic", "seconds on one machine"], rows)
    if CLUSTER.exists():
        yield shared(pd.read_csv(CLUSTER).query("engine == 'Spark'"))


def shared(rows):
    """What FUTURE codings would cost on a cluster, of the rows that were measured on one."""
    more, start = np.polyfit(rows["codings"] / 1e6, rows["seconds"], 1)
    millions = FUTURE // 10**6
    found = {"start": start, "more": more, "millions": millions, "seconds": start + more * millions / NODES}
    return SHARED.format(nodes=NODES, workers=rows["workers"].iloc[0], **found)


def page(measured):
    """The whole page, as text."""
    middle = medians(measured)
    sizes = [one["asked"] for one in measured["sizes"]]
    codes = len(pd.read_csv(ROOT / "data" / "raw" / "simulated-east-london" / "codebook.csv"))
    limits = {
        "limit": bytes_of(measured["limits"]["memory"]),
        "seconds": f"{measured['limits']['seconds']:,}",
    }
    blocks = [
        "# How large a study may be",
        "Written by `make bench` with a SCALE; nothing but prose is typed by hand.",
        "\n".join(measured["machine"]),
        METHOD.format(rounds=measured["rounds"], memory=measured["memory"], codes=codes, **limits),
        *reached(measured, middle),
        *data(measured),
        *themes(measured, middle, sizes),
        *today(measured, middle, sizes),
        *steps(middle, sizes),
        *words(measured),
        *growth(middle),
        *cluster(),
        *cost(measured, middle),
        "## What does not scale",
        NOT_SCALING,
    ]
    return "\n\n".join(blocks) + "\n"


# ---- figures -----------------------------------------------------------------------------------------------


def figure(middle, column, factor, label):
    """A line for each way of making the theme table, both axes logarithmic."""
    with style():
        drawing, axes = canvas(3.4)
        for name, (colour, mark) in LOOKS.items():
            if name in middle.index.get_level_values("stage"):
                rows = middle.loc[name]
                look = {"color": colour, "lw": 0.9, "ms": 4, "label": name}
                axes.plot(rows["codings"], rows[column] / factor, f"{mark}-", **look)
        axes.set(xscale="log", yscale="log", xlabel="codings", ylabel=label)
        drawing.legend(loc="outside upper center", ncols=2, frameon=False)
    alt = f"Lines on logarithmic axes: {label} over codings, one for each of {len(LOOKS)} ways."
    shown = middle.reset_index().query("stage in @LOOKS")[["stage", "codings", column]]
    return Chart(drawing, f"Making the theme table: {label} by the number of codings.", alt, shown)


def main():
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    middle = medians(measured)
    for column, factor, label in (("seconds", 1, "seconds"), ("memory", 1e6, "MB of memory")):
        chart = figure(middle, column, factor, label)
        stem = PAGE.with_name(f"scale-{'time' if column == 'seconds' else column}")
        stem.with_suffix(".png").write_bytes(chart.png)
        stem.with_suffix(".svg").write_bytes(chart.svg)
    PAGE.write_text(page(measured), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
