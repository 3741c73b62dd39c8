"""What of a large study comes into memory: a sample of its excerpts, and everybody in a short roster."""

from typing import NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from analysis.frames import Table, beside, collected, lazy
from analysis.study.tables import Frames

SIZE = 2_000
"""Excerpts of the sample."""
SEED = 20_200
COUNTS = ("n", "service_leads", "listed_again")
"""Of how many people a row of the roster speaks: these are added up."""
REMARKS = ("participant", "as_printed", "note")
"""What is said of one row only, and so of no group."""
GROUPS = 5_000
"""Groups of alike people of which a roster in memory may consist."""


Counts = dict[str, dict[str, int]]


class Sample(NamedTuple):
    """The large tables as far as they are in memory, and what they are a sample of, in one sentence."""

    frames: Frames
    says: str
    counted: Counts
    """How many rows each of the tables has where it lies, and in how many of them nobody is named."""


def drawn(tables: dict[str, nw.LazyFrame], needed: list[str]) -> Sample:
    """A simple random sample of the excerpts, with all that belongs to them, and the short roster.

    It is drawn by place in the order of the excerpts' ids, so it is the same whatever the engine is. A study
    with no more excerpts is there as a whole.
    """
    excerpts = tables["excerpts"]
    counted = {name: counts(table) for name, table in tables.items()}
    total = counted["excerpts"]["rows"]
    says = ""
    if total > SIZE:
        places = np.random.default_rng(SEED).choice(total, SIZE, replace=False)
        chosen = beside(pd.DataFrame({"place": np.sort(places)}), excerpts)
        ordered = excerpts.select("excerpt").with_row_index("place", order_by="excerpt")
        ids = collected(ordered.join(chosen, on="place", how="semi").select("excerpt"))
        excerpts = those(excerpts, "excerpt", ids["excerpt"])
        says = (
            f"{SIZE:,} of the {total:,} excerpts, a simple random sample drawn with the seed {SEED}, "
            "with their codings and documents"
        )
    rows = collected(excerpts)
    codings, documents = tables["codings"], tables["documents"]
    if says:
        codings = those(codings, "excerpt", rows["excerpt"])
        documents = those(documents, "document", rows["document"])
    roster = short_roster(tables["roster"], rows["participant"], needed)
    frames = {"excerpts": rows, "codings": collected(codings), "documents": collected(documents)}
    return Sample(frames | {"roster": roster}, says, counted)


def counts(table: Table) -> dict[str, int]:
    """How many rows a table has, and in how many of them no participant or coder is named."""
    table = lazy(table)
    named = [name for name in ("participant", "coder") if name in table.collect_schema()]
    blank = {name: nw.col(name).is_null().cast(nw.Int64).sum() for name in named}
    found = collected(table.select(rows=nw.len(), **blank)).fillna(0).iloc[0]
    return {name: int(number) for name, number in found.items()}


def those(table: nw.LazyFrame, key: str, values: pd.Series, how: str = "semi") -> nw.LazyFrame:
    """The rows of a table that have one of the values, or with `anti` none of them."""
    known = pd.DataFrame({key: values.dropna().drop_duplicates().astype("str")})
    return table.join(beside(known, table), on=key, how=how)


def short_roster(roster: nw.LazyFrame, participants: pd.Series, needed: list[str]) -> pd.DataFrame:
    """A row for each of the participants, and everybody else as groups of alike people.

    Alike are people whose cells are the same in all columns but remarks. Where that makes more than GROUPS
    groups they are alike in the columns `needed` only, and the other columns are blank in their rows.
    """
    named = collected(those(roster, "participant", participants))
    others = those(roster, "participant", participants, "anti")
    for alike in ([name for name in named if name not in (*COUNTS, *REMARKS)], needed):
        groups = others.group_by(*alike).agg(*(nw.col(name).sum().cast(nw.Int64) for name in COUNTS))
        if alike == needed or len(collected(groups.select(*alike).head(GROUPS + 1))) <= GROUPS:
            break
    return pd.concat([named, collected(groups).reindex(columns=[*named])], ignore_index=True)
