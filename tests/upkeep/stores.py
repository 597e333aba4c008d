"""Stores to be looked at as a whole: what is in them, and what they publish."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from aggregator.catalog import sync
from aggregator.retention import retire
from aggregator.store import Store
from aggregator.store.schema import metadata
from aggregator.takedown import hide
from feeds import create_app
from tests.support import BODY, OTHER, Place, article

CONFIG = """
site: {url: "http://feeds.example", language: zh-CN}
feeds: {limit: 4, custom: [{slug: rivers, title: Rivers, include: river}]}
sources:
  - {title: Source, path: articles, retain: 60 days}
  - {title: Rest, path: other, split_by: author}
"""


def fill(place: Place) -> None:
    """Articles of several sources, of which one is hidden, some retired, one withdrawn, and a file with a problem."""
    place.configure(CONFIG)
    sync(place.store, place.config, lambda: place.now)
    for number in range(6):
        day = place.now - timedelta(days=18 * number)
        text = f"<p>Number {number}.</p>{BODY if number % 2 else OTHER}"
        place.write(f"articles/{number}.md", article(f"Note {number}", text, f"{day:%Y-%m-%d} 08:00:00 +0000"))
    place.write("other/a.md", article("路灯", BODY, author="李雷", categories="[新闻, 本地]", draft="true"))
    place.write("other/b.md", article("夜市", OTHER, author="韩梅", categories="[新闻, 本地]", tags="[a, '\"']"))
    place.write("other/c.md", b"\0\1\2")
    for hours in (0, 1):
        place.write("other/a.md", article("路灯", BODY, author="李雷", **({"draft": "true"} if hours else {})))
        place.later(hours=hours)
        place.scan()
    retire(place.store, place.config, place.root / "articles", place.now)
    (one,) = [filed for filed in place.feed() if filed.article.title == "Note 1"]
    hide(place.store, place.config, [one.seq], place.now)
    place.store.search.catch_up()
    place.later(hours=1)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that is in a store, but for what search makes of it."""
    with store._engine.connect() as connection:
        return {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(sa.select(table)))
            for table in metadata.sorted_tables
            if not table.name.startswith("search_")
        }


def published(place: Place, store: Store) -> dict[str, tuple[int, bytes, str | None]]:
    """The answers to a walk through all that a store publishes."""
    client = create_app(place.config, store).test_client()
    paths = ["latest", "feeds/rivers", "categories/新闻/本地", "sources/source", "sources/李雷", "sources/韩梅"]
    asked = [f"/{path}.{suffix}" for path in paths for suffix in ("rss", "atom", "json")]
    asked += ["/sitemap-1.xml", "/search.json?q=river"]
    with store._engine.connect() as connection:
        ids = connection.execute(sa.text("SELECT id FROM articles ORDER BY id")).scalars()
        asked += [f"/articles/{name}" for name in ids]
    answers = {path: client.get(path) for path in asked}
    return {path: (answer.status_code, answer.data, answer.headers.get("ETag")) for path, answer in answers.items()}
