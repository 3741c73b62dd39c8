"""Reproducible analysis of coded interview studies: the rooms are explained in ARCHITECTURE.md."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout: `data/`, `figures/` and `notebooks/` lie here."""
PAPER, SIMULATED = "bussu-marshall-2020", "simulated-east-london"
"""The studies that come with it."""


class UnusableError(Exception):
    """What the user gave, a study, a file or a parameter, cannot be used. It says all that is wrong."""


class FailedError(Exception):
    """A command that did not come to its end. Its notes say what has become of what was there before."""
