"""The engines in which large tables lie: DuckDB on this machine, or a Spark cluster that is there already."""

import atexit
import os
import shutil
import socket
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import narwhals as nw
import psutil

from analysis import ROOT, UnusableError
from analysis.frames import Reference, unanswered

MEMORY = "1GB"
"""What DuckDB may take, unless ANALYSIS_MEMORY says otherwise; what does not fit is spilled."""
SPILL = ROOT / "scratch" / "spill"
"""Where DuckDB puts what memory does not hold, in a folder for each process."""
REACHED = 20
"""Seconds within which a cluster has to answer."""
READY = 60
"""Seconds within which it has to give a session; the first one starts a Java machine here."""
PORT = {"sc": 15002, "spark": 7077}


class UnopenedError(Exception):
    """A table that cannot be opened where it is said to lie, and why."""


class Engine(Protocol):
    """What opens the tables of a study."""

    def columns(self, file: Path) -> dict[str, str]:
        """The columns of a Parquet file and their types. UnopenedError."""

    def table(self, reference: Reference, files: list[Path]) -> nw.LazyFrame:
        """The table of a reference, whose files are there. UnopenedError."""


def engine(cluster: str) -> Engine:
    """Spark, where a cluster is named, or else DuckDB. UnusableError, if it is not there."""
    return Spark(cluster) if cluster else DuckDB()


def _needed(package: str, extra: str, cannot: str) -> None:
    if find_spec(package) is None:
        raise UnusableError(f'{cannot} without {package}, which is not installed: pip install ".[{extra}]"')


