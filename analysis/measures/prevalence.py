"""How often a code stands in each group, in excerpts and in people."""

from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from analysis.frames import Table, beside, lazy
from analysis.measures import tally
from analysis.measures.bounds import Placement, one_by_one
from analysis.measures.intervals import clustered, wilson
from analysis.measures.tally import KIND

COLUMNS = [
    "code",
    "name",
    "level",
    "unit",
    "least",
    "most",
    "expected",
    "denominator",
    "share",
    "share_of_code",
    "people",
    "low",
    "high",
]


def rolled_up(codings: Table, codebook: pd.DataFrame) -> Table:
    """Which excerpts stand under which code, its subcodes included: pairs `excerpt, code`, each once, where
    the codings live.

    An excerpt counts once for a code, however many coders or subcodes put it there.

    Source: the codebook.
    """
    steps = [(code, above) for code, chain in tally.chains(codebook).items() for above in chain]
    known = pd.DataFrame(steps, columns=["code", "above"]).astype(codebook["code"].dtype)
    coded = lazy(codings).select("excerpt", "code")
    pairs = coded.join(beside(known, coded), on="code").select("excerpt", code="above").unique()
    return pairs if isinstance(codings, nw.LazyFrame) else pairs.collect().to_native().reset_index(drop=True)


def excerpts_behind(code: str, codings: pd.DataFrame, codebook: pd.DataFrame) -> list[str]:
    """The ids of the excerpts counted for a code, sorted.

    Source: a plain list.
    """
    pairs = rolled_up(codings, codebook)
    return sorted(pairs.loc[pairs["code"] == code, "excerpt"])


@dataclass(frozen=True)
class Behind:
    """The excerpts behind a number: those that `are` of the group, and those whose group is `open`.

    Which of the open ones may be of the group is not told: that could tie a single quotation to a few
    groups that the record does not print.
    """

    are: list[str]
    open: list[str]


def behind(
    placement: Placement,
    excerpts: pd.DataFrame,
    roster: pd.DataFrame,
    pairs: pd.DataFrame,
    code: str,
    group: str,
) -> Behind:
    """The ids of the excerpts behind a code in a group, sorted; every open one under the code is listed.

    `placement` is that of `excerpts`, `pairs` are `excerpt, code` as `rolled_up` gives them.

    Source: `bounds.place`.
    """
    under = excerpts[excerpts["excerpt"].isin(pairs.loc[pairs["code"] == code, "excerpt"])]
    placed = one_by_one(placement, under.sort_values("excerpt"), roster)
    possible, several = placed.possible, placed.several
    return Behind([*possible.index[possible[group] & ~several]], [*several.index[several]])


def by_participant(
    excerpts: pd.DataFrame, codings: pd.DataFrame, codebook: pd.DataFrame, roster: pd.DataFrame
) -> pd.DataFrame:
    """One row per participant of the roster and one column per code: 1 if they spoke of it, else 0.

    `participant`, then the codes in the order of the codebook. Who speaks of a subcode speaks of the codes
    above it, and one coder who says so is enough. Field notes are nobody's words. No rows at all where no
    excerpt names its participant, as zeros would then say what nobody knows; people without any excerpt have
    a row of zeros, printed groups have none.

    Source: a plain count.
    """
    spoken = excerpts[excerpts["source"] == "interview"].dropna(subset="participant")
    people = pd.Index(roster["participant"].dropna() if len(spoken) else [], name="participant", dtype="str")
    said = rolled_up(codings, codebook).merge(spoken[["excerpt", "participant"]], on="excerpt")
    rows = pd.crosstab(said["participant"], said["code"]).gt(0).astype(int)
    rows = rows.reindex(index=people, columns=codebook["code"].tolist(), fill_value=0)
    return rows.rename_axis(columns=None).reset_index()


