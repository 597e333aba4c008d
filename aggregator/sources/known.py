"""Field names that articles are known to have, by which a line is told to be a field although YAML sees none."""

import re

TEXT_LISTS = frozenset({"category", "categories", "tag", "tags", "keyword", "keywords"})  # of texts, or of paths
SINGLE_TEXTS = frozenset({"title", "subtitle", "description", "summary", "excerpt"})
TEXTS = SINGLE_TEXTS | {"author"}
OTHERS = frozenset(
    {
        *("date", "updated", "modified", "lastmod", "published", "pubdate", "created"),
        *("link", "url", "source", "source_url", "original_url", "canonical", "canonical_url", "permalink"),
        *("guid", "id", "slug", "uuid", "alias", "aliases", "authors", "language", "lang", "series"),
        *("headimg", "thumbnail", "image", "cover", "banner"),
        *("comments", "draft", "layout", "type", "toc", "weight"),
    }
)

_NAMES = "|".join(sorted(TEXT_LISTS | TEXTS | OTHERS, key=len, reverse=True))

# `title: x`, and with the blank left out, or a full-width colon or blank: `title:x`, `title：x`.
KNOWN_FIELD = re.compile(rf"({_NAMES})[ \t]*[:：][ \t\xa0\u3000]*(.*)", re.IGNORECASE)
KNOWN_LINE = re.compile(rf"^(?:{_NAMES})[ \t]*[:：]", re.IGNORECASE | re.MULTILINE)
