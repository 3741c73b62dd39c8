"""How many words a second are found and counted on one core: by this project, and by what one would write
first.

Ours give each word with its excerpt and its place, or count words in all and under three codes, the excerpts
that each stands in, and pairs of neighbouring words; the others count words in all and nothing else. The
seconds are the processor's, so that whatever else the machine does is not counted.
"""

import contextlib
import importlib.util
import os
import random
import re
import time
from collections import Counter
from itertools import accumulate

import duckdb
import narwhals as nw
import pandas as pd
from nltk.tokenize import RegexpTokenizer

from analysis import PAPER, study
from analysis.measures import wording

LONG, CODES, DIFFERENT, ROUNDS = 60, "abc", 30_000, 3
SYLLABLES = ["ca", "re", "mee", "ting", "team", "wor", "ker", "lo", "cal", "hos", "pi", "tal", "é"]


def published(words, generator):
    """Texts of words of the published quotations, as often as there, in any order."""
    quotations = study.load(PAPER).excerpts["text"].dropna()
    known = [word for text in quotations for word in text.split()]
    return [" ".join(generator.choices(known, k=LONG)) for _ in range(words // LONG)]


def invented(words, generator):
    """Texts of invented words, the n-th of which is said 1/n times as often as the first; with capitals,
    commas and what an editor has put in.
    """
    known = ["".join(generator.choices(SYLLABLES, k=1 + place % 5)) for place in range(DIFFERENT)]
    known = [word + generator.choice(["", "", "", "", "'s", "-" + word]) for word in known]
    often = [*accumulate(1 / place for place in range(1, DIFFERENT + 1))]
    texts = []
    for _ in range(words // LONG):
        said = generator.choices(known, cum_weights=often, k=LONG)
        for place in range(0, LONG, 12):
            said[place] = said[place].capitalize() + ","
        texts.append(" ".join(said) + generator.choice([".", " [. . .].", "?", "!"]))
    return texts


TEXTS = {"published words": published, "invented words": invented}


def coded(texts, generator):
    """The texts as excerpts, and the code at the top of each."""
    excerpts = pd.DataFrame({"excerpt": [f"E{number}" for number in range(len(texts))], "text": texts})
    tops = pd.DataFrame({"excerpt": excerpts["excerpt"], "code": generator.choices(CODES, k=len(texts))})
    return excerpts.assign(source="interview"), tops


def ways(excerpts, tops):
    """Every way by its name: a function that finds all words, and says how many there are."""
    texts = excerpts["text"].tolist()
    yield "ours, words alone", lambda: len(wording.tokens(excerpts))
    yield "ours, all that is counted, in memory", lambda: wording.counts(excerpts, tops).length
    duckdb.sql("CREATE OR REPLACE TEMP TABLE words_excerpts AS SELECT * FROM excerpts")
    duckdb.sql("CREATE OR REPLACE TEMP TABLE words_tops AS SELECT * FROM tops")
    tables = [nw.from_native(duckdb.table(name)) for name in ("words_excerpts", "words_tops")]
    yield "ours, all that is counted, on DuckDB", lambda: wording.counts(*tables).length
    by_nltk = RegexpTokenizer(r"\w+")
    yield (
        "nltk's RegexpTokenizer",
        lambda: Counter(word for text in texts for word in by_nltk.tokenize(text.lower())).total(),
    )
    for pattern in (r"\w+", r"[^\W\d_]+(?:['’-][^\W\d_]+)*"):
        found = re.compile(pattern).findall
        yield (
            f"re and a Counter: {pattern}",
            lambda found=found: Counter(found("\n".join(texts).lower())).total(),
        )
    if importlib.util.find_spec("polars"):
        yield "polars", lambda: by_polars(texts)


def by_polars(texts):
    import polars as pl

    lists = pl.Series("text", texts).str.to_lowercase().str.extract_all(r"\w+")
    return lists.explode().value_counts()["count"].sum()


@contextlib.contextmanager
def one_core():
    """On one core, as far as the system can say so, and with one thread of DuckDB's."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    ((threads,),) = duckdb.sql("SELECT current_setting('threads')").fetchall()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    duckdb.sql("SET threads=1")
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        duckdb.sql(f"SET threads={threads}")
        if cores:
            os.sched_setaffinity(0, cores)


def rates(words):
    """Words a second of every way in every text, the best of a few rounds: `text, way, rate`."""
    found = []
    with one_core():
        for text, made in TEXTS.items():
            generator = random.Random(1)  # noqa: S311 - no secret
            for name, count in ways(*coded(made(words, generator), generator)):
                seconds = []
                for _ in range(ROUNDS):
                    start = time.process_time()
                    counted = count()
                    seconds.append(time.process_time() - start)
                found.append((text, name, counted / min(seconds)))
    return found


if __name__ == "__main__":
    for text, way, rate in rates(3_000_000):
        print(f"{text}, {way}: {rate / 1e6:.2f} million words a second")
