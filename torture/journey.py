"""One file on its way through the whole service: read, normalized, put into feeds and pages, searched.

What is promised of each file, whatever is in it, is looked at here; `Journey.go` returns what was broken.
"""

import json
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from lxml import etree

from aggregator.config import parse_config
from aggregator.models import Article, Entry, Filed, Problem, Scope, ScopeKind, Source
from aggregator.normalizer import Options, is_draft, normalize
from aggregator.slugs import segment
from aggregator.sources import parse_entry
from aggregator.store import Store
from aggregator.store.search import parse
from aggregator.store.search.excerpt import excerpt, mark
from aggregator.store.search.text import canonical, plain_text, tokens
from feeds import create_app
from feeds.directory import Directory
from feeds.pages import Around, Pages
from feeds.render import FORMATS
from feeds.selection import compose, publish, publishable
from feeds.urls import Urls
from torture.active import active, illegal, markup_in

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOURCE = Source("source", "Source", "https://source.example/", "en")
_CONTENT = ("{*}content", "{*}encoded", "{*}description")
_CONFIG = """
site: {url: "http://feeds.example"}
sources: [{title: Source, path: articles, link: "https://source.example/"}]
"""
_OPTIONS = tuple(
    Options(timezone=ZoneInfo(zone), link="https://source.example/", format=form, categories=categories)
    for zone, form, categories in (
        ("Asia/Shanghai", "auto", "path"),
        ("UTC", "html", "flat"),
        ("UTC", "markdown", "path"),
    )
)

Made = TypeVar("Made")


@dataclass
class Passed:
    """What became of a file. `seconds` are those of the processor that the service took, not those of looking."""

    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0
    article: Article | None = None


class Journey:
    """Takes files through the service, one at a time. Everything is made once; the store is a file below `root`."""

    def __init__(self, root: Path) -> None:
        self._config = parse_config(f"store: sqlite:///{root}/store.db\n{_CONFIG}", root / "config.yaml", {})
        self._store = Store(self._config.store)
        self._app = create_app(self._config, self._store)
        self._urls = Urls(self._config.site.url)
        self._pages = Pages(self._config.site, self._urls)

    def go(self, path: str, data: bytes, option: int = 0) -> Passed:
        """Take a file of this name through; `option` chooses how its source reads files."""
        passed = Passed()
        try:
            self._go(path, data, _OPTIONS[option % len(_OPTIONS)], passed)
        except MemoryError:
            passed.broken.append("memory: it takes more than there may be")
        except Exception:
            passed.broken.append(f"crash: {traceback.format_exc()}")
        return passed

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _go(self, path: str, data: bytes, options: Options, passed: Passed) -> None:
        entry = _timed(passed, lambda: parse_entry(path, data, NOW))
        if isinstance(entry, Problem):
            passed.broken += _of_problem(entry)
            return
        _timed(passed, lambda: is_draft(entry))
        normal = _timed(passed, lambda: normalize(entry, options, NOW))
        passed.article = article = normal.article
        passed.broken += [what for one in (*entry.problems, *normal.problems) for what in _of_problem(one)]
        passed.broken += _of_article(article)
        filed = _filed(entry, article)
        if not publishable(filed):
            passed.broken.append("xml: it cannot be published")
            return
        self._feeds(filed, passed)
        self._page(filed, passed)
        _search(filed, passed)

    def _feeds(self, filed: Filed, passed: Passed) -> None:
        feed = _timed(passed, lambda: compose(_scope(ScopeKind.ALL, "latest"), [filed], self._config))
        for form in FORMATS.values():
            document = _timed(passed, lambda form=form: form.render(feed))
            found = _of_json(document) if form.suffix == "json" else _of_xml(document)
            passed.broken += [f"{form.suffix}: {what}" for what in found]

    def _page(self, filed: Filed, passed: Passed) -> None:
        categories = [_scope(ScopeKind.CATEGORY, f"c{number}", names) for number, names in _nodes(filed.article)]
        with self._app.test_request_context("/"):
            directory = Directory([_scope(ScopeKind.SOURCE, "sources/source")], categories)
            item = publish(filed, self._urls)
            page = _timed(passed, lambda: self._pages.article(item, directory, Around()))
            feed = compose(_scope(ScopeKind.ALL, "latest"), [filed], self._config)
            listed = _timed(passed, lambda: self._pages.index(feed, directory, 1))
        for text in (page, listed):
            passed.broken += [f"page: {what}" for what in _of_page(text)]