class DuckDB:
    """The engine inside of this process. Its relations are made on the default connection, where others
    find them."""

    def __init__(self) -> None:
        _needed("duckdb", "large", "tables in Parquet or DuckDB files cannot be read")
        _limited()

    def columns(self, file: Path) -> dict[str, str]:
        """The columns of a Parquet file and their types."""
        found = self._asked(lambda duckdb: duckdb.read_parquet(str(file)), file.name)
        return dict(zip(found.columns, map(str, found.types), strict=True))

    def table(self, reference: Reference, files: list[Path]) -> nw.LazyFrame:
        """The table of a reference."""
        if reference.format == "spark":
            says = "a table of a cluster needs its address; expected study.cluster in datapackage.json"
            raise UnopenedError(says)
        if reference.format == "parquet":
            names = [str(file) for file in files]
            found = self._asked(
                lambda duckdb: duckdb.read_parquet(names, hive_partitioning=False), reference.path
            )
        else:
            found = self._of_database(reference, files[0])
        return nw.from_native(found)

    def _of_database(self, reference: Reference, file: Path) -> Any:  # noqa: ANN401 - a relation of DuckDB
        name = quoted(str(file.resolve()))
        literal = str(file.resolve()).replace("'", "''")
        self._asked(
            lambda duckdb: duckdb.sql(f"ATTACH IF NOT EXISTS '{literal}' AS {name} (READ_ONLY)"), file.name
        )
        schema, _, table = reference.table.rpartition(".")
        with suppress(UnopenedError):
            place = f"{name}.{quoted(schema or 'main')}.{quoted(table)}"
            return self._asked(lambda duckdb: duckdb.sql(f"FROM {place}"), file.name)
        asked = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?"
        rows = self._asked(lambda duckdb: duckdb.execute(asked, [str(file.resolve())]).fetchall(), file.name)
        there = [table if schema == "main" else f"{schema}.{table}" for schema, table in rows]
        raise UnopenedError(f'"{reference.table}" is no table of it; it has {", ".join(there) or "none"}')

    def _asked(self, ask: Callable[[Any], Any], file: str) -> Any:  # noqa: ANN401 - whatever DuckDB answers
        import duckdb  # noqa: PLC0415 - of an extra that need not be installed

        try:
            return ask(duckdb)
        except duckdb.Error as error:
            if "Could not set lock" in str(error):
                why = "another program has the file open; close it there"
            elif isinstance(error, duckdb.InvalidInputException):
                why = "no readable Parquet file: it is another kind of file, or cut short"
            elif "not a valid DuckDB" in str(error):
                why = "no DuckDB file"
            else:
                why = unanswered(error)
            raise UnopenedError(f'"{file}": {why}') from error


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever signs are in it."""
    return '"' + name.replace('"', '""') + '"'


@cache
def _limited() -> None:
    """Limit the memory that DuckDB takes, and say where it spills: once, as the place cannot be changed."""
    import duckdb  # noqa: PLC0415 - of an extra that need not be installed

    memory = os.environ.get("ANALYSIS_MEMORY", MEMORY)
    place = SPILL / str(os.getpid())
    for folder in SPILL.glob("*"):  # of processes that were killed
        if folder.name.isdecimal() and not psutil.pid_exists(int(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)
    try:
        duckdb.sql(f"SET memory_limit = '{memory}'")
    except duckdb.Error as error:
        raise UnusableError(
            f'ANALYSIS_MEMORY: "{memory}" is no amount of memory; expected one as 4GB'
        ) from error
    SPILL.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"SET temp_directory = '{str(place).replace(chr(39), 2 * chr(39))}'")
    duckdb.sql("SET preserve_insertion_order = false")
    atexit.register(shutil.rmtree, place, ignore_errors=True)


class Spark:
    """A cluster that others keep, or a Spark of this machine."""

    def __init__(self, address: str) -> None:
        _needed("pyspark", "cluster", "a Spark cluster cannot be asked")
        self.session = _session(address)

    def columns(self, file: Path) -> dict[str, str]:
        """The columns of a Parquet file and their types."""
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - comes with pyspark's extra

        try:
            found = parquet.read_schema(file)
        except (ArrowException, OSError) as error:
            says = "no readable Parquet file: it is another kind of file, or cut short"
            raise UnopenedError(f'"{file.name}": {says}') from error
        return dict(zip(found.names, map(str, found.types), strict=True))

    def table(self, reference: Reference, files: list[Path]) -> nw.LazyFrame:
        """The table of a reference."""
        if reference.format == "duckdb":
            raise UnopenedError("Spark reads no DuckDB file; name no cluster, or write the table as Parquet")
        try:
            if reference.format == "parquet":
                found = self.session.read.parquet(*(str(file.resolve()) for file in files))
            else:
                found = self.session.table(reference.table)
            found.columns  # noqa: B018 - asked now, as a session of Connect asks nothing before
        except Exception as error:
            if not type(error).__module__.startswith(("pyspark", "py4j")):
                raise
            raise UnopenedError(unanswered(error)) from error
        return nw.from_native(found)


@cache
def _session(address: str) -> Any:  # noqa: ANN401 - a session of Spark or of its Connect
    """A session of the cluster at an address. UnusableError, if there is none within the time."""
    _reached(address)
    made: list[Any] = []

    def begin() -> None:
        try:
            made.append(_begun(address))
        except Exception as error:  # noqa: BLE001 - said by the thread that waits
            made.append(error)

    waiting = threading.Thread(target=begin, daemon=True)
    waiting.start()
    waiting.join(READY)
    if not made:
        raise UnusableError(f'the cluster "{address}" gives no session within {READY} seconds')
    if isinstance(made[0], Exception):
        raise UnusableError(f'the cluster "{address}": {unanswered(made[0])}') from made[0]
    return made[0]


def _reached(address: str) -> None:
    """UnusableError, if nothing answers at the address: Spark itself would try for minutes."""
    if address.startswith("local"):
        return
    parts = urlsplit(address)
    if parts.scheme not in PORT or not parts.hostname:
        says = "is no address of a cluster; expected one as spark://host:7077, sc://host:15002 or local[2]"
        raise UnusableError(f'"{address}" {says}')
    try:
        place = (parts.hostname, parts.port or PORT[parts.scheme])
        socket.create_connection(place, timeout=REACHED).close()
    except (OSError, ValueError) as error:
        raise UnusableError(f'the cluster "{address}" cannot be reached ({error})') from error


def _begun(address: str) -> Any:  # noqa: ANN401 - a session of Spark or of its Connect
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark of a pandas newer than itself
        from pyspark.sql import SparkSession  # noqa: PLC0415 - of an extra that need not be installed

        builder = SparkSession.builder.appName("interview-study-notebooks")
        if address.startswith("sc:"):
            return builder.remote(address).getOrCreate()
        own = {"spark.ui.enabled": "false", "spark.log.level": "ERROR"}
        if address.startswith("local"):
            own |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
        for key, value in own.items():
            builder = builder.config(key, value)
        return builder.master(address).getOrCreate()
