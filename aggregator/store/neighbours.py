"""The articles around one: before and after it in its source, and the same one in other sources."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..models import Filed
from . import rows
from .batch import title_hash
from .library import Library
from .schema import articles, scopes
from .times import MICROSECOND, to_us

VERSIONS = 10
# A title alone says little ("Morning news"), and so does a body of a few words ("For members only").
SAME_TITLE_WITHIN = timedelta(days=3)
TELLING_BODY = 200  # characters


class Neighbours(Library):
    """The library with what an article's page shows of others."""

    def neighbours(self, filed: Filed) -> tuple[Filed | None, Filed | None]:
        """The articles before and after one in its source, by publication; those of one moment by id, as in lists."""
        moment, published, id_ = to_us(filed.published), articles.c.published, articles.c.id
        earlier = sa.and_(published <= moment, sa.or_(published < moment, id_ > filed.id))
        later = sa.and_(published >= moment, sa.or_(published > moment, id_ < filed.id))
        in_source = articles.c.source == _source_of(filed)
        before = self._filed(_published(in_source, earlier).order_by(published.desc(), id_).limit(1))
        after = self._filed(_published(in_source, later).order_by(published, id_.desc()).limit(1))
        return next(iter(before), None), next(iter(after), None)

    def versions(self, filed: Filed) -> list[Filed]:
        """The same article in other sources, the earliest first, VERSIONS of them at most.

        The same is: the same title and content, the same body, or the same title at about the same time.
        """
        article = filed.article
        moment, around = to_us(filed.published), SAME_TITLE_WITHIN // MICROSECOND
        same_title = sa.and_(
            articles.c.title_hash == title_hash(article.title),
            articles.c.published.between(moment - around, moment + around),
        )
        same = [articles.c.content_hash == article.content_hash, same_title]
        if len(article.content) >= TELLING_BODY:
            same.append(articles.c.body_hash == article.body_hash)
        elsewhere = _published(articles.c.source != _source_of(filed), sa.or_(*same))
        return self._filed(elsewhere.order_by(articles.c.published, articles.c.id).limit(VERSIONS))

    def _filed(self, query: sa.Select[Any]) -> list[Filed]:
        with self._reading() as connection:
            return [rows.filed(row) for row in connection.execute(query)]


def _published(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    joined = sa.select(*rows.FILED_COLUMNS).join(scopes, scopes.c.id == articles.c.source)
    return joined.where(rows.PUBLISHED, *conditions)


def _source_of(filed: Filed) -> sa.ScalarSelect[Any]:
    return sa.select(scopes.c.id).where(scopes.c.path == f"sources/{filed.source.slug}").scalar_subquery()
