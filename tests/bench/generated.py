"""A simulated study of any size, straight to Parquet: `python generated.py FOLDER CODINGS [SEED]`.

The model is that of `analysis/study/simulated.py` and its declaration is the one of simulated-east-london:
people as the published record lists them, what they say by declared chances, two coders who err on their own.
It is drawn for a block of people at a time, each with a seed of its own, so memory stays small at any size.
"""

import itertools
import json
import shutil
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis import SIMULATED, study
from analysis.study import simulated

PEOPLE = 50_000
"""People in a block."""
VOCABULARY = 20_000
WORDS = (12, 24)
"""The least and the most words that follow the opening sentence of an excerpt."""


def write(folder, codings, seed=1):
    """A study of about so many codings in `folder`, which its name has to say is simulated."""
    package = json.loads((study.RAW / SIMULATED / "datapackage.json").read_text(encoding="utf-8"))
    declared = package["study"]["simulation"] = package["study"]["simulation"] | {"seed": seed}
    kinds = kinds_of(declared)
    people = max(1, round(codings / expected(declared, kinds)))
    for table in QUERIES:
        (folder / table).mkdir(parents=True)
    for table in ("codebook", "roles"):
        shutil.copy(study.RAW / SIMULATED / f"{table}.csv", folder)
    words = _words()
    for number, first in enumerate(range(0, people, PEOPLE)):
        block = _Block(declared, kinds, words, number, range(first, min(first + PEOPLE, people)))
        block.keep(folder, f"part-{number:04d}.parquet")
    package |= {
        "name": folder.name,
        "title": f"Simulated: {people:,} invented people and about {codings:,} codings",
        "resources": [
            {"name": table, "format": "parquet", "path": f"{table}/*.parquet"} for table in QUERIES
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")


def expected(declared, kinds):
    """How many codings a person brings on average: two coders, each of whom errs."""
    error, chances = declared["coder_error"], chances_of(declared, kinds)
    used = (chances * (1 - error) + (1 - chances) * error).sum(axis=1)
    return float(len(simulated.CODERS) * sum(declared["excerpts"]) / 2 * used @ kinds["share"])


def kinds_of(declared):
    """The kinds of people whom the record lists, each with its share: as many a site as it interviewed."""
    record = study.load(declared["of"])
    sites = record.interviews.set_index(record.site)
    people = sites["interviews"] - sites["group_interviews"] + sites["group_participants"]
    listed = record.roster.dropna(subset=record.site)
    of_site = listed["n"] / listed.groupby(record.site)["n"].transform("sum")
    share = of_site * listed[record.site].map(people / people.sum())
    kinds = listed[[record.site, "service", "role", "role_group"]].assign(share=share.astype(float))
    return kinds.reset_index(drop=True)


def chances_of(declared, kinds):
    """How likely each kind of people is to speak of each code: kinds × codes."""
    factor = kinds["role_group"].map(declared["roles"]).fillna(1).astype(float)
    by_code = {code: kinds["borough"].map(chance) * factor for code, chance in declared["chances"].items()}
    return pd.DataFrame(by_code).astype(float).clip(0.01, 0.99)


def _words():
    """Invented words, the frequent ones short: nobody's."""
    syllables = ["".join(pair) for pair in itertools.product("bdfgklmnprstvz", "aeiou")]
    longer = itertools.chain(*(itertools.product(syllables, repeat=size) for size in (2, 3)))
    return np.array(["".join(parts) for parts in itertools.islice(longer, VOCABULARY)], dtype=object)


QUERIES = {
    "roster": """
        SELECT printf('P%09d', person) AS participant, borough::VARCHAR AS borough,
            service::VARCHAR AS service, role::VARCHAR AS role
        FROM roster""",
    "documents": """
        SELECT printf('I%09d', person) AS document, 'interview' AS kind, person AS "order", characters,
            printf('P%09d', person) AS participants
        FROM roster""",
    "excerpts": """
        SELECT printf('X%010d', number) AS excerpt, printf('P%09d', person) AS participant,
            printf('I%09d', person) AS document, speaker::VARCHAR AS speaker, text, "start", "end"
        FROM excerpts""",
    "codings": """
        SELECT printf('X%010d', number) AS excerpt, code::VARCHAR AS code, coder::VARCHAR AS coder
        FROM codings ORDER BY number""",
}
"""The tables of the study from the frames of a block, with ids as text."""


class _Block:
    """What some of the people say and how it is coded."""

    def __init__(self, declared, kinds, words, number, people):
        self._rng = np.random.default_rng([declared["seed"], number])
        self._declared, self._words = declared, words
        kind = self._rng.choice(len(kinds), len(people), p=kinds["share"] / kinds["share"].sum())
        roster = kinds.iloc[kind].assign(person=np.array(people) + 1).reset_index(drop=True)
        least, most = declared["excerpts"]
        said = self._rng.integers(least, most + 1, len(people))
        chances = chances_of(declared, kinds)
        weight = declared["clustering"]
        likely = chances.to_numpy()[kind]
        leaning = self._rng.beta(likely * weight, (1 - likely) * weight)
        speaker = np.repeat(np.arange(len(people)), said)
        truth = self._rng.random((len(speaker), len(chances.columns))) < leaning[speaker]
        # an id tells how many a person could have said before it: blocks need not know of each other
        ids = (roster["person"].to_numpy()[speaker] - 1) * most + _places(said) + 1
        self.excerpts = self._excerpts(roster, speaker, truth, [*chances.columns], ids)
        ends = self.excerpts.groupby("person")["end"].max()
        self.roster = roster.assign(characters=roster["person"].map(ends))
        self.codings = self._codings(truth, [*chances.columns], ids)

    def keep(self, folder, name):
        """Each table of the study's folder gets its part."""
        with duckdb.connect() as base:
            for table in ("roster", "excerpts", "codings"):
                base.register(table, getattr(self, table))
            for table, query in QUERIES.items():
                base.sql(query).write_parquet(str(folder / table / name), compression="zstd")

    def _codings(self, truth, codes, ids):
        parts = []
        for coder in range(len(simulated.CODERS)):
            row, code = np.nonzero(truth ^ (self._rng.random(truth.shape) < self._declared["coder_error"]))
            coders = pd.Categorical.from_codes(np.full(len(row), coder), [*simulated.CODERS])
            named = pd.Categorical.from_codes(code, codes)
            parts.append(pd.DataFrame({"number": ids[row], "code": named, "coder": coders}))
        return pd.concat(parts, ignore_index=True)

    def _excerpts(self, roster, speaker, truth, codes, ids):
        roles = pd.Categorical(roster["role"].iloc[speaker])
        texts = self._texts(roles, truth, codes)
        lengths = pd.Series(texts).str.len() + 1  # a line break between two excerpts
        end = lengths.groupby(speaker).cumsum() - 1
        labels = roles.rename_categories([role.capitalize() for role in roles.categories])
        person = roster["person"].to_numpy()[speaker]
        about = {"number": ids, "person": person, "speaker": labels, "text": texts}
        return pd.DataFrame(about | {"start": end - lengths + 1, "end": end})

    def _texts(self, roles, truth, codes):
        """What is said says first that nobody said it; then words follow, few of them often (Zipf)."""
        speaks = truth @ (1 << np.arange(len(codes)))
        keys, which = np.unique(roles.codes + len(roles.categories) * speaks, return_inverse=True)
        heads = [_head(roles.categories, codes, key) for key in keys.tolist()]
        sentences = [" ".join(parts) for parts in itertools.product(*simulated.WORDS.values())]
        sentence = self._rng.integers(len(sentences), size=len(truth))
        counts = self._rng.integers(WORDS[0], WORDS[1] + 1, len(truth))
        ends = np.cumsum(counts)
        often = np.cumsum(1 / np.arange(1, len(self._words) + 1))
        drawn = np.searchsorted(often, self._rng.random(ends[-1]) * often[-1])
        words = self._words[drawn].tolist()
        return [
            f"{heads[head]} {sentences[middle]} {' '.join(words[end - count : end])}."
            for head, middle, end, count in zip(
                which.tolist(), sentence.tolist(), ends.tolist(), counts.tolist(), strict=True
            )
        ]


def _head(roles, codes, key):
    """How an excerpt begins, by the number of a role and of a set of codes."""
    speaks, role = divmod(key, len(roles))
    of = ", ".join(code for place, code in enumerate(codes) if speaks >> place & 1).replace("-", " ")
    return f"[Simulated {roles[role]}: {of or 'nothing in particular'}.]"


def _places(counts):
    """0, 1, 2 … within each of several runs of these lengths."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(float(sys.argv[2])), *map(int, sys.argv[3:]))
