"""What a user sees of work that is no sequence of runs: which step, how far it is, how long it may take.

It stands in the error stream, so that what a command says can be piped on, as tables or as JSON. Work of less
than two seconds shows nothing. In a terminal it is one line, written over each second also while a step is
silent, and gone at the end; in a log it is a plain line now and then. Where the number of things to do is
known, their pace tells how long the rest may take; else what the same step took last time.
"""

import io
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO, TypeVar

from analysis import ROOT, exchange
from analysis.runs.progress import written_over

DURATIONS = "scratch/durations"
"""How long each step took last time, a file for each command and study."""
START = "Starting"
"""The step before a command is there; in a log it is nothing, unless it takes long."""
QUIET = 1.8
"""Seconds of work that show nothing; Python itself has taken a moment before they begin."""
PAUSE = 1
"""Seconds without a step after which the next one begins other work."""
LOGGED = 10
"""Seconds between two lines of a log within one step."""
MINUTES = 120
"""Seconds from which a time is told in minutes."""

Tell = Callable[..., object]
"""Told what is done now: `tell("Reading files")`, or `tell("Reading files", 3, 40)` when 3 of 40 are done."""
Item = TypeVar("Item")


def silent(*_: object) -> None:
    """A `Tell` that shows nothing."""


@contextmanager
def told(command: str, study: str = "", out: TextIO | None = None) -> Iterator["Steps"]:
    """The steps of a command on a study, to be told of them; nothing of it stays in a terminal.

    What the steps took is kept for the next time, unless the work has failed or was too short to be shown.
    """
    named = re.sub(r"[^\w.-]", "_", f"{command}-{study}" if study else command)
    kept = ROOT / DURATIONS / f"{named}.json"
    steps = Steps(out or sys.stderr or io.StringIO(), _last_time(kept))
    watch = threading.Thread(target=steps.watch, name="progress")
    watch.start()
    try:
        yield steps
        steps.end()
    finally:
        steps.over.set()
        watch.join()
        steps.wipe()
    if sum(steps.took.values()) >= QUIET:
        with suppress(OSError):  # the next time has no estimate, and that is all
            exchange.written({kept: (json.dumps(steps.took, indent=1) + "\n").encode()})


def _last_time(kept: Path) -> dict[str, float]:
    """What is kept of that, if it can be read."""
    found: object = None
    with suppress(OSError, ValueError):
        found = json.loads(kept.read_text(encoding="utf-8"))
    some = found.items() if isinstance(found, dict) else ()
    return {name: seconds for name, seconds in some if isinstance(seconds, int | float)}


@dataclass(frozen=True)
class Step:
    """What is done now, since when, and how far it was at which time; `of` is none where nobody knows."""

    name: str
    since: float
    done: int = 0
    of: int | None = None
    at: float = 0

    def left(self, now: float, last_time: float | None) -> float | None:
        """The seconds that it may still take: by its pace, else by last time; below zero if that is over."""
        if self.of and self.done:
            pace = (self.at - self.since) / self.done
            return pace * (self.of - self.done) - (now - self.at)
        return None if last_time is None else last_time - (now - self.since)


