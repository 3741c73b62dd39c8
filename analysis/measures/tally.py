"""Counting where the excerpts live: in memory, in files larger than memory, or on a cluster.

Whatever the size of a study, its tables of themes rest on few numbers: how many people of a group have so
many excerpts, and so many of them under a code. The functions of this module ask for just that, in
narwhals, which pandas, DuckDB and Spark all answer. What comes back is small, in memory, and the same from
each of them.

The codes that an excerpt stands under are kept in a whole number, as many digits of it for each code as it
takes to count the excerpts of a person. So a coding is touched once, and who is alike is found by numbers.

Excerpts of one kind cannot be told apart: they name a participant or not, whose `group` is the same, they
come from the same `source`, and where the group is open the same label, `speaker`, stands beside them.
"""

from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
import pandas as pd

from analysis.frames import Table, beside, collected, lazy, united
from analysis.measures.labels import group_of_participants

KIND = ["named", "group", "source", "speaker"]
"""What an excerpt is like, as far as its place is concerned."""
DIGITS = 52
"""Binary digits that all engines keep in a number whatever they reckon with."""
PIECE = 12
"""Binary digits that are counted at once: few enough that many people have the same."""


def kinds(excerpts: Table, roster: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many people have how many excerpts of each kind: `named, group, source, speaker, said, people`.

    `group` is the participant's group of `by`, a column of the roster; excerpts in an engine bring it along.
    Each excerpt that names nobody counts as that of a person of its own.

    Source: a plain count.
    """
    each = placed(excerpts, roster, by).group_by("who", *KIND).agg(said=nw.len())
    return collected(each.group_by(*KIND, "said").agg(people=nw.len()))


def number(spoken: pd.DataFrame) -> pd.DataFrame:
    """How many `excerpts` are of each kind, from what `kinds` gives.

    Source: plain arithmetic.
    """
    excerpts = (spoken["said"] * spoken["people"]).rename("excerpts")
    rows = excerpts.groupby([spoken[name] for name in KIND], dropna=False).sum().reset_index()
    return rows.astype(spoken[KIND].dtypes)  # where all are blank, grouping forgets what they are


def under_codes(
    excerpts: Table,
    codings: Table,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    by: str,
    spoken: pd.DataFrame,
) -> pd.DataFrame:
    """How many people have how many of their excerpts under each code: `code`, a kind, `here, said, people`.

    `here` of the `said` excerpts of each of so many `people` stand under the code, its subcodes included,
    each once however many coders and subcodes put it there. People with none of their excerpts under a code
    have no row. `spoken` is what `kinds` gives of the same excerpts.

    Source: a plain count.
    """
    each, coded = _numbered(placed(excerpts, roster, by), codings)
    digits = Digits.of(codebook, int(spoken["said"].max()) if len(spoken) else 1)
    marked = each.join(digits.on_excerpts(coded), on="excerpt", how="left")
    sums = [nw.col(column).sum() for column in digits.columns]
    people = marked.group_by("who", *KIND).agg(nw.len().alias("said"), *sums)
    pieces = digits.pieces()
    parts = people.select(*KIND, "said", **pieces).unpivot(
        on=[*pieces], index=[*KIND, "said"], variable_name="piece", value_name="digits"
    )
    sorts = parts.filter(nw.col("digits") > 0).group_by("piece", "digits", *KIND, "said")
    rows = digits.read(collected(sorts.agg(people=nw.len())))
    found = rows.groupby(["code", *KIND, "here", "said"], dropna=False)["people"].sum().reset_index()
    return found.astype(rows[KIND].dtypes)  # where all are blank, grouping forgets what they are


def together(codings: Table, codebook: pd.DataFrame, of: Table | None = None) -> pd.DataFrame:
    """Which codes stand together, and how often: a column for each code, true or false, and `n`.

    A row is a set of codes, subcodes counted for the codes above them, and `n` the excerpts that stand under
    just these; with `of`, pairs `excerpt, who`, it is those who speak of just these. What stands under no
    code has no row.

    Source: a plain count.
    """
    coded = lazy(codings).select("excerpt", "code")
    digits = Digits.of(codebook, 1)
    if of is not None:
        coded = coded.join(lazy(of), on="excerpt").select("code", excerpt="who")
    marked = digits.on_excerpts(coded).group_by(digits.columns).agg(n=nw.len())
    rows = collected(marked)
    return digits.held(rows).assign(n=rows["n"])


def placed(excerpts: Table, roster: pd.DataFrame, by: str) -> nw.LazyFrame:
    """Each excerpt with its kind and with `who` speaks, itself where nobody is named: `excerpt, who`, a kind.

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
        "group",
        "source",
        who=nw.coalesce("participant", "excerpt"),
        named=~nw.col("participant").is_null(),
        speaker=nw.when(told).then("speaker"),
    )


