"""Every metric, on one page: its name, what it means, its labels. docs/metrics.md is checked against it.

Names follow Prometheus' conventions: base units (seconds), `_total` for what is counted. What a label can say is
bounded, whatever files and clients send (see `meters`).
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. `buckets` are a histogram's upper bounds, in seconds."""

    kind: Literal["counter", "histogram", "gauge"]
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


# Counted where it happens, over all processes.

RUNS = Metric(
    "counter",
    "aggregator_runs_total",
    "Scans of a folder: done; failed, for a reason that the status tells; busy, as another process was at it.",
    ("folder", "result"),
)
RUN_SECONDS = Metric(
    "histogram",
    "aggregator_run_seconds",
    "How long scans of a folder took.",
    ("folder",),
    (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800),
)
ARTICLE_CHANGES = Metric(
    "counter",
    "aggregator_article_changes_total",
    "Articles that scans found new, updated or removed.",
    ("source", "change"),
)
DELAY = Metric(
    "histogram",
    "aggregator_file_to_feed_seconds",
    "From the time of a file to the commit that publishes its new or updated article; first imports are left out.",
    (),
    (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 86400),
)
RELOADS = Metric(
    "counter",
    "aggregator_config_reloads_total",
    "Edits of the config that were applied, or refused since they could not be used.",
    ("result",),
)
REQUESTS = Metric("counter", "aggregator_http_requests_total", "Requests answered.", ("route", "method", "status"))
REQUEST_SECONDS = Metric(
    "histogram",
    "aggregator_http_request_seconds",
    "How long the making of answers took; those given again from memory are not timed.",
    ("route", "status"),
    (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
)
CACHE = Metric(
    "counter",
    "aggregator_cache_requests_total",
    "What was asked of the caches of feeds and pages: a hit was there, the others had to be made.",
    ("cache", "result"),
)
REFUSALS = Metric(
    "counter", "aggregator_overload_refusals_total", "Requests refused (503) since too many others waited already."
)

# Looked up when somebody asks.

ARTICLES = Metric("gauge", "aggregator_articles", "Articles that are published.", ("source",))
PROBLEMS = Metric(
    "gauge",
    "aggregator_problems",
    "Open problems of article files in folders that are watched. The source is empty where a file fits none.",
    ("source",),
)
NOTICES = Metric("gauge", "aggregator_notices", "What operators should know, and `aggregator status` tells.")
CONFIG_PROBLEMS = Metric(
    "gauge",
    "aggregator_config_problems",
    "What is wrong in the config that was saved last; above 0 an older one is in force.",
)
LAST_SUCCESS = Metric(
    "gauge",
    "aggregator_run_last_success_timestamp_seconds",
    "When a folder was last scanned as a whole, in seconds since 1970.",
    ("folder",),
)
NEXT_RUN = Metric(
    "gauge",
    "aggregator_run_next_timestamp_seconds",
    "When a folder is scanned next, in seconds since 1970.",
    ("folder",),
)
FAILURES = Metric(
    "gauge", "aggregator_run_failures", "How many scans of a folder have failed since the last good one.", ("folder",)
)
STORE_UP = Metric(
    "gauge", "aggregator_store_up", "1 if the store answers; if 0, all that is looked up in it is missing here."
)
PROCESSES = Metric("gauge", "aggregator_processes", "Processes of the service on this machine.")
BUILD = Metric("gauge", "aggregator_build_info", "Always 1; the labels tell what runs.", ("version", "python"))

COUNTED = (RUNS, RUN_SECONDS, ARTICLE_CHANGES, DELAY, RELOADS, REQUESTS, REQUEST_SECONDS, CACHE, REFUSALS)
LOOKED_UP = (
    ARTICLES,
    PROBLEMS,
    NOTICES,
    CONFIG_PROBLEMS,
    LAST_SUCCESS,
    NEXT_RUN,
    FAILURES,
    STORE_UP,
    PROCESSES,
    BUILD,
)
TABLE = COUNTED + LOOKED_UP
