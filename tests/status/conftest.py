"""The service that has run for a month, made once."""

from collections.abc import Iterator

import pytest

from tests.status.status_samples import lived
from tests.support import Place


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """To be read only."""
    made = lived(tmp_path_factory.mktemp("month"))
    yield made
    made.store.close()
