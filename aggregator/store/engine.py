"""Opening a database: connections, transactions, migrations. SQLite in WAL mode or PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url

from ..errors import StoreAwayError, StoreError
from . import fresh
from .lock import POSTGRES_WRITES, held_connection
from .patience import bound
from .whereabouts import follow, refuse_elsewhere

HEAD = "0004"  # the newest migration; a test compares it with the folder
BUSY_SECONDS = 30
CONNECT_SECONDS = 3  # to PostgreSQL: a host that is gone answers nothing at all
# A host may be gone without a word, cut off or without power. Its connections are then given up, by us as by the
# server, which so takes back the locks that they hold.
SERVER_SILENT = 5  # seconds; requests may be waiting
CLIENT_SILENT = 25  # seconds
UNICODE = "UTF8"  # what PostgreSQL calls the encoding that a database has to have
IDLE_MINUTES = 10  # in the midst of a transaction; see also turn.IDLE_SECONDS
# A process that hangs between two transactions may hold the lock of a folder; a walk through one takes less.
HOLDING_MINUTES = 30
_HOLD = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'idle_session_timeout' AND setting = '0'"
# Full, since a crawler's folder is a sliding window: a commit lost to a power cut could not be read again.
# The log goes back into the file at 16 MB, since a page is then written there once for several commits.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",
)
# Of who writes: a batch's pages fit, or SQLite would write some of them twice.
WRITER = "PRAGMA cache_size=-8000"
# For a file that nobody sees before it is whole.
NEW_FILE = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536")
READ_ONLY = ("query_only=ON",)
# A PostgreSQL server that answers, but refuses a connection, says so with the first word (libpq gives no code), and
# with one of the others where that passes.
REFUSED = "FATAL"
PASSING = (
    "starting up",
    "shutting down",
    "recovery",
    "too many",
    "connection slots",
    "accepting connections",
    "terminat",
)


def open_engine(url: str, *, up_to_date: bool = False) -> Engine:
    """Connect to the database at `url`, creating a SQLite file's folder, and bring its schema up to date.

    `up_to_date`: somebody has seen to the schema; then nothing is asked of the database before it is used. Raises
    StoreError when it cannot be opened, StoreAwayError when it may soon be there.
    """
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(url)
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
                follow(engine, Path(parsed.database))
        else:
            engine = _postgresql(parsed)
        try:
            if not up_to_date:
                migrate(engine)
        except BaseException:
            engine.dispose()  # nobody else could close its connections
            raise
    except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
        raise _not_opened(parsed, error) from error
    return engine


def _not_opened(url: sa.URL, error: Exception) -> StoreError:
    cause = " ".join(str(getattr(error, "orig", None) or error).split())
    is_away = isinstance(error, sa.exc.OperationalError) and url.get_backend_name() != "sqlite" and _passes(cause)
    return (StoreAwayError if is_away else StoreError)(
        f"the store {shown(url)} cannot be opened: {cause}; check `store:` in the config and the rights on that place"
    )


def _passes(cause: str) -> bool:
    """Whether a server that cannot be connected to may soon be there, by what is said of it."""
    return REFUSED not in cause or any(words in cause for words in PASSING)


def shown(url: sa.URL) -> str:
    """A database's address for people: without passwords, also where they are parameters."""
    hidden = {name: "***" if "password" in name.lower() else value for name, value in url.query.items()}
    return url.set(query=hidden).render_as_string(hide_password=True)


def open_file(file: Path, *, read_only: bool = False) -> Engine:
    """Connect to a SQLite file as it is: one that is only read, or one that is being made and nobody else has."""
    mode = "ro" if read_only else "rwc"
    url = sa.URL.create("sqlite", database=file.absolute().as_uri(), query={"mode": mode, "uri": "true"})
    return _sqlite(url, READ_ONLY if read_only else NEW_FILE)


