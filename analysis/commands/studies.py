"""What makes a study, checks it, and takes it to other tools."""

import argparse
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis import ROOT, UnusableError, exchange, study
from analysis.commands import EXPORTS, shown
from analysis.measures import prevalence
from analysis.outputs import excel, formats, quotations, word
from analysis.runs import staging
from analysis.sources import KEYS, REPLACED, back, importing, places, recognise, starter, writing


def check(given: argparse.Namespace) -> int:
    """Load the study, which checks it, and say what it holds."""
    with given.steps("Reading and checking the tables"):
        loaded = study.load(given.study, anew=True)
    print(f"{loaded.title}: no errors")
    for table in study.CONTRACT:
        file = table if table in loaded.elsewhere else f"{table}.csv"
        print(f"  {file}: " + ("absent" if table in loaded.missing else _rows(**loaded.counts(table))))
    if loaded.sampled:
        print(f"Notebooks that read excerpts one by one have a sample: {loaded.sampled}.")
    return 0


def _rows(rows: int, **blank: int) -> str:
    """How many rows a table has, and how many of them do not say what the others do."""
    said = [f"{rows:,} {'row' if rows == 1 else 'rows'}" + ("" if rows else ", only a header")]
    said += [f"{number:,} without a {name}" for name, number in blank.items() if 0 < number < rows]
    return ", ".join(said)


def begin(given: argparse.Namespace) -> int:
    """Write a study of a few invented rows, to be written over by hand."""
    writing.allowed(given.study, replace=False)
    made = starter.files(given.study)
    writing.write(made, given.study)
    folder = shown(study.RAW / given.study)
    print(f"Written: {len(made)} files below {folder}/. It runs as it is; its rows are invented.")
    print(f"Read {folder}/{starter.PAGE}, write your own rows over them, then")
    print(f"  make check STUDY={given.study}")
    print(f"  make reproduce STUDY={given.study}")
    return 0


def options_of_import(command: argparse.ArgumentParser) -> None:
    """What `import` may be told, and what it reads."""
    command.description += f". It reads {recognise.KINDS}."
    command.add_argument("source", metavar="FROM", help="the file, or the folder of a QualCoder project")
    command.add_argument("study", help="the folder of data/raw/ to make")
    command.add_argument("--people", choices=["cases", "sources"], help=importing.SAID["people"])
    command.add_argument("--project", metavar="NAME", help=importing.SAID["project"])
    command.add_argument("--attributes", metavar="SHEET", help=importing.SAID["attributes"])
    about = (
        f"what the tool counts places in, if it is to be believed without asking: {', '.join(places.NAMES)}"
    )
    command.add_argument("--unit", choices=[*places.NAMES], metavar="UNIT", help=about)
    about = "the choices of an earlier import, its import.toml; options beside it count more"
    command.add_argument("--with", dest="choices", metavar="TOML", help=about)
    about = (
        "leave out and list what is at fault, a coding on a missing code say, instead of refusing the file"
    )
    command.add_argument("--skip-broken", action="store_true", default=None, help=about)
    about = "replace names of people, documents and coders, in texts too; the same ones at every import"
    command.add_argument("--pseudonyms", action="store_true", default=None, help=about)
    about = f"where their key is kept (default: {KEYS}/STUDY.key.csv)"
    command.add_argument("--key", metavar="FILE", help=about)
    about = f"put a study of this name aside into {REPLACED}/"
    command.add_argument("--replace", action="store_true", help=about)


