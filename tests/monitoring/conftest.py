"""What the tests of metrics and logs share."""

import gc
from collections.abc import Callable, Iterator

import pytest

from aggregator import metrics
from aggregator.store import Store
from feeds.metrics import CountedFlask
from tests.monitoring.exposition import Figures, read


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Store | None], Figures]]:
    """What /metrics tells, in a process that has counted nothing yet."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    for app in gc.get_objects():  # those of other tests count in threads of their own, once a second
        if type(app) is CountedFlask:
            app.count_remembered()
    metrics._forget()
    yield lambda store=None: read(metrics.exposition(store)[0].decode())
    metrics._forget()
