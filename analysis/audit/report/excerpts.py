"""The excerpts under each code: words, label and place as printed, and nothing else of who speaks."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import page
from analysis.outputs.paper import path_to

DEEPEST = 6
"""The level of the smallest heading that there is."""


def sources(evidence: Evidence) -> dict[str, bytes]:
    """One page with every code, and at its end what stands under none."""
    study = evidence.study
    depth = {code: len(path_to(code, study.codebook)) for code in study.codebook["code"]}
    parts = [
        {
            "anchor": evidence.codes[row.code].split("#")[1],
            "heading": "#" * min(depth[row.code] + 1, DEEPEST),
            "name": row.name_,
            "level": row.level if isinstance(row.level, str) else "code",
            "definition": getattr(row, "definition", None),
            "excerpts": [*_excerpts(evidence, row.code)],
        }
        for row in _in_tree_order(study.codebook).rename(columns={"name": "name_"}).itertuples()
    ]
    return {"excerpts.md": page("excerpts", codes=parts, uncoded=[*_uncoded(evidence)])}


def _in_tree_order(codebook: pd.DataFrame) -> pd.DataFrame:
    """Every code right behind the code above it."""
    order = {code: place for place, code in enumerate(codebook["code"])}
    places = codebook["code"].map(lambda code: tuple(order[one] for one in path_to(code, codebook)))
    return codebook.loc[places.sort_values().index]


def _excerpts(evidence: Evidence, code: str) -> Iterator[dict[str, Any]]:
    """The excerpts right under a code, in the order of the record."""
    study = evidence.study
    first = study.codings.drop_duplicates("excerpt").set_index("excerpt")["code"]
    mine = study.codings.loc[study.codings["code"] == code, ["excerpt", "basis"]].drop_duplicates("excerpt")
    for row in mine.merge(study.excerpts, on="excerpt").itertuples():
        yield _said(evidence, row, here=first[row.excerpt] == code) | {"inferred": row.basis == "inferred"}


def _uncoded(evidence: Evidence) -> Iterator[dict[str, Any]]:
    rows = evidence.study.excerpts
    for row in rows[~rows["excerpt"].isin(evidence.study.codings["excerpt"])].itertuples():
        yield _said(evidence, row, here=True) | {"inferred": False}


def _said(evidence: Evidence, row: Any, *, here: bool) -> dict[str, Any]:  # noqa: ANN401 - a row of a frame has no type of its own
    """What is shown of an excerpt; the first time it is shown it can be linked to."""
    texts = {name: getattr(row, name, None) for name in ("text", "speaker", "printed_in")}
    known = {name: text if isinstance(text, str) else "" for name, text in texts.items()}
    return known | {"id": row.excerpt, "anchor": evidence.excerpts[row.excerpt].split("#")[1] if here else ""}
