"""Agreement between coders in one number: in percent, and corrected for chance.

`judgements` is a frame of units × coders: a row is a unit (an excerpt), a column a coder, a cell the
value that the coder gave the unit, blank where the coder did not judge it.

Percent agreement alone misleads: two coders who hardly ever use a code agree on nearly every excerpt
without ever agreeing where it belongs. Kappa and alpha take off what chance would give, and mislead the
other way: where nearly all judgements are the same, chance agreement is high and a few disagreements
pull them down to 0 or below, though percent agreement is high (the paradox of Feinstein and Cicchetti,
1990, J. Clin. Epidemiol. 43, 543–549). PABAK and AC1 are milder there. So read them side by side, next to
the prevalence, and quote none alone.
"""

import numpy as np
import pandas as pd


def counts(judgements: pd.DataFrame) -> pd.DataFrame:
    """How many coders gave each unit each value: units × values, in order of first appearance.

    Source: the table of units and categories of Fleiss (1971), Psychol. Bull. 76, 378–382.

    >>> counts(pd.DataFrame({"K": ["yes", "no"], "L": ["yes", None]}))
       yes  no
    0    2   0
    1    0   1
    """
    cells = judgements.to_numpy(dtype=object)
    units, _ = said = np.nonzero(~pd.isna(cells))
    places, values = pd.factorize(cells[said])
    size = max(len(values), 1)
    table = np.bincount(units * size + places, minlength=len(cells) * size).reshape(len(cells), size)
    columns = pd.Index(values, dtype=object, tupleize_cols=False)
    return pd.DataFrame(table[:, : len(values)], judgements.index, columns)


def undefined(judgements: pd.DataFrame) -> str:
    """Why kappa and alpha are undefined, in words; empty where they are defined.

    With nothing but one value there is nothing to tell apart, and no chance agreement to compare with.
    That is no agreement of 1 and none of 0.

    Source: the definitions of kappa and alpha, which divide by the disagreement to be expected.
    """
    coders = int(judgements.notna().any().sum())
    if coders == 0:
        return "the record names no coders"
    if coders == 1:
        return "needs two coders"
    paired = _paired(counts(judgements))
    if paired.empty:
        return "undefined: nothing is judged by two coders"
    return "undefined: every judgement is the same" if paired.any().sum() == 1 else ""


def percent(judgements: pd.DataFrame) -> float:
    """Agreement in percent, 0 to 100: of the pairs of judgements on a unit how many are the same, averaged
    over the units with at least two; blank where there are none.

    It says nothing of chance: see the head of this module.

    Source: the observed agreement of Fleiss (1971), Psychol. Bull. 76, 378–382.

    >>> percent(pd.DataFrame({"K": ["yes", "no"], "L": ["yes", "yes"]}))
    50.0
    """
    return 100 * _agreeing(counts(judgements))


def pabak(judgements: pd.DataFrame, categories: int | None = None) -> float:
    """The prevalence- and bias-adjusted kappa: (k·p − 1) ÷ (k − 1) for an agreement p and k categories,
    which is 2p − 1 for two; from −1 ÷ (k − 1) to 1, blank where no unit has two judgements.

    `categories` is how many values a coder could choose from; without it, as many as are found, at least
    two. It holds chance agreement to be 1 ÷ k whatever the coders did, so that it is percent agreement on
    another scale, and as easily high for a rare code. Source: Byrt, Bishop and Carlin (1993), J. Clin.
    Epidemiol. 46, 423–429; for more than two categories Brennan and Prediger (1981), Educ. Psychol.
    Meas. 41, 687–699.
    """
    table = counts(judgements)
    number = _number_of(table, categories)
    return (number * _agreeing(table) - 1) / (number - 1)


def ac1(judgements: pd.DataFrame, categories: int | None = None) -> float:
    """Gwet's AC1, at most 1, for any number of coders and with blanks; blank where no unit has two
    judgements.

    `categories` as in `pabak`. A unit with a single judgement counts for how common the values are, not
    for agreement. It takes chance agreement to be small where one value dominates, so that it stays high
    for a rare code; with a single value found it is 1, which says as little as 100 percent does. Source:
    Gwet (2008), Br. J. Math. Stat. Psychol. 61, 29–48; with blanks Gwet (2014), Handbook of Inter-Rater
    Reliability, 4th edition.
    """
    table = counts(judgements)
    number, agreeing = _number_of(table, categories), _agreeing(table)
    judged = table[table.sum(axis=1) > 0]
    common = judged.div(judged.sum(axis=1), axis=0).mean()
    chance = (common * (1 - common)).sum() / (number - 1)
    return float((agreeing - chance) / (1 - chance))


