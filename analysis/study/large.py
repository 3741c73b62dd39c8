"""Studies larger than memory: tables in an engine, checked there, and what of them comes into memory."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from analysis.elsewhere import Reference
from analysis.frames import beside
from analysis.study import queries, remembered, rules, sampling, tables
from analysis.study.cells import NOT_STATED
from analysis.study.problems import Problem
from analysis.study.references import TABLES, Lazy, opened, problems, unknown
from analysis.study.sampling import Sample

__all__ = ["NOTHING", "TABLES", "Lazy", "brought", "problems", "unknown", "whole"]
CLUSTER = "ANALYSIS_CLUSTER"
"""The environment variable that names a cluster in the place of the study's own."""
NOTHING = Sample({}, "", {})
"""What comes into memory of a study without tables in an engine."""


def brought(
    found: Mapping[str, Reference],
    folder: Path,
    contract: Mapping[str, Any],
    choices: Mapping[str, Any],
    frames: tables.Frames,
    *,
    anew: bool,
) -> tuple[Lazy, Sample, list[Problem]]:
    """The large tables of a study as they lie in the engine, what of them comes into memory, and what is
    wrong with them.

    What was found sound and has not changed is not checked again, but with `anew`. UnusableError, if the
    engine is not there; FailedError, if it cannot answer.
    """
    lazy, stored, wrong = opened(found, folder, _cluster(choices), contract, frames)
    if wrong:
        return {}, NOTHING, wrong
    known = remembered.known(folder, found)
    if not anew and (sample := remembered.recalled(folder.name, known, contract)):
        return lazy, sample, []
    files = {name: f"{name}.csv" for name in contract if (folder / f"{name}.csv").exists()}
    files |= {name: str(reference) for name, reference in found.items()}
    others = {name: frame for name, frame in frames.items() if name not in TABLES}
    asked = queries.Asked(lazy, others, files, stored, contract, choices)
    wrong = [*_without_columns(asked)] or [*queries.broken(asked)]
    if wrong:
        return {}, NOTHING, wrong
    drawn = sampling.drawn(lazy, _needed(choices))
    if wrong := [*rules.unsampled(frames["selections"], drawn.frames["excerpts"])]:
        return {}, NOTHING, wrong
    typed = {
        name: tables.of_texts(tables.texts(frame), contract[name]["fields"])
        for name, frame in drawn.frames.items()
    }
    sample = drawn._replace(frames=typed)
    if remembered.known(folder, found) == known:  # else it has changed while it was checked
        remembered.keep(folder.name, known, sample)
    return lazy, sample, []


def _cluster(choices: Mapping[str, Any]) -> str:
    return os.environ.get(CLUSTER) or choices.get("cluster", "")


def _without_columns(asked: queries.Asked) -> Iterator[Problem]:
    """Choices that name no column of the roster."""
    columns = [*asked.lazy["roster"].collect_schema()]
    yield from rules.groupings(asked.choices, columns, asked.files)


def _needed(choices: Mapping[str, Any]) -> list[str]:
    """The columns of the roster without which people cannot be counted."""
    named = [*choices["groupings"], *choices.get("compare", []), choices.get("site", "role"), "role"]
    named += choices.get("appendix", {}).get("columns", [])
    return [name for name in dict.fromkeys(named) if name != "role_group"]


def whole(lazy: Lazy, roster: pd.DataFrame, groupings: list[str]) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """The excerpts and the codings where they lie.

    Excerpts have a column for each of the groupings and `role_group`, of their participants, as the `roster`
    in memory has it: `not stated` of those of whom a grouping says nothing.
    """
    names = [*dict.fromkeys([*groupings, "role_group"])]
    stated = [name for name in names if roster[name].eq(NOT_STATED).any()]
    groups = beside(roster[["role", "role_group"]].dropna().drop_duplicates().astype("str"), lazy["roster"])
    people = lazy["roster"].drop("role_group", strict=False).join(groups, on="role", how="left")
    people = people.filter(~nw.col("participant").is_null()).select(
        "participant",
        **{name: nw.col(name).fill_null(NOT_STATED) if name in stated else nw.col(name) for name in names},
    )
    return lazy["excerpts"].drop(*names, strict=False).join(people, on="participant", how="left"), lazy[
        "codings"
    ]
