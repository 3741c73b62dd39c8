"""The engines in which large tables lie: DuckDB on this machine, or a Spark cluster that is there already."""

import atexit
import csv
import os
import re
import shutil
import socket
import subprocess
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache, reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import narwhals as nw
import psutil

from analysis import ROOT, UnusableError
from analysis.elsewhere import Reference
from analysis.frames import unanswered

MEMORY = "1GB"
"""What DuckDB may take, unless ANALYSIS_MEMORY says otherwise; what does not fit is spilled."""
SPILL = ROOT / "scratch" / "spill"
"""Where DuckDB puts what memory does not hold, in a folder for each process."""
REACHED = 20
"""Seconds within which a cluster has to answer."""
READY = 120
"""Seconds within which it has to do some work; the first session starts a Java machine here."""
GIVEN_UP = "stopped SparkContext"
"""What Spark says when a master has not answered it three times, which takes a minute."""
NAME = "interview-study-notebooks"
"""What a cluster calls the work of this project."""
LOCAL = re.compile(r"local($|\[|-)")
"""How the address of a Spark on this machine begins."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT = {"sc": 15002, "spark": 7077}


class UnopenedError(Exception):
    """A table that cannot be opened where it is said to lie, and why."""


class Engine(Protocol):
    """What opens the tables of a study."""

    def columns(self, reference: Reference, file: Path) -> dict[str, str]:
        """The columns of a Parquet or CSV file of a reference and their types. UnopenedError."""

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
        _needed("duckdb", "large", "tables in Parquet, large CSV or DuckDB files cannot be read")
        _limited()

    def columns(self, reference: Reference, file: Path) -> dict[str, str]:
        """The columns of a Parquet or CSV file and their types."""
        if reference.format == "csv":
            return dict.fromkeys(_head(file), "text")
        found = self._asked(
            lambda duckdb: duckdb.read_parquet(_literal(file), hive_partitioning=False), file.name
        )
        return dict(zip(found.columns, map(str, found.types), strict=True))

    def table(self, reference: Reference, files: list[Path]) -> nw.LazyFrame:
        """The table of a reference."""
        if reference.format == "spark":
            says = "a table of a cluster needs its address; expected study.cluster in datapackage.json"
            raise UnopenedError(says)
        if reference.format == "csv":
            found = self._of_texts(reference, files)
        elif reference.format == "parquet":
            names = [*map(_literal, files)]
            found = self._asked(
                lambda duckdb: duckdb.read_parquet(names, hive_partitioning=False), reference.path
            )
        else:
            found = self._of_database(reference, files[0])
        return nw.from_native(found)

    def _of_texts(self, reference: Reference, files: list[Path]) -> Any:  # noqa: ANN401 - a relation of DuckDB
        """CSV files, those together that have their columns in the same order."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for file in files:
            alike.setdefault(tuple(_head(file)), []).append(_literal(file))
        parts = [
            self._asked(
                lambda duckdb, names=names, head=head: duckdb.read_csv(
                    names, columns=dict.fromkeys(head, "VARCHAR"), **CSV
                ),
                reference.path,
            )
            for head, names in alike.items()
        ]
        first = ", ".join(map(quoted, next(iter(alike))))
        return reduce(lambda one, other: one.union(other.project(first)), parts)

    def _of_database(self, reference: Reference, file: Path) -> Any:  # noqa: ANN401 - a relation of DuckDB
        name = quoted(str(file.resolve()))
        literal = str(file.resolve()).replace("'", "''")
        self._asked(
            lambda duckdb: duckdb.sql(f"ATTACH IF NOT EXISTS '{literal}' AS {name} (READ_ONLY, TYPE duckdb)"),
            file.name,
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
            elif isinstance(error, duckdb.InvalidInputException) and "arquet" in str(error):
                why = "no readable Parquet file: it is another kind of file, or cut short"
            elif "not a valid DuckDB" in str(error):
                why = "no DuckDB file"
            else:
                why = unanswered(error)
            raise UnopenedError(f'"{file}": {why}') from error


CSV = {
    "header": True,
    "delimiter": ",",
    "quotechar": '"',
    "escapechar": '"',
    "auto_detect": False,
    "hive_partitioning": False,
}
"""How a CSV file is written: nothing is guessed from its first rows."""


def _literal(file: Path) -> str:
    """A file as DuckDB takes it, which would look for others that fit the signs in its name."""
    return re.sub(r"[\[*?]", r"[\g<0>]", str(file))


def _head(file: Path) -> list[str]:
    """The columns of a CSV file. UnopenedError."""
    try:
        # only the head is looked at here, though more is read of the file
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            names = next(csv.reader(lines), [])
        "".join(names).encode()
    except (OSError, UnicodeEncodeError, csv.Error) as error:
        raise UnopenedError(f'"{file.name}": its head cannot be read as CSV in UTF-8') from error
    if not names:
        raise UnopenedError(f'"{file.name}": it is empty; expected a line with the names of columns')
    if not all(names):
        raise UnopenedError(f'"{file.name}": column {names.index("") + 1} has no name')
    folded = [name.casefold() for name in names]
    if twice := [name for name in names if folded.count(name.casefold()) > 1]:
        raise UnopenedError(f'"{file.name}": the column "{twice[0]}" is there {len(twice)} times')
    return names


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
    duckdb.sql("SET enable_progress_bar = false")  # it would stand among what cells show
    atexit.register(shutil.rmtree, place, ignore_errors=True)


class Spark:
    """A cluster that others keep, or a Spark of this machine."""

    def __init__(self, address: str) -> None:
        _needed("pyspark", "cluster", "a Spark cluster cannot be asked")
        if not address.startswith("sc:") and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            says = "a Spark cluster cannot be asked without Java, which is not installed"
            raise UnusableError(f"{says}: apt install openjdk-17-jre-headless")
        self.session = _session(address)

    def columns(self, reference: Reference, file: Path) -> dict[str, str]:  # noqa: ARG002 - as of any engine
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
        if reference.format in ("csv", "duckdb"):
            says = (
                "Spark is asked for no CSV and no DuckDB file; name no cluster, or write the table as Parquet"
            )
            raise UnopenedError(says)
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
    """A session of the cluster at an address, which does work. UnusableError, if it does none in time.

    A cluster that has no free worker lets a query wait without end, and so does a server of another kind.
    """
    # pyspark says so of each query; that frames come back as they should is held by the tests of a cluster
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    _reached(address)
    if address.startswith("sc:"):
        _connected(address)
    begun: list[Any] = []
    ended: list[Exception | None] = []

    def begin() -> None:
        try:
            begun.append(_begun(address))
            begun[0].range(1).collect()
            ended.append(None)
        except Exception as error:  # noqa: BLE001 - said by the thread that waits
            ended.append(error)

    waiting = threading.Thread(target=begin, daemon=True)
    waiting.start()
    waiting.join(READY)
    if ended and not ended[0]:
        return begun[0]
    for session in begun:  # it would take workers that become free
        threading.Thread(target=session.stop, daemon=True).start()
    if ended and GIVEN_UP not in str(ended[0]):
        raise UnusableError(f'the cluster "{address}": {unanswered(ended[0])}') from ended[0]
    says = "its workers are busy or gone, or another program answers there"
    raise UnusableError(f'the cluster "{address}" does no work: {says}')


def _reached(address: str) -> None:
    """UnusableError, if nothing answers at the address: Spark itself would try for minutes."""
    if LOCAL.match(address):
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


def _connected(address: str) -> None:
    """UnusableError, if no server of Spark Connect answers: a session of one that does not never ends."""
    import grpc  # noqa: PLC0415 - comes with pyspark's extra
    from pyspark.sql.connect.client import DefaultChannelBuilder  # noqa: PLC0415 - likewise

    channel = DefaultChannelBuilder(address).toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=REACHED)
    except grpc.FutureTimeoutError as error:
        says = "another program than Spark Connect answers there"
        raise UnusableError(f'the cluster "{address}" cannot be reached ({says})') from error
    finally:
        channel.close()


def _begun(address: str) -> Any:  # noqa: ANN401 - a session of Spark or of its Connect
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - of an extra that need not be installed
    from pyspark.sql import SparkSession  # noqa: PLC0415 - likewise

    if address.startswith("sc:"):
        return SparkSession.builder.remote(address).getOrCreate()
    own = {"spark.app.name": NAME, "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if LOCAL.match(address) or urlsplit(address).hostname in LOOPBACK:
        own |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    settings = SparkConf(loadDefaults=False).setMaster(address).setAll([*own.items()])
    return SparkSession(SparkContext(conf=settings, gateway=_java()))


@cache
def _java() -> Any:  # noqa: ANN401 - the way of pyspark to its Java machine
    """The Java machine of this process, whose log would stand among what a cell shows."""
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - of an extra that need not be installed

    return launch_gateway(popen_kwargs={"stderr": subprocess.DEVNULL})
