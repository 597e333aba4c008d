"""A store with as many articles as one likes, written straight into its tables."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aggregator.store import Store
from aggregator.store.schema import articles, folders, members, scopes, state
from benchmarks.corpus import words

SOURCES, TOPS, CHANNELS = 40, 5, 100
MINUTE = 60_000_000  # microseconds
FIRST = 1_500_000_000_000_000
CHUNK = 20_000


def fill(store_url: str, number: int, body: int) -> None:
    """Make a store of `number` articles with about `body` Chinese characters each."""
    Store(store_url).close()  # the schema
    engine = sa.create_engine(store_url)
    chance = random.Random(7)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.execute(folders.insert(), [{"path": "articles", "failures": 0, "error": "", "scanned": FIRST}])
        connection.execute(scopes.insert(), list(_scopes(number)))
        for start in range(1, number + 1, CHUNK):
            rows = [_article(chance, seq, body) for seq in range(start, min(start + CHUNK, number + 1))]
            connection.execute(articles.insert(), rows)
            connection.execute(members.insert(), [row for one in rows for row in _members(one)])
        connection.execute(state.delete())
        connection.execute(state.insert(), [{"id": 1, "revision": 1, "changed": FIRST, "last_seq": number}])
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _scopes(number: int) -> Iterator[dict[str, Any]]:
    """Everything is scope 1; then the sources, the top categories, and their channels."""
    common = {"revision": 1, "changed": FIRST, "link": "", "language": "zh-CN", "opened": FIRST, "parent": None}
    yield {"id": 1, "kind": "all", "path": "latest", "title": "", "names": [], "size": number, **common}
    for source in range(SOURCES):
        name = f"来源{source}"
        place = {"id": _source(source), "kind": "source", "path": f"sources/{name}", "title": name, "names": [name]}
        yield {**common, **place, "size": number // SOURCES}
    for top in range(TOPS):
        name = f"分类{top}"
        place = {"id": _top(top), "kind": "category", "path": f"categories/{name}", "title": name, "names": [name]}
        yield {**common, **place, "size": number // TOPS}
    for channel in range(CHANNELS):
        above, name = f"分类{channel % TOPS}", f"频道{channel}"
        place = {"kind": "category", "path": f"categories/{above}/{name}", "title": name, "names": [above, name]}
        yield {
            **common,
            **place,
            "id": _channel(channel),
            "parent": _top(channel % TOPS),
            "size": number // CHANNELS,
        }


def _source(number: int) -> int:
    return 2 + number


def _top(number: int) -> int:
    return 2 + SOURCES + number


def _channel(number: int) -> int:
    return 2 + SOURCES + TOPS + number


def _article(chance: random.Random, seq: int, body: int) -> dict[str, Any]:
    moment, channel = FIRST + seq * MINUTE, seq % CHANNELS
    text = words(chance, body)
    values: dict[str, Any] = dict.fromkeys(("published", "updated", "changed", "arrived", "date"), moment)
    return values | {
        "seq": seq,
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=5)),
        "source": _source(seq % SOURCES),
        "key": f"{seq}.md",
        "live": True,
        "date_kind": "explicit",
        "content_hash": f"{seq:064x}",
        "body_hash": f"{seq:064x}",
        "title_hash": f"{seq:016x}",
        "title": f"第{seq}篇：{text[:14]}",
        "link": f"https://source.example/{seq}",
        "image": None,
        "language": None,
        "authors": [f"来源{seq % SOURCES}"],
        "categories": [[f"分类{channel % TOPS}", f"频道{channel}"]],
        "tags": [],
        "summary": text[:60],
        "content": f"<p>{text}</p>",
    }


def _members(row: dict[str, Any]) -> Iterator[dict[str, int]]:
    channel = row["seq"] % CHANNELS
    for scope in (1, row["source"], _top(channel % TOPS), _channel(channel)):
        yield {"scope": scope, "arrived": row["arrived"], "seq": row["seq"]}


def size(file: Path) -> float:
    """The size of a store's file in MiB."""
    return file.stat().st_size / 2**20
