"""Where a table lives: in memory, or in an engine that is asked by queries and gives back what is small.

A table in memory is a pandas frame. One in an engine is a lazy frame of narwhals, on DuckDB or on Spark, and
nothing of it is read before it is asked. Measures that count take either and say it once, in narwhals.
"""

import narwhals as nw
import pandas as pd

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
    return nw.from_native(small).lazy(engine, session=session)


def collected(table: nw.LazyFrame) -> pd.DataFrame:
    """What was asked, in memory, with rows in the order of their values whatever the engine is."""
    frame = table.collect("pandas").to_native()
    return frame.sort_values([*frame], ignore_index=True)
