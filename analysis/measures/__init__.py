"""The measures: frames in, frames out. Nothing here reads or writes a file."""

MIN_PEOPLE = 5
"""The threshold when none is given: fewer people than this are not told apart."""
