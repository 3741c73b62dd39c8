"""Quotations and codes as tables that leave the suite: for a spreadsheet, a colleague, an appendix."""

from collections.abc import Container

import pandas as pd

from analysis.measures.labels import known_group
from analysis.outputs.paper import PaperTable, path_to

BESIDE = ("n", "service_leads", "listed_again", "as_printed", "note", "guid", "participant", "stated", "lead")
"""Columns of a roster that are no attributes of a person."""
ABOVE = " > "


def tidy(
    codings: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame, roster: pd.DataFrame
) -> pd.DataFrame:
    """A row for each excerpt, code and coder, with who speaks and what is known of them; uncoded ones last.

    Columns `excerpt, document, start, end, region, participant`, the attributes of the roster, `code, path,
    coder, text`; sorted by excerpt, code and coder. Source: the study's tables.
    """
    paths = {code: ABOVE.join(names) for code, names in _paths(codebook).items()}
    rows = excerpts.merge(codings[["excerpt", "code", "coder"]], on="excerpt", how="left")
    known = roster[roster["participant"].notna()]
    attributes = attributes_of(roster)
    clash = {name: _of_participant(name, rows) for name in attributes}
    rows = rows.merge(known[["participant", *attributes]].rename(columns=clash), on="participant", how="left")
    rows["path"] = rows["code"].map(paths)
    place = ["excerpt", "document", "start", "end", "region", "participant"]
    columns = [*place, *clash.values(), "code", "path", "coder", "text"]
    return rows.reindex(columns=columns).sort_values(["excerpt", "code", "coder"], ignore_index=True)


def attributes_of(roster: pd.DataFrame) -> list[str]:
    """The columns of a roster that say something of people, where it says it of anybody."""
    return [name for name in roster if name not in BESIDE and roster[name].notna().any()]


def with_speakers(
    excerpts: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    roles: pd.DataFrame,
) -> pd.DataFrame:
    """A row for each excerpt: its words, who speaks, what is known of them, and the names of its codes.

    Columns `excerpt, text, speaker, participant, source`, the attributes of the roster as far as the record
    says them of a speaker, `document, printed_in, codes`; those without any value are left out, and so is
    `source` where all are from interviews. An attribute that is called as another of these columns has
    another name here. In the given order.
    """
    names = codebook.set_index("code")["name"]
    coded = codings[["excerpt", "code"]].drop_duplicates()
    together = coded["code"].map(names).groupby(coded["excerpt"]).agg("; ".join)
    rows = excerpts.reindex(columns=["excerpt", "text", "speaker", "participant", "source"])
    taken = {*rows, "document", "printed_in", "codes"}
    for name in attributes_of(roster):
        rows[_of_participant(name, taken)] = known_group(excerpts, roster, roles, name)
    rows = rows.join(excerpts.reindex(columns=["document", "printed_in"]))
    rows["codes"] = rows["excerpt"].map(together)
    rows = rows.drop(columns="source") if rows["source"].eq("interview").all() else rows
    return rows.dropna(axis=1, how="all").reset_index(drop=True)


def participants(spoke: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """A row for each participant: the attributes of the roster, then the columns of `spoke`, one a code.

    `spoke` is `prevalence.by_participant`. An attribute that is called as a code is, has another name here.
    Source: the study's tables.
    """
    attributes = attributes_of(roster)
    clash = {name: _of_participant(name, spoke) for name in attributes}
    known = roster[["participant", *attributes]].rename(columns=clash)
    rows = spoke[["participant"]].merge(known, on="participant", how="left")
    return rows.join(spoke.drop(columns="participant"))


def _of_participant(name: str, taken: Container[str]) -> str:
    """What an attribute is called beside other columns."""
    return f"{name} of the participant" if name in taken else name


def _paths(codebook: pd.DataFrame) -> dict[str, list[str]]:
    """The names of each code and of those above it, from the top."""
    names = codebook.set_index("code")["name"].to_dict()
    return {code: [names[one] for one in path_to(code, codebook)] for code in names}


def codes(codebook: pd.DataFrame, codings: pd.DataFrame) -> PaperTable:
    """The codebook as a table to be read: each code under its top code, its definition, and its excerpts."""
    counts = codings.groupby("code")["excerpt"].nunique()
    paths = [*_paths(codebook).values()]
    frame = pd.DataFrame(
        {
            "theme": [path[0] for path in paths],
            "code": [ABOVE.join(path[1:]) or path[0] for path in paths],
            "definition": codebook["definition"].fillna("").tolist(),
            "excerpts": codebook["code"].map(counts).fillna(0).astype(int).astype(str).tolist(),
        }
    )
    order = frame["theme"].map({theme: number for number, theme in enumerate(dict.fromkeys(frame["theme"]))})
    return PaperTable(
        name="codebook",
        caption="The codebook",
        frame=frame.iloc[order.argsort(kind="stable")].reset_index(drop=True),
        headings=("Code", "Definition", "Excerpts"),
        section="theme",
        note="Excerpts: how many carry the code itself; those of codes below it are not added.",
        widths=(0.3, 0.58, 0.12),
    )
