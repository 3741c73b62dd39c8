"""How interviewees put it: words, their company and their places. Field notes are not their words.

Words are letters with inner apostrophes and hyphens, in lower case. What editors put in square brackets is
taken out first, but for a single letter, which is a changed capital ("[O]ften"). Words and pairs are counted
where the excerpts are, in memory or in an engine; nltk scores the counts, and needs no downloaded data for it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import narwhals as nw
import numpy as np
import pandas as pd
from nltk.metrics import BigramAssocMeasures
from nltk.text import ConcordanceIndex
from nltk.tokenize import RegexpTokenizer

from analysis.frames import Table, beside, collected, lazy
from analysis.measures.stop_words import STOP_WORDS

BRACKETS = re.compile(r"\[(?:(\w)|[^\]]*)\]")
"""What an editor has changed; only a single letter, a changed capital, is the speaker's."""
TOKENIZER = RegexpTokenizer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LETTER = r"\p{L}\p{Nl}\p{No}"
r"""`[^\W\d_]` of Python's as engines write it: letters, and the numerals that are no digits."""
APART = rf"[^{LETTER} '-][^{LETTER}]*|[ '-][^{LETTER}]+"
"""What stands between two words, for engines: everything but a single space, apostrophe or hyphen."""
ALIKE = {"’": "'", "İ": "i", "Σ": "σ", "ς": "σ"}
"""What is one sign in a word. Engines and Python differ on the lower case of these three letters only."""
EVERYTHING = ""
"""In the place of a code: all excerpts."""


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
    return BRACKETS.sub(r"\1", text)


def _spoken_places(text: str) -> list[int]:
    """Where in the text its speaker's own letters are, as `spoken` takes them."""
    out: set[int] = set()
    for found in BRACKETS.finditer(text):
        out |= {*range(*found.span())} - {*range(*found.span(1))}
    return [place for place in range(len(text)) if place not in out]


class _Numbers(dict[str, tuple[int, ...]]):
    """The numbers of the words in a piece of text between spaces, which is looked into once."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}

    def __missing__(self, piece: str) -> tuple[int, ...]:
        words = map(_word, TOKENIZER.tokenize(piece))
        self[piece] = tuple(self.words.setdefault(word, len(self.words)) for word in words)
        return self[piece]


def _numbered(texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Every word in order as its number, how many words each text has, and the words by number."""
    numbers, ids, ends = _Numbers(), [], [0]
    for text in texts:
        ids.extend(chain.from_iterable(map(numbers.__getitem__, spoken(text).split())))
        ends.append(len(ids))
    return np.array(ids, dtype=np.int64), np.diff(ends), [*numbers.words]


def tokens(excerpts: pd.DataFrame) -> pd.DataFrame:
    """Every word of the interview excerpts in order: `excerpt, word, position` in the running text.

    Source: this project's own definition of a word, see `TOKENIZER`.
    """
    texts = _texts(excerpts)
    ids, lengths, words = _numbered(texts.values())
    columns = {"excerpt": np.repeat(np.array([*texts], dtype=object), lengths)}
    columns["word"] = np.array(words, dtype=object)[ids]
    return pd.DataFrame(columns, dtype="str").rename_axis("position").reset_index()


def counts(excerpts: Table, tops: Table, min_count: int = 2) -> Counts:
    """How often words and pairs of neighbouring words are said: in all, and words under each code.

    `tops` are pairs of excerpt and code, as `codes.top_of` gives them. Words and pairs that are said less than `min_count` times in all are
    left out. Pairs never cross an excerpt's end; pairs with a stop word are left out, and a word's pair with
    itself, which is repetition and no company. Excerpts in an engine are counted there.

    Source: plain counts of this project's own definition of a word, see `TOKENIZER`; letter for letter the
    same in memory and in an engine.
    """
    count = _in_engine if isinstance(excerpts, nw.LazyFrame) else _in_memory
    words, pairs, having = count(excerpts, tops)
    often = nw.col("count").max().over("word") >= min_count  # the count in all is the largest
    words = words.with_columns(word=nw.when(often).then("word")).group_by("code", "word")
    rows = collected(words.agg(nw.col("count", "excerpts").sum(), different=nw.len()))
    rows = rows.astype(dict.fromkeys(["count", "excerpts", "different"], "int64"))
    codes = collected(lazy(tops).group_by("code").agg(nw.col("excerpt").min()).select("excerpt", "code"))
    said = dict.fromkeys([EVERYTHING, *codes["code"]], 0) | rows.groupby("code")["count"].sum().to_dict()
    stop = nw.col("first").is_in(STOP_WORDS) | nw.col("second").is_in(STOP_WORDS)
    kept = (nw.col("count") >= min_count) & (nw.col("first") != nw.col("second")) & ~stop
    return Counts(
        rows.drop(columns="different").dropna(subset="word", ignore_index=True),
        collected(pairs.filter(kept).select("first", "second", "count")),
        said,
        int(rows.loc[rows["code"] == EVERYTHING, "different"].sum()),
        having,
    )


Counted = tuple[nw.LazyFrame, nw.LazyFrame, int]
"""Rows of `code, word, count, excerpts` and of `first, second, count`, and how many excerpts have words."""