def _timed(passed: Passed, work: Callable[[], Made]) -> Made:
    began = time.process_time()
    try:
        return work()
    finally:
        passed.seconds += time.process_time() - began


def _of_problem(problem: Problem) -> Iterator[str]:
    if not problem.message.strip() or len(problem.message) > 2000:
        yield f"problem: {len(problem.message)} characters of message"
    if illegal(problem.message + problem.field):
        yield f"problem: {problem!r} cannot be shown"


def _of_article(article: Article) -> Iterator[str]:
    yield from (f"content: {what}" for what in active(article.content))
    names = (*article.authors, *article.tags, *(name for path in article.categories for name in path))
    for text in (article.title, article.content, article.summary, article.language or "", article.key or "", *names):
        yield from (f"xml: {what} in {text[:50]!r}" for what in illegal(text))
    if "\n" in article.title or not article.title.strip():
        yield f"title: {article.title!r}"
    if max(map(len, (article.title, *names))) > 1000:
        yield "a name or the title is endless"
    if article.date > NOW or (article.revised and article.revised.tzinfo is None):
        yield f"date: {article.date} {article.revised}"
    for address in filter(None, (article.link, article.image)):
        if not (address == article.image and address.startswith("data:image/")):
            yield from markup_in(address)


def _filed(entry: Entry, article: Article) -> Filed:
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, article.key or entry.path))
    return Filed(key, SOURCE, article, article.date, article.date, NOW, 1, 1)


def _scope(kind: ScopeKind, path: str, names: tuple[str, ...] = ()) -> Scope:
    return Scope(1, kind, path, names[-1] if names else "Source", names, None, 1, 1, NOW)


def _nodes(article: Article) -> Iterator[tuple[int, tuple[str, ...]]]:
    paths = {path[:depth] for path in article.categories for depth in range(1, len(path) + 1)}
    for number, names in enumerate(sorted(paths)):
        assert all(segment(name) for name in names)
        yield number, names


def _of_xml(document: bytes) -> Iterator[str]:
    """A feed must be read by a strict parser; what it hands on as HTML must be harmless."""
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, recover=False, no_network=True))
    except etree.XMLSyntaxError as error:
        yield f"not XML: {error}"
        return
    for name in _CONTENT:
        for element in root.iter(name):
            yield from active(element.text or "")
    for element in root.iter("{*}link", "link", "{*}thumbnail", "enclosure"):
        address = element.get("href") or element.get("url") or element.text or ""
        if not address.startswith("data:image/"):
            yield from markup_in(address)


def _of_json(document: bytes) -> Iterator[str]:
    for item in json.loads(document)["items"]:
        yield from active(item["content_html"])
        yield from markup_in(item["url"])


def _of_page(page: str) -> Iterator[str]:
    """Nothing of an article may be a script of its page, or leave its place in it."""
    lower = page.lower()
    if lower.count("<script") != lower.count("</script") or lower.count("<script") > 2:
        yield f"{lower.count('<script')} scripts"
    if lower.count("</body>") != 1 or lower.count("<body") != 1 or lower.count("<!--"):
        yield "its frame is broken"
    yield from (f"{what} in the page" for what in illegal(page))


def _search(filed: Filed, passed: Passed) -> None:
    """It is indexed and shown as a result, whatever is looked for."""
    article = filed.article
    query = _timed(passed, lambda: parse(article.title + " " + article.summary))
    text = _timed(passed, lambda: plain_text(article.content))
    _timed(passed, lambda: tokens(canonical(article.title), canonical(text)))
    patterns = [term.pattern for term in query.wanted]
    _timed(passed, lambda: (mark(article.title, patterns), excerpt(text, patterns, 200)))
