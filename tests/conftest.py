"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import Place


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected outputs anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """One source on one folder, `articles`."""
    made = Place(tmp_path)
    yield made
    made.store.close()
