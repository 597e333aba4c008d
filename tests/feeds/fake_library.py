"""A working library in memory, for tests at the seam between publishing and the store."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.models import CategoryPath, Cursor, Filed, Scope, ScopeKind, Source
from aggregator.slugs import segment

OPENED = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)


class FakeLibrary:
    """Meets feeds.selection.Library. `queries` counts what was asked, by the name of the method."""

    def __init__(self, filed: Iterable[Filed] = (), *, scanned: bool = True) -> None:
        self.scanned = scanned
        self.queries: dict[str, int] = {}
        self._articles: dict[str, Filed] = {}
        self._scopes: dict[str, Scope] = {}
        self._withdrawn: set[str] = set()
        self._revision = 0
        for one in filed:
            self.put(one)

    def put(self, filed: Filed) -> None:
        """File an article, or a new version of one."""
        self._revision += 1
        old = self._articles.get(filed.id)
        self._articles[filed.id] = filed
        self._withdrawn.discard(f"articles/{filed.id}")
        for path in {*(_paths(old) if old else ()), *_paths(filed)}:
            self._touch(path, filed.changed, withdrawn=None)

    def withdraw(self, article_id: str, when: datetime) -> None:
        self._revision += 1
        self._withdrawn.add(f"articles/{article_id}")
        for path in _paths(self._articles.pop(article_id)):
            self._touch(path, when, withdrawn=when)

    def add_source(self, source: Source) -> None:
        """A source without articles."""
        self._revision += 1
        self._scopes[f"sources/{source.slug}"] = self._source_scope(source)

    def remove(self, path: str) -> None:
        """Take a scope away, as the config does."""
        self._revision += 1
        self._scopes[path] = replace(self._scopes[path], gone=True)

    def rename(self, path: str, new: str) -> None:
        """Give a scope another path, as the store does for `aliases`."""
        self._revision += 1
        self._scopes[new] = replace(self._scopes.pop(path), path=new)

    def revision(self) -> int:
        self._count("revision")
        return self._revision

    def scope(self, path: str) -> Scope | None:
        self._count("scope")
        return self._scopes.get(path)

    def scopes(self, kind: ScopeKind) -> list[Scope]:
        self._count("scopes")
        return sorted((scope for scope in self._scopes.values() if scope.kind is kind), key=lambda scope: scope.path)

    def window(self, scope: Scope, limit: int, before: Cursor | None = None) -> list[Filed]:
        self._count("window")
        members = [filed for filed in self._articles.values() if scope.path in _paths(filed)]
        behind = [filed for filed in members if before is None or filed.cursor < before]
        return sorted(behind, key=lambda filed: filed.cursor, reverse=True)[:limit]

    def article(self, id: str) -> Filed | None:  # noqa: A002 (the protocol's name)
        self._count("article")
        return self._articles.get(id)

    def gone(self, path: str) -> bool:
        self._count("gone")
        scope = self._scopes.get(path)
        return path in self._withdrawn or (scope is not None and scope.gone)

    def ready(self) -> bool:
        return self.scanned

    def _count(self, name: str) -> None:
        self.queries[name] = self.queries.get(name, 0) + 1

    def _touch(self, path: str, when: datetime, withdrawn: datetime | None) -> None:
        scope = self._scopes.get(path) or self._new_scope(path)
        size = sum(path in _paths(filed) for filed in self._articles.values())
        self._scopes[path] = replace(
            scope,
            revision=scope.revision + 1,
            size=size,
            changed=max(when, scope.changed),
            withdrawn=withdrawn or scope.withdrawn,
        )

    def _new_scope(self, path: str) -> Scope:
        for filed in self._articles.values():
            if path == f"sources/{filed.source.slug}":
                return self._source_scope(filed.source)
            for names in _nodes(filed):
                if path == _category_path(names):
                    parent = self._scopes.get(_category_path(names[:-1]))
                    if len(names) > 1 and parent is None:
                        parent = self._scopes[_category_path(names[:-1])] = self._new_scope(
                            _category_path(names[:-1])
                        )
                    return self._scope(ScopeKind.CATEGORY, path, names[-1], names, parent and parent.id)
        return self._scope(ScopeKind.ALL, path, "", (), None)

    def _source_scope(self, source: Source) -> Scope:
        scope = self._scope(ScopeKind.SOURCE, f"sources/{source.slug}", source.title, (source.title,), None)
        return replace(scope, link=source.link, language=source.language)

    def _scope(self, kind: ScopeKind, path: str, title: str, names: CategoryPath, parent: int | None) -> Scope:
        return Scope(
            id=1 + len(self._scopes),
            kind=kind,
            path=path,
            title=title,
            names=names,
            parent=parent,
            revision=0,
            size=0,
            changed=OPENED,
        )


def _paths(filed: Filed) -> set[str]:
    return {"latest", f"sources/{filed.source.slug}", *map(_category_path, _nodes(filed))}


def _nodes(filed: Filed) -> set[CategoryPath]:
    return {path[:depth] for path in filed.article.categories for depth in range(1, len(path) + 1)}


def _category_path(names: CategoryPath) -> str:
    return "/".join(["categories", *map(segment, names)])
