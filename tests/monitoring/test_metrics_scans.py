"""What metrics tell of scans, of the store and of the config."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from aggregator import metrics
from aggregator.report import Counts, ScanReport
from aggregator.store import Store
from tests.monitoring.exposition import Figures, figure, labels_of
from tests.support import BODY, OTHER, Place, article

Told = Callable[..., Figures]


def test_a_scan_is_counted_by_folder_and_source(place: Place, told: Told) -> None:
    for name in ("a", "b"):
        place.write(f"articles/{name}.md", article(name, BODY + name))
    place.write("articles/broken.md", "---\ntitle: [\n---\n")
    for report in place.reports():
        metrics.scanned(report, 0.3)
    figures = told(place.store)
    runs = [
        figure(figures, "aggregator_runs_total", folder="articles", result=result)
        for result in ("done", "failed", "busy")
    ]
    assert runs == [1, 0, 0]
    assert figure(figures, "aggregator_run_seconds_sum", folder="articles") == 0.3
    changes = [
        figure(figures, "aggregator_article_changes_total", source="source", change=change)
        for change in ("new", "updated", "removed")
    ]
    assert changes == [3, 0, 0]
    assert figure(figures, "aggregator_articles", source="source") == 3
    assert figure(figures, "aggregator_problems", source="source") == 1
    assert figure(figures, "aggregator_store_up") == 1
    scanned = figure(figures, "aggregator_run_last_success_timestamp_seconds", folder="articles")
    assert scanned == place.now.timestamp()


def test_a_failed_scan_and_a_busy_folder(place: Place, told: Told) -> None:
    (place.root / "articles").rmdir()
    for report in place.reports():
        metrics.scanned(report, 0.1)
    metrics.scanned(ScanReport("articles", busy=True), 5)
    figures = told(place.store)
    runs = [
        figure(figures, "aggregator_runs_total", folder="articles", result=result)
        for result in ("done", "failed", "busy")
    ]
    assert runs == [0, 1, 1]
    assert figure(figures, "aggregator_run_failures", folder="articles") == 1
    assert figure(figures, "aggregator_run_seconds_count", folder="articles") == 1


def test_when_folders_are_scanned_next(place: Place, told: Told) -> None:
    place.scan()
    later = place.now + timedelta(minutes=5)
    place.store.ledger.plan({"articles": later})
    place.store.ledger.expect(["dropped"])
    figures = told(place.store)
    assert figure(figures, "aggregator_run_next_timestamp_seconds", folder="articles") == later.timestamp()
    assert labels_of(figures, "aggregator_run_failures", "folder") == {"articles"}  # the other is not watched


def test_problems_of_a_folder_that_nothing_watches_do_not_count(place: Place, told: Told) -> None:
    place.write("articles/broken.md", "---\ntitle: [\n---\n")
    place.scan()
    place.store.ledger.expect(["elsewhere"])
    for folder, problems in (("articles", 1), ("elsewhere", 0)):
        place.store.ledger.plan({"articles": None, folder: place.now})
        assert figure(told(place.store), "aggregator_problems", source="source") == problems


def test_a_broken_config_shows_until_it_is_mended(place: Place, told: Told) -> None:
    metrics.reloaded(False)
    place.store.ledger.notify("config config.yaml", ["line 3: …", "line 5: …"], place.now)
    place.store.ledger.notify("aggregator run", ["restart it"], place.now)
    figures = told(place.store)
    assert figure(figures, "aggregator_config_problems") == 2
    assert figure(figures, "aggregator_notices") == 3
    metrics.reloaded(True)
    place.store.ledger.notify("config config.yaml", [], place.now)
    figures = told(place.store)
    reloads = [figure(figures, "aggregator_config_reloads_total", result=one) for one in ("applied", "refused")]
    assert (figure(figures, "aggregator_config_problems"), reloads) == (0, [1, 1])


def test_thousands_of_sources_are_told_up_to_a_bound(place: Place, told: Told) -> None:
    metrics.scanned(ScanReport("articles", {f"author-{n}": Counts(new=2) for n in range(1200)}), 1)
    figures = told()
    assert len(labels_of(figures, "aggregator_article_changes_total", "source")) == 1001
    assert figure(figures, "aggregator_article_changes_total", source="other", change="new") == 400


def test_a_store_that_does_not_answer_hides_nothing_else(
    place: Place, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    place.scan()
    metrics.reloaded(True)
    broken = Store("sqlite://")  # with another thread's memory: it has no tables
    broken.close()
    for _ in range(3):
        figures = told(broken)
        assert figure(figures, "aggregator_store_up") == 0
        assert figure(figures, "aggregator_config_reloads_total", result="applied") == 1
    assert figure(told(place.store), "aggregator_store_up") == 1
    began, over = caplog.messages
    assert began.startswith("the store does not answer, so its metrics are missing: ")
    assert over.startswith("the store's metrics are there again, after ")


def test_both_formats_tell_the_same(place: Place, told: Told) -> None:
    place.write("articles/a.md", article('A "quoted"\\ name', BODY))
    for report in place.reports():
        metrics.scanned(report, 0.3)
    metrics.answered("/latest.atom", "GET", 200, 0.01)
    text, media_type = metrics.exposition(place.store, openmetrics=True)
    assert media_type.startswith("application/openmetrics-text; version=1.0.0")
    names = {sample.name for one in text_string_to_metric_families(text.decode()) for sample in one.samples}
    assert names == {name for name, _ in told(place.store)}


def test_delays_are_those_of_changed_files_and_not_of_an_archive(place: Place) -> None:
    place.write("articles/old.md", article("Old", BODY), age=10_000)
    (first,) = place.reports()
    assert first.delays == ()  # the first import

    place.later(minutes=5)
    place.write("articles/new.md", article("New", OTHER), age=12.5)
    (second,) = place.reports()
    assert [round(delay, 3) for delay in second.delays] == [12.5]

    place.later(minutes=5)
    place.write("articles/old.md", article("Old", BODY + "<p>One more paragraph.</p>"), age=2)
    place.write("articles/copy.md", article("New", OTHER), age=400)  # the same in another channel: no news
    (third,) = place.reports()
    assert [round(delay, 3) for delay in third.delays] == [2]
    assert third.counts["source"].updated == 1

    place.later(minutes=5)
    (fourth,) = place.reports()
    assert fourth.delays == ()


def test_what_other_rules_make_of_a_file_is_not_late(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, categories="[x, y]"), age=10_000)
    place.scan()
    place.later(minutes=5)
    place.configure(place.config_text.replace("title: Source,", "title: Source, categories: flat,"))
    (report,) = place.reports()
    assert (report.counts["source"].updated, report.delays) == (1, ())


def test_a_source_that_is_added_to_an_old_folder_is_an_import(place: Place) -> None:
    place.configure(place.config_text.replace("title: Source,", "title: Source, match: {author: One},"))
    place.write("articles/a.md", article("A", BODY, author="One"), age=10_000)
    place.write("articles/b.md", article("B", OTHER, author="Two"), age=10_000)
    place.scan()
    place.later(minutes=5)
    rest = '\n  - {title: Two, path: articles, match: {author: Two}, link: "https://two.example/"}\n'
    place.configure(place.config_text.replace("title: Source,", "title: Source, match: {author: One},") + rest)
    place.write("articles/c.md", article("C", BODY + OTHER, author="One"), age=3)
    (report,) = place.reports()
    assert report.counts["two"].new == 1
    assert [round(delay, 3) for delay in report.delays] == [3]


def test_a_file_from_the_future_is_not_early(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.later(minutes=5)
    place.write("articles/b.md", article("B", OTHER), age=-30)
    (report,) = place.reports()
    assert report.delays == (0,)


def test_delays_are_seen_in_the_histogram(told: Told) -> None:
    metrics.scanned(ScanReport("articles", delays=(0.2, 0.2, 45.0)), 1)
    figures = told()
    name = "aggregator_file_to_feed_seconds"
    assert figure(figures, f"{name}_count") == 3
    assert figure(figures, f"{name}_bucket", le="0.25") == 2
    assert figure(figures, f"{name}_bucket", le="60.0") == 3
