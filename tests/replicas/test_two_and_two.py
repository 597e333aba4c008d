"""Two watchers and two web replicas on one PostgreSQL, of which one each is killed while articles come in."""

from torture.replicas import EVERY, NEVER, run
from torture.report import Report


def test_nothing_is_lost_doubled_or_stale_when_machines_and_the_database_fail() -> None:
    report = Report(seed=1)

    with report.of("replicas"):
        run(True, report)

    figures = {figure.name: figure.value for figure in report.figures}
    assert report.kept, report.table()
    assert {name: figures[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert (figures["kills survived"], figures["database failures survived"]) == (2, 1)
    assert figures["articles written"] > 1500
    assert figures["articles edited"] > 100
    assert figures["until another watcher scans"] <= 2 * EVERY
    assert figures["addresses compared"] > 50
