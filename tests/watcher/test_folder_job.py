"""The job of a folder: never overlapping, none lost, slower after failures. The clock stands still or is told."""

import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import ScanStoppedError
from aggregator.ingest import FEW
from aggregator.jobs import FIRST_RETRY, GAP, REST, FolderJob, Means, retry_delay
from aggregator.outages import Outage
from aggregator.reading import SETTLE
from aggregator.report import ScanReport

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVERY = timedelta(minutes=5)


class Script:
    """A scan that does what it is told, call by call."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.calls: list[bool] = []
        self.wishes: list[datetime] = []
        self.runs = 0
        self.looks: list[set[str]] = []
        self.soon: list[datetime] = []
        self.now = NOW
        outage = Outage(logging.getLogger(__name__), "the store is away", "it is back")
        means = Means(self.scan, self.look, self.wishes.append, self.soon.append, self.count_run, outage)
        self.job = FolderJob(means, lambda: self.now, EVERY)

    def count_run(self) -> None:
        self.runs += 1

    def look(self, names: Collection[str]) -> ScanReport:
        self.looks.append(set(names))
        return self.step()

    def scan(self, counts_missing: bool) -> ScanReport:
        self.calls.append(counts_missing)
        return self.step()

    def step(self) -> ScanReport:
        step = self.steps.pop(0) if self.steps else ScanReport("f")
        if callable(step):
            step = step()
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, ScanReport) else ScanReport("f")


def test_a_good_scan_asks_for_nothing() -> None:
    script = Script()
    script.job.run()
    assert (script.calls, script.wishes) == ([True], [])


def test_failures_are_retried_later_and_later() -> None:
    script = Script(ScanReport("f", error="missing"), RuntimeError("bug"), ScanReport("f", error="missing"))
    for _ in range(3):
        script.job.run()
    assert [when - NOW for when in script.wishes] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    script.job.run()
    script.steps = [ScanReport("f", error="missing")]
    script.job.run()
    assert script.wishes[-1] - NOW == FIRST_RETRY


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1 / 12), (7, 5), (1000, 5)])
def test_a_retry_is_never_later_than_the_schedule(failures: int, minutes: float) -> None:
    assert retry_delay(failures, EVERY) == timedelta(minutes=minutes)


def test_unsettled_files_are_looked_at_when_they_have_settled() -> None:
    script = Script(ScanReport("f", unsettled=3))
    script.job.run()
    assert script.wishes == [NOW + SETTLE]


def test_an_event_asks_for_a_scan_now_which_counts_no_file_as_missing() -> None:
    script = Script()
    script.job.wake()
    assert script.wishes == [NOW]
    script.job.run()
    script.now += REST
    script.job.run()
    assert script.calls == [False, True]


def test_no_file_counts_as_missing_while_somebody_writes_in_the_folder() -> None:
    script = in_order()
    for seconds in (0, 59, 60):
        script.now = NOW
        script.job.wake(["a.md"])
        script.job.look()
        script.now += timedelta(seconds=seconds)
        script.job.run()
    assert script.calls == [False, False, True]


def test_an_event_during_a_scan_makes_it_scan_once_more() -> None:
    script = Script()
    script.steps = [script.job.wake]
    script.job.run()
    assert script.calls == [True, False]


def test_a_run_during_a_scan_does_nothing() -> None:
    script = Script()

    def overlap() -> None:
        thread = threading.Thread(target=script.job.run)
        thread.start()
        thread.join()

    script.steps = [overlap]
    script.job.run()
    assert script.calls == [True]


def test_a_stopped_scan_is_not_a_failure() -> None:
    script = Script(ScanStoppedError("stop"))
    script.job.run()
    assert script.wishes == []


def test_each_run_is_told_once_it_is_over() -> None:
    script = Script()
    script.steps = [script.job.wake, RuntimeError("bug")]
    script.job.run()
    assert (script.calls, script.runs) == ([True, False], 1)


@pytest.mark.parametrize(
    ("last", "settled"),
    [
        (ScanReport("f"), True),
        (ScanReport("f", error="missing"), False),
        (ScanReport("f", unsettled=1), False),
        (RuntimeError("bug"), False),
        (ScanStoppedError("stop"), False),
    ],
)
def test_a_folder_is_settled_when_its_last_scan_was_whole(last: object, settled: bool) -> None:
    script = Script(ScanReport("f"), last)
    assert script.job.settled
    script.job.run()
    script.job.run()
    assert script.job.settled is settled


def test_a_change_that_no_scan_has_looked_at_is_not_forgotten() -> None:
    script = Script()
    script.job.run()
    script.job.wake()
    assert not script.job.settled


def test_a_job_that_has_ended_scans_no_more() -> None:
    script = Script()
    script.job.end()
    script.job.run()
    assert (script.calls, script.runs) == ([], 0)


def test_the_end_waits_for_the_scan_under_way() -> None:
    script = Script()
    waiting = threading.Thread(target=script.job.end)

    def end_meanwhile() -> None:
        waiting.start()
        script.job.wake()  # no scan for this any more

    script.steps = [end_meanwhile]
    script.job.run()
    waiting.join()
    assert script.runs == 1


def in_order() -> Script:
    """A job whose first scan found all in order."""
    script = Script()
    script.job.run()
    script.calls.clear()
    return script


def test_an_event_that_names_files_leads_to_a_look_at_these_only() -> None:
    script = in_order()
    script.job.wake(["a.md"])
    script.job.wake(["b.md"])
    script.job.look()
    assert (script.looks, script.calls, script.wishes) == ([{"a.md", "b.md"}], [], [])
    assert script.job.settled
    script.job.look()
    assert len(script.looks) == 1


def test_files_are_looked_at_when_a_whole_scan_found_no_links_between_them() -> None:
    script = Script(ScanReport("f", linked=True))
    script.job.wake(["a.md"])
    script.job.run()
    script.job.wake(["a.md"])
    assert (script.soon, len(script.wishes)) == ([], 2)
    script.job.run()
    script.job.wake(["a.md"])
    assert (len(script.soon), len(script.wishes)) == (1, 2)


@pytest.mark.parametrize("failure", [ScanReport("f", error="missing"), RuntimeError("bug")])
def test_after_a_failure_a_whole_scan_looks_at_everything(failure: object) -> None:
    script = in_order()
    script.steps = [failure]
    script.job.run()
    script.job.wake(["a.md"])
    assert script.soon == []


def test_a_stream_of_events_leads_to_a_look_from_time_to_time() -> None:
    script = in_order()
    script.job.wake(["a.md"])
    script.job.look()
    script.now += GAP / 4
    script.job.wake(["b.md"])
    script.now += GAP
    script.job.wake(["c.md"])
    script.now = NOW - timedelta(hours=1)  # the clock is set back
    script.job.wake(["d.md"])
    assert script.soon == [NOW, NOW + GAP, NOW + GAP * 1.25, script.now]


def test_more_than_a_few_files_lead_to_a_whole_scan() -> None:
    script = in_order()
    script.job.wake([f"{number}.md" for number in range(FEW)])
    assert script.wishes == []
    script.job.wake(["one.more.md"])
    assert script.wishes == [NOW]
    script.job.run()
    assert (script.calls, script.job.woken) == ([False], False)


def test_what_a_look_cannot_tell_a_whole_scan_does() -> None:
    script = in_order()
    script.steps = [ScanReport("f", part=True, whole_needed=True)]
    script.job.wake(["folder"])
    script.job.look()
    assert script.wishes == [NOW]
    script.job.run()
    assert script.calls == [False]


def test_a_look_that_fails_is_made_up_for_by_a_whole_scan() -> None:
    script = in_order()
    script.steps = [RuntimeError("bug")]
    script.job.wake(["a.md"])
    script.job.look()
    assert script.wishes == [NOW + FIRST_RETRY]
    script.job.run()
    assert script.calls == [False]


@pytest.mark.parametrize("report", [ScanReport("f", unsettled=1, part=True), ScanReport("f", busy=True, part=True)])
def test_files_that_are_not_complete_yet_are_looked_at_again(report: ScanReport) -> None:
    script = in_order()
    script.steps = [report]
    script.job.wake(["a.md"])
    script.job.look()
    assert script.soon == [NOW, NOW + SETTLE]
    assert not script.job.settled
    script.job.wake(["b.md"])
    script.job.look()
    assert script.looks == [{"a.md"}, {"a.md", "b.md"}]
    assert script.job.settled


def test_files_named_during_a_scan_are_looked_at_after_it() -> None:
    script = in_order()

    def name() -> None:
        script.job.wake(["a.md"])
        script.job.look()  # it does not wait, and nothing is lost

    script.steps = [name]
    script.job.run()
    assert (script.looks, len(script.soon)) == ([], 2)
    script.steps = [name]
    script.job.look()
    assert (script.looks, len(script.soon)) == ([{"a.md"}], 4)


def test_the_schedule_waits_for_a_look() -> None:
    script = in_order()
    run = threading.Thread(target=script.job.run)
    script.steps = [run.start]
    script.job.wake(["a.md"])
    script.job.look()
    run.join()
    assert script.calls == [False]


@pytest.mark.parametrize(
    ("first", "looks", "scans"),
    [(ScanReport("f"), 1, 0), (ScanReport("f", linked=True), 0, 1), (ScanReport("f", error="missing"), 0, 1)],
)
def test_what_the_first_scan_finds_decides_about_files_named_meanwhile(
    first: ScanReport, looks: int, scans: int
) -> None:
    script = Script()

    def name() -> ScanReport:
        script.job.wake(["a.md"])
        return first

    script.steps = [name]
    script.job.run()
    assert script.job.woken
    assert (len(script.soon), len(script.wishes)) == (looks + 1, scans)