def crossed(judgements: pd.DataFrame) -> pd.DataFrame:
    """The square table of two coders: how many units the first put under the value of the row and the
    second under that of the column. Units that one of them did not judge stay outside.

    Source: Cohen (1960), Educ. Psychol. Meas. 20, 37–46.

    >>> crossed(pd.DataFrame({"K": ["no", "yes", "yes"], "L": ["no", "yes", "no"]})).to_numpy().tolist()
    [[1, 0], [1, 1]]
    """
    if judgements.shape[1] != 2:  # noqa: PLR2004 - two coders
        names = ", ".join(f'"{name}"' for name in judgements) or "none"
        raise ValueError(f"a table of two coders takes two columns of judgements; found: {names}")
    both = judgements.dropna()
    first, second = (both.iloc[:, place].astype(object) for place in (0, 1))
    values = sorted({*first, *second})
    table = pd.crosstab(first.to_numpy(), second.to_numpy()).reindex(index=values, columns=values)
    index, columns = (pd.Index(values, name=name) for name in judgements)
    return table.fillna(0).astype(int).set_axis(index).set_axis(columns, axis=1)


def kappa(table: pd.DataFrame) -> float:
    """Cohen's kappa of a square table of two coders, at most 1; blank where it is undefined, that is where
    the table is empty or both coders used one and the same value only.

    At a high or a very low prevalence it is low even where the coders hardly differ, and it rises where
    they differ in how often they use a value: see the head of this module. Source: Cohen (1960), Educ.
    Psychol. Meas. 20, 37–46.

    >>> round(kappa(pd.DataFrame([[20, 5], [10, 15]])), 4)
    0.4
    """
    shares = _shares(table)
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    if not shares.any() or _one_value(shares):
        return float("nan")
    return float((np.trace(shares) - chance) / (1 - chance))


def kappa_error(table: pd.DataFrame) -> float:
    """The standard error of Cohen's kappa for many units, blank where kappa is.

    It takes the units to be independent, which excerpts of one interview are not. Source: Fleiss, Cohen
    and Everitt (1969), Psychol. Bull. 72, 323–327, formula 13.

    >>> round(kappa_error(pd.DataFrame([[20, 5], [10, 15]])), 4)
    0.127
    """
    shares = _shares(table)
    if not shares.any() or _one_value(shares):
        return float("nan")
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    same, chance = float(np.trace(shares)), float(first @ second)
    pull = (1 - same) * (second[:, None] + first[None, :])
    weight = np.eye(len(shares)) * (1 - chance) - pull
    spread = float((shares * weight**2).sum()) - (same * chance - 2 * chance + same) ** 2
    return float(np.sqrt(max(spread, 0) / table.to_numpy().sum()) / (1 - chance) ** 2)


def fleiss(table: pd.DataFrame) -> float:
    """Fleiss' kappa, at most 1, of a table of subjects × categories that counts the coders who chose each;
    blank where it is undefined: no subjects, fewer than two coders, or one category for all.

    The coders need not be the same people for every subject, but must be as many: a ValueError names a
    subject with more or fewer. Source: Fleiss (1971), Psychol. Bull. 76, 378–382.
    """
    _refuse_no_counts(table)
    coders = table.sum(axis=1)
    fewer = coders[coders < coders.max()]
    if len(fewer):
        raise ValueError(
            f'subject "{fewer.index[0]}" has {fewer.iloc[0]} judgements and another has {coders.max()}; '
            "Fleiss' kappa expects as many for each, alpha and AC1 do not"
        )
    common = table.sum() / max(table.to_numpy().sum(), 1)
    if common.gt(0).sum() < 2:  # noqa: PLR2004 - two categories to tell apart
        return float("nan")
    chance = float((common**2).sum())
    return float((_agreeing(table) - chance) / (1 - chance))


def _paired(table: pd.DataFrame) -> pd.DataFrame:
    """The units with at least two judgements: with one there is nobody to agree with."""
    return table[table.sum(axis=1) > 1]


def _agreeing(table: pd.DataFrame) -> float:
    """The share of pairs of judgements that are the same, averaged over the units that have pairs."""
    paired = _paired(table)
    if paired.empty:
        return float("nan")
    judged = paired.sum(axis=1)
    return float(((paired * (paired - 1)).sum(axis=1) / (judged * (judged - 1))).mean())


def _number_of(table: pd.DataFrame, categories: int | None) -> int:
    number = max(table.shape[1], 2) if categories is None else categories
    if number < max(table.shape[1], 2):
        raise ValueError(
            f"categories={categories}, but {table.shape[1]} different values are found; "
            "at least two, and no fewer than are found, are expected"
        )
    return number


def _shares(table: pd.DataFrame) -> np.ndarray:
    _refuse_no_counts(table)
    if table.shape[0] != table.shape[1] or list(table.index) != list(table.columns):
        raise ValueError(
            f"a table of {table.shape[0]} × {table.shape[1]} values is not square, or its rows and columns "
            "have different names; the values of both coders are expected in the same order"
        )
    numbers = table.to_numpy(dtype=float)
    return numbers / max(numbers.sum(), 1)


def _refuse_no_counts(table: pd.DataFrame) -> None:
    numbers = table.to_numpy(dtype=float)
    wrong = ~(numbers >= 0)
    if wrong.any():
        raise ValueError(f'the table has the value "{numbers[wrong][0]:g}"; counts from 0 up are expected')


def _one_value(shares: np.ndarray) -> bool:
    """Whether both coders put everything under one and the same value."""
    return bool((np.diag(shares) > 0).sum() == 1 and (shares > 0).sum() == 1)
