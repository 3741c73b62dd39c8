"""The author's half of a CODECHECK configuration; the other half is the codechecker's, and stays open."""

from typing import Any

import yaml

from analysis.audit.crate.evidence import RELEASED, Evidence
from analysis.audit.crate.metadata import full_name, kind, orcid

FILE = "codecheck.template.yml"
VERSION = "https://codecheck.org.uk/spec/config/2.0/"
HEAD = """\
# The author's half of a codecheck.yml (CODECHECK configuration 2.0). It is no codecheck.yml yet: what only a
# codechecker can say is not in it, and is listed at its end. Nobody has checked anything by this file.
"""
TAIL = """
# The codechecker's half. These fields are not there, and only the codechecker can write them:
#
#   summary      what was checked, and how it went
#   codechecker  the name of each codechecker, with the ORCID
#   report       the address of the report
#   certificate  the number that CODECHECK gives
#
# and, where they apply: repository, check_time, source.
"""
NO_ORCID = "# ORCID: not known to the study's record"
NO_REFERENCE = (
    "# The record knows no web address of the paper: this is its citation. CODECHECK asks for an address."
)
NO_PAPER = (
    "# The record knows of no paper: the title and the authors are the study's. Add the paper's address here."
)


def template(evidence: Evidence, descriptions: dict[str, str]) -> bytes:
    """The file; the manifest has every result in the package that a run, or the release, has written."""
    written = {path for run in evidence.runs for path in run.outputs}
    paths = [p for p in evidence.files if p in written or p.startswith(f"{RELEASED}/")]
    paths.sort(key=lambda path: (kind(path) == "executed", path))
    manifest = [{"file": path, "comment": descriptions[path]} for path in paths]
    lines = [HEAD, "---", _yaml({"version": VERSION}), _yaml({"manifest": manifest}), *_paper(evidence), TAIL]
    return "\n".join(line.rstrip("\n") for line in lines).encode() + b"\n"


def article(evidence: Evidence) -> dict[str, Any]:
    """The paper of the study among the references of CITATION.cff: the one whose title the study cites."""
    cited = str(evidence.package.get("citation", ""))
    found = (one for one in evidence.citation.get("references", ()) if str(one.get("title")) in cited)
    return next(found, {}) if cited else {}


def authors(evidence: Evidence) -> list[tuple[str, str]]:
    """The name and the ORCID, if it is known, of each author of the paper, or of the study."""
    own = [one for one in evidence.package.get("contributors", ()) if one.get("role", "author") == "author"]
    known = {one["title"]: orcid(one) for one in own if one.get("title")}
    if paper := article(evidence):
        names = [(full_name(one), orcid(one)) for one in paper.get("authors", ())]
        return [(name, told or known.get(name, "")) for name, told in names]
    return [*known.items()]


def _paper(evidence: Evidence) -> list[str]:
    """The lines on the paper."""
    paper = article(evidence)
    lines = ["paper:", _indented(_yaml({"title": paper.get("title") or evidence.study.title}))]
    if who := authors(evidence):
        lines.append("  authors:")
    for name, told in who:
        lines.append(f"    - {_yaml({'name': name})}")
        said = _yaml({"ORCID": told.removeprefix("https://orcid.org/")}) if told else NO_ORCID
        lines.append(f"      {said}")
    address = paper.get("url") or (f"https://doi.org/{paper['doi']}" if paper.get("doi") else "")
    if address:
        return [*lines, _indented(_yaml({"reference": address}))]
    if cited := evidence.package.get("citation"):
        return [*lines, f"  {NO_REFERENCE}", _indented(_yaml({"reference": cited}))]
    return [*lines, f"  {NO_PAPER}"]


def _yaml(told: dict[str, Any]) -> str:
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=10_000).rstrip("\n")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
