"""Ways of counting how often each code stands in each borough, in excerpts and in people.

A way takes the folder of a generated study and gives back what is to be timed: a function that reads the big
tables, counts, and makes one table, the same whatever the way: every borough and code with its subcodes, in
both units, with the denominator and the share.
"""

import duckdb
import pandas as pd

from analysis import study
from analysis.measures import bounds, prevalence
from analysis.study.record import with_role_groups

TABLES = ("roster", "excerpts", "codings")
BY = "borough"
KEYS = ["code", BY, "unit"]


def finished(counts, sizes, codes):
    """The table of one way: `counts` by borough and code, `sizes` by borough, in excerpts and in people."""
    units = ["excerpts", "people"]
    sizes = sizes.set_index(BY)[units].rename_axis(columns="unit").stack()
    rows = pd.MultiIndex.from_product([codes, sizes.index.levels[0]], names=["code", BY])
    least = counts.set_index(["code", BY])[units].reindex(rows, fill_value=0).rename_axis(columns="unit")
    table = least.stack().astype("int64").rename("least").reset_index()
    table["denominator"] = sizes.reindex(pd.MultiIndex.from_frame(table[[BY, "unit"]])).to_numpy()
    table["share"] = table["least"] / table["denominator"].astype(float)
    return in_order(table)


def in_order(table):
    """The rows in one order, and counts as one type."""
    kept = table.sort_values(KEYS, ignore_index=True)
    return kept.astype({"least": "float", "denominator": "float"})


def codebook(folder):
    return pd.read_csv(folder / "codebook.csv")


def closure(folder):
    """Each code with itself and every code above it: `code, above`."""
    book = codebook(folder)
    pairs = step = book[["code"]].assign(above=book["code"])
    parents = book.set_index("code")["parent"]
    while len(step):
        step = step.assign(above=step["above"].map(parents)).dropna()
        pairs = pd.concat([pairs, step])
    return pairs


# ---- ours --------------------------------------------------------------------------------------------------


def _ours(excerpts, codings, record, roster, confidence=None):
    placed = bounds.place(excerpts, roster, record.roles, by=BY)
    return in_order(prevalence.count(placed, excerpts, codings, record.codebook, roster, confidence))


def ours_on_duckdb(folder, confidence=None):
    """The measure of the notebooks, on tables that lie in Parquet."""
    record = study.load(folder.name, folder.parent)
    return lambda: _ours(record.whole.excerpts, record.whole.codings, record, record.roster, confidence)


def checking(folder):
    """Every row of the tables is checked, and a sample is drawn."""
    return lambda: study.load(folder.name, folder.parent, anew=True)


def opening(folder):
    """All that a notebook does before it counts, where the study was found sound before."""
    return lambda: study.load(folder.name, folder.parent)


def with_intervals(folder):
    """The theme table as notebooks make it."""
    return ours_on_duckdb(folder, confidence=0.95)


def ours_on_pandas(folder):
    """The same measure on tables in memory, of which only the columns are read that it asks for."""
    record = study.load(folder.name, folder.parent)

    def asked():
        excerpts = _read(folder, "excerpts", "excerpt, participant, speaker, 'interview' AS source")
        roster = with_role_groups(_read(folder, "roster", "*, 1 AS n"), record.roles)
        return _ours(excerpts, _read(folder, "codings", "excerpt, code"), record, roster)

    return asked


def _read(folder, table, columns):
    return duckdb.sql(f"SELECT {columns} FROM '{folder}/{table}/*.parquet'").df()  # noqa: S608 - own paths


# ---- by hand -----------------------------------------------------------------------------------------------

