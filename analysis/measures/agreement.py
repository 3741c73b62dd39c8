"""Agreement between the coders of a study: code by code, on whole sets of codes, and where they differ.

Which excerpts a coder judged is not in the record, which says only what was coded. So it is a reading, by
the parameter `uncoded`:

- `in`: every excerpt to which anybody gave a code was judged by every coder of its document, those who
  coded something in it; where its document is not known, by every coder of the study. No code then
  means that the coder read the excerpt and decided against one.
- `out`: a coder judged only the excerpts to which they gave at least one code.

It matters. `in` takes silence for a judgement: a coder who never came to an excerpt seems to disagree.
`out` leaves out just those excerpts on which coders differ over whether there is anything to code, and
mostly makes agreement look better than it is. Neither knows of the text that nobody coded: for that see
`analysis.measures.spans`. A record that names coders in some rows only is a ValueError.
"""

import numpy as np
import pandas as pd

from analysis.measures import alpha, coefficients
from analysis.measures.prevalence import rolled_up

READINGS = ("in", "out")
COLUMNS = [
    "code",
    "coders",
    "units",
    "documents",
    "percent",
    "kappa",
    "pabak",
    "ac1",
    "alpha",
    "low",
    "high",
    "prevalence",
    "uncoded",
    "why",
]
SET_COLUMNS = ["distance", "coders", "units", "documents", "alpha", "low", "high", "uncoded", "why"]
PLACE = ["document", "start", "end", "text"]
DISAGREEMENT_COLUMNS = ["excerpt", "document", "text", "code", "used_by", "not_used_by"]


