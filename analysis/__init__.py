"""Reproducible analysis of coded interview studies: the rooms are explained in ARCHITECTURE.md."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout: `data/`, `figures/` and `notebooks/` lie here."""
