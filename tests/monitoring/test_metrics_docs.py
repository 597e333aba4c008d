"""docs/metrics.md tells every metric as it is declared."""

from pathlib import Path

from aggregator.metrics.meters import Meters
from aggregator.metrics.table import COUNTED, TABLE

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_table_is_the_declarations() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `aggregator_")]
    declared = [
        f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.meaning} |"
        for one in TABLE
    ]
    assert [row.replace("|  |", "| |") for row in rows] == [row.replace("|  |", "| |") for row in declared]


def test_names_follow_the_conventions() -> None:
    for one in TABLE:
        assert one.name.startswith("aggregator_")
        assert one.name.endswith("_total") == (one.kind == "counter")
        assert one.name.endswith("_seconds") == (one.kind == "histogram" or "timestamp" in one.name)
        assert bool(one.buckets) == (one.kind == "histogram")
        assert list(one.buckets) == sorted(one.buckets)


def test_all_that_is_counted_is_declared_and_the_other_way_round() -> None:
    made = {family.name for family in Meters().collect()}
    assert made == {one.name.removesuffix("_total") for one in COUNTED}
