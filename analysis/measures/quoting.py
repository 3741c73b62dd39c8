"""Which quotations stand for a theme in a group: by a stated rule, and each of them once in a display.

A quotation is an excerpt of an interview that has a text. It may stand in a cell of theme and group if it is
cleared for publication, stands under the theme or a code below it, and is of the group by what the record
says of it. A quotation of which the record prints no group stands in no cell, however likely one may be.

The rule puts the quotations of a theme in an order: first those with as many words as a reader takes in at
once, others by how far they are from that; then those with more words that are distinctive of the theme;
then by their place in print, or their id. Each cell has the first of its quotations that no other cell has.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from scipy.optimize import linear_sum_assignment

from analysis.measures import BY_HAND, SILENT, wording
from analysis.measures.labels import known_group

LEAST_WORDS, MOST_WORDS = 15, 60
"""Fewer words seldom hold both what is said and why; more fill a cell so that nobody compares it with the
next one. A guide for reading and no finding: both are parameters of the notebooks."""
STANDS_OUT = 3.84
"""The log-likelihood from which a word is distinctive: one in twenty words of no code would reach it."""
CELL = ["code", "group"]
KEYS = {"off": "its length", "distinctive": "its distinctive words", "place": "its place in print or its id"}
"""What the rule looks at, in its order, and how a reader is told of it."""
COLUMNS = [
    "excerpts_least",
    "excerpts_most",
    "excerpts_of",
    "people",
    "people_of",
    "excerpt",
    "speaker",
    "text",
    "words",
    "why",
]
BOOK = [
    "code",
    "name",
    "level",
    "rank",
    "excerpt",
    "speaker",
    "known",
    "text",
    "words",
    "distinctive",
    "cleared",
    "used_in",
]


def ranked(
    excerpts: pd.DataFrame,
    pairs: pd.DataFrame,
    themes: Sequence[str],
    quotable: Collection[str],
    least_words: int = LEAST_WORDS,
    most_words: int = MOST_WORDS,
) -> pd.DataFrame:
    """Every quotation under every theme, in the order of the rule: one row a pair of theme and quotation.

    `pairs` are `excerpt, code` as `prevalence.rolled_up` gives them. Columns `code, excerpt, rank, words,
    off, distinctive, place, cleared`: words as `wording.tokens` counts them, how many they are off the range,
    how many different ones are distinctive of the theme, and the place in print. Those that are not cleared
    come last and have no rank.

    Source: this project's own rule; distinctive are words of two excerpts or more that `wording.keyness`
    gives a log-likelihood of 3.84 or more (Dunning 1993).
    """
    said = _quotations(excerpts)
    words = wording.tokens(said)
    rows = pairs[pairs["code"].isin(themes) & pairs["excerpt"].isin(said["excerpt"])].drop_duplicates()
    counts = words.groupby("excerpt").size()
    rows = rows.assign(words=rows["excerpt"].map(counts).fillna(0).astype(int))
    off = (least_words - rows["words"]).clip(lower=0) + (rows["words"] - most_words).clip(lower=0)
    rows = rows.assign(
        off=off, cleared=rows["excerpt"].isin(quotable), place=rows["excerpt"].map(_places(said))
    )
    rows = rows.merge(_distinctive(said, words, rows), on=["code", "excerpt"], how="left")
    rows = rows.assign(
        distinctive=rows["distinctive"].fillna(0).astype(int),
        theme=rows["code"].map({code: number for number, code in enumerate(themes)}),
    )
    up = [True, False, True, False, True]
    rows = rows.sort_values(
        ["theme", "cleared", "off", "distinctive", "place"], ascending=up, ignore_index=True
    )
    rank = rows.groupby("code").cumcount().add(1).astype("Int64").where(rows["cleared"])
    return rows.assign(rank=rank)[
        ["code", "excerpt", "rank", "words", "off", "distinctive", "place", "cleared"]
    ]


def _quotations(excerpts: pd.DataFrame) -> pd.DataFrame:
    return excerpts[(excerpts["source"] == "interview") & excerpts["text"].fillna("").str.strip().ne("")]


def _places(excerpts: pd.DataFrame) -> dict[str, int]:
    """The place of each excerpt in print, which no order of rows can change."""
    order = ["printed_in", "position", "excerpt"]
    printed = excerpts.reindex(columns=order).sort_values(order)
    return {excerpt: place for place, excerpt in enumerate(printed["excerpt"], start=1)}


def _distinctive(said: pd.DataFrame, words: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """How many different words of a quotation are distinctive of its theme: `code, excerpt, distinctive`."""
    keys = wording.keyness(wording.counts(said, pairs[["excerpt", "code"]]))
    more = keys["per_thousand"] > keys["per_thousand_elsewhere"]
    keys = keys[more & (keys["excerpts"] > 1) & (keys["log_likelihood"] >= STANDS_OUT)]
    used = words[["excerpt", "word"]].drop_duplicates().merge(pairs[["excerpt", "code"]], on="excerpt")
    hits = used.merge(keys[["code", "word"]], on=["code", "word"])
    return hits.groupby(["code", "excerpt"]).size().rename("distinctive").reset_index()


def chosen(ranking: pd.DataFrame, group: pd.Series, by_hand: pd.DataFrame) -> pd.DataFrame:
    """One quotation for each cell of theme and group that can have one, none in two cells: `code, group,
    excerpt, why`, sorted by code and group.

    `group` is each excerpt's group by its id, blank where the record does not say it; `by_hand` are rows
    `code, group, excerpt` that win over the rule. As many cells as possible have a quotation, and among those
    ways the one is taken in which the places in the cells' orders add up to least. So whatever the rule puts
    before a cell's quotation stands in another cell; `why` says how many there are and what decided.

    Source: the assignment problem, Kuhn (1955), Nav. Res. Logist. Q. 2, 83–97.
    """
    mine = ranking[ranking["cleared"]]
    mine = mine.assign(group=mine["excerpt"].map(group)).dropna(subset="group")
    mine = mine.sort_values(["code", "group", "rank"], ignore_index=True)
    mine = mine.assign(turn=mine.groupby(CELL).cumcount())
    taken = by_hand[[*CELL, "excerpt"]].assign(why=BY_HAND)
    cells, settled = pd.MultiIndex.from_frame(mine[CELL]), pd.MultiIndex.from_frame(taken[CELL])
    free = mine[~cells.isin(settled) & ~mine["excerpt"].isin(taken["excerpt"])]
    given = _given_out(free)
    why = [_why(row, mine, {*given["excerpt"], *taken["excerpt"]}) for row in given.itertuples()]
    rows = pd.concat([given.assign(why=pd.Series(why, given.index, dtype="str")), taken])
    return rows.sort_values(CELL, ignore_index=True)[[*CELL, "excerpt", "why"]]


def _given_out(free: pd.DataFrame) -> pd.DataFrame:
    """The quotations given out to cells: `code, group, excerpt`."""
    if free.empty:
        return free[[*CELL, "excerpt"]]
    turns = free.pivot(index=CELL, columns="excerpt", values="turn").sort_index(axis=1)
    never = float(turns.size)  # more than all turns of a display together: an empty cell comes last
    cells, excerpts = linear_sum_assignment(turns.fillna(never).to_numpy(float))
    pairs = turns.index[cells].to_frame(index=False).assign(excerpt=turns.columns[excerpts])
    return pairs[turns.notna().to_numpy()[cells, excerpts]].reset_index(drop=True)


def _why(row: Any, mine: pd.DataFrame, used: set[str]) -> str:  # noqa: ANN401 - a row of a frame has no type
    """Which place a quotation has in its cell's order, and what put it before the next one that was free."""
    cell = mine[(mine["code"] == row.code) & (mine["group"] == row.group)].reset_index(drop=True)
    here = cell[cell["excerpt"] == row.excerpt].iloc[0]
    if len(cell) == 1:
        return "the only one"
    said = f"{here['turn'] + 1} of {len(cell)} by the rule"
    after = cell[(cell["turn"] > here["turn"]) & ~cell["excerpt"].isin(used)]
    if len(after):
        said += f", for {next(says for key, says in KEYS.items() if after.iloc[0][key] != here[key])}"
    return said + ("; those before it stand in other cells" if here["turn"] else "")


