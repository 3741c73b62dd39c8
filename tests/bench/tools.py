"""The same counts asked from the databases in which QualCoder and Taguette keep a project.

Each is filled with a generated study as the tool would hold it, with the indexes that the tool makes and no
others, and asked in SQL: neither tool makes this table itself. A passage without a code is nothing that
either keeps, so the denominators of excerpts are not known there.
"""

import sqlite3
from contextlib import closing

import duckdb
import pandas as pd
from counted import codebook, finished

TAGUETTE_INDEXES = """
CREATE INDEX ix_documents_project_id ON documents (project_id);
CREATE INDEX ix_highlights_document_id ON highlights (document_id);
CREATE INDEX ix_tags_path ON tags (path);
CREATE INDEX ix_tags_project_id ON tags (project_id);
CREATE INDEX ix_highlight_tags_highlight_id ON highlight_tags (highlight_id);
CREATE INDEX ix_highlight_tags_tag_id ON highlight_tags (tag_id);
"""
IN_QUALCODER = {
    "INSERT INTO source (id, name, fulltext) VALUES (?, ?, ?)": """
        SELECT document[2:]::BIGINT, document, string_agg(text, chr(10) ORDER BY "start") FROM excerpts
        GROUP BY document ORDER BY 1""",
    "INSERT INTO cases (caseid, name) VALUES (?, ?)": """
        SELECT participant[2:]::BIGINT, participant FROM roster ORDER BY 1""",
    "INSERT INTO attribute (id, value, name, attr_type) VALUES (?, ?, 'borough', 'case')": """
        SELECT participant[2:]::BIGINT, borough FROM roster ORDER BY 1""",
    "INSERT INTO case_text (caseid, fid, pos0, pos1) VALUES (?, ?, 0, ?)": """
        SELECT participant[2:]::BIGINT, document[2:]::BIGINT, max("end")
        FROM excerpts GROUP BY ALL ORDER BY 1""",
    "INSERT INTO code_text (cid, fid, seltext, pos0, pos1, owner) VALUES (?, ?, ?, ?, ?, ?)": """
        SELECT place, document[2:]::BIGINT, text, "start", "end", coder
        FROM codings JOIN codes USING (code) JOIN excerpts USING (excerpt)""",
}
IN_TAGUETTE = {
    "INSERT INTO documents VALUES (?, ?, ?, '', '', 1, 'LEFT_TO_RIGHT', ?)": """
        SELECT document[2:]::BIGINT, document, borough,
            '<p>' || string_agg(text, '</p><p>' ORDER BY "start") || '</p>'
        FROM excerpts JOIN roster USING (participant) GROUP BY document, borough ORDER BY 1""",
    "INSERT INTO highlights VALUES (?, ?, ?, ?, ?)": """
        SELECT excerpt[2:]::BIGINT, document[2:]::BIGINT, "start", "end", '<p>' || text || '</p>'
        FROM excerpts WHERE excerpt IN (SELECT excerpt FROM codings) ORDER BY 1""",
    "INSERT INTO highlight_tags VALUES (?, ?)": """
        SELECT DISTINCT excerpt[2:]::BIGINT, place FROM codings JOIN codes USING (code)""",
}

