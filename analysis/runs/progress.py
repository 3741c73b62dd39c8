"""What a user sees of a sequence while it works: one of four views, each told every event."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Event = dict[str, Any]


def view(*, verbose: bool, as_json: bool, out: TextIO | None = None) -> Callable[[Event], None]:
    """The view that was asked for, or the one that fits: a line in a terminal, lines in a log."""
    out = out or sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - it stays open
    if as_json:
        return Json(out)
    if verbose:
        return Cells(out)
    return Line(out) if out.isatty() else Lines(out)


class Json:
    """One event a line, for programs."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def __call__(self, event: Event) -> None:
        """Pass the event on as it is."""
        if event["event"] != "tick":
            print(json.dumps(event, ensure_ascii=False), file=self.out, flush=True)


class Lines:
    """One plain line for each run that ends, for logs."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.runs = out, []

    def __call__(self, event: Event) -> None:
        """Say what is worth a line."""
        if event["event"] == "begun":
            self.runs = event["runs"]
        elif text := self.ended(event) or aside(event):
            print(text, file=self.out, flush=True)

    def ended(self, event: Event) -> str | None:
        """The line of a run that has ended."""
        what = {"completed": f"{event.get('seconds', 0):5.1f} s", "reused": " reused", "failed": " failed"}
        if event["event"] not in what:
            return None
        total, width = len(self.runs), max(map(len, self.runs))
        cells = f"{event['cells']:3} cells" if "cells" in event else ""
        run = f"[{event['number']:{len(str(total))}}/{total}] {event['run']:{width}}"
        return f"{run}  {cells:9}  {what[event['event']]}"


class Line(Lines):
    """A single line of a terminal, written over again and again, with the time that is left."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self.begun, self.latest, self.jobs = time.monotonic(), "", 1
        self.left: list[str] = []
        self.expected: dict[str, float] = {}
        self.since: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Bring the line up to date; what is worth keeping moves above it."""
        kind = event["event"]
        if kind == "begun":
            self.runs, self.jobs = event["runs"], event["jobs"]
            self.left, self.expected = [*self.runs], event["expected"]
        elif kind == "started":
            self.since[event["run"]] = time.monotonic()
        elif kind == "cell":
            place = f"run {event['number']} of {len(self.runs)}, cell {event['cell']} of {event['cells']}"
            self.latest = f"{place}: {event['run']}"
        elif kind in ("completed", "reused", "failed"):
            self.left.remove(event["run"])
        if text := aside(event):
            print(f"\r\x1b[K{text}", file=self.out)
        self.show("" if not self.left or kind in ("failed", "ended") else f"{self.latest}, {self.clock()}")

    def clock(self) -> str:
        """The time gone, and the time that the last record lets expect."""
        now = time.monotonic()
        gone = f"{now - self.begun:.0f} s"
        if not all(run in self.expected for run in self.left):
            return gone
        left = sum(max(0, self.expected[run] - now + self.since.get(run, now)) for run in self.left)
        return f"{gone}, about {left / self.jobs:.0f} s left"

    def show(self, text: str) -> None:
        """Write over the line."""
        written_over(text.removeprefix(", "), self.out)


class Cells(Lines):
    """What the cells show, as it comes and in the plan's order, also where runs work side by side."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self.said: dict[str, list[str]] = {}
        self.ends: dict[str, bool] = {}

    def __call__(self, event: Event) -> None:
        """Print what belongs to the first run that has not ended, and keep the rest for its turn."""
        if event["event"] == "begun":
            self.runs = event["runs"]
            self.said = {run: [] for run in self.runs}
        elif text := aside(event):
            print(text, file=self.out, flush=True)
        elif "run" in event:
            self.said[event["run"]] += self.texts(event)
            self.ends[event["run"]] = event["event"] in ("completed", "reused", "failed")
            self.flush(everything=event["event"] == "failed")

    def texts(self, event: Event) -> list[str]:
        """What an event has to show."""
        if event["event"] == "cell":
            return [f"{event['run']} [{event['cell']} of {event['cells']}]"]
        if event["event"] == "output":
            return [event["text"].rstrip("\n")]
        return [text] if (text := self.ended(event)) else []

    def flush(self, *, everything: bool) -> None:
        """Print what is due."""
        for run in self.runs:
            for text in self.said[run]:
                print(text, file=self.out, flush=True)
            self.said[run] = []
            if not (self.ends.get(run) or everything):
                return


def written_over(text: str, out: TextIO) -> None:
    """Write over the line of a terminal; too long a text would not stay on it."""
    width = shutil.get_terminal_size().columns - 1
    print(f"\r\x1b[K{text[:width]}", end="", file=out, flush=True)


def aside(event: Event) -> str | None:
    """A sentence on what is of no run."""
    sentences = {
        "waiting": "Another sequence of this study is at work ({holder}). This one waits for it.",
        "repaired": "An earlier sequence ({holder}) was killed while its results were put in place. "
        "That has been finished.",
        "ordinary": "Kernels start in the ordinary way, which takes longer: {reason}.",
        "unfinished": "An earlier sequence ({holder}) was killed before its end. {left}",
    }
    if event["event"] not in sentences:
        return None
    kept = event.get("kept")
    left = f"What it left: {os.path.relpath(kept)}/" if kept else "It left nothing."
    return sentences[event["event"]].format(**event | {"left": left})