def display(
    counted: pd.DataFrame,
    ranking: pd.DataFrame,
    excerpts: pd.DataFrame,
    pairs: pd.DataFrame,
    group: pd.Series,
    selections: pd.DataFrame,
    themes: Sequence[str],
    by: str,
) -> pd.DataFrame:
    """A joint display: one row a cell of theme and group, with how many and with whose words.

    `counted` comes from `prevalence.count`, and its numbers stand here as they are: excerpts from the least
    to the most, of so many; people, where the record names them, of so many. Then the quotation, its
    speaker's label and its words; where there is none, `why` says what keeps one away.

    Source: Guetterman, Fetters and Creswell (2015), Ann. Fam. Med. 13, 554–561, on joint displays.
    """
    rows = _numbers(counted[counted["code"].isin(themes)], by)
    hand = selections[selections["by"] == by]
    cells = chosen(ranking, group, hand).rename(columns={"group": by})
    rows = rows.astype({by: "str"}).merge(cells, on=["code", by], how="left")
    known = pairs.assign(group=pairs["excerpt"].map(group)).merge(ranking, on=["code", "excerpt"], how="left")
    there = dict(iter(known.groupby(CELL)))
    cells_of = zip(rows["code"], rows[by], rows["excerpts_most"], strict=True)
    silent = [_silent(there.get((code, name)), most) for code, name, most in cells_of]
    words = ranking.drop_duplicates("excerpt").set_index("excerpt")["words"]
    texts = excerpts.set_index("excerpt")
    rows = rows.assign(
        why=rows["why"].where(rows["excerpt"].notna(), pd.Series(silent, rows.index, dtype="str")),
        speaker=rows["excerpt"].map(texts["speaker"]),
        text=rows["excerpt"].map(texts["text"]),
        words=rows["excerpt"].map(words).astype("Int64"),
    )
    return rows[["code", "name", "level", by, *COLUMNS]]


