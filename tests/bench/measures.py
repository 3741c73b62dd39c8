"""How fast the clustered bootstrap is against what one would write first, and how fast a project is imported.

Run by `make bench`. The bootstrap and a loop over resamples in pandas are timed in this one process, on the
same invented people; the loop for fewer resamples, as its time grows with them and nothing else. Imports are
timed each in a process of its own, of projects that differ in nothing but the number of their codings.
"""

import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measures.intervals import clustered
from analysis.sources import importing, writing

PEOPLE, CODES, GROUPS, RESAMPLES, LOOPED = 10_000, 20, 3, 2_000, 10
SOURCES, CODED, CODERS, LINES, SIZES = 1_000, 1_000, 3, 120, (50_000, 100_000, 200_000)
SPOKEN = "P{}: We wait 😀 für die Übergabe, and half of the café knows why nobody came; so we call again.\r\n"
HEAD = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Large" origin="NVivo 12.6.0.959">
"""


def looped(roster, excerpts, codings, resamples, seed):
    """The shares of each resample, with people drawn anew within their group, each with all they said."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = roster.groupby("group").sample(frac=1, replace=True, random_state=generator)
        total = drawn.merge(excerpts, on="participant").groupby("group").size()
        said = drawn.merge(codings, on="participant").groupby(["group", "code"]).size().unstack()
        found.append(said.div(total, axis=0))
    return pd.concat(found)


def invented():
    """A roster, excerpts and codings, of people who say one to seven things each."""
    generator = np.random.default_rng(1)
    roster = pd.DataFrame({"participant": range(PEOPLE), "group": generator.integers(GROUPS, size=PEOPLE)})
    who = np.repeat(np.arange(PEOPLE), generator.integers(1, 8, PEOPLE))
    excerpt, code = np.nonzero(generator.random((len(who), CODES)) < 0.3)
    excerpts = pd.DataFrame({"excerpt": range(len(who)), "participant": who})
    return roster, excerpts, pd.DataFrame({"excerpt": excerpt, "code": code, "participant": who[excerpt]})


def peak():
    """The largest memory of this process until now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def bootstrap():
    roster, excerpts, codings = invented()
    start = time.perf_counter()
    said = codings.groupby(["participant", "code"]).size().unstack(fill_value=0)
    said = said.reindex(roster["participant"], fill_value=0)
    sizes = excerpts["participant"].value_counts().sort_index()
    fast = clustered(said, sizes, roster.set_index("participant")["group"], resamples=RESAMPLES)
    vectorised = (time.perf_counter() - start) / RESAMPLES
    start = time.perf_counter()
    slow = looped(roster, excerpts, codings, LOOPED, 1)
    loop = (time.perf_counter() - start) / LOOPED
    within = np.abs(slow.groupby("group").mean().to_numpy().ravel() - fast["share"]).max()
    print(f"{PEOPLE:,} people, {CODES} codes, {GROUPS} groups, {RESAMPLES:,} resamples")
    print(f"clustered bootstrap: {vectorised * RESAMPLES:.2f} s, {vectorised * 1000:.3f} ms a resample")
    print(f"loop in pandas, {LOOPED} resamples: {loop * LOOPED:.2f} s, {loop * 1000:.1f} ms a resample")
    print(f"ratio: {loop / vectorised:.0f}; peak memory: {peak():.0f} MB; largest difference: {within:.4f}")


# ---- imports ----------------------------------------------------------------------------------------------


def written(path, codings):
    """A project of so many codings, of NVivo's kind: UTF-16 units, Windows line ends, a mark.

    Each coding has a selection of its own, as NVivo writes them, and each third selection is one of another
    coder on the same words.
    """
    text = "".join(SPOKEN.format(line % 97) for line in range(LINES))
    words = [match.span() for match in re.finditer(r"\w+", text)]
    place = [len(text[:at].encode("utf-16-le")) // 2 for at in range(len(text) + 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in range(SOURCES):
            archive.writestr(f"Sources/{_guid('source', source)}.txt", ("\ufeff" + text).encode())
        with archive.open("project.qde", "w") as file:
            file.write(HEAD.encode())
            file.write(_listed("Users", "User", CODERS, "K{}").encode())
            file.write(f"<CodeBook>{_listed('Codes', 'Code', CODED, 'Über code {}')}</CodeBook>".encode())
            file.write(b"<Sources>")
            for source in range(SOURCES):
                file.write(_source(source, codings // SOURCES, words, place).encode())
            file.write(b"</Sources></Project>")
    return path


def _guid(kind, number):
    return f"{zlib.crc32(kind.encode()):08x}-0000-4000-8000-{number:012x}"


def _listed(group, kind, count, name):
    each = (f'<{kind} guid="{_guid(kind, one)}" name="{name.format(one)}"/>\n' for one in range(count))
    return f"<{group}>\n{''.join(each)}</{group}>\n"


def _source(source, codings, words, place):
    """The element of a source with its selections."""
    guid = _guid("source", source)
    found = [f'<TextSource guid="{guid}" name="P{source}" plainTextPath="internal://{guid}.txt">\n']
    for number in range(codings):
        at, one = number * 2 // 3, source * codings + number
        (start, _), (_, end) = words[(at * 7) % (len(words) - 9)], words[(at * 7) % (len(words) - 9) + at % 9]
        found.append(
            f'<PlainTextSelection guid="{_guid("selection", one)}" name="" startPosition="{place[start]}" '
            f'endPosition="{place[end]}"><Coding guid="{_guid("coding", one)}" creatingUser='
            f'"{_guid("User", number % CODERS)}" creationDateTime="2024-03-05T09:30:00Z"><CodeRef targetGUID='
            f'"{_guid("Code", (one * 13) % CODED)}"/></Coding></PlainTextSelection>\n'
        )
    return "".join([*found, "</TextSource>\n"])


def imported(path):
    """Import a file, and say how many seconds that took, how many more to write and check the study, the peak
    of memory in MB, and how many codings there are.
    """
    start = time.perf_counter()
    made = importing.study(path, importing.Choices())
    read = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        writing.write(made.files, "large", Path(folder))
    print(read - start, time.perf_counter() - read, peak(), made.told["counts"]["codings"])


def imports():
    """Imports of projects of several sizes, each in a process of its own, so that its memory is its own."""
    print(f"\nimport of a .qdpx of {SOURCES:,} sources, {CODED:,} codes, {CODERS} coders:")
    with tempfile.TemporaryDirectory() as folder:
        for codings in SIZES:
            path = written(Path(folder) / "it.qdpx", codings)
            done = subprocess.run(
                [sys.executable, __file__, path], capture_output=True, text=True, check=True
            )
            seconds, more, memory, found = map(float, done.stdout.split())
            print(
                f"{codings:9,} codings ({found:,.0f} kept): {seconds:.1f} s, "
                f"{seconds / codings * 100_000:.1f} s per 100,000; written and checked in {more:.1f} s; "
                f"peak memory: {memory:,.0f} MB"
            )


if __name__ == "__main__":
    if sys.argv[1:]:
        imported(Path(sys.argv[1]))
    else:
        bootstrap()
        imports()
