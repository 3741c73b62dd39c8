"""Findings taken back to the people they are about."""

import argparse

from analysis import ROOT, study
from analysis.commands import SENSECHECKS, shown
from analysis.handin import sheets
from analysis.runs import files


def sensecheck(given: argparse.Namespace) -> int:
    """Write the sheets for a workshop, and an empty table for what comes back."""
    with given.steps("Reading and checking the tables") as tell:
        loaded = study.load(given.study)
        tell("Writing sheets")
        pages, made = sheets.sheets(loaded), sheets.pack(loaded)
        restricted = loaded.policy == "restricted"
        doubts = sheets.doubtful(loaded, made, tell).itertuples() if restricted else ()
        target = ROOT / SENSECHECKS / loaded.name
        files.replaced(target, made)
    for row in doubts:
        print(f"To be looked at: {row.file}, {row.where}: {row.kind} {row.what}")
    if restricted:
        print("Titles, themes and findings are on the sheets as the analysts wrote them: read them.")
    for theme in sheets.too_long(pages):
        print(f"The finding of {theme} is too long for a page; write a shorter one under `finding`.")
    print(f"Written: {len(pages)} sheets below {shown(target)}/. Its README.md says how answers come back.")
    return 0