class Steps:
    """The steps of some work, told by calling it; `took` has the seconds of those that have ended.

    `with steps("Reading tables") as tell:` ends the last of them at the end of what stands below it, so that
    results can be printed.
    """

    def __init__(
        self, out: TextIO, last_time: dict[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.out, self.last_time, self.clock = out, last_time, clock
        self.begun = self.paused = self.logged = clock()
        self.step: Step | None = None
        self.took: dict[str, float] = {}
        self.over, self.lock = threading.Event(), threading.Lock()
        self.in_terminal, self.on_line, self.announced = out.isatty(), False, ""

    def __call__(self, name: str, done: int = 0, of: int | None = None) -> Self:
        """Begin a step, which ends the one before it, or say how far it is; less than before begins anew."""
        now = self.clock()
        if self.step is None or self.step.name != name or done < self.step.done:
            self._close(now)
            if now - self.paused > PAUSE:
                self.begun = now
            self.step = Step(name, now, done, of, now)
        else:
            self.step = Step(name, self.step.since, done, of, now)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def each(self, items: Iterable[Item], name: str, of: int | None = None) -> Iterator[Item]:
        """The items, one by one, as a step of so many; of as many as there are, where that is known."""
        of = len(items) if of is None and isinstance(items, Sized) else of
        for number, item in enumerate(items):
            self(name, number, of)
            yield item

    def say(self, text: str) -> None:
        """Print what belongs to the results, above the line of a terminal."""
        with self.lock:
            self._wipe()
            print(text, flush=True)

    def watch(self) -> None:
        """Show how far it is each second, until the work has ended."""
        wait = QUIET
        with suppress(OSError, ValueError):  # nobody reads it any more
            while not self.over.wait(wait):
                self.show()
                wait = 1

    def show(self) -> None:
        """Show what is done now, if it is time for it."""
        step, now = self.step, self.clock()
        if step is None or now - self.begun < QUIET:
            return
        with self.lock:
            if step.name != getattr(self.step, "name", None):  # it has ended meanwhile
                return
            if self.in_terminal:
                written_over(self._sentence(step, now), self.out)
                self.on_line = True
            elif now - self.logged >= LOGGED or (self._is_news(step) and now - step.since >= QUIET):
                print(self._sentence(step, now), file=self.out, flush=True)
                self.logged, self.announced = now, step.name

    def _is_news(self, step: Step) -> bool:
        return step.name not in (self.announced, START)

    def end(self) -> None:
        """End the step, if there is one."""
        self._close(self.clock())
        self.wipe()

    def _close(self, now: float) -> None:
        """Count what the step took; a log says it, if it was long."""
        step, self.step = self.step, None
        if step is None:
            return
        self.paused, seconds = now, now - step.since
        self.took[step.name] = round(self.took.get(step.name, 0) + seconds, 2)
        if not self.in_terminal and seconds >= LOGGED:
            with self.lock, suppress(OSError, ValueError):
                print(f"{step.name}: took {duration(seconds)}", file=self.out, flush=True)

    def wipe(self) -> None:
        """Leave a terminal as if nothing had been shown."""
        with self.lock, suppress(OSError, ValueError):
            self._wipe()

    def _wipe(self) -> None:
        if self.on_line:
            written_over("", self.out)
            self.on_line = False

    def _sentence(self, step: Step, now: float) -> str:
        place = f", {min(step.done + 1, step.of)} of {step.of}" if step.of else ""
        return f"{step.name}{place}: {duration(now - self.begun)}{self._rest(step, now)}"

    def _rest(self, step: Step, now: float) -> str:
        """How long it may take, as far as anything speaks of it."""
        known = step.name in self.last_time and step.name not in self.took  # else what is left of it is not
        left = step.left(now, self.last_time[step.name] if known else None)
        if left is None:
            return ""
        if left < 0:
            return ", longer than expected"
        if step.name not in self.last_time:
            return f", {about(left)} left in this step"
        later = [name for name in self.last_time if name not in self.took and name != step.name]
        return f", {about(left + sum(self.last_time[name] for name in later))} left"


def duration(seconds: float) -> str:
    """A time that has gone: in seconds, with minutes where there are many.

    >>> duration(7.4), duration(119), duration(200)
    ('7 s', '119 s', '3 min 20 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{seconds:.0f} s" if seconds < MINUTES else f"{minutes} min {rest} s"


def about(seconds: float) -> str:
    """A time that may come, no finer than it can be known.

    >>> about(7.4), about(200)
    ('about 7 s', 'about 3 min')
    """
    return f"about {seconds:.0f} s" if seconds < MINUTES else f"about {seconds / 60:.0f} min"
