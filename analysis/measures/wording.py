"""How interviewees put it: words, their company and their places. Field notes are not their words.

Tokens are lower-case words with inner apostrophes and hyphens. What editors put in square brackets is
taken out first, but for a single letter, which is a changed capital ("[O]ften"). nltk does the
counting and scoring and needs no downloaded data for it.
"""

import re

import pandas as pd
from nltk.collocations import BigramCollocationFinder
from nltk.metrics import BigramAssocMeasures
from nltk.text import ConcordanceIndex
from nltk.tokenize import RegexpTokenizer

from analysis.measures.stop_words import STOP_WORDS

CAPITAL = re.compile(r"\[\w\]")
"""A capital that an editor changed: the letter is the speaker's."""
TOKENIZER = RegexpTokenizer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def spoken(text: str) -> str:
    """The text without its editors' insertions.

    Source: the convention of brackets for what an editor inserts.

    >>> spoken("[O]ften I'll be speaking to [name] and she'd say")
    "Often I'll be speaking to  and she'd say"
    """
    return "".join(text[place] for place in _spoken_places(text))


def _spoken_places(text: str) -> list[int]:
    """Where in the text its speaker's own letters are: outside of brackets, or a changed capital."""
    out: set[int] = set()
    for found in re.finditer(r"\[[^\]]*\]", text):
        inside = range(*found.span())
        out |= {inside[0], inside[-1]} if CAPITAL.fullmatch(found.group()) else {*inside}
    return [place for place in range(len(text)) if place not in out]


def tokens(excerpts: pd.DataFrame) -> pd.DataFrame:
    """Every word of the interview excerpts in order: `excerpt, word, position` in the running text.

    Source: this project's own definition of a word, see `TOKENIZER`.
    """
    words = [
        (excerpt, _word(token))
        for excerpt, text in _texts(excerpts).items()
        for token in TOKENIZER.tokenize(spoken(text))
    ]
    return pd.DataFrame(words, columns=["excerpt", "word"]).rename_axis("position").reset_index()


def keyness(words: pd.DataFrame, tops: pd.DataFrame, min_count: int = 2) -> pd.DataFrame:
    """How much more or less often a word stands under one code at the top than under the others.

    `words` from `tokens`, `tops` pairs of excerpt and code. One row per code and word that is no stop
    word and stands at least `min_count` times in all: `count` and in how many `excerpts` here, the
    count elsewhere, rates per thousand words, and the log-likelihood ratio G² of the four counts, in
    units of a chi-squared value with one degree of freedom. Source: Dunning (1993), Comput. Linguist.
    19, 61–74. It misleads where words come in bursts: one person who says "pathway" ten times is not
    ten people.
    """
    totals = words["word"].value_counts()
    kept = sorted(word for word, n in totals.items() if n >= min_count and word not in STOP_WORDS)
    rows = []
    for code in dict.fromkeys(tops["code"]):
        here = words[words["excerpt"].isin(tops.loc[tops["code"] == code, "excerpt"])]
        counts, size, rest = here["word"].value_counts(), len(here), len(words) - len(here)
        spread = here.groupby("word")["excerpt"].nunique()
        for word in kept:
            count, total = int(counts.get(word, 0)), int(totals[word])
            likelihood = BigramAssocMeasures.likelihood_ratio(count, (total, size), len(words)) if rest else 0
            elsewhere = (total - count) / rest * 1000 if rest else 0
            rate = count / size * 1000 if size else 0
            found = (int(spread.get(word, 0)), rate, total - count, elsewhere, max(likelihood, 0))
            rows.append((code, word, count, *found))
    rates = ["per_thousand", "elsewhere", "per_thousand_elsewhere", "log_likelihood"]
    return pd.DataFrame(rows, columns=["code", "word", "count", "excerpts", *rates])


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


def collocations(words: pd.DataFrame, min_count: int = 2) -> pd.DataFrame:
    """Neighbouring words that keep company: `first, second, count, log_likelihood, pmi`.

    Pairs never cross an excerpt's end; pairs with a stop word are left out, and a word's pair with
    itself, which is repetition and no company. `log_likelihood` is as in `keyness`; `pmi` is pointwise
    mutual information in bits. Source: Church and Hanks (1990), Comput. Linguist. 16, 22–29.
    """
    texts = [group["word"].tolist() for _, group in words.groupby("excerpt", sort=False)]
    finder = BigramCollocationFinder.from_documents(texts)
    finder.apply_freq_filter(min_count)
    finder.apply_word_filter(STOP_WORDS.__contains__)
    finder.apply_ngram_filter(lambda first, second: first == second)
    pmi = dict(finder.score_ngrams(BigramAssocMeasures.pmi))
    rows = [
        (*pair, finder.ngram_fd[pair], score, pmi[pair])
        for pair, score in finder.score_ngrams(BigramAssocMeasures.likelihood_ratio)
    ]
    frame = pd.DataFrame(rows, columns=["first", "second", "count", "log_likelihood", "pmi"])
    order = ["count", "log_likelihood", "first", "second"]
    return frame.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def concordance(excerpts: pd.DataFrame, words: list[str], width: int = 40) -> pd.DataFrame:
    """Every place of the words with up to `width` characters on either side, verbatim.

    One row a place: `word, excerpt, left, match, right`; what editors put in brackets is shown, not
    searched. Source: the key word in its context of Luhn (1960), Am. Doc. 11, 288–295.
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
    return frame.sort_values(["word", "excerpt"], kind="stable", ignore_index=True)


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
    return place - bool(CAPITAL.fullmatch(text, place - 1, place + 2))


def _word(token: str) -> str:
    return token.casefold().replace("’", "'")
