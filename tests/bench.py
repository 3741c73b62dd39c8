"""How fast the clustered bootstrap is against what one would write first: a loop over resamples in pandas.

Run by `make bench`. Both are timed in this one process, on the same invented people; the loop for fewer
resamples, as its time grows with them and nothing else.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd

from analysis.measures.intervals import clustered

PEOPLE, CODES, GROUPS, RESAMPLES, LOOPED = 10_000, 20, 3, 2_000, 10


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


def main():
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"{PEOPLE:,} people, {CODES} codes, {GROUPS} groups, {RESAMPLES:,} resamples")
    print(f"clustered bootstrap: {vectorised * RESAMPLES:.2f} s, {vectorised * 1000:.3f} ms a resample")
    print(f"loop in pandas, {LOOPED} resamples: {loop * LOOPED:.2f} s, {loop * 1000:.1f} ms a resample")
    print(f"ratio: {loop / vectorised:.0f}; peak memory: {peak:.0f} MB; largest difference: {within:.4f}")


if __name__ == "__main__":
    main()
