"""Reading /metrics as Prometheus does."""

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Figures:
    """Every figure by its name and labels; none may be told twice."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, f"{key} is told twice"
            found[key] = sample.value
    return found


def figure(figures: Figures, name: str, **labels: str) -> float:
    """One figure; 0 where it is not told, as Prometheus counts."""
    return figures.get((name, frozenset(labels.items())), 0.0)


def labels_of(figures: Figures, name: str, label: str) -> set[str]:
    """All that a label of a metric says."""
    return {dict(labels)[label] for found, labels in figures if found == name}
