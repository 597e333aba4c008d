"""What tests of upkeep share."""

from importlib import import_module

import pytest


@pytest.fixture(autouse=True)
def _revisions_are_asked_for_at_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared database is asked for its revision ten times a second; here a request comes right after a change."""
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "HELD", 0.0)
