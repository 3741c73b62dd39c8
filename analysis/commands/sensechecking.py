"""Findings taken back to the people they are about."""

import argparse

from analysis import ROOT, study
from analysis.commands import SENSECHECKS, shown
from analysis.handin import sheets
from analysis.runs import files


def sensecheck(given: argparse.Namespace) -> int:
    """Write the sheets for a workshop, and an empty table for what comes back."""
    loaded = study.load(given.study)
    pages, made = sheets.sheets(loaded), sheets.pack(loaded)
    if loaded.policy == "restricted":
        for row in sheets.doubtful(loaded, made).itertuples():
            print(f"To be looked at: {row.file}, {row.where}: {row.kind} {row.what}")
        print("Titles, themes and findings are on the sheets as the analysts wrote them: read them.")
    for theme in sheets.too_long(pages):
        print(f"The finding of {theme} is too long for a page; write a shorter one under `finding`.")
    target = ROOT / SENSECHECKS / loaded.name
    files.replaced(target, made)
    print(f"Written: {len(pages)} sheets below {shown(target)}/. Its README.md says how answers come back.")
    return 0
