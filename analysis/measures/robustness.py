"""Which conclusions hang on one participant, one coder or one distinction between codes.

A statistic is any function that takes codings and gives a number per conclusion, as a Series whose index
says what is concluded: the share of a code in a group, say. It has to take its denominators from the
codings it is given, or they stay those of everybody. That a conclusion moves when somebody is left out is
no fault of theirs: it says how few people it rests on.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.measures.prevalence import rolled_up

COLUMNS = ["left_out", "conclusion", "all", "without", "change", "rank_all", "rank_without", "why"]
LARGEST_COLUMNS = ["conclusion", "all", *COLUMNS[:1], *COLUMNS[3:7], "times", "why"]
CLOSE = 1e-9
"""Changes smaller than this share of a number are rounding."""

Statistic = Callable[[pd.DataFrame], pd.Series]


def leave_out(codings: pd.DataFrame, column: str, statistic: Statistic) -> pd.DataFrame:
    """The conclusions that move when the codings of one unit are left out, for each value of `column`.

    One row per value and conclusion that moves, as in `moves`; empty where none does. `column` is "coder",
    or one merged to the codings, as in
    `codings.merge(excerpts[["excerpt", "participant"]], on="excerpt")`. Codings with a blank there always
    stay. Where nothing is left without somebody the statistic is not asked, and `why` says so. A
    ValueError says when the column is missing or blank throughout.

    Source: that of `of_codes`.

    >>> codings = pd.DataFrame({"code": ["trust", "trust", "time"], "coder": ["K", "L", "K"]})
    >>> changes = leave_out(codings, "coder", lambda rows: rows["code"].value_counts())
    >>> changes[["left_out", "conclusion", "all", "without", "rank_all", "rank_without"]]
      left_out conclusion  all  without  rank_all  rank_without
    0        K       time  1.0      NaN         2          <NA>
    1        K      trust  2.0      1.0         1             1
    2        L       time  1.0      1.0         2             1
    3        L      trust  2.0      1.0         1             1
    """
    if column not in codings:
        raise ValueError(f'column="{column}" is no column of the codings; they have {", ".join(codings)}')
    units = sorted(codings[column].dropna().unique())
    if len(codings) and not units:
        raise ValueError(f'nobody can be left out: every "{column}" of the codings is blank')
    if not units:
        return moves(pd.Series(dtype=float), pd.Series(dtype=float), "")
    before, found = statistic(codings), []
    for unit in units:
        left = codings[~codings[column].isin([unit])].reset_index(drop=True)
        after = statistic(left) if len(left) else before.iloc[:0]
        changed = moves(before, after, unit)
        found.append(changed if len(left) else changed.assign(why="no coding is left"))
    return pd.concat(found, ignore_index=True)


def of_codes(codings: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """How many people speak of each code, when one participant or coder is left out or two sisters merged.

    People where every coded interview excerpt names its participant, else excerpts. One row per reading and
    code that moves: `reading`, and the columns of `largest`. A code's number is what is concluded, and its
    rank among all codes. Whoever is left out is not named: it is not about them. Empty where there are no
    coders, no participants and no sisters.

    Source: leaving out one unit at a time is the jackknife of Tukey (1958), Ann. Math. Stat. 29, 614, read
    as influence and not as an error.
    """
    spoken = excerpts.loc[excerpts["source"] == "interview"].set_index("excerpt")["participant"]
    named = len(spoken) > 0 and spoken.notna().all()
    rows = codings.assign(participant=codings["excerpt"].map(spoken))
    if named:  # then a person is what an excerpt is else: counted once, however much they say
        rows = rows.dropna(subset="participant").assign(excerpt=lambda one: one["participant"])
    rows = rows.drop_duplicates(["excerpt", "code", "coder", "participant"])

    def counted(some: pd.DataFrame, book: pd.DataFrame = codebook) -> pd.Series:
        return rolled_up(some, book)["code"].value_counts().reindex(book["code"], fill_value=0)

    found = [
        largest(leave_out(rows, one, counted)).assign(reading=f"without one {one}", left_out=one)
        for one in ("participant", "coder")
        if len(rows[one].dropna().unique()) > 1
    ]
    merged = [
        moves(counted(rows).drop(code), counted(*merge(rows, codebook, code, into)), f"{code} into {into}")
        for code, into in _sisters(codebook)
    ]
    if merged:
        found.append(largest(pd.concat(merged)).assign(reading="with two sisters merged"))
    shown = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=LARGEST_COLUMNS)
    return shown.reindex(columns=["reading", *LARGEST_COLUMNS])


def _sisters(codebook: pd.DataFrame) -> list[tuple[str, str]]:
    families = codebook.dropna(subset="parent").groupby("parent")["code"]
    return [pair for _, sisters in families for pair in combinations(sisters, 2)]


def moves(before: pd.Series, after: pd.Series, left_out: str) -> pd.DataFrame:
    """The conclusions whose number or rank differs between two readings of a statistic.

    Columns `left_out, conclusion, all, without, change, rank_all, rank_without, why`, sorted by
    conclusion. `left_out` is the name given to what was done; `change` is without − all. Rank 1 is the
    largest number, and equal numbers share the smaller rank. Where a conclusion has a number in one
    reading only, `change` is blank and `why` says in which. Levels of an index are joined by " × ". A
    ValueError names a conclusion that the statistic draws twice.

    Source: that of `of_codes`.
    """
    numbers = pd.DataFrame({"all": _named(before), "without": _named(after)}, dtype=float)
    ranks = numbers.rank(method="min", ascending=False).astype("Int64").add_prefix("rank_")
    rows = numbers.join(ranks).rename_axis("conclusion").reset_index().sort_values("conclusion")
    same = np.isclose(rows["all"], rows["without"], rtol=CLOSE, atol=0, equal_nan=True)
    same_rank = rows["rank_all"].fillna(0) == rows["rank_without"].fillna(0)
    rows["left_out"], rows["change"] = left_out, rows["without"] - rows["all"]
    rows["why"] = np.select(
        [rows["all"].isna(), rows["without"].isna()], ["no number before", "no number without it"], ""
    )
    return rows.loc[~(same & same_rank), COLUMNS].reset_index(drop=True)


def _named(statistic: pd.Series) -> pd.Series:
    """The statistic by what it concludes, as one text."""
    labels = [
        " × ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in statistic.index
    ]
    named = pd.Series(statistic.to_numpy(dtype=float, na_value=np.nan), pd.Index(labels, dtype="str"))
    again = named.index[named.index.duplicated()]
    if len(again):
        raise ValueError(f'the statistic draws the conclusion "{again[0]}" twice; each has to be there once')
    return named


def largest(changes: pd.DataFrame) -> pd.DataFrame:
    """The largest change of each conclusion that moves, one row per conclusion, sorted.

    The columns of `moves`, and `times`: how many units move the conclusion or its rank. A conclusion that
    is lost altogether is the largest change there is; of equal changes the first by name is shown.

    Source: that of `of_codes`.
    """
    sized = changes.assign(size=changes["change"].abs().fillna(np.inf))
    in_order = sized.sort_values(["conclusion", "size", "left_out"], ascending=[True, False, True])
    rows = in_order.drop_duplicates("conclusion").drop(columns="size")
    times = changes.groupby("conclusion")["left_out"].nunique()
    rows = rows.assign(times=rows["conclusion"].map(times).astype(int)).reset_index(drop=True)
    return rows[LARGEST_COLUMNS]


def merge(
    codings: pd.DataFrame, codebook: pd.DataFrame, code: str, into: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The codings and the codebook with one code merged into another.

    Every coding with `code` becomes one with `into`, once where the same coder had put both on an excerpt;
    subcodes of `code` hang on `into`, and `code` leaves the codebook. To see what that moves, give a
    statistic of both to `moves`. A ValueError says when a code is unknown, merged into itself, or merged
    into one below it.

    Source: that of `of_codes`.
    """
    for name in (code, into):
        if name not in set(codebook["code"]):
            raise ValueError(f'code "{name}" is not in the codebook')
    if code == into:
        raise ValueError(f'code "{code}" cannot be merged into itself')
    if code in _above(into, codebook):
        raise ValueError(f'code "{into}" lies below "{code}"; merge "{into}" into "{code}" instead')
    merged = codings.assign(code=codings["code"].replace(code, into))
    key = [name for name in ("excerpt", "code", "coder") if name in merged]
    again = merged.duplicated(key) & merged["code"].eq(into)
    kept = codebook[codebook["code"] != code]
    return (
        merged[~again].reset_index(drop=True),
        kept.assign(parent=kept["parent"].replace(code, into)).reset_index(drop=True),
    )


def _above(code: str, codebook: pd.DataFrame) -> list[str]:
    parents = codebook.dropna(subset="parent").set_index("code")["parent"]
    above = []
    while code in parents and parents[code] not in above:
        code = parents[code]
        above.append(code)
    return above
