"""The items of the paper, as printed, beside what was computed of them."""

import re
from collections.abc import Iterator

import pandas as pd

from analysis.audit.report import ledger, notebooks
from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import linked, links, numbers_linked, page, raw, scroll, table
from analysis.outputs import reading
from analysis.outputs.paper import APPENDIX, path_to, slug, table_names


def sources(evidence: Evidence) -> dict[str, bytes]:
    """One page: an item after the other, then the figures that the paper does not have."""
    parts = [_item(evidence, name, codes) for name, codes in _items(evidence).items()]
    return {"items.md": page("items", study=evidence.study, items=parts, figures=[*_figures(evidence)])}


def _items(evidence: Evidence) -> dict[str, set[str]]:
    """The items that were made again or that claims speak of, each with the codes that it lists."""
    codebook, places = evidence.study.codebook, evidence.study.claims["where"].dropna()
    top = {code: path_to(code, codebook)[0] for code in codebook["code"]}
    tops = codebook.loc[codebook["parent"].isna(), "code"]
    below = [{code for code, above in top.items() if above == one} for one in tops]
    names = [name.replace("-", " ").title() for name in table_names(codebook)]
    claimed = [place for place in places if re.match(r"(Table|Box|Figure) \w+$", place)]
    return dict.fromkeys([*names, *claimed], frozenset()) | dict(zip(names, below, strict=False))


def _item(evidence: Evidence, name: str, codes: set[str]) -> dict[str, str]:
    """What a template says of an item: the name, both sides, and the difference in words."""
    claims = evidence.tables.get("claims", pd.DataFrame(columns=["where", "verdict"]))
    mine = claims[claims["where"] == name]
    differing = [*_differing(evidence, mine)] if len(mine) else []
    return {
        "name": name,
        "printed": _printed(evidence, name) if _page(evidence, name) else "",
        "computed": "\n".join(_computed(evidence, name, codes)),
        "claims": raw(ledger.table_of(evidence, mine)) if len(mine) else "",
        "agreeing": _agreeing(mine),
        "differing": raw(f"<ul>{''.join(differing)}</ul>") if differing else "",
    }


def _differing(evidence: Evidence, claims: pd.DataFrame) -> Iterator[str]:
    """A sentence for each claim that differs, its numbers links to the cell."""
    rows = claims[claims["verdict"] == "differs"]
    for row, sentence in zip(rows.itertuples(), reading.differing(rows, evidence.study.claims), strict=True):
        yield f"<li>{linked(sentence, ledger.where(evidence, row.notebook, row.cell))}</li>"


def _agreeing(claims: pd.DataFrame) -> str:
    """What is said of an item's claims where none differs: nothing computed is no agreement."""
    if claims["verdict"].eq("agrees").any():
        return "No claim about it differs from what was computed."
    return "Nothing could be computed that its claims might be held against."


def _page(evidence: Evidence, name: str) -> str:
    path = evidence.results.derived / "tables" / f"{slug(name)}.html"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _printed(evidence: Evidence, name: str) -> str:
    """The table of the paper as it was written, without the page around it, its numbers links to the cell."""
    body = _page(evidence, name).split("<body>")[1].split("</body>")[0].strip()
    path = evidence.path(f"tables/{slug(name)}.html")
    return scroll(numbers_linked(body, evidence.cell(path)), f"{name}, as printed")


def _computed(evidence: Evidence, name: str, codes: set[str]) -> Iterator[str]:
    """The tables that count what an item lists, and the pictures drawn from the same."""
    if codes:
        for by in evidence.study.compare:
            yield from _spread(evidence, f"themes_by_{by}", by, codes)
    if name == APPENDIX:
        for stem, rows in evidence.tables.items():
            if evidence.keys(rows):
                yield _whole(evidence, stem, rows)


def _spread(evidence: Evidence, stem: str, by: str, codes: set[str]) -> Iterator[str]:
    """How the excerpts under some codes spread over groups."""
    rows = evidence.frame(stem)
    if rows.empty or not (mine := rows[rows["code"].isin(codes)]).size:
        return
    href = evidence.cell(evidence.path(f"{stem}.csv"))
    label = f"Excerpts by {by.replace('_', ' ')}: least–most, or one number where it is exact"
    yield f"<p>{label}.</p>" + scroll(numbers_linked(reading.ranges(mine, by).data, href), f"{label}, {stem}")
    yield links(
        [
            ("The whole table", f"tables/{stem}.html"),
            ("The excerpts behind it", evidence.codes[min(codes, key=[*evidence.codes].index)]),
        ]
    )


def _whole(evidence: Evidence, stem: str, rows: pd.DataFrame) -> str:
    href = evidence.cell(evidence.path(f"{stem}.csv"))
    shown = table(rows, f"{stem}.csv", lambda row, column: linked(row[column], href))
    return shown + links([("The people listed behind it", "people.html")])


def _figures(evidence: Evidence) -> Iterator[str]:
    """Every figure with its text, and the way to its cell."""
    for path, one in evidence.origins.items():
        if path.endswith(".png"):
            shown = notebooks.picture_of(evidence, one.run, one.cell, "")
            where = evidence.cell(path)
            yield f"<figure>{shown}</figure>" + links([("The cell that drew it", where)])
