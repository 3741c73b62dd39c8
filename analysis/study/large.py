"""Studies larger than memory: tables in an engine, checked there, and what of them comes into memory."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from analysis.frames import Reference, beside
from analysis.study import sampling, tables
from analysis.study.cells import NOT_STATED
from analysis.study.problems import Problem
from analysis.study.references import TABLES, Lazy, opened, problems
from analysis.study.sampling import Sample

__all__ = ["TABLES", "Lazy", "brought", "problems", "whole"]
CLUSTER = "ANALYSIS_CLUSTER"
"""The environment variable that names a cluster in the place of the study's own."""


def brought(
    found: Mapping[str, Reference],
    folder: Path,
    contract: Mapping[str, Any],
    choices: Mapping[str, Any],
    frames: tables.Frames,
) -> tuple[Lazy, Sample, list[Problem]]:
    """The large tables of a study as they lie in the engine, what of them comes into memory, and what is
    wrong with them.

    UnusableError, if the engine is not there; FailedError, if it cannot answer.
    """
    cluster = os.environ.get(CLUSTER, choices.get("cluster", ""))
    lazy, wrong = opened(found, folder, cluster, contract, frames)
    if wrong:
        return {}, Sample({}), wrong
    sample = sampling.drawn(lazy, _needed(choices))
    typed = {name: tables.typed(frame, contract[name]["fields"]) for name, frame in sample.frames.items()}
    return lazy, Sample(typed, sample.says), []


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
