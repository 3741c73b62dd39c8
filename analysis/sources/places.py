"""Passages where the study counts them: in code points of the plain text, whatever the tool has counted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources import offsets
from analysis.sources.offsets import Unit
from analysis.sources.project import Project, SourceError, has_text, kept
from analysis.sources.sound import leave_out_what_hangs_on

COUNTED = dict(zip(("code-points", "utf-16", "bytes"), offsets.COUNTED, strict=True))
NAMES = {
    f"{name}-crlf-{crlf}{'-mark' if mark else ''}": Unit(counted, crlf, mark)
    for name, counted in COUNTED.items()
    for crlf in (1, 2)
    for mark in (False, True)
}
"""Units as a user names them, where an import is told what to believe."""


@dataclass(frozen=True)
class Placed:
    """A project whose passages and members count in code points, and how that was found out.

    `texts` has the plain text of each source that has one. `recovered` is what each passage's place holds, by
    the passage's index. `units` has a row for each text with passages: `source, unit, score, by, passages,
    runner_up, runner_up_score`. `quoted` has a row for each passage that the tool quotes: `passage, where,
    agrees`.
    """

    project: Project
    texts: dict[str, str]
    recovered: pd.Series
    units: pd.DataFrame
    quoted: pd.DataFrame


def place(
    file: str,
    project: Project,
    told: str | None = None,
    *,
    skip_broken: bool = False,
    tell: Callable[[int, int], object] = lambda *_: None,
) -> Placed:
    """Find out the unit of each text and put every place into code points of the plain text.

    SourceError, if no unit can be believed, or a passage lies outside of its text in every unit (left out
    instead, if `skip_broken`). `told` is a unit of `NAMES` to be believed without asking; `tell` is told how
    many texts are done, and of how many.
    """
    sources = kept(project["sources"])
    stored = dict(sources.loc[has_text(sources), ["id", "text"]].to_numpy())
    tables = [project["passages"], project["members"]]
    _outside(file, stored, tables, skip_broken=skip_broken)
    tried, places = {}, _by_source(tables, stored)
    for done, (source, rows) in enumerate(places):
        tell(done, len(places))
        tried[source] = _tried(stored[source], rows, told)
    names = dict(zip(sources["id"], sources["name"], strict=True))
    try:
        chosen = offsets.decide(tried, NAMES[told] if told else project.unit, 0 if told else offsets.LEAST)
    except offsets.OffsetError as error:
        lines = [line.partition(": ") for line in str(error).split("\n")]
        says = [f"{names.get(source)}: {rest}" for source, _, rest in lines]
        hint = "If you know what the tool counts, name it with --unit: " + ", ".join(NAMES)
        raise SourceError(file, [*says, hint]) from error
    _convert(file, stored, tables, {source: one.unit for source, one in chosen.items()}, skip_broken)
    leave_out_what_hangs_on(project)
    texts = {source: offsets.plain(text) for source, text in stored.items()}
    recovered = _recovered(project["passages"], texts)
    return Placed(project, texts, recovered, _units(chosen, tried), _quoted(project["passages"], texts))


def _by_source(tables: list[pd.DataFrame], stored: dict[str, str]) -> list[tuple[str, pd.DataFrame]]:
    """The places of every text that has some, members after passages."""
    both = pd.concat([frame.reindex(columns=["source", "start", "end", "text", "why"]) for frame in tables])
    usable = both[
        both["start"].notna() & both["end"].notna() & both["why"].isna() & both["source"].isin(stored)
    ]
    return [*usable.groupby("source", sort=False)]


def _tried(text: str, rows: pd.DataFrame, told: str | None) -> list[offsets.Tried]:
    only = [NAMES[told]] if told else None
    return offsets.tried(text, rows[["start", "end"]].to_numpy(int), [*rows["text"].fillna("")], only)


def _outside(file: str, stored: dict[str, str], tables: list[pd.DataFrame], *, skip_broken: bool) -> None:
    """Passages that end behind the text whatever is counted."""
    longest = {source: _longest(text) for source, text in stored.items()}
    wrong = []
    for frame in tables:
        behind = frame["end"] > frame["source"].map(longest).astype("Int64")
        rows = frame["why"].isna() & behind.fillna(value=False).astype(bool)
        frame.loc[rows, "why"] = (
            "it ends at " + frame["end"].astype("str") + ", behind the end of its text in every unit"
        )
        frame.loc[rows, "broken"] = True
        wrong += [f"{row.where}: {row.why}" for row in frame[rows].itertuples()]
    if wrong and not skip_broken:
        raise SourceError(file, wrong)


def _longest(text: str) -> int:
    """The largest place that any unit has in a text: no unit counts more than bytes."""
    return offsets.ends(text, NAMES["bytes-crlf-2-mark"])[-1]


def _convert(
    file: str, stored: dict[str, str], tables: list[pd.DataFrame], units: dict[str, Unit], skip_broken: bool
) -> None:
    """Replace the tool's places by code points. One that is none, as within a character, is at fault."""
    wrong = []
    for frame in tables:
        rows = frame[frame["start"].notna() & frame["end"].notna() & frame["why"].isna()]
        spans = np.zeros((len(rows), 2), dtype=np.int64)
        for source, places in rows.groupby("source", sort=False).indices.items():
            given = rows[["start", "end"]].iloc[places].to_numpy(int)
            spans[places] = offsets.in_code_points(stored[source], units[source], given)
        frame.loc[rows.index, ["start", "end"]] = spans
        nowhere = rows[(spans < 0).any(axis=1)]
        unit = nowhere["source"].map(units).map(str)
        why = "it begins or ends where the text has no place, if the tool counts " + unit
        frame.loc[nowhere.index, "why"], frame.loc[nowhere.index, "broken"] = why, True
        wrong += [f"{where}: {says}" for where, says in zip(nowhere["where"], why, strict=True)]
    if wrong and not skip_broken:
        raise SourceError(file, wrong)


def _recovered(passages: pd.DataFrame, texts: dict[str, str]) -> pd.Series:
    """What stands at the place of each passage; missing for one without a place in a text."""
    placed = passages["start"].notna() & passages["why"].isna() & passages["source"].isin(texts)
    rows = passages.loc[placed, ["source", "start", "end"]].itertuples(index=False)
    found = pd.Series(None, index=passages.index, dtype="str")
    found[placed] = [texts[source][start:end] for source, start, end in rows]
    return found


def _quoted(passages: pd.DataFrame, texts: dict[str, str]) -> pd.DataFrame:
    """Whether the text at each place is what the tool says stands there."""
    said = passages["text"].notna() & passages["start"].notna() & passages["why"].isna()
    rows = passages.loc[said, ["id", "source", "start", "end", "text", "where"]]
    agree = [
        offsets.agrees(texts[row.source], (row.start, row.end), row.text)
        for row in rows.itertuples(index=False)
    ]
    return pd.DataFrame(
        {"passage": rows["id"], "where": rows["where"], "agrees": np.array(agree, dtype=bool)}
    )


def _units(chosen: dict[str, offsets.Tried], tried: dict[str, list[offsets.Tried]]) -> pd.DataFrame:
    columns = ["source", "unit", "score", "by", "passages", "runner_up", "runner_up_score"]
    rows = []
    for source, one in chosen.items():
        others = [each for each in tried[source] if not np.array_equal(each.spans, one.spans)]
        by = "where words end" if one.quoted is None else "the tool's own quotations"
        second = (str(others[0].unit), others[0].score) if others else (None, None)
        rows.append([source, str(one.unit), one.score, by, len(one.spans), *second])
    return pd.DataFrame(rows, columns=columns)
