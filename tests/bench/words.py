"""How many words a second are counted on one core: by this project, and by what one would write first.

Ours are counted in all and under three codes, with the excerpts that each word stands in and the pairs of
neighbouring words; the others count words in all and nothing else. Seconds are those of the processor, so that
what else the machine does is not counted.
"""

import importlib
import os
import random
import re
import sys
import time
from collections import Counter

import duckdb
import narwhals as nw
import pandas as pd
from nltk.tokenize import RegexpTokenizer

from analysis import study
from analysis.measures import wording

LONG, CODES, ROUNDS = 60, "abc", 3


def invented(words, seed=1):
    """Excerpts of the words of the published quotations, each drawn by itself, and their codes at the top."""
    generator = random.Random(seed)
    said = " ".join(study.load("bussu-marshall-2020").excerpts["text"].dropna()).split()
    texts = [" ".join(generator.choices(said, k=LONG)) for _ in range(words // LONG)]
    excerpts = pd.DataFrame({"excerpt": [f"E{number}" for number in range(len(texts))], "text": texts})
    tops = pd.DataFrame({"excerpt": excerpts["excerpt"], "code": generator.choices(CODES, k=len(texts))})
    return excerpts.assign(source="interview"), tops


def ways(excerpts, tops):
    """Each way by its name: a function that counts every word, and gives back how many there are."""
    texts = excerpts["text"].tolist()
    yield "ours, in memory", lambda: wording.counts(excerpts, tops).said[""]
    yield "ours, in memory, words only", lambda: wording._in_memory(excerpts, tops) and 0
    tables = [nw.from_native(duckdb.sql("select * from frame").execute()) for frame in (excerpts, tops)]
    yield "ours, on DuckDB", lambda: wording.counts(*tables).said[""]
    for name, pattern in (("this project's words", wording.TOKENIZER._pattern), (r"\w+", r"\w+")):
        nltk, plain = RegexpTokenizer(pattern), re.compile(pattern)
        yield f"nltk's RegexpTokenizer, {name}", lambda nltk=nltk: sum(
            Counter(nltk.tokenize(text.lower())).total() for text in texts
        )
        yield f"re and a Counter, {name}", lambda plain=plain: Counter(
            plain.findall("\n".join(texts).lower())
        ).total()
