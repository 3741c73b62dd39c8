"""Counting where the excerpts live: in memory, in files larger than memory, or on a cluster.

Whatever the size of a study, its tables of themes rest on few numbers: how many people of a group have so
many excerpts, and so many of them under a code. The two functions of this module ask for just that, in
narwhals, which pandas, DuckDB and Spark all answer. What comes back is small, in memory, and the same from
each of them.

Excerpts of one kind cannot be told apart: they name a participant or not, whose `group` is the same, they
come from the same `source`, and where the group is open the same label, `speaker`, stands beside them.
"""

import narwhals as nw
import numpy as np
import pandas as pd

from analysis.frames import Table, beside, collected, lazy
from analysis.measures.labels import group_of_participants

KIND = ["named", "group", "source", "speaker"]
"""What an excerpt is like, as far as its place is concerned."""


def kinds(excerpts: Table, roster: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many people have how many excerpts of each kind: `named, group, source, speaker, said, people`.

    `group` is the participant's group of `by`, a column of the roster; excerpts in an engine bring it along.
    Excerpts that name nobody are counted as those of one person, so that `said` × `people` are the excerpts.

    Source: a plain count.
    """
    each = placed(excerpts, roster, by).group_by("participant", *KIND).agg(said=nw.len())
    return collected(each.group_by(*KIND, "said").agg(people=nw.len()))


def under_codes(
    excerpts: Table, codings: Table, codebook: pd.DataFrame, roster: pd.DataFrame, by: str
) -> pd.DataFrame:
    """How many people have how many of their excerpts under each code: `code`, a kind, `here, said, people`.

    `here` of the `said` excerpts of each of so many `people` stand under the code, its subcodes included,
    each once however many coders and subcodes put it there. People with none of their excerpts under a code
    have no row. `said` is blank for field notes and for those who are not named, who count as one person.

    Source: a plain count.
    """
    each, coded = _numbered(placed(excerpts, roster, by), lazy(codings).select("excerpt", "code"))
    spoken = each.filter(nw.col("source") == "interview", nw.col("named"))
    said = spoken.group_by("participant").agg(said=nw.len())
    under = _under(coded, codebook).join(each, on="excerpt").group_by("place", "participant", *KIND)
    counted = under.agg(here=nw.len()).join(said, on="participant", how="left")
    counted = counted.with_columns(said=nw.when(nw.col("source") == "interview").then("said"))
    rows = collected(counted.group_by("place", *KIND, "here", "said").agg(people=nw.len()))
    return _named(rows, codebook)


def under(codings: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Which excerpts stand under which code, its subcodes included: pairs `excerpt, code`, each once.

    Source: the codebook.
    """
    coded = lazy(codings).select("excerpt", "code")
    return _named(_under(coded, codebook).collect().to_native(), codebook)[["excerpt", "code"]]


def placed(excerpts: Table, roster: pd.DataFrame, by: str) -> nw.LazyFrame:
    """Each excerpt with its participant and its kind: `excerpt, participant`, a kind.

    Source: the roster.
    """
    if isinstance(excerpts, nw.LazyFrame):
        rows = excerpts.with_columns(group=nw.col(by))
    else:
        group = group_of_participants(roster, by).rename("group").rename_axis("participant").reset_index()
        rows = lazy(excerpts[["excerpt", "participant", "source", "speaker"]])
        rows = rows.join(lazy(group), on="participant", how="left")
    told = nw.col("group").is_null() & (nw.col("source") == "interview")
    return rows.select(
        "excerpt",
        "participant",
        "group",
        "source",
        named=~nw.col("participant").is_null(),
        speaker=nw.when(told).then("speaker"),
    )


def _under(coded: nw.LazyFrame, codebook: pd.DataFrame) -> nw.LazyFrame:
    """Pairs of an excerpt and the `place` in the codebook of a code that it stands under, each once."""
    place = {code: number for number, code in enumerate(codebook["code"])}
    parent = dict(zip(codebook["code"], codebook["parent"], strict=True))
    steps = []
    for code in place:
        above = code
        while above in place:
            steps.append((code, place[above]))
            above = parent[above]
    known = pd.DataFrame(steps, columns=["code", "place"]).astype({"code": codebook["code"].dtype})
    return coded.join(beside(known, coded), on="code").select("excerpt", "place").unique()


def _named(rows: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """The rows with the `code` of each place in the codebook."""
    codes = codebook["code"].to_numpy()
    return rows.assign(code=codes[rows["place"].to_numpy(int)]).drop(columns="place")


def _numbered(each: nw.LazyFrame, coded: nw.LazyFrame) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Numbers for ids, in memory only: pandas joins numbers several times as fast as texts."""
    if not each.implementation.is_pandas():
        return each, coded
    rows, put = each.collect().to_native(), coded.collect().to_native()
    who = pd.Series(pd.factorize(rows["participant"])[0], rows.index)
    place = pd.Index(rows["excerpt"]).get_indexer(put["excerpt"])
    rows = rows.assign(excerpt=np.arange(len(rows)), participant=who.where(who >= 0))
    return lazy(rows), lazy(put.assign(excerpt=place))