def above_subthemes(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of everything but subthemes, to be shown at a glance.

    Source: the levels of the codebook.
    """
    return rows[rows["level"] != "subtheme"].reset_index(drop=True)


def count(
    placement: Placement,
    excerpts: Table,
    codings: Table,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    confidence: float | None = 0.95,
) -> pd.DataFrame:
    """One row per code × group × unit, zeros included, in the order of the codebook.

    `least` and `most` are the bounds of the count, `expected` the model's number; where the record
    says everything the three are one. `denominator` is the group's excerpts, or its people; blank
    where the record leaves it open, and `share` with it. `share_of_code` is the group's part of all that
    stands under the code, blank where any group's is open.

    `low` and `high` are an interval for the share, where the record names every speaker: Wilson's for
    people, who count once; for excerpts one that resamples their speakers, since excerpts of one person
    are not independent. `people` is how many people it rests on, those listed or those who speak. Quotations
    of unnamed speakers get none: chosen for print, they are no sample. Without `confidence` nothing gets one.

    `expected` is blank where it hangs on a field note or one open excerpt, and a narrow placement is counted
    for dimensions and themes only: a row must not tell where one quotation is from.

    `excerpts` and `codings` may live in an engine: only what `tally` asks comes into memory.

    Sources: `bounds.place`, `intervals.wilson` and `intervals.clustered`.
    """
    if placement.by in COLUMNS:
        raise ValueError(f'by="{placement.by}" is a column of the result; give the roster another name')
    tallied = tally.under_codes(excerpts, codings, codebook, roster, placement.by, placement.spoken)
    rows = _with_people(
        _in_excerpts(placement, tallied, codebook["code"]), placement, tallied, roster, confidence
    )
    rows = _in_codebook_order(rows, codebook, placement.by)
    rows["share"], rows["share_of_code"] = _of_group(rows), _of_code(rows)
    shown = _broad(rows, codebook) if placement.narrow else rows
    return shown.reset_index(drop=True).reindex(columns=[*COLUMNS[:3], placement.by, *COLUMNS[3:]])


def _with_people(
    rows: pd.DataFrame,
    placement: Placement,
    tallied: pd.DataFrame,
    roster: pd.DataFrame,
    confidence: float | None,
) -> pd.DataFrame:
    """The rows with intervals and with those of people, if the group of every speaker is known."""
    spoken = placement.spoken[placement.spoken["source"] == "interview"]
    if spoken.empty or spoken["group"].isna().any():
        return rows
    said, codes = tallied[tallied["source"] == "interview"], rows["code"].drop_duplicates()
    if confidence is not None:
        rows = rows.merge(_resampled(said, spoken, codes, placement.by, confidence), how="left")
    return pd.concat([rows, _in_people(placement, said, codes, roster, confidence)])


def _of_group(rows: pd.DataFrame) -> pd.Series:
    """The part of a group that stands under the code, where the count is exact and the group's size known."""
    counted = rows["denominator"].where((rows["least"] == rows["most"]) & (rows["denominator"] > 0))
    return rows["least"] / counted.astype(float)


def _of_code(rows: pd.DataFrame) -> pd.Series:
    """Each group's part of what stands under the code, where every group's count is exact."""
    whole = rows.assign(open=rows["least"] != rows["most"]).groupby(["code", "unit"])
    total = whole["least"].transform("sum").astype(float)
    return rows["least"] / total.where((total > 0) & ~whole["open"].transform("any"))


def _in_codebook_order(rows: pd.DataFrame, codebook: pd.DataFrame, by: str) -> pd.DataFrame:
    order = {code: place for place, code in enumerate(codebook["code"])}
    return rows.merge(codebook[["code", "name", "level"]], on="code").sort_values(
        ["code", by, "unit"],
        key=lambda column: column.map(order) if column.name == "code" else column,
        ignore_index=True,
    )


def _broad(rows: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """The rows of dimensions and themes; where the codebook has no levels, of codes with subcodes."""
    has_subcodes = rows["code"].isin(codebook["parent"])
    return rows[rows["level"].isin(["dimension", "theme"]) | (rows["level"].isna() & has_subcodes)]


def _in_excerpts(placement: Placement, tallied: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    """What stands under each code in excerpts: an excerpt counts where its kind may be from."""
    kinds = placement.kinds.rename_axis("kind").reset_index()[["kind", *KIND]]
    number = tallied.assign(n=tallied["here"] * tallied["people"]).merge(kinds, on=KIND)
    under = number.groupby(["code", "kind"])["n"].sum().unstack(fill_value=0)
    under = under.reindex(index=pd.Index(codes, name="code"), columns=placement.kinds.index, fill_value=0)

    def summed(values: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(under.to_numpy(float) @ values.to_numpy(float), under.index, values.columns)

    possible, several = placement.possible, placement.several
    rows = pd.DataFrame(
        {
            "least": summed(possible.mul(~several, axis=0)).stack().astype(int),
            "most": summed(possible).stack().astype(int),
            "expected": summed(placement.chance.fillna(0)).stack(),
        }
    ).rename_axis(["code", placement.by])
    hangs = summed(pd.DataFrame({"open": several, "no chance": placement.chance.isna().any(axis=1)}))
    unsaid = (hangs["no chance"] > 0) | (hangs["open"] == 1)
    rows.loc[unsaid[unsaid].index.tolist(), "expected"] = float("nan")
    sizes = pd.Series(pd.NA, possible.columns) if several.any() else placement.most
    rows = rows.reset_index()
    return rows.assign(unit="excerpts", denominator=rows[placement.by].map(sizes).astype("Int64"))


def _in_people(
    placement: Placement,
    said: pd.DataFrame,
    codes: pd.Series,
    roster: pd.DataFrame,
    confidence: float | None,
) -> pd.DataFrame:
    """A person counts once for a code, however often they say it."""
    groups = placement.possible.columns.rename(placement.by)
    counts = said.groupby(["code", "group"])["people"].sum().unstack(fill_value=0)
    counts = counts.reindex(index=pd.Index(codes, name="code"), columns=groups, fill_value=0)
    rows = counts.stack().rename("least").reset_index()
    sizes = roster.groupby(placement.by)["n"].sum().reindex(groups, fill_value=0)
    total = rows[placement.by].map(sizes).astype("Int64")
    rows = rows.assign(unit="people", most=rows["least"], expected=rows["least"].astype(float))
    rows = rows.assign(denominator=total, people=total)
    return rows if confidence is None else rows.join(wilson(rows["least"], total, confidence))


def _resampled(
    said: pd.DataFrame, spoken: pd.DataFrame, codes: pd.Series, by: str, confidence: float
) -> pd.DataFrame:
    """The intervals for shares of excerpts: `code`, the grouping, `unit, people, low, high`."""
    found = clustered(said, spoken, [*codes], confidence)
    people = found["group"].map(spoken.groupby("group")["people"].sum()).astype("Int64")
    found = found.rename(columns={"group": by}).assign(unit="excerpts", people=people)
    return found[["code", by, "unit", "people", "low", "high"]]
