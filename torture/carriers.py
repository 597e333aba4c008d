"""Vectors as articles: every place where a text of somebody else comes in carries each of them once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from torture.mutation import ROOT
from torture.running import Service

_OURS, _OLDER = ROOT / "tests/security/vectors.txt", ROOT / "tests/normalizer/vectors.txt"
_TEXTS = ("title", "author", "summary", "tags", "categories", "language", "id")
_ADDRESSES = ("link", "cover", "thumbnail", "headimg", "image", "guid")
_TOGETHER = 20  # vectors of a kind in the articles that hold several


@dataclass(frozen=True, slots=True)
class Vector:
    """A text that would run. `kind` says what carries it: body, markdown, field, path, source, query, address."""

    kind: str
    title: str
    text: str


def vectors() -> list[Vector]:
    """All of them, in the order of the files. `⏎`, `␀` and `␉` stand for a line's end, NUL and a tab."""
    found, heading = [], ""
    for line in _OURS.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            heading = line.removeprefix("== ")
        elif line:
            found.append(_vector(heading, line))
    older = _OLDER.read_text(encoding="utf-8").splitlines()
    return found + [Vector("body", "normalizer", line.replace("alert(1)", "hit(1)")) for line in older]


def _vector(heading: str, line: str) -> Vector:
    kind, _, title = heading.partition(": ")
    return Vector(kind, title, line.replace("⏎", "\n").replace("␀", "\0").replace("␉", "\t"))


def config(found: list[Vector], base: str) -> str:
    """A config of a site at `base` with a source for each vector of that kind, and what the others need. Feeds hold everything."""
    sources = [
        {"title": vector.text, "path": f"sources/{number}", "slug": f"s{number}"}
        for number, vector in enumerate(found)
        if vector.kind == "source"
    ]
    sources += [
        {"title": "Authors", "path": "authors", "split_by": "author"},
        {"title": "All", "path": "articles", "link": "https://source.example/"},
    ]
    site = {"title": "</title><script>hit(1)</script>", "url": base}
    custom = [{"slug": "custom", "title": '"><img src=x onerror=hit(1)>', "include": "hit"}]
    parts = {"site": site, "feeds": {"limit": 1000, "custom": custom}, "sources": sources}
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items())


def write(service: Service, found: list[Vector]) -> int:
    """Write each vector as an article file; how many there are."""
    files = [(path, text) for number, vector in enumerate(found) for path, text in _files(number, vector)]
    files += _together(found)
    for path, text in files:
        service.write(path, text)
    return len(files)


def _files(number: int, vector: Vector) -> Iterator[tuple[str, str]]:
    name = f"articles/v{number}"
    if vector.kind == "body":
        yield f"{name}.html", _article({"title": f"Vector {number}"}, f"<div>{vector.text}</div>")
    elif vector.kind == "markdown":
        yield f"{name}.md", _article({"title": f"Vector {number}"}, f"Before *this*\n\n{vector.text}\n\nafter")
    elif vector.kind == "source":
        yield f"sources/{number}/a.md", _article({"title": f"Of source {number}"}, "<p>hit</p>")
    elif vector.kind == "path":
        yield f"articles/p{number}/{vector.text}", "---\ndate: 2022-02-05\n---\n<p>hit</p>"
        yield f"articles/q{number}/{vector.text}", f"no front matter {vector.text}"
    elif vector.kind == "field":
        yield from _fields(number, vector)


def _fields(number: int, vector: Vector) -> Iterator[tuple[str, str]]:
    """Each field quoted as YAML wants it, and one file with all of them as somebody would write them."""
    names = _ADDRESSES if vector.title == "address" else _TEXTS
    for field in names:
        values: dict[str, object] = {"title": f"{field} {number}", field: vector.text}
        if field in ("tags", "categories"):
            values[field] = [vector.text, "plain"]
        yield f"articles/v{number}-{field}.md", _article(values, f"<p>hit {number} {field}</p>")
    if vector.title == "text":
        yield f"authors/{number}.md", _article({"title": f"By {number}", "author": vector.text}, "<p>hit</p>")
    raw = "\n".join(f"{field}: {vector.text}" for field in names)
    yield f"articles/v{number}-raw.md", f"---\n{raw}\ndate: 2022-02-05\n---\n\n<p>raw {number}</p>"


def _together(found: list[Vector]) -> Iterator[tuple[str, str]]:
    """Several vectors in one body, as they may spoil or help each other."""
    for kind, suffix in (("body", "html"), ("markdown", "md")):
        texts = [vector.text for vector in found if vector.kind == kind]
        for start in range(0, len(texts), _TOGETHER):
            body = "\n\n".join(texts[start : start + _TOGETHER])
            yield f"articles/together-{start}.{suffix}", _article({"title": f"Several {kind} {start}"}, body)


def _article(fields: dict[str, object], body: str) -> str:
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "date: 2022-02-05", "---", "", body, ""])
