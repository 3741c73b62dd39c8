"""Views of a study that were kept: what was chosen on the screen, as a file of parameters to run it again."""

import dataclasses
import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from analysis import ROOT, UnusableError, exchange
from analysis.measures.within import grouped
from analysis.outputs import quotations
from analysis.outputs.paper import slug
from analysis.study import Study

VIEWS = "scratch/views"
"""Where views are kept, in a folder for each study. Git ignores it, and `make clean` spares it."""


class ViewError(UnusableError):
    """A view that is not there, or does not fit its study."""


@dataclass(frozen=True)
class View:
    """What is looked at: codes across the groups of `by`, within some groups, counted in one unit.

    `codes` are ids, all if there are none; `within` are texts, each `attribute=group`; `phrase` is what
    is looked for in the texts, nothing if it is blank.
    """

    by: str
    unit: str = "excerpts"
    codes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    phrase: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a run that shows this view, as texts."""
        lists = {name: json.dumps([*getattr(self, name)]) for name in ("codes", "within")}
        return {"unit": self.unit, "phrase": self.phrase} | lists


def folder(study: str, root: Path = ROOT) -> Path:
    """Where the views of a study are kept."""
    return root / VIEWS / study


def keep(view: View, name: str, study: str, root: Path = ROOT) -> Path:
    """Write a view under a name, and give back its path; ViewError if another one has that name."""
    title = slug(name)
    if not title:
        raise ViewError("A view needs a name, of letters or digits.")
    path = folder(study, root) / f"{title}.toml"
    if path.exists() and read(path) != view:
        raise ViewError(f'Another view is called "{title}". Choose another name; that one stays as it is.')
    exchange.written({path: _written(view, title, study).encode()})
    return path


def _written(view: View, name: str, study: str) -> str:
    lines = [f"# A view of {study}, kept from the screen of make lab. To run it again:"]
    lines.append(f"#   make reproduce VIEW={name} STUDY={study}")
    for field, value in dataclasses.asdict(view).items():
        texts = [*value] if isinstance(value, tuple) else value
        lines.append(f"{field} = {json.dumps(texts, ensure_ascii=False)}".replace("\x7f", "\\u007f"))
    return "\n".join(lines) + "\n"


def stem(name: str) -> str:
    """The name of a view that is named by itself or by its file."""
    return Path(name).stem if name.endswith(".toml") else name


def named(name: str, study: str, root: Path = ROOT) -> Path:
    """The file of a view: a kept one by its name, or any by its path, which ends in .toml."""
    path = Path(name) if name.endswith(".toml") else folder(study, root) / f"{name}.toml"
    if path.is_file() and re.fullmatch(r"\w[\w-]*", path.stem):
        return path
    if path.is_file():
        raise ViewError(f'"{path.name}": the file of a view has a name of letters, digits, "-" and "_" only')
    known = sorted(one.stem for one in folder(study, root).glob("*.toml"))
    near = difflib.get_close_matches(path.stem, known, n=1, cutoff=0)
    there = f"there are {', '.join(known)}" if known else "none is kept yet; make lab has a button for it"
    meant = f'. Did you mean "{near[0]}"?' if near else ""
    raise ViewError(f'"{name}" is no view of {study}; {there}{meant}')


def read(path: Path) -> View:
    """The view that a file holds, or a ViewError with all that is wrong with its form."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ViewError(f"{path.name}: not readable as TOML: {error}") from None
    fields = {field.name: field.type for field in dataclasses.fields(View)}
    wrong = [f'"{name}" is not known; there are {", ".join(fields)}' for name in found.keys() - fields.keys()]
    wrong += [] if "by" in found else ['"by" is missing: the grouping that is looked at']
    for name, value in found.items():
        many = name in ("codes", "within")
        form = list if many else str
        if name in fields and not (isinstance(value, form) and all(isinstance(one, str) for one in value)):
            wrong.append(f"{name}: found {value!r}; expected {'a list of texts' if many else 'a text'}")
    if wrong:
        raise ViewError("\n".join(f"{path.name}: {one}" for one in wrong))
    return View(**{name: tuple(v) if isinstance(v, list) else v for name, v in found.items()})


def fitting(view: View, study: Study, file: str) -> View:
    """The view itself, if the study has all that it names; else a ViewError with all that it lacks."""
    wrong = []
    if view.by not in study.groupings:
        wrong.append(_unlike("by", view.by, study.groupings))
    if view.unit not in ("excerpts", "people"):
        wrong.append(_unlike("unit", view.unit, ("excerpts", "people")))
    known = [*study.codebook["code"]]
    wrong += [_unlike("codes", code, known) for code in view.codes if code not in {*known}]
    try:
        within = grouped(view.within)
    except ValueError as error:
        wrong.append(str(error))
        within = {}
    attributes = quotations.attributes_of(study.roster)
    for attribute, groups in within.items():
        if attribute not in attributes:
            wrong.append(_unlike("within", attribute, attributes))
            continue
        there = sorted({*study.roster[attribute].dropna().astype(str)})
        wrong += [_unlike(f"within, {attribute}", group, there) for group in groups if group not in there]
    if wrong:
        raise ViewError("\n".join(f"{file}: {one}" for one in wrong))
    return view


def _unlike(where: str, found: str, known: object) -> str:
    names = [str(one) for one in known]
    near = difflib.get_close_matches(found, names, n=1, cutoff=0)
    return f'{where}: the study has no "{found}".' + (f' Did you mean "{near[0]}"?' if near else "")
