"""Agreement on which characters of a text stand under a code, where coders choose their own passages.

Then no two excerpts are the same, and the characters of the documents are compared instead. Positions are
in Unicode code points; a span holds its `start` and not its `end`. Spans of one coder and code that overlap
count once. A coder judged the documents in which they coded something, as a whole; `lengths` holds how many
characters each document has, by document.

Characters are no decisions of their own: a coder decides on passages, and twice the text is not twice the
evidence. So nothing here has a standard error. Most characters stand under no code, and percent agreement is
high for that alone; coders who mark the same sentence differ over its first words.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from analysis.measures.agreement import named, placed
from analysis.measures.coefficients import kappa

COLUMNS = [
    "code",
    "coder",
    "other",
    "characters",
    "both",
    "coder_only",
    "other_only",
    "neither",
    "percent",
    "kappa",
    "why",
]
ALPHA_COLUMNS = ["code", "coders", "characters", "alpha", "prevalence", "why"]
PLACE = ["document", "start", "end"]


def characters(codings: pd.DataFrame, excerpts: pd.DataFrame, lengths: pd.Series) -> pd.DataFrame:
    """One row per code and pair of coders, sorted: how many characters both put under the code, only `coder`,
    only `other`, and neither, of the `characters` in documents that both judged.

    `percent` is the agreement, 0 to 100, and `kappa` Cohen's, on the same characters; `why` says what is
    blank for which reason. Where the record names fewer than two coders or gives no positions there is one
    row per code, without counts. A span without a place, or outside its text, is a ValueError that names
    the excerpt.

    Source: a plain count.
    """
    codes, why = sorted(codings["code"].unique()), _impossible(codings, excerpts)
    if why:
        return pd.DataFrame([{"code": code, "why": why} for code in codes], columns=COLUMNS)
    sizes = _sizes(lengths)
    runs = _runs(codings, excerpts, sizes)
    coders = sorted(runs["coder"].unique())
    rows = [_pair(runs, sizes, codes, *pair) for pair in combinations(coders, 2)]
    return pd.concat(rows).sort_values(["code", "coder", "other"], ignore_index=True)[COLUMNS]


def alpha(codings: pd.DataFrame, excerpts: pd.DataFrame, lengths: pd.Series) -> pd.DataFrame:
    """One row per code, sorted: Krippendorff's alpha of all coders, every character being a unit that a coder
    put under the code or did not.

    `characters` are those of documents that at least two coders judged, `prevalence` is the share of the
    judgements on them that use the code; `why` says why something is blank. Errors as in `characters`.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: the nominal alpha, on characters.
    It is not his alpha for unitising (1995, Sociol. Methodol. 25, 47–76), which weighs how far the ends of
    passages are apart.
    """
    codes, why = sorted(codings["code"].unique()), _impossible(codings, excerpts)
    coders = codings["coder"].nunique()
    if why:
        rows = [{"code": code, "coders": coders, "why": why} for code in codes]
        return pd.DataFrame(rows, columns=ALPHA_COLUMNS)
    sizes = _sizes(lengths)
    runs = _runs(codings, excerpts, sizes)
    judges = np.bincount(runs.drop_duplicates(["document", "coder"])["document"], minlength=len(sizes))
    judges = np.where(judges > 1, judges, 0)  # with one coder there is nobody to agree with
    at, length, users = _covered(runs[judges[runs["document"]] > 0])
    judging = judges[_document(at, sizes)]
    differing = users * (judging - users) / np.maximum(judging - 1, 1) * 2
    total, counted = int(judges @ sizes), int(sizes[judges > 0].sum())
    sums = (_by_code(at, number * length, sizes, len(codes)) for number in (users, differing))
    rows = [_alpha(total, *numbers) for numbers in zip(*sums, strict=True)]
    found = pd.DataFrame(rows).assign(code=codes, coders=coders, characters=counted)
    return found[ALPHA_COLUMNS]


def in_texts(codings: pd.DataFrame, excerpts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The codings and excerpts that have a place in a text, as a picture or a whole document has none; all of
    them, if none has one.

    Source: the study's excerpts.

    >>> place = {"document": "D", "start": [0, None], "end": [4, None]}
    >>> excerpts = pd.DataFrame({"excerpt": ["E1", "E2"], **place})
    >>> in_texts(pd.DataFrame({"excerpt": ["E1", "E2"], "code": "x"}), excerpts)[0]["excerpt"].tolist()
    ['E1']
    """
    inside = excerpts[excerpts.reindex(columns=PLACE).notna().all(axis=1)]
    if inside.empty:
        return codings, excerpts
    return codings[codings["excerpt"].isin(inside["excerpt"])], inside


def lengths(documents: pd.DataFrame, excerpts: pd.DataFrame) -> pd.Series:
    """How many characters each document of an excerpt has: what documents.csv says, or else where the last
    excerpt of it ends.

    Source: the study's documents.
    """
    furthest = excerpts.groupby("document")["end"].max().dropna()
    said = documents.set_index("document").reindex(columns=["characters"])["characters"]
    return said.reindex(furthest.index).fillna(furthest).rename("characters")


def _impossible(codings: pd.DataFrame, excerpts: pd.DataFrame) -> str:
    """Why there is nothing to compare, in words; empty where there is."""
    coders = named(codings)["coder"].nunique()
    if coders < 2:  # noqa: PLR2004 - two make a pair
        return "needs two coders" if coders else "the record names no coders"
    spans = placed(excerpts)[PLACE].reindex(codings["excerpt"].unique())
    return "" if spans.notna().any(axis=None) else "the record does not say where in a text excerpts stand"