PAIRS = """
    WITH pairs AS (
        SELECT DISTINCT excerpt, above AS code FROM (SELECT DISTINCT excerpt, code FROM codings)
        JOIN closure USING (code)
    ), by_person AS (
        SELECT borough, participant, pairs.code, count(*) AS excerpts
        FROM pairs JOIN excerpts USING (excerpt) JOIN roster USING (participant) GROUP BY ALL
    )
    SELECT borough, code, sum(excerpts)::BIGINT AS excerpts, count(*) AS people FROM by_person GROUP BY ALL
"""
"""As one would write it: pairs of excerpt and code, each once, then people, then boroughs."""
BITS = """
    WITH places AS (SELECT code, (row_number() OVER ())::INTEGER - 1 AS place FROM codebook),
    masks AS (
        SELECT closure.code, bit_or(1::BIGINT << place) AS mask
        FROM closure JOIN places ON above = places.code GROUP BY ALL
    ), said AS (
        SELECT excerpt, bit_or(mask) AS mask FROM codings JOIN masks USING (code) GROUP BY ALL
    ), by_person AS (
        SELECT borough, participant, said.mask, count(*) AS excerpts
        FROM said JOIN excerpts USING (excerpt) JOIN roster USING (participant) GROUP BY ALL
    ), by_pattern AS (
        SELECT borough, mask, sum(excerpts) AS excerpts, 0 AS people FROM by_person GROUP BY ALL
        UNION ALL
        SELECT borough, mask, 0, count(*)
        FROM (SELECT borough, participant, bit_or(mask) AS mask FROM by_person GROUP BY ALL) GROUP BY ALL
    )
    SELECT borough, code, sum(excerpts)::BIGINT AS excerpts, sum(people)::BIGINT AS people
    FROM by_pattern JOIN places ON mask >> place & 1 = 1 GROUP BY ALL
"""
"""For at most 63 codes: what an excerpt or a person speaks of as one number, a bit for each code."""
SIZES = """
    SELECT borough, excerpts, people
    FROM (SELECT borough, count(*) AS excerpts FROM excerpts JOIN roster USING (participant) GROUP BY ALL)
    JOIN (SELECT borough, count(*) AS people FROM roster GROUP BY ALL) USING (borough)
"""


def _sql(query):
    def way(folder):
        base = duckdb.connect(config={"preserve_insertion_order": False})  # as the suite asks it, too
        for table in TABLES:
            base.read_parquet(f"{folder}/{table}/*.parquet").create_view(table)
        book = codebook(folder)
        base.register("closure", closure(folder))
        base.register("codebook", book[["code"]])
        return lambda: finished(base.sql(query).df(), base.sql(SIZES).df(), book["code"])

    return way


def on_polars(folder):
    """Polars, lazily and in its engine for tables larger than memory."""
    import polars as pl

    def asked():
        table = {name: pl.scan_parquet(f"{folder}/{name}/*.parquet") for name in TABLES}
        above = closure(folder)
        code = pl.Enum(above["code"].unique().tolist())
        above = pl.LazyFrame({name: above[name].to_list() for name in above}).cast(code)
        people = table["roster"].select("participant", BY)
        spoken = table["excerpts"].select("excerpt", "participant").join(people, on="participant")
        pairs = table["codings"].select("excerpt", pl.col("code").cast(code)).unique().join(above, on="code")
        pairs = pairs.select("excerpt", code="above").unique()
        said = pairs.join(spoken, on="excerpt").group_by(BY, "participant", "code").agg(excerpts=pl.len())
        counts = said.group_by(BY, "code").agg(pl.col("excerpts").sum(), people=pl.len())
        sizes = spoken.group_by(BY).agg(excerpts=pl.len()).join(
            people.group_by(BY).agg(people=pl.len()), on=BY
        )  # fmt: skip
        frames = pl.collect_all([counts, sizes], engine="streaming")
        small = [pd.DataFrame(frame.to_dict(as_series=False)) for frame in frames]
        return finished(*small, codebook(folder)["code"])

    return asked


def on_plain_pandas(folder):
    """pandas by hand."""

    def asked():
        excerpts = _read(folder, "excerpts", "excerpt, participant")
        people = _read(folder, "roster", f"participant, {BY}")
        pairs = _read(folder, "codings", "excerpt, code").drop_duplicates()
        pairs = pairs.merge(closure(folder), on="code")[["excerpt", "above"]].drop_duplicates()
        spoken = excerpts.merge(people, on="participant")
        said = pairs.rename(columns={"above": "code"}).merge(spoken, on="excerpt")
        counts = said.groupby(["code", BY])["participant"].agg(excerpts="size", people="nunique")
        sizes = spoken.groupby(BY)["participant"].agg(excerpts="size", people="nunique")
        sizes["people"] = people[BY].value_counts()
        return finished(counts.reset_index(), sizes.reset_index(), codebook(folder)["code"])

    return asked


WAYS = {
    "ours on DuckDB": ours_on_duckdb,
    "ours on pandas": ours_on_pandas,
    "DuckDB, SQL by hand": _sql(PAIRS),
    "DuckDB, SQL by hand with codes as bits": _sql(BITS),
    "polars by hand": on_polars,
    "pandas by hand": on_plain_pandas,
}
STAGES = {
    "checking the study": checking,
    "opening it again": opening,
    "theme table with intervals": with_intervals,
}
