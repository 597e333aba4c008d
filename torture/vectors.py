"""Hostile texts in every place that takes any, published for real, and looked at by a real browser: none may run.

The short form opens every kind of page, with several vectors on each, and feeds as they are; and it shows each vector
alone in a feed reader without any protection of its own. The long form also opens each article's own page and every
feed, searches for each vector, counts how many of them run as they were written, and looks at the exported site behind
nginx.
"""

import json
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import quote

from lxml import etree

from tests.deploy.nginx import nginx
from torture.carriers import Vector, config, vectors, write
from torture.report import Report
from torture.running import Service
from torture.witness import WAYS, Witness, witness

LIMITS = 600, 2400
# In the short form each reader and each form once; all are of the same text.
_FORMS = {"rss": ("written",), "atom": ("inserted", "parsed"), "json": ("inserted",)}
_FEEDS = ("rss", "atom", "json")


def run(short: bool, report: Report) -> None:
    """See the module."""
    found = vectors()
    report.figure("vectors tried", len(found))
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        service.save(config(found, service.base))
        report.figure("articles that carry them", write(service, found))
        service.ingest()
        with witness(service.base) as one:
            bodies = [vector.text for vector in found if vector.kind == "body"]
            report.figure("vectors that run as they are", _uncleaned(one, bodies[: 3 if short else None]))
        with service.running(), witness(service.base) as one:
            _look(one, found, short, report)
        if not short:
            _exported(service, found, report)


def _exported(service: Service, found: list[Vector], report: Report) -> None:
    """The same site as files, behind nginx with the site file of deploy/. Its pages are the same; some of each kind do."""
    public = service.root / "public"
    with nginx("nginx-export.conf", service.root / "nginx", {"/var/lib/aggregator/public": str(public)}) as host:
        base = f"http://127.0.0.1:{host.port}"
        service.save(config(found, base))
        service.command("export", str(public))
        with witness(base) as one:
            _look(one, [], True, report)


def _uncleaned(one: Witness, bodies: list[str]) -> int:
    """How many texts do run where nobody cleans them: the witness must see what it is there for."""
    active = 0
    for body in bodies:
        item = {"title": "Raw", "url": "https://source.example/", "content_html": body}
        one.read(json.dumps({"items": [item]}), "json")
        active += any("ran: hit" in seen or "request:" in seen for seen in one.seen)
        one.seen.clear()
    if not active:
        raise RuntimeError("the witness sees nothing run where it must")
    return active


def _look(one: Witness, found: list[Vector], short: bool, report: Report) -> None:
    # A page that the browser itself turns into another must not hide what comes after it.
    for form, ways in _FORMS.items():
        document = _fetch(f"{one.base}/latest.{form}")
        report.figure("texts shown in a reader", one.read(document, form, ways if short else WAYS))
    for path in (*_ours(one.base, short), *(_asked(found, short) if found else ())):
        one.open(path)
    report.figure("pages and feeds opened", one.opened)
    report.figure("vectors that ran", 0, most=0)
    for seen in sorted(set(one.seen)):
        report.figure("vectors that ran", 1, most=0)
        report.breaks("nothing runs", seen)


def _ours(base: str, short: bool) -> list[str]:
    """The addresses of our pages, as the sitemap and the catalogue of feeds list them."""
    index = etree.fromstring(_fetch(f"{base}/sitemap.xml").encode())
    maps = [element.text or "" for element in index.iter("{*}loc")]
    listed = [element.text or "" for one in maps for element in etree.fromstring(_fetch(one).encode()).iter("{*}loc")]
    paths = [address.removeprefix(base) for address in listed]
    if short:
        articles = [path for path in paths if path.startswith("/articles/")]
        wanted = set(_several(base)) | set(articles[::100])
        paths = [path for path in paths if path not in articles or path in wanted]
        paths = _first_of_each(paths, 4)
    feeds = [f"{path}.{form}" for path in ("/latest", *paths) if _has_feeds(path) for form in _FEEDS]
    return [*paths, "/", *(feeds[:6] if short else feeds), "/feeds.opml"]


def _has_feeds(path: str) -> bool:
    return path.startswith(("/sources/", "/categories/")) or path == "/latest"


def _several(base: str) -> list[str]:
    """The articles that hold several vectors."""
    feed = etree.fromstring(_fetch(f"{base}/latest.atom").encode())
    return [
        f"/articles/{(entry.findtext('{*}id') or '').removeprefix('urn:uuid:')}"
        for entry in feed.iter("{*}entry")
        if (entry.findtext("{*}title") or "").startswith("Several ")
    ]


def _first_of_each(paths: list[str], most: int) -> list[str]:
    """So many categories and sources; all other pages."""
    kept: list[str] = []
    counts: dict[str, int] = {}
    for path in paths:
        kind = path.split("/")[1]
        counts[kind] = counts.get(kind, 0) + 1
        if kind not in ("categories", "sources") or counts[kind] <= most:
            kept.append(path)
    return kept


def _asked(found: list[Vector], short: bool) -> list[str]:
    """Searches for vectors, and addresses that are some."""
    kinds = {"query"} if short else {"query", "body", "markdown", "field"}
    searches = [f"/search?q={quote(vector.text, safe='')}" for vector in found if vector.kind in kinds]
    addresses = [f"/{quote(vector.text, safe='/?=&%:')}" for vector in found if vector.kind == "address"]
    feeds = [f"/search.{form}?q={quote('<script>hit(1)</script>', safe='')}" for form in _FEEDS]
    return [*searches, *addresses, *feeds, "/search?q=hit", "/search?q=onerror", "/status", "/status.json"]


def _fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bytes(answer.read()).decode()
