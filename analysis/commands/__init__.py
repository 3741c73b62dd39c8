"""What the commands do: a module for each kind of work, and where they write for a look.

All of them write below `scratch/`, which git ignores, but those that write a study or its results.
"""

from pathlib import Path

from analysis import ROOT

TRIALS = "scratch/trials"
"""Where results of a part, or with other parameters, go: the kept ones, and those made by hand, stay."""
VERIFIED = "scratch/verify"
"""Where the last verdict on a study's results is kept, for the report."""
AUDITED = "scratch/audit"
"""And what the last audit by planted faults came to."""
CRATES = "scratch/crate"
"""Where evidence packages go."""
EXPORTS = "scratch/export"
"""Where a study's codes and quotations go that other tools are to read."""
RELEASES = "scratch/release"
"""Where what may leave of a restricted study goes, and a note of what each release is made from."""
HANDINS = "scratch/handin"
"""Where what a journal wants goes."""
SENSECHECKS = "scratch/sensecheck"
"""Where sheets go that take findings back to the people they are about."""


def shown(path: Path) -> str:
    """A path as a user types it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
