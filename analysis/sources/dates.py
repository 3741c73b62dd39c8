"""Dates as tools write them, as 2024-03-01 where it is sure which day is meant."""

import datetime as dt
import re
from collections.abc import Iterable

TIME = (
    r"(?:[T,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
FORMS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + TIME),
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})" + TIME),
)
SLASHED = re.compile(r"(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>\d{4})" + TIME)
MONTHS = 12


def iso(dates: Iterable[str]) -> list[str | None]:
    """The dates of one column; None where there is none, or where it may be one of two.

    With points the day comes first. With slashes it comes first in Europe and second in America: the other
    dates of the column decide, if one of them has no thirteenth month.

    >>> iso(["01.03.2024 14:05", "2024-03-01", "soon"])
    ['2024-03-01T14:05:00', '2024-03-01', None]
    >>> iso(["3/4/2024"]), iso(["3/4/2024", "3/14/2024"])
    ([None], ['2024-03-04', '2024-03-14'])
    """
    dates = [one.strip() for one in dates]
    pairs = [found for one in dates if (found := SLASHED.fullmatch(one))]
    first = any(int(found["one"]) > MONTHS for found in pairs)
    second = any(int(found["two"]) > MONTHS for found in pairs)
    order = {(True, False): ("one", "two"), (False, True): ("two", "one")}.get((first, second))
    return [_one(date, order) for date in dates]


def _one(date: str, order: tuple[str, str] | None) -> str | None:
    if found := next((found for form in FORMS if (found := form.fullmatch(date))), None):
        return _written(found, found["day"], found["month"])
    if order and (found := SLASHED.fullmatch(date)):
        return _written(found, found[order[0]], found[order[1]])
    return None


def _written(found: re.Match, day: str, month: str) -> str | None:
    try:
        date = dt.date(int(found["year"]), int(month), int(day))
        if found["hour"] is None:
            return date.isoformat()
        hour = int(found["hour"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
        time = dt.time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None
    return dt.datetime.combine(date, time).isoformat()