@dataclass(frozen=True)
class Digits:
    """Numbers that count for each code: `width` binary digits a code, a few codes a piece, and columns of
    pieces; one at least, as engines cannot group by none. `marks` has the digits that a coding sets, for its
    code and for those above."""

    codes: list[object]
    width: int
    marks: pd.DataFrame

    @classmethod
    def of(cls, codebook: pd.DataFrame, most: int) -> "Digits":
        """Digits for all codes of the codebook, to count up to `most`."""
        digits = cls([*codebook["code"]], max(most.bit_length(), 1), pd.DataFrame())
        places = {code: digits.place(number) for number, code in enumerate(digits.codes)}
        columns = [*dict.fromkeys(column for column, _ in [digits.place(0), *places.values()])]
        marks = {code: dict.fromkeys(columns, 0) for code in digits.codes}
        for code, chain in chains(codebook).items():
            for column, shift in map(places.get, chain):
                marks[code][column] += 2**shift
        rows = pd.DataFrame([*marks.values()], columns=columns, dtype="int64")
        rows.insert(0, "code", codebook["code"].array)
        return replace(digits, marks=rows)

    @property
    def each(self) -> int:
        """How many codes a piece has."""
        return max(PIECE // self.width, 1)

    @property
    def columns(self) -> list[str]:
        """The columns of numbers."""
        return [name for name in self.marks if name != "code"]

    def place(self, number: int) -> tuple[str, int]:
        """The column of a code, by its place in the codebook, and how many digits up it stands there."""
        piece, inside = divmod(number, self.each)
        column, up = divmod(piece, DIGITS // (self.each * self.width))
        return f"digits_{column}", (up * self.each + inside) * self.width

    def held(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Whether the digits of each code, which count up to 1, are set: rows × codes, of rows of numbers."""
        places = {code: self.place(number) for number, code in enumerate(self.codes)}
        return pd.DataFrame(
            {code: rows[column] // 2**shift % 2 == 1 for code, (column, shift) in places.items()},
            rows.index,
        )

    def on_excerpts(self, coded: nw.LazyFrame) -> nw.LazyFrame:
        """The digits of all codes that an excerpt stands under, of pairs `excerpt, code`."""
        return united(coded.join(beside(self.marks, coded), on="code"), "excerpt", self.columns)

    def pieces(self) -> dict[str, nw.Expr]:
        """The digits of each piece, by its number."""
        found = {}
        for number in range(0, max(len(self.codes), 1), self.each):
            column, shift = self.place(number)
            digits = nw.col(column).fill_null(0).cast(nw.Int64)
            found[str(number // self.each)] = digits // 2**shift % 2 ** (self.each * self.width)
        return found

    def read(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with `code` and `here`, what its digits count, for each code of a piece with any."""
        shifts = np.arange(self.each) * self.width
        here = rows["digits"].to_numpy()[:, None] // 2**shifts % 2**self.width  # rows × codes of the piece
        row, inside = np.nonzero(here)
        some = rows.iloc[row].reset_index(drop=True)
        codes = pd.Series(self.codes).take(some["piece"].astype(int) * self.each + inside).to_numpy()
        return some.assign(here=here[row, inside], code=codes).drop(columns=["piece", "digits"])


def chains(codebook: pd.DataFrame) -> dict[object, list[object]]:
    """Each code with itself and every code above it.

    Source: the codebook.
    """
    parent = dict(zip(codebook["code"], codebook["parent"], strict=True))
    chains = {}
    for code in parent:
        chains[code], above = [], code
        while above in parent and above not in chains[code]:
            chains[code].append(above)
            above = parent[above]
    return chains


def _numbered(each: nw.LazyFrame, codings: Table) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Numbers for ids, in memory only: pandas joins numbers several times as fast as texts."""
    coded = lazy(codings).select("excerpt", "code")
    if not each.implementation.is_pandas():
        return each, coded
    rows, put = each.collect().to_native(), coded.collect().to_native()
    place = pd.Index(rows["excerpt"]).get_indexer(put["excerpt"])
    rows = rows.assign(excerpt=np.arange(len(rows)), who=pd.factorize(rows["who"])[0])
    return lazy(rows), lazy(put.assign(excerpt=place))
