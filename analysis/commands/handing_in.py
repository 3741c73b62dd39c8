"""What a journal wants, in one folder: handin."""

import argparse

from analysis import ROOT, study
from analysis import handin as hand_in
from analysis.commands import HANDINS, RELEASES, shown
from analysis.handin import coreq
from analysis.runs import files


def handin(given: argparse.Namespace) -> int:
    """Write tables, figures, checklist and methods of the kept results, and say what is left open."""
    with given.steps("Reading and checking the tables") as tell:
        loaded = study.load(given.study)
        tell("Gathering results")
        material = hand_in.gathered(loaded, ROOT, ROOT / RELEASES)
        made = hand_in.made(material, tell)
        doubts = () if loaded.policy == "public" else hand_in.doubtful(loaded, made, tell).itertuples()
        target = ROOT / HANDINS / loaded.name
        files.replaced(target, made)
    print(
        *(f"To be looked at: {one.file}, {one.where}: {one.kind} {one.what}\n" for one in doubts),
        sep="",
        end="",
    )
    if material.restricted:
        print("The study is restricted: this is what its release holds, without figures. Its title is in it.")
    found = hand_in.checklist(material)
    open_items = found.loc[found["status"] == "open", "item"].astype(str)
    print(coreq.sentence(found), f"Open: {', '.join(open_items)}.")
    tables, drawn = len(material.printed) + len(material.results), len(material.figures)
    print(f"Written: {len(made)} files with {tables} tables and {drawn} figures below {shown(target)}/")
    return 0
