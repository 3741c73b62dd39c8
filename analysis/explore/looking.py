"""What the screen shows of a study: the measures of the notebooks, kept as long as they are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd
from IPython.display import Markdown

from analysis.explore.views import View
from analysis.measures import bounds, calibration, codes, prevalence, wording
from analysis.measures.within import Part, chosen, grouped, part, place
from analysis.outputs import calibrated, quotations, reading
from analysis.outputs.sentences import alike, counted
from analysis.study import Study

KEPT = 4
"""How many ways of looking are kept, so that going back takes no time."""
MOST = 500
"""Rows of a table that are shown at once; more would be slow to draw, and nobody reads them."""
NUMBERS = ["denominator", "share", "low", "high", "people", "share_of_code", "holds"]
"""What the table says of each count, an interval beside its share."""
FEW = 30
"""Values of an attribute that can be told apart in a list of boxes."""


@dataclass(frozen=True)
class Map:
    """A heat map: its caption, the head of its first column, rows, columns, and the cells of each row."""

    caption: str
    corner: str
    rows: list[dict[str, object]]
    columns: list[dict[str, str]]
    cells: list[list[dict[str, object]]]


class Looking:
    """A study that is looked at. Nothing here shows anything, and what it gives depends on the view alone."""

    def __init__(self, record: Study) -> None:
        self.record = record
        self.part = lru_cache(KEPT)(self._part)
        self.read = lru_cache(KEPT)(self._read)
        self.placed = lru_cache(KEPT)(self._placed)
        self.pairs = lru_cache(KEPT)(self._pairs)
        self.counted = lru_cache(KEPT)(self._counted)

    @cached_property
    def tree(self) -> pd.DataFrame:
        """The codes in reading order, see `codes.tree`."""
        return codes.tree(self.record.codebook, self.record.whole.codings)

    @cached_property
    def upper(self) -> list[str]:
        """The codes to begin with: the upper levels, or all of a codebook that has none below."""
        broad = self.tree[(self.tree["level"] != "subtheme") & (self.tree["depth"] < 2)]  # noqa: PLR2004 - two levels
        return [*broad["code"]]

    @cached_property
    def attributes(self) -> dict[str, list[str]]:
        """What people can be filtered by: the values of each attribute that has few."""
        roster = self.record.roster
        names = [name for name in quotations.attributes_of(roster) if name != "role"]
        values = {name: sorted({*roster[name].dropna().astype(str)}) for name in names}
        return {name: found for name, found in values.items() if len(found) <= FEW}

    @cached_property
    def said(self) -> pd.DataFrame:
        """Every excerpt with its speaker, see `quotations.with_speakers`, by its id."""
        record = self.record
        people = (record.codebook, record.roster, record.roles)
        rows = quotations.with_speakers(record.excerpts, record.codings, *people)
        return rows.set_index("excerpt", drop=False)

    def sentences(self, view: View) -> list[str]:
        """What is looked at, what is left out, and what the record cannot say."""
        here, rows = self.part(view.within), self.counted(view.by, view.within)
        people = int(here.roster["n"].sum())
        sampled = self.record.sampled
        told = [reading.part(grouped(view.within), here.unsaid, here.number, people, sampled)]
        if self.record.simulated:
            told.insert(0, Markdown("Simulated: its people are invented, and so is what they say."))
        if not view.codes:
            told.append(Markdown("No code is ticked, so all are shown."))
        if view.by == "role_group" and (notes := self.notes(view)):
            told.append(Markdown(f"{notes} of the excerpts are field notes, which belong to no role group."))
        if not here.number:
            pass  # of nothing there is nothing to be said
        elif rows.empty or view.unit == "excerpts":
            told.append(reading.themes(rows, view.by))
        elif view.unit not in {*rows["unit"]}:
            told.append(reading.unit(rows, view.unit))
        return [one.data for one in told]

    def notes(self, view: View) -> int:
        """How many field notes are looked at."""
        kinds = self.placed(view.by, view.within).kinds
        return int(kinds.loc[kinds["source"] == "field notes", "excerpts"].sum())

    def map(self, view: View) -> Map:
        """The heat map of a view: counts, or ranges where the record leaves them open."""
        rows = chosen(self.counted(view.by, view.within), view.codes, view.unit)
        listed = self.part(view.within).roster[view.by].astype("str")
        groups = rows.groupby(view.by)[["most"]].sum()
        shown = [name for name in groups.index if groups.loc[name, "most"] or name in {*listed}]
        rows = rows[rows[view.by].isin(shown)]
        depths = self.tree.set_index("code")["depth"]
        heads = rows.drop_duplicates("code")
        first = depths.reindex(heads["code"]).min() if len(heads) else 0
        group = alike(view.by)
        return Map(
            caption=f"{view.unit.capitalize()} under each code, by {group}. Press a cell to see behind it.",
            corner="code",
            rows=[
                {"id": row.code, "name": row.name, "depth": int(depths[row.code] - first)}
                for row in heads[["code", "name"]].itertuples(index=False)
            ],
            columns=[_column(name, rows[rows[view.by] == name], view.unit) for name in shown],
            cells=[_cells(of_code, view) for _, of_code in rows.groupby("code", sort=False)],
        )

    def numbers(self, view: View) -> pd.DataFrame:
        """The table of a view with its intervals, and how far these hold."""
        here = self.part(view.within)
        coded = (here.excerpts, here.codings, self.record.codebook, here.roster)
        counted = prevalence.count(self.placed(view.by, view.within), *coded)
        rows = chosen(calibration.of_shares(counted, calibrated()), view.codes, view.unit)
        exact = rows["least"].eq(rows["most"]).all()
        kept = ["name", view.by, "least", *([] if exact else ["most", "expected"]), *NUMBERS]
        names = {"name": "code"} | ({"least": "count"} if exact else {})
        return rows[kept].dropna(axis=1, how="all").rename(columns=names)

    def behind(self, view: View, code: str, group: str) -> tuple[str, pd.DataFrame]:
        """The excerpts behind a cell, with who speaks, and a sentence on what they are."""
        placed, here = self.placed(view.by, view.within), self.read(view.within).excerpts
        found = prevalence.behind(placed, here, self.record.roster, self.pairs(view.within), code, group)
        name = self.record.codebook.set_index("code")["name"][code]
        of = " of the sample" if self.record.sampled else ""
        said = f"“{name}”, {alike(view.by)} {group}: {counted(len(found.are), 'excerpt')}{of}."
        if found.open:
            said += (
                f" Of {len(found.open)} more under this code the record does not say the group. They are "
                "listed for every group alike, since which of them may be from here is nobody's to guess."
            )
        ids = [*found.are, *found.open]
        return said + _first(len(ids)), self.said.loc[ids[:MOST]]

    def places(self, view: View) -> tuple[str, pd.DataFrame]:
        """Where the words of the view's phrase stand in the texts, and a sentence on how many places."""
        here = self.read(view.within).excerpts
        rows = wording.found(here, view.phrase)
        places, where = len(rows), rows["excerpt"].nunique()
        said = f"{counted(places, 'place')} in {counted(where, 'excerpt')}"
        about = self.said.drop(columns=["excerpt", "text", "source", "codes"], errors="ignore")
        about = about.rename(columns={name: f"{name} of the participant" for name in rows.columns[1:]})
        said += ", field notes aside. Words are found where they begin."
        return said + _first(places), rows.head(MOST).join(about, on="excerpt")

    def _part(self, within: Sequence[str]) -> Part:
        record = self.record
        whole = record.whole
        return part(whole.excerpts, whole.codings, record.roster, record.roles, grouped(within))

    def _read(self, within: Sequence[str]) -> Part:
        """What of a part is there to be read: all of it, or of a study in an engine a sample."""
        record = self.record
        if not record.sampled:
            return self.part(within)
        return part(record.excerpts, record.codings, record.roster, record.roles, grouped(within))

    def _placed(self, by: str, within: Sequence[str]) -> bounds.Placement:
        return place(self.part(within), self.record.roster, self.record.roles, by)

    def _pairs(self, within: Sequence[str]) -> pd.DataFrame:
        return prevalence.rolled_up(self.read(within).codings, self.record.codebook)

    def _counted(self, by: str, within: Sequence[str]) -> pd.DataFrame:
        here = self.part(within)
        coded = (here.excerpts, here.codings, self.record.codebook, here.roster)
        return prevalence.count(self.placed(by, within), *coded, confidence=None)


def _first(rows: int) -> str:
    """What is said where there are more rows than are shown at once."""
    return f" The first {MOST} are listed." if rows > MOST else ""


def _column(name: str, rows: pd.DataFrame, unit: str) -> dict[str, str]:
    sizes = rows["denominator"].dropna()
    size = f"N = {sizes.iloc[0]}" if len(sizes) else "N not known"
    return {"id": str(name), "name": str(name), "note": size if unit == "excerpts" else f"{size} people"}


def _cells(rows: pd.DataFrame, view: View) -> list[dict[str, object]]:
    """The cells of one code, shaded by their share of the group, by their count where no share is known."""
    return [_cell(row, view) for row in rows.to_dict("records")]


def _cell(row: dict[str, object], view: View) -> dict[str, object]:
    exact = row["least"] == row["most"]
    text = str(row["least"]) if exact else f"{row['least']}–{row['most']}"
    known = pd.notna(row["denominator"])
    of = f" of {row['denominator']}" if known else ""
    label = f"{row['name']}, {row[view.by]}: {text}{of} {view.unit}"
    share = float(row["share"]) if pd.notna(row["share"]) else 0.0
    return {"text": text, "shade": share if exact and known else None, "label": label}
