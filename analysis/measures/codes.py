"""The codebook as a tree, and how many excerpts hang on each code."""

import narwhals as nw
import pandas as pd

from analysis.frames import Table, collected, lazy
from analysis.measures import tally
from analysis.measures.prevalence import rolled_up


def tree(codebook: pd.DataFrame, codings: Table) -> pd.DataFrame:
    """The codes in reading order, each followed by its subcodes: `code, parent, depth, top, name,
    level, excerpts`; `depth` is 0 at the top, `top` is the code at the top of the branch.

    Source: a plain count.
    """
    sets = tally.together(codings, codebook)
    counts = sets.drop(columns="n").mul(sets["n"], axis=0).sum()
    children = codebook.groupby(codebook["parent"].fillna(""), sort=False).groups
    rows = []

    def descend(code: str, depth: int, top: str) -> None:
        for line in children.get(code, []):
            row = codebook.loc[line]
            head = top or row["code"]
            rows.append(
                (
                    row["code"],
                    row["parent"],
                    depth,
                    head,
                    row["name"],
                    row["level"],
                    int(counts.get(row["code"], 0)),
                )
            )
            descend(row["code"], depth + 1, head)

    descend("", 0, "")
    return pd.DataFrame(rows, columns=["code", "parent", "depth", "top", "name", "level", "excerpts"])


def top_of(codebook: pd.DataFrame, codings: Table) -> Table:
    """Which excerpts stand under which code at the top of the codebook: pairs `excerpt, code`, each once.

    Source: the codebook.
    """
    tops = codebook.loc[codebook["parent"].isna(), "code"].tolist()
    pairs = lazy(rolled_up(codings, codebook)).filter(nw.col("code").is_in(tops))
    return pairs if isinstance(codings, nw.LazyFrame) else collected(pairs)


def facts(codebook: pd.DataFrame, excerpts: pd.DataFrame) -> dict[str, object]:
    """What the codebook says in single values, by name.

    Source: plain counts.
    """
    found: dict[str, object] = {"codes at the top": int(codebook["parent"].isna().sum())}
    found |= {f"codes: {level}": int(count) for level, count in codebook["level"].value_counts().items()}
    found["tables of excerpts"] = excerpts["printed_in"].nunique()
    return found