def _sizes(lengths: pd.Series) -> pd.Series:
    """The documents' lengths by document, in the order in which they are laid on one line."""
    twice = lengths.index[lengths.index.duplicated()]
    if len(twice):
        raise ValueError(f'lengths: the document "{twice[0]}" stands there twice; each is expected once')
    return lengths.sort_index().astype("int64")


def _runs(codings: pd.DataFrame, excerpts: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    """What each coder put under each code, overlaps made one: `coder, code, document, start, end`.

    Codes and documents are numbers. All documents lie on one line, one such line after another for each
    code, and `start` and `end` are counted from its beginning, so that one sort serves all.
    """
    spans = _within(codings, excerpts, sizes)
    before = np.cumsum(sizes.to_numpy()) - sizes.to_numpy()
    shift = before[spans["document"]] + spans["code"] * sizes.sum()
    spans = spans.assign(start=spans["start"] + shift, end=spans["end"] + shift)
    spans = spans.sort_values(["coder", "start"], ignore_index=True)
    furthest = spans.groupby("coder", sort=False)["end"].cummax()
    new = (spans["coder"] != spans["coder"].shift()) | (spans["start"] >= furthest.shift(fill_value=0))
    run = spans.assign(end=furthest).groupby(new.cumsum())
    return run.agg({"coder": "first", "code": "first", "document": "first", "start": "first", "end": "last"})


def _within(codings: pd.DataFrame, excerpts: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    """The codings with the place of their excerpts, each checked against its text."""
    spans = codings[["excerpt", "code", "coder"]].join(placed(excerpts)[PLACE], on="excerpt")
    _refuse(spans, spans[PLACE].isna().any(axis=1), "a document, a start and an end are expected")
    document = sizes.index.get_indexer(spans["document"])
    _refuse(spans, document < 0, "the lengths do not have the document")
    length = sizes.to_numpy()[document]
    inside = (spans["start"] >= 0) & (spans["end"] > spans["start"]) & (spans["end"] <= length)
    _refuse(spans.assign(length=length), ~inside, "0 ≤ start < end ≤ length is expected")
    code = pd.factorize(spans["code"], sort=True)[0]
    return spans.assign(document=document, code=code).astype({"start": "int64", "end": "int64"})


def _refuse(spans: pd.DataFrame, wrong: pd.Series | np.ndarray, expected: str) -> None:
    if not wrong.any():
        return
    first = spans[wrong].sort_values("excerpt").iloc[0]
    place = ", ".join(f'{name} "{first[name]}"' for name in [*PLACE, "length"] if name in first)
    raise ValueError(f'excerpt "{first["excerpt"]}": found {place}; {expected}')


def _covered(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The line cut wherever a run begins or ends: where each piece begins, its length, how many hold it."""
    ends = np.concatenate([runs["start"], runs["end"]])
    step = np.repeat([1, -1], len(runs))
    order = np.argsort(ends, kind="stable")
    at = ends[order]
    return at[:-1], np.diff(at), np.cumsum(step[order])[:-1]


def _document(at: np.ndarray, sizes: pd.Series) -> np.ndarray:
    """The number of the document at these places of the line."""
    return np.searchsorted(np.cumsum(sizes.to_numpy()), at % sizes.sum(), side="right")


def _by_code(at: np.ndarray, number: np.ndarray, sizes: pd.Series, codes: int) -> np.ndarray:
    """The numbers that belong to these places of the line, added up code by code."""
    return np.bincount(at // sizes.sum(), number, minlength=codes)[:codes]


def _pair(runs: pd.DataFrame, sizes: pd.Series, codes: list[str], coder: str, other: str) -> pd.DataFrame:
    """The counts of two coders, code by code, in the documents that both judged."""
    one, two = (runs[runs["coder"] == name] for name in (coder, other))
    shared = np.intersect1d(one["document"], two["document"])
    one, two = (part[part["document"].isin(shared)] for part in (one, two))
    at, length, users = _covered(pd.concat([one, two]))
    both = _by_code(at, length * (users == 2), sizes, len(codes))  # noqa: PLR2004 - two are both
    first, second = (
        np.bincount(part["code"], part["end"] - part["start"], minlength=len(codes)) for part in (one, two)
    )
    total = int(sizes.iloc[shared].sum())
    counted = {"both": both, "coder_only": first - both, "other_only": second - both}
    rows = pd.DataFrame(counted).astype("int64").assign(characters=total)
    rows["neither"] = total - rows["both"] - rows["coder_only"] - rows["other_only"]
    rows["percent"] = (100 * (rows["both"] + rows["neither"])) / (total or np.nan)
    rows["kappa"] = [_kappa(*row) for row in rows[[*counted, "neither"]].itertuples(index=False)]
    reasons = [_reason(2 * total, used) for used in first + second]
    return rows.assign(code=codes, coder=coder, other=other, why=reasons)


def _kappa(both: int, first: int, second: int, neither: int) -> float:
    return kappa(pd.DataFrame([[both, first], [second, neither]]))


def _alpha(total: int, using: float, differing: float) -> dict[str, object]:
    """Alpha of one code, from how many of all judgements use it and how many differ."""
    chance = 2 * using * (total - using)
    value = 1 - (total - 1) * differing / chance if chance else np.nan
    prevalence = using / total if total else np.nan
    return {"alpha": value, "prevalence": prevalence, "why": _reason(total, using)}


def _reason(total: int, using: float) -> str:
    """Why kappa or alpha is undefined, from how many judgements there are and how many use the code."""
    if not total:
        return "undefined: no document is judged by two coders"
    if not using:
        return "undefined: nobody used the code"
    return "undefined: every judgement is the same" if using == total else ""
