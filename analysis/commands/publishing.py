"""What goes with a publication: the evidence package, the report."""

import argparse
from pathlib import Path

from analysis import ROOT, exchange, study
from analysis.audit import crate as crates
from analysis.audit import report as reports
from analysis.commands import CRATES, RELEASES, shown
from analysis.runs import record, staging
from analysis.sources import KEYS, writing


def crate(given: argparse.Namespace) -> int:
    """Write the evidence package of the kept results, or prove that the private files are those of one."""
    with given.steps("Reading and checking the tables"):
        loaded = study.load(given.study)
    key = None
    if loaded.policy == "restricted":
        place = writing.key_of(loaded.name, given.key or str(KEYS / f"{loaded.name}.crate.key"))
        key = writing.secret(place, new=given.prove is None)
    target = ROOT / CRATES / loaded.name
    if given.prove is not None:
        return _prove(given, loaded, Path(given.prove or target), key)
    archive = target.with_name(f"{loaded.name}.zip")
    with given.steps("Gathering the evidence") as tell:
        evidence = crates.gather(loaded, ROOT, ROOT / RELEASES, key)
        tell("Describing it")
        made = crates.made(evidence)
        doubtful = () if evidence.public else crates.doubtful(loaded, made, tell).itertuples()
        tell("Writing the package")
        exchange.written({target: made, archive: crates.zipped(made)})
    print(*(f"To be looked at: {one.file}, {one.where}: {one.kind} {one.what}" for one in doubtful), sep="\n")
    if not evidence.public:
        print("Title, description, authors and licence of datapackage.json are in the package: read them.")
        print(f"{len(evidence.private)} private files are in it as keyed hashes. Keep their key, {place}")
    print(f"Written: {len(made)} files below {shown(target)}/, and {shown(archive)}")
    return 0


def _prove(given: argparse.Namespace, loaded: study.Study, folder: Path, key: bytes | None) -> int:
    """Say whether the private files are those that a package has keyed hashes of; 1 if not."""
    if key is None:
        raise crates.CrateError("the study is public, so its package has the files themselves")
    said = record.read(folder / crates.metadata.FILE)
    if not said or not crates.keyed.promised(said):
        raise crates.CrateError(f"{shown(folder)}/ is no evidence package of a restricted study")
    mine = record.read(ROOT / staging.folders(loaded.name)[-1] / record.SHARED)
    if not mine:
        raise crates.CrateError(f"there are no results of {loaded.name} here to hold against the package")
    with given.steps("Hashing the private files"):
        found = crates.private(loaded.name, ROOT, mine, key)
    unlike = crates.keyed.unlike(said, found)
    print(*unlike, sep="\n", end="\n" if unlike else "")
    same = len({*crates.keyed.promised(said).values()} & {one.keyed for one in found.values()})
    print(f"{same} of {len(found)} private files have the keyed hashes of {shown(folder)}/.")
    return 1 if unlike else 0


def report(given: argparse.Namespace) -> int:
    """Write the site that shows the results of a study, and say where it is."""
    with given.steps("Reading and checking the tables") as tell:
        index, pages = reports.write(study.load(given.study), ROOT, tell)
    print(f"Written: {pages} pages. Open {shown(index)} in a browser; it needs no server and no network.")
    return 0
