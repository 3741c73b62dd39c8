"""Try to break the readers of other tools' files: valid files of every kind, changed by chance, are imported.

Run by `make fuzz`. A file is imported or refused with a sentence. Anything else is a fault: another
exception, a study that cannot be loaded, a file that is never done with, a process that dies. What it was
is kept below scratch/fuzz/, with the choices of its import; `python tests/fuzz.py --again FOLDER` tries it
again.
"""

import argparse
import multiprocessing
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from fuzzed import FORMS

from analysis import ROOT
from analysis.sources import importing, places, writing
from analysis.sources.importing import CHOICES, Choices
from analysis.sources.project import SourceError

KEPT = ROOT / "scratch" / "fuzz"
SECONDS = 30
"""For so long a file may be read."""
MEMORY = 6 * 2**30
TOLD = 10
"""Seconds between two lines of progress."""
ALIKE = 3
"""Files that are kept of one fault."""
OUTCOMES = ("imported", "refused", "fault")


def chosen(dice):
    """Choices of an import, the usual ones most often."""
    rare = {
        "people": dice.choice(("cases", "sources")),
        "unit": dice.choice([*places.NAMES]),
        "project": dice.choice(("1", "Bells", "nowhere")),
        "attributes": "said.csv",
        "pseudonyms": True,
    }
    given = {name: value for name, value in rare.items() if dice.random() < 0.1}
    return Choices(**given, skip_broken=dice.random() < 0.6)


def written(folder, form, dice):
    """The changed file of a form, and the choices of its import beside it."""
    folder.mkdir()
    for name, data in FORMS[form](dice).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    if not (folder / CHOICES).exists():
        (folder / CHOICES).write_text(importing.to_toml(chosen(dice)), encoding="utf-8")
    return folder


def outcome(folder):
    """What comes of importing what is in a folder, and the last line of what went wrong."""
    (source,) = (one for one in folder.iterdir() if one.name not in (CHOICES, "said.csv", "read"))
    try:
        made = importing.study(source, importing.from_toml(folder / CHOICES))
        shutil.rmtree(folder / "read", ignore_errors=True)
        writing.write(made.files, "it", folder / "read")
    except SourceError as error:
        fault = "" if str(error).strip() and "Traceback" not in str(error) else "refused for nothing"
        return ("fault", fault, fault) if fault else ("refused", "", "")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [one for one in frames if "/analysis/" in one.filename] or frames
        last = traceback.format_exception_only(error)[-1].strip()
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        alike = re.sub(r"(?s)^.*?error\n|[^\s\w]*\".*?\"|[\d,]+|/\S+", "", last)[:90]
        return "fault", f"{type(error).__name__} {where} {alike}", f"{last[-300:]} ({where})"
    return "imported", "", ""


def worker(pipe):
    """Import one folder after the other."""
    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while folder := pipe.recv():
        pipe.send(outcome(folder))


class Reader:
    """A process that imports, and is begun anew if it dies or is never done."""

    def __init__(self):
        self._begin()

    def _begin(self):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=worker, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def read(self, folder):
        self.pipe.send(folder)
        try:
            if self.pipe.poll(SECONDS):
                return self.pipe.recv()
            says = f"not done after {SECONDS} s"
        except EOFError:
            says = "the process died"
        self.end()
        self._begin()
        return "fault", says, says

    def end(self):
        self.process.kill()
        self.process.join()


def keep(folder, form, seed, number):
    """Put a folder where it stays."""
    place = KEPT / f"{form.replace(' ', '-')}-{seed}-{number}"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("read"))
    return place


def tried(seconds, seed, forms):
    """Counts of outcomes by form, and of faults."""
    counts, faults, slowest = Counter(), Counter(), (0.0, "")
    reader, begun = Reader(), time.monotonic()
    told, number = begun, 0
    with tempfile.TemporaryDirectory() as place:
        while time.monotonic() - begun < seconds:
            form = forms[number % len(forms)]
            folder = written(Path(place) / str(number), form, random.Random(f"{seed} {form} {number}"))  # noqa: S311 - tests
            start = time.monotonic()
            what, kind, says = reader.read(folder)
            slowest = max(slowest, (time.monotonic() - start, f"{form}, number {number}"))
            counts[form, what] += 1
            if kind:
                faults[kind] += 1
                kept = keep(folder, form, seed, number) if faults[kind] <= ALIKE else "as before"
                print(f"FAULT {kept}: {says} (seed {seed}, {form})", flush=True)
            shutil.rmtree(folder)
            number += 1
            if time.monotonic() - told > TOLD:
                told = time.monotonic()
                print(f"{told - begun:5.0f} s: {number:,} files, {faults.total()} faults", flush=True)
    reader.end()
    return counts, faults, slowest


def summary(counts, faults, slowest):
    wide = max(len(form) for form, _ in counts)
    print(f"\n{'':{wide}}" + "".join(f"{one:>10}" for one in OUTCOMES))
    for form in dict.fromkeys(form for form, _ in counts):
        print(f"{form:{wide}}" + "".join(f"{counts[form, one]:10,}" for one in OUTCOMES))
    total = [sum(count for (_, what), count in counts.items() if what == one) for one in OUTCOMES]
    print(f"{'together':{wide}}" + "".join(f"{count:10,}" for count in total))
    print(f"slowest: {slowest[0]:.1f} s ({slowest[1]})")
    for kind, count in faults.most_common():
        print(f"{count:,} × {kind}")


def main():
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("--seconds", type=float, default=600, help="for so long (default: 600)")
    given.add_argument("--seed", type=int, default=1, help="of the chances (default: 1)")
    given.add_argument("--only", default="", help="only forms whose name begins so")
    given.add_argument("--again", type=Path, metavar="FOLDER", help="a kept folder to be tried once more")
    given = given.parse_args()
    if given.again:
        print(*outcome(given.again), sep="\n")
        return 0
    counts, faults, slowest = tried(
        given.seconds, given.seed, [form for form in FORMS if form.startswith(given.only)]
    )
    summary(counts, faults, slowest)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
