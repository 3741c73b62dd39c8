"""How interviewees put it: words, their company and their places. Field notes are not their words.

Words are letters with inner apostrophes and hyphens, in lower case. What editors put in square brackets is
taken out first, but for a single letter, which is a changed capital ("[O]ften"). Words and pairs are counted
where the excerpts are, in memory or in an engine. nltk scores the counts and needs no downloaded data for it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from itertools import count as upwards

import narwhals as nw
import numpy as np
import pandas as pd
from nltk.metrics import BigramAssocMeasures
from nltk.text import ConcordanceIndex

from analysis.frames import Table, beside, collected, lazy, length
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
WORD_ROW = {"code": "str", "word": "str", "count": "int64", "excerpts": "int64", "different": "int64"}
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
    return BRACKETS.sub(r"\1", text) if "[" in text else text


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
    places: list[int] = []
    ends = [0]
    for text in texts:
        places.extend(map(pieces.__getitem__, spoken(text).split()))
        ends.append(len(places))
    inside = [[words[word] for word in WORD.findall(_lower(piece))] for piece in pieces]
    first = np.cumsum([0, *map(len, inside)])
    place = np.array(places, dtype=np.int64)
    several = np.diff(first)[place]
    before = np.concatenate([[0], np.cumsum(several)])
    order = np.repeat(first[place] - before[:-1], several) + np.arange(before[-1])
    ids = np.array([*chain.from_iterable(inside)], dtype=np.int64)[order]
    return ids, np.diff(before[ends]), [*words]


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
    counted = _in_engine if isinstance(excerpts, nw.LazyFrame) else _in_memory
    rows, pairs, texts = counted(excerpts, tops, min_count)
    silent = rows["word"].eq("")
    having = texts - rows.loc[silent & rows["code"].eq(EVERYTHING), "count"].sum()
    rows = rows[~silent].astype(WORD_ROW)[[*WORD_ROW]].sort_values(["code", "word"])
    codes = collected(lazy(tops).group_by("code").agg(nw.col("excerpt").min()).select("excerpt", "code"))
    said = dict.fromkeys([EVERYTHING, *codes["code"]], 0) | rows.groupby("code")["count"].sum().to_dict()
    pairs = pairs[pairs["first"] != pairs["second"]].astype(PAIR_ROW)
    stop = pairs["first"].isin(STOP_WORDS) | pairs["second"].isin(STOP_WORDS)
    return Counts(
        rows.drop(columns="different").dropna(subset="word", ignore_index=True),
        pairs[~stop].sort_values(["first", "second"], ignore_index=True),
        said,
        int(rows.loc[rows["code"] == EVERYTHING, "different"].sum()),
        int(having),
    )


Counted = tuple[pd.DataFrame, pd.DataFrame, int]
"""The `code, word, count, excerpts, different` of words, where an empty word stands for excerpts that have
none, and a missing one for all that are rare; the `first, second, count` of frequent pairs; and the number
of excerpts.
"""


def _frequent(words: nw.LazyFrame, of: str, total: nw.Expr, min_count: int) -> pd.DataFrame:
    """The rows of words, those taken together that are said too seldom in all."""
    often = (total.over("word") >= min_count) | (nw.col("word") == "")
    words = words.with_columns(word=nw.when(often).then("word"))
    return collected(words.group_by(of, "word").agg(nw.col(*SUMS, "different").sum()))


def _in_memory(excerpts: pd.DataFrame, tops: Table, min_count: int) -> Counted:
    texts = _texts(excerpts)
    ids, lengths, words = _numbered(texts.values())
    several, names = max(len(words), 1), pd.Series(words, dtype="str")
    excerpt = np.repeat(np.arange(len(lengths)), lengths)
    places, count = _runs(excerpt * several + ids)
    excerpt_of, word_of = np.divmod(places, several)
    tops, rows = tops if isinstance(tops, pd.DataFrame) else collected(tops), []
    under = tops.groupby("code")["excerpt"].agg(list).to_dict()
    for code, those in {EVERYTHING: [*texts], **under}.items():
        here = pd.Index([*texts], dtype="str").isin(those)[excerpt_of]
        found = np.bincount(word_of[here], minlength=len(words))
        said = np.bincount(word_of[here], count[here], len(words)).astype(np.int64)
        row = pd.DataFrame({"code": code, "word": names, "count": said, "excerpts": found, "different": 1})
        rows.append(row[row["count"] > 0])
    pairs, times = _runs((ids[:-1] * several + ids[1:])[excerpt[:-1] == excerpt[1:]])
    frequent = times >= max(min_count, len(ids) // MILLION)
    first, second = (names.array[place] for place in np.divmod(pairs[frequent], several))
    pairs = pd.DataFrame({"first": first, "second": second, "count": times[frequent]})
    rows = lazy(pd.concat(rows, ignore_index=True))
    in_all = nw.col("count").max()  # the count under no code in particular is the largest
    return _frequent(rows, "code", in_all, min_count), pairs, (lengths > 0).sum()


def _runs(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers in order, and how often each is there; sorted, which is faster than hashed."""
    numbers = np.sort(numbers)
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[starts], np.diff(starts, append=len(numbers))


