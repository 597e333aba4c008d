"""Answers under load: feeds beside nginx with the same bytes, pages beside plain Flask."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from benchmarks.corpus import write_corpus
from benchmarks.figures import Figure
from benchmarks.load import Load, etag_of, load
from benchmarks.nginx import nginx
from benchmarks.plain import plain
from benchmarks.service import configure, python, service

FILES = 2_000
RUNS = 3
GZIP = {"Accept-Encoding": "gzip"}
NGINX_OWN = {"server", "date", "content-type", "content-length", "connection", "etag", "last-modified"}
FEED = f"categories/{quote('分类0')}.atom"


def serving(root: Path) -> Iterator[Figure]:
    """The figures of serving."""
    address = configure(root)
    write_corpus(root / "articles", FILES)
    python("aggregator", "ingest", "--config", root / "config.yaml")
    with service(root, address):
        feed, headers = _read(f"{address}/{FEED}"), _headers(f"{address}/{FEED}")
        with nginx(root / "nginx", {"feed.atom": feed}, headers) as peer:
            yield from _feeds(f"{address}/{FEED}", f"{peer}feed.atom", len(feed))
        article = f"{address}/articles/{_read(f'{address}/latest.json').split(b'urn:uuid:')[1][:36].decode()}"
        with plain() as peer:
            for name, ours, theirs in (("front page", f"{address}/", "list"), ("article", article, "article")):
                found = [load(ours, {}).rate for _ in range(RUNS)]
                beside = [load(f"{peer}/{theirs}", {}).rate for _ in range(RUNS)]
                yield Figure(f"{name}, answers a second", "", found, "≥3", beside, "Flask renders a Jinja template")


def _feeds(ours: str, theirs: str, size: int) -> Iterator[Figure]:
    for name, aim, condition in (("feed, gzip", "≥0.5", False), ("feed, 304", "≥0.4", True)):
        found = list(_loads(ours, condition=condition))
        beside = list(_loads(theirs, condition=condition))
        note = f"nginx with two workers and the same {size // 1024} KB and headers from a file, compressed beforehand"
        rates = [one.rate for one in found], [one.rate for one in beside]
        yield Figure(f"{name}, answers a second", "", rates[0], aim, rates[1], note)
        yield Figure(f"{name}, 99% within", "ms", [one.p99 for one in found], "≤30")


def _loads(address: str, *, condition: bool) -> Iterator[Load]:
    headers = GZIP | ({"If-None-Match": etag_of(address, GZIP)} if condition else {})
    load(address, headers, 1)  # both workers have it after this
    for _ in range(RUNS):
        yield load(address, headers)


def _read(address: str) -> bytes:
    with urlopen(address) as answer:
        return bytes(answer.read())


def _headers(address: str) -> dict[str, str]:
    """What an answer says beside what nginx says of itself."""
    with urlopen(address) as answer:
        return {name: value for name, value in answer.headers.items() if name.lower() not in NGINX_OWN}