def import_(given: argparse.Namespace) -> int:
    """Make a study of another tool's file: complete, or not at all."""
    writing.allowed(given.study, replace=given.replace)
    choices = importing.Choices()
    if given.choices:
        choices = importing.from_toml(Path(given.choices))
    names = ("people", "project", "attributes", "unit", "skip_broken", "pseudonyms")
    told = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    choices = dataclasses.replace(choices, **told)
    place = writing.key_of(given.study, given.key) if choices.pseudonyms else None
    with given.steps as tell:
        made = importing.study(Path(given.source), choices, place and writing.read_key(place), tell)
        if place:
            writing.write_key(made.key, place)
        tell("Writing the study and checking it")
        aside = writing.write(made.files, given.study)
    print(made.told["summary"], *(f"- {one}" for one in made.told["findings"]), sep="\n")
    folder = shown(study.RAW / given.study)
    if made.told["columns"]:
        print(
            f"Columns. To change them edit {folder}/{importing.CHOICES} and import --with it and --replace:"
        )
        print(*(f"  {role}: {', '.join(names)}" for role, names in made.told["columns"].items()), sep="\n")
    if aside:
        print(f"The earlier study is in {shown(aside)}/")
    if place:
        print(f"The key of the pseudonyms is {place}. Read the texts: names that it lacks are as they were.")
        older = [aside, *(ROOT / one for one in staging.folders(given.study))]
        if named := [f"{shown(one)}/" for one in older if one and one.exists()]:
            print(f"Made before, and perhaps with names in them: {', '.join(named)}")
    print(f"Written: {len(made.files)} files below {folder}/. Read {folder}/{importing.PAGE}, then")
    print(f"  make reproduce STUDY={given.study}")
    return 0


def export(given: argparse.Namespace) -> int:
    """Write what other tools read of a study, and what they cannot hold of it."""
    with given.steps("Reading and checking the tables") as tell:
        loaded = study.load(given.study)
        if loaded.sampled:
            says = "other tools read every excerpt and coding, and such a study is larger than they hold"
            raise UnusableError(f"{loaded.name}: its tables lie in an engine and are not exported; {says}")
        tell("Writing codings for other tools")
        made = back.files(study.RAW / loaded.name, loaded.title, study.texts(loaded))
        tell("Writing quotations, participants and the codebook")
        said = prevalence.by_participant(loaded.excerpts, loaded.codings, loaded.codebook, loaded.roster)
        made |= _sheets(loaded, said)
        target = ROOT / EXPORTS / loaded.name
        exchange.written({target: made}, writing.PRIVATE)
    if loaded.policy == "restricted":
        print(
            "The study is restricted: these files hold what interviewees have said. Pass them on with care."
        )
    lost = pd.read_csv(io.BytesIO(made[back.LEFT_OUT]))
    if len(lost):
        print(f"What REFI-QDA has no place for: {len(lost)} rows of {shown(target)}/{back.LEFT_OUT}")
    print(*_without_a_row(loaded, said), sep="", end="")
    print(f"Written: {', '.join(sorted(made))} below {shown(target)}/")
    return 0


def _sheets(loaded: study.Study, said: pd.DataFrame) -> dict[str, bytes]:
    """Quotations, participants and the codebook, for spreadsheets and for Word."""
    rows = quotations.tidy(loaded.codings, loaded.excerpts, loaded.codebook, loaded.roster)
    people = quotations.participants(said, loaded.roster)
    codes = quotations.codes(loaded.codebook, loaded.codings)
    sheets = {"quotations": rows, "participants": people, "codebook": codes.frame}
    return {
        "quotations.csv": neutral_csv(rows),
        "participants.csv": neutral_csv(people),
        "quotations.xlsx": excel.xlsx(sheets),
        "codebook.csv": neutral_csv(loaded.codebook),
        "codebook.docx": word.word(codes),
    }


def neutral_csv(frame: pd.DataFrame) -> bytes:
    """A table in which nothing runs when a spreadsheet program opens it, what stands in its head included."""
    head = formats.neutral(pd.DataFrame({"name": [*frame]}))["name"]
    return formats.csv(formats.neutral(frame.set_axis([*head], axis=1)))


def _without_a_row(loaded: study.Study, said: pd.DataFrame) -> Iterator[str]:
    """Who of the roster has no row among the participants, and why; a line each."""
    groups = int(loaded.roster["participant"].isna().sum())
    if said.empty:
        yield "participants.csv has no row: no excerpt of an interview names who speaks.\n"
    elif groups:
        rows = "1 row" if groups == 1 else f"{groups} rows"
        yield f"participants.csv leaves out {rows} of roster.csv that stand for a group and name nobody.\n"
