"""Small pieces of sentences: counts with their unit, lists, names of groupings."""

from collections.abc import Iterable


def counted(number: int, unit: str, several: str = "") -> str:
    """A number with its unit.

    >>> counted(1, "person", "people"), counted(0, "code")
    ('1 person', 'no codes')
    """
    shown = f"{number:,}" if number else "no"
    return f"{shown} {unit if number == 1 else several or f'{unit}s'}"


def listed(parts: Iterable[object], last: str = "and") -> str:
    """Parts as a sentence lists them.

    >>> listed(["A", "B", "C"]), listed(["A", "B"], "or")
    ('A, B and C', 'A or B')
    """
    texts = [str(part) for part in parts]
    return f" {last} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def quoted(parts: Iterable[object]) -> str:
    """The same of words that somebody else has chosen."""
    return listed(f"“{part}”" for part in parts)


def alike(grouping: str) -> str:
    """A grouping as a sentence names it."""
    return grouping.replace("_", " ")
