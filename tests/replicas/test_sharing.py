"""Watchers on one store share the work: a folder is scanned by one, and by another soon after that one died."""

from aggregator.config import load_config
from aggregator.store import Store
from aggregator.watcher import _Watch
from tests.support import Place


def test_one_watcher_scans_and_the_other_takes_over(place: Place) -> None:
    other = Store(place.config.store)
    config = load_config(place.root / "config.yaml", {})
    anchors = [store.anchor() for store in (place.store, other)]
    watches = [
        _Watch(config, store, lambda: place.now, (), lambda *_: None, anchor)
        for store, anchor in zip((place.store, other), anchors, strict=True)
    ]
    alive = {number: job for number, watch in enumerate(watches) for job in watch._jobs.values()}

    def interval() -> list[int]:
        """Which of them scanned in an interval, in which one runs at its beginning and the other in its midst."""
        found = []
        for number, job in alive.items():
            before = place.store.ledger.folders()
            job.run()
            found += [number] if place.store.ledger.folders() != before else []
            place.later(minutes=5)
        return found

    assert interval() == [0, 1]  # each looks for itself when it starts
    (first,) = interval()
    assert [interval() for _ in range(3)] == [[first]] * 3
    del alive[first]
    assert [*interval(), *interval()] == [1 - first]  # within two intervals
    assert interval() == [1 - first]
    for anchor in anchors:
        anchor.close()
    other.close()