def _numbers(counted: pd.DataFrame, by: str) -> pd.DataFrame:
    """The counts of either unit beside each other, a row a cell, in the order that they came in."""
    if by in {*COLUMNS, "why"}:
        raise ValueError(f'by="{by}" is a column of the result; give the roster another name')
    cell = ["code", "name", "level", by]
    sides = {unit: rows.set_index(cell) for unit, rows in counted.groupby("unit")}
    rows = sides["excerpts"][["least", "most", "denominator"]]
    rows = rows.set_axis(["excerpts_least", "excerpts_most", "excerpts_of"], axis=1)
    people = sides["people"] if "people" in sides else rows.assign(least=pd.NA, denominator=pd.NA)
    return rows.assign(
        people=people["least"].astype("Int64"), people_of=people["denominator"].astype("Int64")
    ).reset_index()


def _silent(known: pd.DataFrame | None, most: int) -> str:
    """Why a cell would have no quotation, of what the record ties to it and the most that may be from it."""
    if known is None:
        return SILENT["unsaid" if most else "none"]
    if known["words"].isna().all():
        return SILENT["notes"]
    return SILENT["elsewhere" if known["cleared"].eq(other=True).any() else "uncleared"]


def groups(excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame, by: str) -> pd.Series:
    """Each excerpt's group by its id, as text, where the record says it.

    Source: `labels.known_group`.
    """
    known = known_group(excerpts, roster, roles, by)
    named = [str(one) if pd.notna(one) else None for one in known]
    return pd.Series(named, pd.Index(excerpts["excerpt"]), dtype="str", name=by)


def every_group(
    excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame, compare: Sequence[str]
) -> pd.DataFrame:
    """The same for several groupings: a row an excerpt by its id, a column a grouping.

    Source: `labels.known_group`.
    """
    known = {by: groups(excerpts, roster, roles, by) for by in compare}
    return pd.DataFrame(known, index=pd.Index(excerpts["excerpt"]))


def shown(
    ranking: pd.DataFrame, known: pd.DataFrame, selections: pd.DataFrame, sheets: pd.DataFrame
) -> pd.DataFrame:
    """Where each quotation is shown: rows `code, excerpt, used_in`, joined by semicolons: `by` a grouping in
    its joint display, or on the `sheet` of the sense-check.

    `known` has each grouping that themes are compared by, and each excerpt's group of it; `sheets` has the
    quotations for the sense-check, as `sensecheck.on_sheets` gives them.

    Source: `chosen`.
    """
    parts = {
        f"by {by.replace('_', ' ')}": chosen(ranking, group, selections[selections["by"] == by])
        for by, group in known.items()
    }
    parts["sheet"] = sheets
    every = pd.concat([rows[["code", "excerpt"]].assign(used_in=name) for name, rows in parts.items()])
    return every.groupby(["code", "excerpt"])["used_in"].agg("; ".join).reset_index()


def book(
    ranking: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    known: pd.DataFrame,
    used: pd.DataFrame,
) -> pd.DataFrame:
    """The quotation book: every quotation under every theme, in the order of the rule.

    Columns `code, name, level, rank, excerpt, speaker, known, text, words, distinctive, cleared, used_in`:
    `known` is what the record says of the speaker beside the label, `cleared` yes or no, `rank` blank where a
    quotation is not cleared. A quotation under two themes stands in either.

    Source: Eldh, Årestedt and Berterö (2020), Int. J. Qual. Methods 19, on what quotations are for.
    """
    speakers = [_known(row) for row in known.loc[ranking["excerpt"]].to_dict("records")]
    texts = excerpts.set_index("excerpt")
    rows = ranking.merge(codebook[["code", "name", "level"]], on="code", how="left")
    rows = rows.merge(used, on=["code", "excerpt"], how="left").assign(
        known=pd.Series(speakers, rows.index, dtype="str"),
        speaker=rows["excerpt"].map(texts["speaker"]),
        text=rows["excerpt"].map(texts["text"]),
        cleared=rows["cleared"].map({True: "yes", False: "no"}),
    )
    return rows[BOOK]


def _known(row: Mapping[str, Any]) -> str:
    said = {by.replace("_", " "): group for by, group in row.items() if isinstance(group, str)}
    return "; ".join(f"{by}: {group}" for by, group in said.items())
