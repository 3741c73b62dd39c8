"""How interviewees put it: words, their company and their places. Field notes are not their words.

Words are letters with inner apostrophes and hyphens, in lower case. What editors put in square brackets is
taken out first, but for a single letter, which is a changed capital ("[O]ften"). Words and pairs are counted
where the excerpts are, in memory or in an engine. nltk scores the counts and needs no downloaded data for it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from itertools import count as upwards

import narwhals as nw
import numpy as np
import pandas as pd
from nltk.metrics import BigramAssocMeasures
from nltk.text import ConcordanceIndex

from analysis.frames import Table, beside, collected, lazy, length, neighbours
from analysis.measures.stop_words import STOP_WORDS
from analysis.measures.tally import Digits

BRACKETS = re.compile(r"\[(?:(\w)|[^\]]*)\]")
"""What an editor has changed; only a single letter, a changed capital, is the speaker's."""
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LETTER = r"\p{L}\p{Nl}\p{No}"
r"""`[^\W\d_]` of Python's as engines write it: letters, and the numerals that are no digits."""
APART = rf"[^{LETTER} '-][^{LETTER}]*|[ '-][^{LETTER}]+"
"""What stands between two words, for engines: everything but a single space, apostrophe or hyphen."""
ALIKE = {"’": "'", "İ": "i", "Σ": "σ", "ς": "σ"}
"""What is one sign in a word. Engines and Python differ on the lower case of these three letters only."""
EVERYTHING = ""
"""In the place of a code: all excerpts."""
MILLION = 1_000_000
SUMS = ["count", "excerpts"]
WORD_ROW = {"code": "str", "word": "str", "count": "int64", "excerpts": "int64", "different": "float64"}
PAIR_ROW = {"first": "str", "second": "str", "count": "int64"}


@dataclass(frozen=True)
class Counts:
    """How often words and pairs are said.

    `words` has `code, word, count, excerpts`, once for each code and once for `EVERYTHING`, in order of code
    and word; `pairs` has `first, second, count`. Rare ones are left out of both; `said` is how many words are
    said under each code, and in all, with the rare ones, `different` how many of them are different, and
    `excerpts` how many excerpts have any.
    """

    words: pd.DataFrame
    pairs: pd.DataFrame
    said: dict[str, int]
    different: int
    excerpts: int

    @property
    def length(self) -> int:
        """How many words are said in all."""
        return self.said[EVERYTHING]

    @property
    def totals(self) -> pd.Series:
        """How often each word is said in all, the most frequent first."""
        rows = self.words[self.words["code"] == EVERYTHING]
        return rows.set_index("word")["count"].sort_values(ascending=False, kind="stable")


def spoken(text: str) -> str:
    """The text without its editors' insertions.

    Source: the convention of brackets for what an editor inserts.

    >>> spoken("[O]ften I'll be speaking to [name] and she'd say")
    "Often I'll be speaking to  and she'd say"
    """
    return BRACKETS.sub(lambda found: found[1] or "", text) if "[" in text else text


def _spoken_places(text: str) -> list[int]:
    """Where in the text its speaker's own letters are, as `spoken` takes them."""
    out: set[int] = set()
    for found in BRACKETS.finditer(text):
        out |= {*range(*found.span())} - {*range(*found.span(1))}
    return [place for place in range(len(text)) if place not in out]


