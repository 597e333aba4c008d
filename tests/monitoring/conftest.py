"""What the tests of metrics and logs share."""

from collections.abc import Callable, Iterator

import pytest

from aggregator import metrics
from aggregator.store import Store
from tests.monitoring.exposition import Figures, read


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Store | None], Figures]]:
    """What /metrics tells, in a process that has counted nothing yet."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics._forget()
    yield lambda store=None: read(metrics.exposition(store)[0].decode())
    metrics._forget()