def _in_memory(excerpts: pd.DataFrame, tops: pd.DataFrame) -> Counted:
    texts = _texts(excerpts)
    ids, lengths, words = _numbered(texts.values())
    several, names = max(len(words), 1), pd.Series(words, dtype="str")
    excerpt = np.repeat(np.arange(len(lengths)), lengths)
    places, count = _runs(excerpt * several + ids)
    excerpt_of, word_of = np.divmod(places, several)
    under, rows = tops.groupby("code")["excerpt"].agg(list).to_dict(), []
    for code, those in {EVERYTHING: [*texts], **under}.items():
        here = pd.Index([*texts], dtype="str").isin(those)[excerpt_of]
        found = np.bincount(word_of[here], minlength=len(words))
        said = np.bincount(word_of[here], count[here], len(words)).astype(np.int64)
        row = pd.DataFrame({"code": code, "word": names, "count": said, "excerpts": found})
        rows.append(row[row["count"] > 0].astype({"code": "str"}))
    beside_each_other = (excerpt[:-1] == excerpt[1:]) & (ids[:-1] != ids[1:])
    pairs, times = _runs((ids[:-1] * several + ids[1:])[beside_each_other])
    first, second = (names.take(place).reset_index(drop=True) for place in np.divmod(pairs, several))
    pairs = pd.DataFrame({"first": first, "second": second, "count": times})
    return lazy(pd.concat(rows, ignore_index=True)), lazy(pairs), int((lengths > 0).sum())


def _runs(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers in order, and how often each is there: by sorting, which is faster than hashing."""
    numbers = np.sort(numbers)
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[starts], np.diff(starts, append=len(numbers))


def _in_engine(excerpts: nw.LazyFrame, tops: Table) -> Counted:
    one = "$1" if excerpts.implementation.is_spark_like() else r"\1"  # what a pattern's first group has matched
    texts = excerpts.filter(nw.col("source") == "interview", ~nw.col("text").is_null())
    said = texts.select("excerpt", said=_apart(nw.col("text"), one))
    words = _pieces(said.select("excerpt", piece=nw.col("said").str.split(" ")))
    words = words.group_by("excerpt", "piece").agg(count=nw.len())
    tops = tops if isinstance(tops, nw.LazyFrame) else beside(tops, excerpts)
    everything = texts.select("excerpt", code=nw.lit(EVERYTHING))
    under = nw.concat([everything, tops.select("excerpt", "code").unique()])
    words = words.join(under, on="excerpt").group_by("code", "piece")
    words = words.agg(nw.col("count").sum().cast(nw.Int64), excerpts=nw.len().cast(nw.Int64))
    doubled = nw.col("said").str.replace_all(" ([^ ]+)", f" {one}\t{one}")
    pairs = _pieces(said.select("excerpt", piece=doubled.str.split("\t")))
    pairs = pairs.group_by("piece").agg(count=nw.len().cast(nw.Int64)).filter(nw.col("piece").str.contains(" "))
    both = nw.col("piece").str.split(" ")
    pairs = pairs.with_columns(first=both.list.get(0), second=both.list.get(1))
    having = said.select((nw.col("said") != "").cast(nw.Int64).sum())
    words = words.rename({"piece": "word"}).filter(nw.col("word") != "")
    return words, pairs, int(having.collect("pandas").item() or 0)


def _apart(text: nw.Expr, one: str) -> nw.Expr:
    """The words of a text with a space between them."""
    engines = BRACKETS.pattern.replace(r"\w", r"[\p{L}\p{N}_]")
    text = text.str.replace_all(engines, one)
    for sign, alike in ALIKE.items():
        text = text.str.replace_all(sign, alike, literal=True)
    return text.str.to_lowercase().str.replace_all(APART, " ").str.strip_chars(" '-")


def _pieces(lists: nw.LazyFrame) -> nw.LazyFrame:
    """A row for each of the pieces, which are in lists.

    Unpivoted first: DuckDB would make the lists anew for every condition that `explode` sets.
    """
    rows = lists.unpivot("piece", index="excerpt", variable_name="is", value_name="lists")
    rows = rows.explode("lists", empty_as_null=False, keep_nulls=False)
    return rows.select("excerpt", piece="lists")


def keyness(counts: Counts) -> pd.DataFrame:
    """How much more or less often a word stands under one code at the top than under the others.

    One row per code and word that is no stop word: `count` and in how many `excerpts` here, the
    count elsewhere, rates per thousand words, and the log-likelihood ratio G² of the four counts, in
    units of a chi-squared value with one degree of freedom. Source: Dunning (1993), Comput. Linguist.
    19, 61–74. It misleads where words come in bursts: one person who says "pathway" ten times is not
    ten people.
    """
    totals = counts.totals.drop(STOP_WORDS, errors="ignore").sort_index()
    here = counts.words.set_index(["code", "word"])[["count", "excerpts"]]
    found = {(*key,): row for key, row in zip(here.index, here.to_numpy().tolist(), strict=True)}
    everything, rows = counts.said[EVERYTHING], []
    for code, size in counts.said.items():
        rest = everything - size
        for word, total in totals.items() if code != EVERYTHING else ():
            count, spread = found.get((code, word), (0, 0))
            likelihood = BigramAssocMeasures.likelihood_ratio(count, (total, size), everything) if rest else 0
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
    totals, everything = counts.totals, counts.said[EVERYTHING]
    rows = []
    for first, second, count in counts.pairs.itertuples(index=False):
        marginals = (count, (int(totals[first]), int(totals[second])), everything)
        scores = BigramAssocMeasures.likelihood_ratio(*marginals), BigramAssocMeasures.pmi(*marginals)
        rows.append((first, second, count, *scores))
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
        spans = [*TOKENIZER.span_tokenize(said)]
        index = ConcordanceIndex([_word(said[start:end]) for start, end in spans])
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
    return dict(zip(said["excerpt"], said["text"], strict=True))


def _bracketed(text: str, place: int) -> int:
    """Where a word begins that has a changed capital at that place: at its bracket."""
    found = BRACKETS.match(text, place - 1) if place else None
    return place - bool(found and found[1])


def _word(token: str) -> str:
    return token.translate(str.maketrans(ALIKE)).lower()
