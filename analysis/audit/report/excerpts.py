"""The excerpts under each code: words, label and place as printed, and nothing else of who speaks."""

from collections.abc import Iterator

import pandas as pd

from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import anchor, page
from analysis.outputs.paper import path_to

DEEPEST = 6
"""The level of the smallest heading that there is."""


def sources(evidence: Evidence) -> dict[str, bytes]:
    """One page with every code."""
    study = evidence.study
    depth = {code: len(path_to(code, study.codebook)) for code in study.codebook["code"]}
    parts = [
        {
            "anchor": anchor_of_code(row.code),
            "heading": "#" * min(depth[row.code] + 1, DEEPEST),
            "name": row.name_,
            "level": row.level if isinstance(row.level, str) else "code",
            "definition": getattr(row, "definition", None),
            "excerpts": [*_excerpts(evidence, row.code)],
        }
        for row in _in_tree_order(study.codebook).rename(columns={"name": "name_"}).itertuples()
    ]
    return {"excerpts.md": page("excerpts", codes=parts)}


def of_code(code: str) -> str:
    """The address of a code's excerpts."""
    return f"excerpts.html#{anchor_of_code(code)}"


def of_excerpt(excerpt: str) -> str:
    """The address of an excerpt, under the first of its codes."""
    return f"excerpts.html#{anchor_of_excerpt(excerpt)}"


def anchor_of_code(code: str) -> str:
    """The id of a code's heading."""
    return f"code-{anchor(code)}"


def anchor_of_excerpt(excerpt: str) -> str:
    """The id of an excerpt."""
    return f"excerpt-{anchor(excerpt)}"


def _in_tree_order(codebook: pd.DataFrame) -> pd.DataFrame:
    """Every code right behind the code above it."""
    order = {code: place for place, code in enumerate(codebook["code"])}
    places = codebook["code"].map(lambda code: tuple(order[one] for one in path_to(code, codebook)))
    return codebook.loc[places.sort_values().index]


def _excerpts(evidence: Evidence, code: str) -> Iterator[dict[str, str]]:
    """The excerpts right under a code, in the order of the record."""
    study = evidence.study
    first = study.codings.drop_duplicates("excerpt").set_index("excerpt")["code"]
    mine = study.codings.loc[study.codings["code"] == code, ["excerpt", "basis"]].drop_duplicates("excerpt")
    for row in mine.merge(study.excerpts, on="excerpt").itertuples():
        printed = getattr(row, "printed_in", None)
        yield {
            "id": row.excerpt,
            "anchor": anchor_of_excerpt(row.excerpt) if first[row.excerpt] == code else "",
            "text": row.text,
            "speaker": row.speaker if isinstance(row.speaker, str) else "no label",
            "printed": printed if isinstance(printed, str) else "",
            "inferred": row.basis == "inferred",
        }