ASKED_QUALCODER = """
    WITH RECURSIVE closure(cid, name, up) AS (
        SELECT cid, name, catid FROM code_name
        UNION ALL SELECT cid, code_cat.name, supercatid FROM closure JOIN code_cat ON catid = up
    ), coded AS (SELECT DISTINCT fid, pos0, pos1, name FROM code_text JOIN closure USING (cid))
    SELECT value AS borough, coded.name AS code, count(*) AS excerpts, count(DISTINCT caseid) AS people
    FROM coded JOIN case_text ON case_text.fid = coded.fid
        AND coded.pos0 >= case_text.pos0 AND coded.pos1 <= case_text.pos1
    JOIN attribute ON attribute.id = caseid AND attr_type = 'case' AND attribute.name = 'borough'
    GROUP BY value, code
"""
ASKED_TAGUETTE = """
    WITH closure(tag_id, path) AS (
        SELECT tags.id, above.path FROM tags JOIN tags AS above
        ON tags.path = above.path OR tags.path LIKE above.path || '.%'
    ), coded AS (SELECT DISTINCT highlight_id, path FROM highlight_tags JOIN closure USING (tag_id))
    SELECT documents.description AS borough, path, count(*) AS excerpts,
        count(DISTINCT documents.id) AS people
    FROM coded JOIN highlights ON highlights.id = highlight_id JOIN documents ON documents.id = document_id
    GROUP BY borough, path
"""
PEOPLE_QUALCODER = """
    SELECT value AS borough, count(*) AS people FROM attribute WHERE name = 'borough' GROUP BY value
"""
PEOPLE_TAGUETTE = "SELECT description AS borough, count(*) AS people FROM documents GROUP BY description"


def qualcoder(folder):
    """People are cases with an attribute, codes at the bottom are codes and all others their categories."""
    return _way(folder, "qualcoder", PEOPLE_QUALCODER, ASKED_QUALCODER)


def taguette(folder):
    """There are no people: each document is one's interview, and its description says the borough."""
    return _way(folder, "taguette", PEOPLE_TAGUETTE, ASKED_TAGUETTE)


WAYS = {"QualCoder's database": qualcoder, "Taguette's database": taguette}


def fill(folder, tool):
    """The database of a tool, filled with the study of a folder and kept in it; how many bytes it has."""
    from test_sources_qualcoder import SCHEMA as QUALCODER
    from test_sources_taguette import SCHEMA as TAGUETTE

    filled = {
        "qualcoder": (QUALCODER, IN_QUALCODER),
        "taguette": (TAGUETTE + TAGUETTE_INDEXES, IN_TAGUETTE),
    }
    schema, filling = filled[tool]
    book = codebook(folder).assign(place=range(1, len(codebook(folder)) + 1))
    with closing(sqlite3.connect(folder / f"{tool}.sqlite3")) as into, duckdb.connect() as base:
        for table in ("roster", "excerpts", "codings"):
            base.read_parquet(f"{folder}/{table}/*.parquet").create_view(table)
        base.register("codes", book[["code", "place"]])
        into.executescript(f"PRAGMA journal_mode = OFF; {schema}")
        _codes(into, tool, book)
        for insert, query in filling.items():
            rows = base.execute(query)
            while many := rows.fetchmany(50_000):
                into.executemany(insert, many)
        into.commit()
    return (folder / f"{tool}.sqlite3").stat().st_size


def _codes(into, tool, book):
    """The codes with their places in the codebook as numbers, and what is above each."""
    place = book.set_index("code")["place"].to_dict()
    above = book.set_index("code")["parent"].dropna().to_dict()
    for code, number in place.items():
        up = place.get(above.get(code))
        if tool == "taguette":
            insert = "INSERT INTO tags (id, path, project_id, description) VALUES (?, ?, 1, '')"
            into.execute(insert, (number, _path(code, above)))
        elif code in above.values():
            into.execute(
                "INSERT INTO code_cat (catid, name, supercatid) VALUES (?, ?, ?)", (number, code, up)
            )
        else:
            into.execute("INSERT INTO code_name (cid, name, catid) VALUES (?, ?, ?)", (number, code, up))


def _path(code, above):
    return f"{_path(above[code], above)}.{code}" if code in above else code


def _way(folder, tool, people, asked):
    base = sqlite3.connect(folder / f"{tool}.sqlite3")

    def counted():
        counts, sizes = pd.read_sql_query(asked, base), pd.read_sql_query(people, base)
        if "path" in counts:
            counts["code"] = counts["path"].str.rpartition(".")[2]
        return finished(counts, sizes.assign(excerpts=float("nan")), codebook(folder)["code"])

    return counted