def by_code(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    uncoded: str = "in",
    subcodes: bool = True,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per code, in the order of the codebook: how far coders agree on which excerpts it stands.

    Each judgement is whether a coder used the code on an excerpt, itself or, with `subcodes`, one below it.
    `coders` is the coders of the study, `units` the excerpts judged by at least two of them, `documents`
    where these stand. `percent` is 0
    to 100; `kappa` stands only where there are exactly two coders; `low` and `high` are the bootstrap
    interval of `alpha` over documents, or over excerpts where no document is known; `prevalence` is the
    share of the judgements on these units that use the code. `why` says what is blank for which reason.

    No column is to be read alone: for a rare code `percent`, `pabak` and `ac1` are high whatever the coders
    do, and `kappa` and `alpha` low after a few differences. Compare codes of the same `prevalence` only.
    Sources are with each coefficient in `analysis.measures.coefficients` and `analysis.measures.alpha`.
    """
    _refuse_unknown(codings, "code", codebook["code"], "codebook")
    read = judged(codings, excerpts, uncoded)
    counted = with_subcodes(codings, codebook) if subcodes else named(codings)
    put = dict([*counted.groupby("code")])
    documents = placed(excerpts)["document"].reindex(read.index)
    rows = []
    for code in codebook["code"]:
        used = _used(put.get(code, counted[:0]), read).astype(float).where(read)
        interval = alpha.interval(used, documents, "nominal", confidence, resamples, seed)
        rows.append({"code": code, "uncoded": uncoded} | _row(used, interval))
    return pd.DataFrame(rows, columns=COLUMNS)


def on_sets(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    uncoded: str = "in",
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Two rows, one per distance: Krippendorff's alpha on the set of codes that a coder put on an excerpt.

    Columns `distance, coders, units, documents, alpha, low, high, uncoded, why`, as in `by_code`. `masi` is
    lenient where one coder's codes hold the other's, `jaccard` counts the codes that only one of them used.
    Codes are taken as put: a code and its subcode are two different codes.

    Sources: those of `alpha.masi`, `alpha.jaccard` and `alpha.interval`.
    """
    read = judged(codings, excerpts, uncoded)
    documents = placed(excerpts)["document"].reindex(read.index)
    sets = _sets(named(codings), read)
    rows = []
    for distance in alpha.SETS:
        interval = alpha.interval(sets, documents, distance, confidence, resamples, seed)
        coefficient = alpha.coefficient(sets, distance)
        found = _found(sets) | {"alpha": coefficient, "low": interval.low, "high": interval.high}
        found["documents"] = interval.documents
        why = coefficients.undefined(sets) or interval.why
        rows.append({"distance": distance, "uncoded": uncoded, "why": why} | found)
    return pd.DataFrame(rows, columns=SET_COLUMNS)


def disagreements(codings: pd.DataFrame, excerpts: pd.DataFrame, uncoded: str = "in") -> pd.DataFrame:
    """The list to discuss: one row per excerpt and code that some of those who judged the excerpt used and
    others did not, sorted by excerpt and code.

    Columns `excerpt, document, text, code, used_by, not_used_by`; the last two are coders, separated by
    semicolons. `document` and `text` are blank where the record has none. Codes are taken as put. Empty
    where coders agree throughout, and where the record names none.

    Source: a plain list; to be talked through, as Campbell, Quincy, Osserman and Pedersen (2013),
    Sociol. Methods Res. 42, 294–320, do after counting agreement.
    """
    read = judged(codings, excerpts, uncoded)
    rows = [
        (excerpt, code, "; ".join(read.columns[yes]), "; ".join(read.columns[no]))
        for code, put in named(codings).groupby("code")
        for excerpt, yes, no in _split(_used(put, read), read)
    ]
    found = pd.DataFrame(rows, columns=["excerpt", "code", "used_by", "not_used_by"], dtype="str")
    found = found.sort_values(["excerpt", "code"], ignore_index=True)
    return found.join(placed(excerpts), on="excerpt")[DISAGREEMENT_COLUMNS]


def judged(codings: pd.DataFrame, excerpts: pd.DataFrame, uncoded: str = "in") -> pd.DataFrame:
    """Which coder judged which excerpt: true or false, coded excerpts × coders, both sorted.

    `uncoded` is `in` or `out`: see the head of this module.

    Source: the study's codings.

    >>> codings = pd.DataFrame({"excerpt": ["E1", "E1", "E2"], "code": "x", "coder": ["K", "L", "K"]})
    >>> judged(codings, pd.DataFrame({"excerpt": ["E1", "E2"]}), uncoded="out")["L"].tolist()
    [True, False]
    """
    if uncoded not in READINGS:
        raise ValueError(f'uncoded="{uncoded}" is not one of {", ".join(READINGS)}')
    _refuse_unknown(codings, "excerpt", excerpts["excerpt"], "excerpts")
    put = named(codings)
    coded = pd.crosstab(put["excerpt"], put["coder"]).astype(bool)
    if uncoded == "out" or coded.empty:
        return coded
    document = placed(excerpts)["document"].reindex(coded.index)
    in_document = coded.groupby(document, dropna=False).transform("any")
    return in_document | np.asarray(document.isna())[:, None]


def named(codings: pd.DataFrame) -> pd.DataFrame:
    """The codings, each with a coder; none where the record names no coders.

    A coder named in some rows and not in others is a ValueError: nobody could say whose the others are.

    Source: the study's codings.
    """
    blank = codings["coder"].isna()
    if blank.any() and not blank.all():
        first = codings[blank].iloc[0]
        raise ValueError(
            f"codings: {blank.sum()} of {len(codings)} rows name no coder, such as "
            f'excerpt "{first["excerpt"]}", code "{first["code"]}"; '
            "a coder is expected in all of them or in none"
        )
    return codings[~blank]


def attributed(codings: pd.DataFrame) -> pd.DataFrame:
    """The codings of which somebody is known to have made them; all of them, if nobody is named.

    A tool may name the coder of some only. What nobody made can be held against nobody, so those are left
    out; a code that such a coding put is then taken as not put.

    Source: the study's codings.

    >>> codings = pd.DataFrame({"excerpt": ["E1", "E2"], "code": "x", "coder": ["K", None]})
    >>> attributed(codings)["excerpt"].tolist()
    ['E1']
    """
    known = codings[codings["coder"].notna()]
    return known if len(known) else codings


def placed(excerpts: pd.DataFrame) -> pd.DataFrame:
    """Where each excerpt stands and what it says, by excerpt: `document, start, end, text`, blank where the
    record does not say.

    Source: the study's excerpts.
    """
    twice = excerpts.loc[excerpts["excerpt"].duplicated(), "excerpt"]
    if len(twice):
        raise ValueError(f'excerpts: "{twice.iloc[0]}" stands in two rows; each excerpt is expected once')
    return excerpts.set_index("excerpt").reindex(columns=PLACE)


def with_subcodes(codings: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """What each coder put where, subcodes counted for the codes above them: `excerpt, code, coder`, each
    once, sorted; none where the record names no coders.

    Source: the codebook.
    """
    coded = named(codings)[["excerpt", "code", "coder"]]
    parts = [rolled_up(put, codebook).assign(coder=coder) for coder, put in coded.groupby("coder")]
    return pd.concat([coded[:0], *parts]).sort_values([*coded], ignore_index=True)


def _row(used: pd.DataFrame, interval: alpha.Interval) -> dict[str, object]:
    """The coefficients of one code, from a frame of excerpts × coders with 1 used, 0 not used, or blank."""
    paired = used[used.notna().sum(axis=1) > 1]
    shares = paired.stack().dropna()
    two_coders = used.shape[1] == 2  # noqa: PLR2004 - kappa is for two
    return _found(used) | {
        "percent": coefficients.percent(used),
        "kappa": coefficients.kappa(coefficients.crossed(used)) if two_coders else np.nan,
        "pabak": coefficients.pabak(used, categories=2),
        "ac1": coefficients.ac1(used, categories=2),
        "alpha": alpha.coefficient(used),
        "low": interval.low,
        "high": interval.high,
        "documents": interval.documents,
        "prevalence": float(shares.mean()) if len(shares) else np.nan,
        "why": _why(used, shares, interval),
    }


def _found(judgements: pd.DataFrame) -> dict[str, object]:
    units = judgements.notna().sum(axis=1) > 1
    return {"coders": judgements.shape[1], "units": int(units.sum())}


def _why(used: pd.DataFrame, shares: pd.Series, interval: alpha.Interval) -> str:
    undefined = coefficients.undefined(used)
    if undefined and len(shares) and not shares.any():
        undefined = "undefined: nobody used the code"
    many = "kappa is for exactly two coders" if used.shape[1] > 2 else ""  # noqa: PLR2004 - as it says
    return "; ".join(reason for reason in (undefined, many, interval.why) if reason)


def _used(put: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """Where one code was put: true or false, on the rows and columns of `read`."""
    used = np.zeros(read.shape, dtype=bool)
    used[read.index.get_indexer(put["excerpt"]), read.columns.get_indexer(put["coder"])] = True
    return pd.DataFrame(used, read.index, read.columns)


def _sets(codings: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """The set of codes that each coder put on each excerpt; blank where they did not judge it."""
    put = codings.groupby(["excerpt", "coder"])["code"].agg(frozenset).to_dict()
    cells = [
        [put.get((excerpt, coder), frozenset()) if seen else None for coder, seen in line.items()]
        for excerpt, line in read.iterrows()
    ]
    return pd.DataFrame(cells, read.index, read.columns, dtype=object)


def _split(used: pd.DataFrame, read: pd.DataFrame) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The excerpts on which coders differ: who used the code, and who judged the excerpt without it."""
    yes, no = used.to_numpy(), (read & ~used).to_numpy()
    lines = np.flatnonzero(yes.any(axis=1) & no.any(axis=1))
    return [(read.index[line], yes[line], no[line]) for line in lines]


def _refuse_unknown(codings: pd.DataFrame, column: str, known: pd.Series, table: str) -> None:
    unknown = sorted({*codings[column]} - {*known})
    if unknown:
        raise ValueError(f'codings: the {column} "{unknown[0]}" is not among those of the {table}')
