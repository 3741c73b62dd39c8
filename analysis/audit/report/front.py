"""The front page: what was found when the results were looked at, and the answer."""

from collections.abc import Iterator

import pandas as pd

from analysis.audit.claims import tally
from analysis.audit.report import checks
from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import linked, page, raw
from analysis.outputs import reading
from analysis.runs import record


def sources(evidence: Evidence) -> dict[str, bytes]:
    """The front page, with the list of all others in it."""
    study, results = evidence.study, evidence.results
    states = [run["state"] for run in evidence.record.get("runs", [])]
    written = sum(len(run.get("outputs", {})) for run in evidence.record.get("runs", []))
    claims = evidence.tables.get("claims", pd.DataFrame(columns=["verdict"]))
    made = page(
        "index",
        study=study,
        state=evidence.record.get("state", "not recorded"),
        runs=pd.Series(states, dtype=object).value_counts(sort=False).to_dict(),
        altered=record.altered(study.name, results.root),
        written=written,
        record=evidence.path("run.json"),
        claims=len(claims),
        tallied=evidence.cell(evidence.path("claims.csv")) or "claims.html",
        verdicts=tally(claims).to_dict("records"),
        verified=checks.verified(evidence),
        answer=raw(f"<p>{' '.join(_answer(evidence))}</p>"),
    )
    return {"index.md": made}


def _answer(evidence: Evidence) -> Iterator[str]:
    """Sentences that the frames speak, each number a link to the cell that wrote its frame."""
    site, compare = evidence.study.site, evidence.study.compare
    spoken = [("reconciliation", lambda rows: reading.reconciliation(rows, site))]
    spoken += [(f"themes_by_{by}", lambda rows, by=by: reading.themes(rows, by)) for by in compare]
    spoken += [
        ("voices", reading.voices),
        ("activities_by_" + site, lambda rows: reading.activities(rows, site)),
    ]
    for name, sentence in spoken:
        rows = evidence.frame(name)
        if len(rows):
            yield linked(sentence(rows).data, evidence.cell(evidence.path(f"{name}.csv")))