def store_exists(url: str) -> bool:
    """Whether there is a store at a SQLAlchemy URL. Nothing is made there. Raises StoreError."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return False
    try:
        engine = sa.create_engine(url) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
        with engine.connect() as connection:
            return schema_version(connection) is not None
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise _not_opened(parsed, error) from error
    finally:
        engine.dispose()


def _sqlite(url: str | sa.URL, pragmas: tuple[str, ...] = PRAGMAS) -> Engine:
    given = {} if "timeout" in make_url(url).query else {"timeout": BUSY_SECONDS}
    engine = sa.create_engine(url, connect_args={**given, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001 (SQLAlchemy's signature)
        connection.isolation_level = None  # we say BEGIN ourselves, so that DDL is transactional too
        connection.create_function("holds", 2, _holds, deterministic=True)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: a read transaction that turns into a writing one can fail as "busy".
        writes = connection.get_execution_options().get("writes", False)
        if writes and pragmas == PRAGMAS:
            connection.exec_driver_sql(WRITER)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        if writes:
            refuse_elsewhere(connection)

    return engine


def _holds(text: bytes, pattern: bytes) -> bool:
    """SQL's `holds(text, pattern)`, which searches compare texts with."""
    return pattern in text


def _postgresql(url: sa.URL) -> Engine:
    """Readers see one state of the store for as long as their transaction lasts. What the address says goes first."""
    options = (
        f"-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_user_timeout={CLIENT_SILENT}s "
        f"-c idle_in_transaction_session_timeout={IDLE_MINUTES}min"
    )
    defaults = {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "tcp_user_timeout": SERVER_SILENT * 1000,
        "client_encoding": "utf8",
        "fallback_application_name": "aggregator",
    }
    given = {name: value for name, value in defaults.items() if name not in url.query}
    given["options"] = f"{options} {url.query.get('options', '')}".strip()
    engine = sa.create_engine(url, pool_pre_ping=True, isolation_level="REPEATABLE READ", connect_args=given)
    bound(engine)
    event.listen(engine, "connect", _begin_session, insert=True)  # before SQLAlchemy asks its first question
    return engine


def _begin_session(connection: Any, record: Any) -> None:  # noqa: ARG001 (SQLAlchemy's signature)
    """Raise StoreError for a database that cannot keep every text: some article would come that it refuses."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != UNICODE:
        raise StoreError(
            f"the database {connection.info.dbname} has the encoding {encoding}, which cannot keep every text; "
            f"make one by CREATE DATABASE … ENCODING '{UNICODE}' TEMPLATE template0"
        )
    connection.execute(_HOLD, [f"{HOLDING_MINUTES}min"])  # which is not there before PostgreSQL 14
    connection.commit()


@contextmanager
def answering() -> Iterator[None]:
    """Within it, a database that does not answer is a StoreError."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        raise StoreError(f"the store could not be read: {getattr(error, 'orig', None) or error}") from error


def is_outage(error: BaseException) -> bool:
    """Whether a store could not be used for what passes, or is mended, outside of this program: it is away, locked,
    full. Any other error of a database is a mistake of ours."""
    return isinstance(error, (StoreError, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError))


class Writing:
    """Transactions that write. Within a lock (see store.lock) they go over the lock's own connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection on which a transaction begins by itself; what is not committed is undone."""
        held = held_connection(self._engine)
        if held is None:
            options = POSTGRES_WRITES if self._engine.dialect.name == "postgresql" else {"writes": True}
            with self._engine.execution_options(**options).connect() as connection:
                yield connection
        else:
            try:
                yield held
            finally:
                held.rollback()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, committed when the block ends."""
        with self.connect() as connection, connection.begin():
            yield connection


def writing(engine: Engine) -> Writing:
    """The engine for transactions that write."""
    return Writing(engine)


def migrate(engine: Engine) -> None:
    """Upgrade the schema to HEAD in one transaction; a store that is up to date costs one query."""
    with engine.begin() as connection:
        if schema_version(connection) == HEAD:
            return
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('aggregator migration'))"))
        elif fresh.is_empty(connection):
            fresh.make(connection)
            return
        _upgrade(connection)


def schema_version(connection: Connection) -> str | None:
    """The newest migration that a store has had; None when there is no store."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def is_known(version: str) -> bool:
    """Whether this program has a migration, so that what has had it can be brought up to date."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return any(file.stem.endswith(f"_{version}") for file in folder.glob("*.py"))


def _upgrade(connection: Connection) -> None:
    # Imported here: Alembic takes 0.1 s to load and is needed once in a store's life.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"the store was written by a newer version of this program ({error}); upgrade the program, "
            "or name another store in the config"
        ) from error