def _numbered(texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Every word in order as its number, how many words each text has, and the words by number.

    No word has a space in it, so what stands between spaces is looked into once, however often it is said.
    """
    pieces, words = defaultdict(upwards().__next__), defaultdict(upwards().__next__)
    sizes: list[int] = []

    def apart() -> Iterator[list[str]]:
        for text in texts:
            found = spoken(text).split()
            sizes.append(len(found))
            yield found

    place = np.fromiter(map(pieces.__getitem__, chain.from_iterable(apart())), dtype=np.int64)
    end = words["\n"]  # of a piece
    parts = re.findall(rf"{WORD.pattern}|\n", _lower("".join(f"{piece}\n" for piece in pieces)))
    inside = np.array([words[part] for part in parts], dtype=np.int64)
    last = np.flatnonzero(inside == end)
    several = (np.diff(last, prepend=-1) - 1)[place]
    after = np.cumsum(np.append(0, several))
    order = np.arange(after[-1]) + np.repeat(last[place] - after[1:], several)
    lengths = np.diff(after[np.cumsum([0, *sizes])])
    return (inside - 1)[order], lengths, [*words][1:]


def tokens(excerpts: pd.DataFrame) -> pd.DataFrame:
    """Every word of the interview excerpts in order: `excerpt, word, position` in the running text.

    Source: this project's own definition of a word, see `WORD`.
    """
    texts = _texts(excerpts)
    ids, lengths, words = _numbered(texts.values())
    columns = {"excerpt": np.repeat(np.array([*texts], dtype=object), lengths)}
    columns["word"] = np.array(words, dtype=object)[ids]
    return pd.DataFrame(columns, dtype="str").rename_axis("position").reset_index()


def counts(excerpts: Table, tops: Table, min_count: int = 2) -> Counts:
    """How often words and pairs of neighbouring words are said: in all, and words under each code.

    `tops` are pairs of excerpt and code, as `codes.top_of` gives them. Words and pairs that are said less
    than `min_count` times in all are left out, and of millions of words also pairs that are said less than
    once in each million. Pairs never cross an excerpt's end; pairs with a stop word are
    left out, and a word's pair with itself, which is repetition and no company. Excerpts in an engine are
    counted there.

    Source: plain counts of this project's own definition of a word, see `WORD`; letter for letter the
    same in memory and in an engine.
    """
    said = _InEngine(excerpts) if isinstance(excerpts, nw.LazyFrame) else _InMemory(excerpts)
    if isinstance(excerpts, pd.DataFrame) or isinstance(tops, pd.DataFrame):
        tops = beside(tops if isinstance(tops, pd.DataFrame) else collected(tops), lazy(excerpts))
    first = tops.group_by("code").agg(nw.col("excerpt").min()).select("excerpt", "code")
    codes = [*collected(first)["code"]]  # in the order of their first excerpts
    digits = Digits.of(pd.DataFrame({"code": codes, "parent": None}, dtype="str"), 1)
    numbers = [nw.col(column).cast(nw.String) for column in digits.columns]
    sets = digits.on_excerpts(tops.select("excerpt", "code"))
    sets = sets.select("excerpt", set=nw.concat_str(numbers, separator=" "))
    rows = _under_codes(said.words(sets), digits, min_count)
    silent = rows["word"].eq("")
    having = said.texts - rows.loc[silent & rows["code"].eq(EVERYTHING), "count"].sum()
    rows = rows[~silent].astype(WORD_ROW)[[*WORD_ROW]].sort_values(["code", "word"])
    many = dict.fromkeys([EVERYTHING, *codes], 0) | rows.groupby("code")["count"].sum().to_dict()
    pairs = said.pairs(max(min_count, many[EVERYTHING] // MILLION))
    pairs = pairs[pairs["first"] != pairs["second"]].astype(PAIR_ROW)
    stop = pairs["first"].isin(STOP_WORDS) | pairs["second"].isin(STOP_WORDS)
    return Counts(
        rows.drop(columns="different").dropna(subset="word", ignore_index=True),
        pairs[~stop].sort_values(["first", "second"], ignore_index=True),
        many,
        round(rows.loc[rows["code"] == EVERYTHING, "different"].sum()),
        int(having),
    )


class _InMemory:
    """The words of excerpts in memory: numbers, in order, that are sorted to be counted."""

    def __init__(self, excerpts: pd.DataFrame) -> None:
        texts = _texts(excerpts)
        ids, lengths, words = _numbered(texts.values())
        self.texts = len(texts)
        self._excerpts, self._ids, self._words = [*texts], ids, np.array(["", *words], dtype=object)
        self._text = np.repeat(np.arange(self.texts), lengths)
        self._silent = np.flatnonzero(lengths == 0)

    def words(self, sets: nw.LazyFrame) -> nw.LazyFrame:
        """As `_InEngine.words`."""
        of = sets.collect().to_native().set_index("excerpt")["set"].reindex(self._excerpts)
        number, names = pd.factorize(of, use_na_sentinel=False)
        first = number * len(self._words) * self.texts + np.arange(self.texts)
        numbers = np.concatenate([first[self._text] + (self._ids + 1) * self.texts, first[self._silent]])
        numbers, each = _sorted(numbers)
        words, those = _sorted(numbers[each[:-1]] // max(self.texts, 1))
        of, word = np.divmod(words[those[:-1]], len(self._words))
        rows = pd.DataFrame({"set": names[of], "word": self._words[word]}, dtype="str")
        return lazy(rows.assign(count=np.diff(each[those]), excerpts=np.diff(those)))

    def pairs(self, least: int) -> pd.DataFrame:
        """As `_InEngine.pairs`."""
        one = self._text[1:] == self._text[:-1]
        numbers, each = _sorted((self._ids[:-1] * len(self._words) + self._ids[1:])[one])
        count = np.diff(each)
        first, second = np.divmod(numbers[each[:-1]][count >= least], len(self._words))
        sides = {"first": self._words[first + 1], "second": self._words[second + 1]}
        return pd.DataFrame(sides, dtype="str").assign(count=count[count >= least])


def _sorted(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers in order, and where each different one begins, with the end; faster than hashed."""
    numbers = np.sort(numbers)
    new = np.append(True, numbers[1:] != numbers[:-1])[: len(numbers)]
    return numbers, np.append(np.flatnonzero(new), len(numbers))


class _InEngine:
    """The words of excerpts in an engine, which makes lists of them."""

    def __init__(self, excerpts: nw.LazyFrame) -> None:
        texts = excerpts.filter(nw.col("source") == "interview", ~nw.col("text").is_null())
        group = "$1" if excerpts.implementation.is_spark_like() else r"\1"  # the first of a pattern
        self.texts = length(texts)
        self._lists = texts.select("excerpt", words=_apart(nw.col("text"), group).str.split(" "))

    def words(self, sets: nw.LazyFrame) -> nw.LazyFrame:
        """How often each word is said by the set of codes of its excerpt, of pairs `excerpt, set`.

        What comes back has `set, word, count, excerpts`. The set is blank where an excerpt has none, and the
        word is empty for excerpts in which there is none.
        """
        lists = self._lists.join(sets, on="excerpt", how="left")
        lists = lists.select("set", count="words", excerpts=nw.col("words").list.unique())
        each = lists.unpivot(SUMS, index="set", variable_name="of", value_name="word")  # texts are read once
        each = each.explode("word", empty_as_null=False, keep_nulls=False).group_by("set", "of", "word")
        sums = [nw.when(nw.col("of") == of).then("n").otherwise(0).sum().alias(of) for of in SUMS]
        return each.agg(n=nw.len()).group_by("set", "word").agg(*sums)

    def pairs(self, least: int) -> pd.DataFrame:
        """Which words stand beside each other at least so many times: `first, second, count`."""
        pairs = neighbours(self._lists, "words").group_by("first", "second").agg(count=nw.len())
        return collected(pairs.filter(nw.col("count") >= least))


def _apart(text: nw.Expr, group: str) -> nw.Expr:
    """The words of a text with a space between them."""
    brackets = BRACKETS.pattern.replace(r"\w", r"[\p{L}\p{N}_]")
    text = text.str.replace_all(brackets, group)
    for sign, alike in ALIKE.items():
        text = text.str.replace_all(sign, alike, literal=True)
    return text.str.to_lowercase().str.replace_all(APART, " ").str.strip_chars(" '-")


def _under_codes(words: nw.LazyFrame, digits: Digits, min_count: int) -> pd.DataFrame:
    """The words of each code, of those of each set of codes: `code, word, count, excerpts, different`. Words
    that are said too seldom in all are taken together, as a blank one of so many `different` ones.
    """
    none = " ".join("0" for _ in digits.columns)
    often = (nw.col("count").sum().over("word") >= min_count) | (nw.col("word") == "")
    share = 1 / nw.len().over("word")  # of a word, by sets: together they are one
    words = words.with_columns(set=nw.col("set").fill_null(none), often=often, different=share)
    words = words.with_columns(word=nw.when("often").then("word"))
    sums = [*SUMS, "different"]
    rows = collected(words.group_by("set", "word").agg(nw.col(*sums).sum()))
    number, sets = pd.factorize(rows["set"])
    held = digits.held(pd.DataFrame([map(int, name.split(" ")) for name in sets], columns=digits.columns))
    parts = {EVERYTHING: rows} | {code: rows[held[code].to_numpy()[number]] for code in digits.codes}
    summed = [
        some.groupby("word", dropna=False)[sums].sum().reset_index().assign(code=code)
        for code, some in parts.items()
    ]
    return pd.concat(summed, ignore_index=True)


def keyness(counts: Counts) -> pd.DataFrame:
    """How much more or less often a word stands under one code at the top than under the others.

    One row per code and word that is no stop word: `count` and in how many `excerpts` here, the
    count elsewhere, rates per thousand words, and the log-likelihood ratio G² of the four counts, in
    units of a chi-squared value with one degree of freedom. Source: Dunning (1993), Comput. Linguist.
    19, 61–74. It misleads where words come in bursts: one person who says "pathway" ten times is not
    ten people.
    """
    totals = counts.totals.drop(STOP_WORDS, errors="ignore").sort_index()
    here = counts.words.set_index(["code", "word"])[SUMS]
    found = dict(zip(here.index, here.to_numpy().tolist(), strict=True))
    rows: list[tuple[object, ...]] = []
    for code, size in counts.said.items():
        rest = counts.length - size
        for word, total in totals.items() if code != EVERYTHING else ():
            count, spread = found.get((code, word), (0, 0))
            marginals = (count, (total, size), counts.length)
            likelihood = BigramAssocMeasures.likelihood_ratio(*marginals) if rest else 0
            elsewhere = (total - count) / rest * 1000 if rest else 0
            rate = count / size * 1000 if size else 0
            rows.append((code, word, count, spread, rate, total - count, elsewhere, max(likelihood, 0)))
    columns = ["count", "excerpts", "per_thousand", "elsewhere", "per_thousand_elsewhere", "log_likelihood"]
    return pd.DataFrame(rows, columns=["code", "word", *columns])


def distinctive(keys: pd.DataFrame, each: int = 3) -> list[str]:
    """The words that stand out most under each code at the top, `each` a code, none twice.

    Only words of two excerpts or more: what one person repeats stands out for that person.

    Source: `keyness`.
    """
    over = keys[(keys["per_thousand"] > keys["per_thousand_elsewhere"]) & (keys["excerpts"] > 1)]
    place = over["code"].map({code: place for place, code in enumerate(keys["code"].drop_duplicates())})
    ranked = over.assign(place=place).sort_values(
        ["place", "log_likelihood", "word"], ascending=[True, False, True]
    )
    return [*dict.fromkeys(ranked.groupby("code", sort=False).head(each)["word"])]


def collocations(counts: Counts) -> pd.DataFrame:
    """Neighbouring words that keep company: `first, second, count, log_likelihood, pmi`.

    `log_likelihood` is as in `keyness`; `pmi` is pointwise mutual information in bits. Source: Church and
    Hanks (1990), Comput. Linguist. 16, 22–29.
    """
    totals, rows = counts.totals, []
    for first, second, both in counts.pairs.itertuples(index=False):
        marginals = (both, (int(totals[first]), int(totals[second])), counts.length)
        scores = BigramAssocMeasures.likelihood_ratio(*marginals), BigramAssocMeasures.pmi(*marginals)
        rows.append((first, second, both, *scores))
    frame = pd.DataFrame(rows, columns=["first", "second", "count", "log_likelihood", "pmi"])
    order = ["count", "log_likelihood", "first", "second"]
    return frame.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def concordance(
    excerpts: pd.DataFrame, words: list[str], width: int = 40, most: int = 200, seed: int = 1
) -> pd.DataFrame:
    """The places of the words with up to `width` characters on either side, verbatim.

    One row a place: `word, excerpt, left, match, right`; what editors put in brackets is shown, not
    searched. Of a word with more than `most` places so many are drawn at random. Source: the key word in
    its context of Luhn (1960), Am. Doc. 11, 288–295.
    """
    rows = []
    for excerpt, text in _texts(excerpts).items():
        here, said = _spoken_places(text), spoken(text)
        spans = [found.span() for found in WORD.finditer(said)]
        index = ConcordanceIndex([_lower(said[start:end]) for start, end in spans])
        for word in words:
            for start, end in (spans[place] for place in index.offsets(word)):
                first, last = _bracketed(text, here[start]), here[end - 1] + 1
                left = text[max(0, first - width) : first].strip()
                rows.append((word, excerpt, left, text[first:last], text[last : last + width].strip()))
    frame = pd.DataFrame(rows, columns=["word", "excerpt", "left", "match", "right"])
    frame = frame.sort_values(["word", "excerpt"], kind="stable", ignore_index=True)
    drawn = frame.sample(frac=1, random_state=seed).groupby("word").head(most)
    return drawn.sort_index(ignore_index=True)


def found(excerpts: pd.DataFrame, phrase: str, width: int = 60) -> pd.DataFrame:
    """Every place where words of the phrase begin, with up to `width` characters on either side, verbatim.

    One row a place, in the order of the excerpts: `excerpt, left, match, right`. "meet" finds "meetings";
    case and the form of apostrophes and spaces do not matter; what editors put in brackets is shown, not
    searched.

    Source: Luhn (1960), as `concordance`.
    """
    words = [re.escape(word).replace("'", "['’]") for word in phrase.replace("’", "'").split()]
    if not words:
        return pd.DataFrame(columns=["excerpt", "left", "match", "right"], dtype="str")
    sought = re.compile(r"(?<!\w)" + r"\s+".join(words) + r"\w*", re.IGNORECASE)
    first = re.compile(words[0] + r"|\[", re.IGNORECASE)  # looked for in all texts, at little cost
    rows = []
    for excerpt, text in _texts(excerpts).items():
        if first.search(text):
            here = _spoken_places(text)
            for one in sought.finditer(spoken(text)):
                start, end = _bracketed(text, here[one.start()]), here[one.end() - 1] + 1
                left, right = text[max(0, start - width) : start], text[end : end + width]
                rows.append((excerpt, left, text[start:end], right))
    return pd.DataFrame(rows, columns=["excerpt", "left", "match", "right"])


def places(words: pd.DataFrame, chosen: list[str]) -> pd.DataFrame:
    """Where the chosen words stand in the running text: `word, position, excerpt`.

    Source: `tokens`.
    """
    return words[words["word"].isin(chosen)][["word", "position", "excerpt"]].reset_index(drop=True)


def _texts(excerpts: pd.DataFrame) -> dict[str, str]:
    """What is printed of each interview excerpt."""
    said = excerpts[(excerpts["source"] == "interview") & excerpts["text"].notna()]
    return dict(zip(said["excerpt"].tolist(), said["text"].tolist(), strict=True))


def _bracketed(text: str, place: int) -> int:
    """Where a word begins that has a changed capital at that place: at its bracket."""
    found = BRACKETS.match(text, place - 1) if place else None
    return place - bool(found and found[1])


def _lower(text: str) -> str:
    for sign, alike in ALIKE.items():
        text = text.replace(sign, alike)
    return text.lower()
