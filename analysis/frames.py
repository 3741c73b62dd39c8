"""Where a table lives: in memory, or in an engine that is asked by queries and gives back what is small.

A table in memory is a pandas frame. One in an engine is a lazy frame of narwhals, on DuckDB or on Spark, and
nothing of it is read before it is asked. Measures that count take either and say it once, in narwhals.
"""

import re
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd

from analysis import FailedError

Table = pd.DataFrame | nw.LazyFrame
"""A table in memory, or in an engine."""


def lazy(table: Table) -> nw.LazyFrame:
    """The table as one to be asked; one in memory stays there.

    >>> collected(lazy(pd.DataFrame({"excerpt": ["E2", "E1"]})))
      excerpt
    0      E1
    1      E2
    """
    return table if isinstance(table, nw.LazyFrame) else nw.from_native(table).lazy()


def beside(small: pd.DataFrame, table: nw.LazyFrame) -> nw.LazyFrame:
    """The small frame put where the table lives, as only neighbours can be joined."""
    engine = table.implementation
    if engine.is_pandas():
        return lazy(small)
    session = getattr(table.to_native(), "sparkSession", None)
    if session is None:
        return nw.from_native(small).lazy(engine)
    from pyarrow import Table as Arrow  # noqa: PLC0415 - comes with pyspark, which need not be installed
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 - likewise

    rows = Arrow.from_pandas(small, preserve_index=False)
    schema = from_arrow_schema(rows.schema)  # Spark Connect asks for it where there is no row
    return nw.from_native(session.createDataFrame(rows, schema))


def united(table: nw.LazyFrame, key: str, columns: list[str]) -> nw.LazyFrame:
    """The binary digits of whole numbers, all that any row of a key has: a row a key.

    narwhals cannot say that, and all engines can. Counting without it takes twice as long.
    """
    native = table.to_native()
    if table.implementation.is_pandas():
        number, keys = pd.factorize(native[key])
        found = {column: np.zeros(len(keys), dtype=np.int64) for column in columns}
        for column, digits in found.items():
            np.bitwise_or.at(digits, number, native[column].to_numpy())
        return lazy(pd.DataFrame({key: keys} | found))
    told = [f"bit_or({column}) AS {column}" for column in columns]
    if table.implementation.is_duckdb():
        return nw.from_native(native.aggregate(", ".join([key, *told]), key))
    from pyspark.sql.functions import expr  # noqa: PLC0415 - of an extra, and here only where it is in use

    return nw.from_native(native.groupBy(key).agg(*map(expr, told)))


def neighbours(table: nw.LazyFrame, column: str) -> nw.LazyFrame:
    """What stands beside each other in the lists of a column of an engine's table: `first, second`.

    narwhals takes no part of a list, and all engines do.
    """
    native = table.to_native()
    if table.implementation.is_duckdb():
        two = f"unnest({column}[:-2]) AS first, unnest({column}[2:]) AS second"
        return nw.from_native(native.select(two))
    parts = f"slice({column}, 1, size({column}) - 1), slice({column}, 2, size({column}))"
    return nw.from_native(native.selectExpr(f"inline(arrays_zip({parts})) AS (first, second)"))


def collected(table: nw.LazyFrame) -> pd.DataFrame:
    """What was asked, in memory, the same whatever the engine is: rows in the order of their values, and one
    type of pandas for each kind of column.

    FailedError, if the engine cannot answer.
    """
    try:
        kinds = table.collect_schema()
        frame = table.collect("pandas").to_native()
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ENGINES:
            raise
        raise FailedError(unanswered(error)) from error
    types = {name: _type(kinds[name], bool(frame[name].hasnans)) for name in frame}
    frame = frame.astype({name: kind for name, kind in types.items() if kind})
    return frame.sort_values([*frame], ignore_index=True)


# narwhals imports what it needs of pandas at its first use; kernels are forked from what is imported by now
lazy(pd.DataFrame({"n": [1]})).group_by("n").agg(nw.len())


def length(table: nw.LazyFrame) -> int:
    """How many rows a table has."""
    return int(collected(table.select(n=nw.len()))["n"].iloc[0])


def _type(kind: nw.dtypes.DType, blanks: bool) -> str | None:
    """The type of pandas for a column: engines differ in what they make of sums and of blank cells."""
    if isinstance(kind, nw.String):
        return "str"
    if kind.is_integer():
        return "float64" if blanks else "int64"
    if isinstance(kind, nw.Boolean):
        return "boolean" if blanks else "bool"
    return None


ENGINES = ("duckdb", "_duckdb", "pyspark", "py4j")
"""The packages whose errors are an engine's; nothing of them is imported to know that."""


def unanswered(error: Exception) -> str:
    """Why an engine could not answer, in one sentence."""
    if "CSV Error on Line" in str(error) or "CSV Parser" in str(error):
        return _unread(str(error))
    says = " ".join(str(error).split("\n\n")[0].split()) or type(error).__name__
    if "No space left" in says or "max_temp_directory_size" in says:
        why = "the disk is full on which the engine puts what memory does not hold; make room there"
    elif "OutOfMemoryError" in says:
        why = "a worker of the cluster, or Spark in this process, has too little memory"
    elif "Out of Memory" in says:
        why = "the engine needs more memory than it may take; give it more, as ANALYSIS_MEMORY=4GB"
    else:
        why = "the engine that holds the tables could not answer"
    return f"{why} ({says[:LONGEST]})"


def _unread(says: str) -> str:
    """Why DuckDB could not read a row of a CSV file, and which; the row itself is somebody's words."""
    file, row = (re.findall(rf"{before} (.+)", says)[-1:] for before in ("file =", "CSV Error on Line:"))
    place = ", ".join([f'"{Path(name).name}"' for name in file] + [f"row {number}" for number in row])
    place = place or "a CSV file"
    if "CSV Parser" in says:
        return f"{place}: lines end in two ways, or a quotation mark inside of a cell is not doubled"
    if "unterminated quote" in says:
        return f"{place}: a quotation mark has no end, or one inside of a cell is not doubled"
    if "Maximum line size" in says:
        return f"{place}: it is longer than DuckDB reads; write the table as Parquet"
    if found := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", says):
        return f"{place}: it has {found[2]} cells; expected {found[1]}"
    return f"{place}: it is no readable row of a CSV file in UTF-8"


LONGEST = 300
"""Characters of what an engine says of its failure, which may go on for pages."""
