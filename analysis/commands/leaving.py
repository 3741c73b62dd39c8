"""What may leave the house, and what must not: leaks, release."""

import argparse
import tempfile
from pathlib import Path

from analysis import ROOT, exchange, study
from analysis.audit import release as releases
from analysis.commands import RELEASES, shown
from analysis.outputs.place import Results
from analysis.runs import files, record, staging

LISTED = 100
"""Places that are listed one by one."""


def leaks(given: argparse.Namespace) -> int:
    """Look through the kept results for what the study has not cleared, and list it; 1 if there is any."""
    with given.steps("Reading and checking the tables") as tell:
        loaded = study.load(given.study)
        found = [
            f"{folder}/{row.file}, {row.where}: {row.kind} {row.what}"
            for folder in staging.folders(loaded.name)
            if (ROOT / folder).is_dir()
            for row in releases.leaking(loaded, ROOT / folder, tell).itertuples()
        ]
    print(*found[:LISTED], sep="\n", end="\n" if found else "")
    if len(found) > LISTED:
        print(f"and {len(found) - LISTED:,} more")
    places = f"{len(found):,}" if found else "no"
    print(f"The study is {loaded.policy}. Its results have {places} places that it has not cleared.")
    return 1 if found else 0


def release(given: argparse.Namespace) -> int:
    """Write what may leave of a restricted study; a public one may leave as it is."""
    with given.steps("Reading and checking the tables"):
        loaded = study.load(given.study)
        known = [*releases.known_by(loaded, given.threshold)]
    if altered := record.altered(loaded.name, ROOT):
        raise releases.ReleaseError(
            f"{altered[0]} is not as its run has written it; run make reproduce first"
        )
    print(*known, sep="\n")
    if loaded.policy == "public":
        return leaks(given)
    target = ROOT / RELEASES / loaded.name
    with given.steps as tell, tempfile.TemporaryDirectory() as folder:
        own, place = Results(loaded.name, ROOT), Results(loaded.name, Path(folder))
        made = releases.write(loaded, own, place, given.threshold, tell)
        found = {
            path.relative_to(place.derived).as_posix(): path.read_bytes()
            for path in sorted(place.derived.rglob("*"))
            if path.is_file()
        }
        derived = staging.folders(loaded.name)[-1]
        note = {"record": files.sha256(ROOT / derived / record.SHARED), "threshold": given.threshold}
        note |= {"files": files.hashes(place.derived.rglob("*"), place.derived)}
    exchange.written({target: found, target.with_name(f"{loaded.name}.json"): record.text(note)})
    print(*releases.sentences(made, given.threshold), sep="\n")
    print(f"Written: {len(found)} files below {shown(target)}/")
    return 0
