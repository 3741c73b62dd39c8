"""The paper's claims, held against what the notebooks computed.

A cell tagged `facts` shows what a notebook found in single values, by name, beside the claims of the
paper that say the same. The facts travel inside the executed notebook, so that the last notebook holds
the paper against the evidence itself and not against a second computation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.outputs.formats import html_frame

MIME = "application/vnd.interview-study.facts+json"
COLUMNS = ["claim", "where", "printed", "computed", "verdict", "notebook", "cell"]


class ClaimError(Exception):
    """A claim whose computation is not in the evidence."""


@dataclass(frozen=True)
class Facts:
    """What a notebook found, and the paper's claims that speak of it."""

    found: dict[str, str]
    claims: pd.DataFrame

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        table = html_frame(self.claims, most=len(self.claims))
        rest = f"<p>{len(self.found)} values found, {len(self.claims)} of them claimed by the paper.</p>"
        return {"text/html": table + rest, "text/plain": str(self.found), MIME: self.found}


def facts(claims: pd.DataFrame, found: Mapping[str, object]) -> Facts:
    """The values found, as text, beside the claims that name them: the paper's words, what they say
    in figures, and what was computed."""
    texts = {name: str(value) for name, value in found.items()}
    rows = claims[claims["fact"].isin(texts)]
    computed = rows["fact"].map(texts)
    shown = rows[["claim", "printed", "value"]].set_axis(["claim", "words", "printed"], axis=1)
    shown = shown.assign(computed=computed, verdict=_verdicts(rows["value"], computed))
    return Facts(texts, shown)


def ledger(claims: pd.DataFrame, notebooks: Path) -> pd.DataFrame:
    """Every claim with its verdict: agrees, differs, attested, or not reproducible.

    `printed` is what the paper's words say in figures, or the words where they say no figure.
    `notebooks` holds the executed notebooks. A claim whose cell is not among them raises ClaimError, by
    name; one whose value the cell no longer finds differs, with nothing computed.
    """
    found = evidence(notebooks)
    due = claims[claims["kind"] == "computed"]
    lost = due.loc[~due["computed_by"].isin({cell for cell, _ in found}), ["claim", "computed_by"]]
    if len(lost):
        absent = "; ".join(f"{row.claim}: no cell {row.computed_by}" for row in lost.itertuples())
        raise ClaimError(f"claims without a computation: {absent}")
    keys = zip(due["computed_by"], due["fact"], strict=True)
    computed = pd.Series([found.get(key, "") for key in keys], due.index, dtype=object).reindex(claims.index)
    rows = claims.assign(
        printed=claims["value"].fillna(claims["printed"]),
        computed=computed.fillna(""),
        verdict=_verdicts(claims["value"], computed).where(computed.notna(), claims["kind"]),
        notebook=claims["computed_by"].str.split("#").str[0].fillna(""),
        cell=claims["computed_by"].str.split("#").str[-1].fillna(""),
    )
    return rows[COLUMNS].reset_index(drop=True)


def evidence(notebooks: Path) -> dict[tuple[str, str], str]:
    """Every fact in the executed notebooks, by `run#cell tag` and name."""
    found = {}
    for path in sorted(notebooks.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                for name, value in output.get("data", {}).get(MIME, {}).items():
                    found |= {(f"{path.stem}#{tag}", name): value for tag in cell["metadata"].get("tags", [])}
    return found


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """How many claims have each verdict."""
    order = ["agrees", "differs", "attested", "not reproducible"]
    return (
        rows["verdict"]
        .value_counts()
        .reindex(order, fill_value=0)
        .rename("claims")
        .rename_axis("verdict")
        .reset_index()
    )


def _verdicts(printed: pd.Series, computed: pd.Series) -> pd.Series:
    return printed.eq(computed).map({True: "agrees", False: "differs"})
