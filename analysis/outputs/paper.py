"""The tables of a paper: one definition each, written in every format by `formats`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from analysis.measures.sample import NOT_STATED

APPENDIX = "Table A1"


@dataclass(frozen=True)
class PaperTable:
    """A table as a paper prints it.

    `frame` holds every cell as text and is what the CSV says. Where `section` names its first column,
    that column becomes a heading over the rows that share it; other leading columns in `merged` are
    printed once for the rows that repeat them. `widths` says how wide columns are against each other.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    headings: tuple[str, ...]
    section: str | None = None
    merged: tuple[str, ...] = ()
    note: str = ""
    widths: tuple[float, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns that are printed as such."""
        return [column for column in self.frame if column != self.section]

    def shares(self) -> list[float]:
        """The share of the table's width that each printed column has."""
        widths = self.widths or (1.0,) * len(self.columns)
        return [width / sum(widths) for width in widths]

    def blocks(self) -> list[tuple[str, pd.DataFrame]]:
        """The heading of each section, blank where there is none, and its rows."""
        if self.section is None or (self.frame[self.section] == "").all():
            return [("", self.frame[self.columns])]
        sections = self.frame[self.section]
        head = f"{self.section.capitalize()}: " + sections
        heads = head.where(sections != "", f"Without a {self.section}")
        parts = self.frame.groupby(heads.ne(heads.shift()).cumsum())
        return [(heads[rows.index[0]], rows[self.columns]) for _, rows in parts]


def spans(rows: pd.DataFrame, column: str, merged: tuple[str, ...]) -> list[int]:
    """How many rows each cell of the column covers: 0 where the cell above covers it."""
    if column not in merged:
        return [1] * len(rows)
    starts = rows[column].ne(rows[column].shift())
    lengths = starts.cumsum().map(starts.cumsum().value_counts())
    return lengths.where(starts, 0).astype(int).tolist()


def excerpt_tables(
    codebook: pd.DataFrame, codings: pd.DataFrame, excerpts: pd.DataFrame, captions: dict[str, str]
) -> list[PaperTable]:
    """A table for each code at the top: its themes, their subthemes, the excerpts and who speaks."""
    tops = codebook[codebook["parent"].isna()]
    coded = _in_printed_order(codebook, codings, excerpts)
    coded["path"] = coded["code"].map(lambda code: path_to(code, codebook))
    names = codebook.set_index("code")["name"].to_dict()
    return [
        PaperTable(
            name=slug(printed),
            caption=f"{printed}. {captions.get(printed, top.name)}",
            frame=_printed_rows(rows, codebook),
            headings=("Subtheme", "Excerpt", "Speaker"),
            section="theme",
            merged=("subtheme",),
            note=_inferred_note(rows, names),
            widths=(0.25, 0.55, 0.2),
        )
        for top, printed in zip(tops.itertuples(), _printed_in(tops), strict=True)
        for rows in [coded[coded["path"].str[0] == top.code]]
    ]


def _printed_rows(coded: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """What is printed of coded excerpts: deeper codes than a subtheme are joined to it by a dash.

    A code right below the top is a theme if its level says so or if it has subcodes.
    """
    names = codebook.set_index("code")["name"].to_dict()
    themes = {*codebook.loc[codebook["level"] == "theme", "code"], *codebook["parent"].dropna()}
    below = coded["path"].str[1:]
    split = below.map(lambda path: (path[:1], path[1:]) if path[:1] and path[0] in themes else ([], path))
    return pd.DataFrame(
        {
            "theme": split.map(lambda parts: "".join(names[code] for code in parts[0])),
            "subtheme": split.map(lambda parts: " – ".join(names[code] for code in parts[1])),
            "excerpt": coded["text"].fillna(""),
            "speaker": coded["speaker"].fillna(""),
        },
        dtype="str",
    ).reset_index(drop=True)


class Planned(Protocol):
    """What of a study its plan hangs on."""

    compare: tuple[str, ...]
    site: str
    codebook: pd.DataFrame


def plan_names(study: Planned) -> dict[str, Sequence[str]]:
    """What {grouping}, {site} and {table} stand for in the plan."""
    return {"grouping": study.compare, "site": [study.site], "table": table_names(study.codebook)}


def table_names(codebook: pd.DataFrame) -> list[str]:
    """The names of all tables of the paper: one for each code at the top, and the appendix."""
    return [*map(slug, _printed_in(codebook[codebook["parent"].isna()])), slug(APPENDIX)]


def _printed_in(tops: pd.DataFrame) -> list[str]:
    """The table of each code at the top, each its own: the printed name, else the next free number."""
    taken = {slug(APPENDIX)}
    tables = []
    for printed in tops["printed_in"]:
        numbered = (f"Table {n}" for n in range(1, len(tops) + 2))
        ours = [printed] if isinstance(printed, str) else []
        free = next(name for name in (*ours, *numbered) if slug(name) and slug(name) not in taken)
        taken.add(slug(free))
        tables.append(free)
    return tables


def path_to(code: str, codebook: pd.DataFrame) -> list[str]:
    """The codes from the top down to the code itself."""
    above = codebook.dropna(subset="parent").set_index("code")["parent"]
    path = [code]
    while path[0] in above.index:
        path.insert(0, above[path[0]])
    return path


def appendix(
    roster: pd.DataFrame,
    interviews: pd.DataFrame,
    site: str,
    captions: dict[str, str],
    choices: dict[str, Any],
) -> PaperTable:
    """Who was interviewed: a row a site, a column a service, the phrases of a cell joined by "; "."""
    rows = roster.assign(head=_heads(roster, choices.get("columns", [])))
    rows[site] = rows[site].fillna(NOT_STATED)
    cells = _phrases(rows, site).groupby([site, "head"])["as_printed"].agg("; ".join).unstack(fill_value="")
    cells = cells[[*dict.fromkeys(rows["head"])]].sort_index()
    printed = interviews.set_index(site)["as_printed"]
    first = choices.get("rows", site.capitalize())
    locality = [
        "; ".join([f"{site.capitalize()} {name}", *printed.reindex([name]).dropna()]) for name in cells.index
    ]
    frame = cells.rename_axis(None, axis=1).reset_index(drop=True)
    frame.insert(0, first, locality)
    caption = f"{APPENDIX}. {captions.get(APPENDIX, 'Interviewees')}"
    return PaperTable(slug(APPENDIX), caption, frame, headings=tuple(frame.columns))


def _phrases(rows: pd.DataFrame, site: str) -> pd.DataFrame:
    """The phrases as printed; people without one are counted by their role."""
    rows = rows.assign(role=rows["role"].fillna("interviewees"))
    bare = (
        rows[rows["as_printed"].isna()].groupby([site, "head", "role"], sort=False, as_index=False)["n"].sum()
    )
    bare["as_printed"] = bare["n"].astype(str) + " " + bare["role"]
    return pd.concat([rows[rows["as_printed"].notna()], bare])


def _heads(roster: pd.DataFrame, columns: list[str]) -> pd.Series:
    if not columns:
        return pd.Series("Interviewees", roster.index)
    head, *aside = (roster[column].fillna(NOT_STATED) for column in columns)
    return head + " (" + aside[0] + ")" if aside else head


def _in_printed_order(codebook: pd.DataFrame, codings: pd.DataFrame, excerpts: pd.DataFrame) -> pd.DataFrame:
    order = {code: place for place, code in enumerate(codebook["code"])}
    coded = codings.drop_duplicates(["excerpt", "code"]).merge(
        excerpts.drop(columns="note", errors="ignore"), on="excerpt"
    )
    places = coded.assign(place=coded["code"].map(order))
    return places.sort_values(["place", "position", "excerpt"], ignore_index=True)


def _inferred_note(rows: pd.DataFrame, names: dict[str, str]) -> str:
    codes = rows.loc[rows["basis"] == "inferred", "code"].drop_duplicates()
    placed = " and ".join(names[code] for code in codes)
    return f"Placed by sense, not by print: the excerpts under {placed}." if placed else ""


def slug(text: str) -> str:
    """A name for a file: `Table A1` becomes `table-a1`."""
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")