def _in_engine(excerpts: nw.LazyFrame, tops: Table, min_count: int) -> Counted:
    group = "$1" if excerpts.implementation.is_spark_like() else r"\1"  # the first of a pattern
    texts = excerpts.filter(nw.col("source") == "interview", ~nw.col("text").is_null())
    said = texts.select("excerpt", said=_apart(nw.col("text"), group))
    words = _words(said, tops if isinstance(tops, nw.LazyFrame) else beside(tops, excerpts), min_count)
    # "a b c" becomes "a b", "b c" and "c": every word but the first is there twice.
    doubled = nw.col("said").str.replace_all(" ([^ ]+)", f" {group}\t{group}")
    each = _exploded(said.select("excerpt", pair=doubled.str.split("\t")), "pair", "excerpt")
    in_all = words.loc[words["code"].eq(EVERYTHING) & words["word"].ne(""), "count"].sum()
    least = max(min_count, int(in_all) // MILLION)
    pairs = collected(each.group_by("pair").agg(count=nw.len()).filter(nw.col("count") >= least))
    split = [(*pair.split(" "), count) for pair, count in pairs.itertuples(index=False) if " " in pair]
    pairs = pd.DataFrame(split, columns=[*PAIR_ROW])
    return words, pairs, length(texts)


def _apart(text: nw.Expr, group: str) -> nw.Expr:
    """The words of a text with a space between them."""
    brackets = BRACKETS.pattern.replace(r"\w", r"[\p{L}\p{N}_]")
    text = text.str.replace_all(brackets, group)
    for sign, alike in ALIKE.items():
        text = text.str.replace_all(sign, alike, literal=True)
    return text.str.to_lowercase().str.replace_all(APART, " ").str.strip_chars(" '-")


def _words(said: nw.LazyFrame, tops: nw.LazyFrame, min_count: int) -> pd.DataFrame:
    """The words of each code, counted by the set of codes that their excerpt stands under: few sets, and no
    row is kept for an excerpt."""
    codes = [*collected(tops.select("code").unique())["code"]]
    digits = Digits.of(pd.DataFrame({"code": codes, "parent": None}, dtype="str"), 1)
    sets = digits.on_excerpts(tops.select("excerpt", "code"))
    numbers = [nw.col(column).cast(nw.String) for column in digits.columns]
    sets = sets.select("excerpt", set=nw.concat_str(numbers, separator=" "))
    none = " ".join("0" for _ in numbers)
    said = said.join(sets, on="excerpt", how="left").with_columns(set=nw.col("set").fill_null(none))
    words = said.select("set", word=nw.col("said").str.split(" "))
    once = words.with_columns(word=nw.col("word").list.unique())
    count = _exploded(words, "word", "set").group_by("set", "word").agg(count=nw.len())
    spread = _exploded(once, "word", "set").group_by("set", "word").agg(excerpts=nw.len())
    first = nw.col("set") == nw.col("set").min().over("word")  # else it is another word in each set
    found = count.join(spread, on=["set", "word"]).with_columns(first=first)
    found = found.with_columns(different=nw.when("first").then(1).otherwise(0))
    rows = _frequent(found, "set", nw.col("count").sum(), min_count)
    numbers = rows["set"].str.split(" ", expand=True).reindex(columns=range(len(digits.columns)))
    held = digits.held(numbers.astype(int).set_axis(digits.columns, axis=1))
    parts = {EVERYTHING: rows} | {code: rows[held[code]] for code in codes}
    summed = [
        some.groupby("word", dropna=False)[[*SUMS, "different"]].sum().reset_index().assign(code=code)
        for code, some in parts.items()
    ]
    return pd.concat(summed, ignore_index=True)


def _exploded(lists: nw.LazyFrame, column: str, beside: str) -> nw.LazyFrame:
    """A row for each of what is listed in the column.

    Unpivoted first, since DuckDB makes the lists anew for every condition that `explode` sets.
    """
    rows = lists.unpivot(column, index=beside, variable_name="is", value_name=column)
    return rows.explode(column, empty_as_null=False, keep_nulls=False).select(beside, column)


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
