"""What other programs show of a page: search engines, chat previews, cards (Open Graph, schema.org)."""

from dataclasses import dataclass
from typing import Any

from .feed import Item

LENGTH = 200  # characters of a description that anybody shows


@dataclass(frozen=True, slots=True)
class Preview:
    """A page in a few words. `kind` is Open Graph's type, `territory` its locale ("" for the interface's)."""

    title: str
    description: str
    kind: str = "website"
    image: str | None = None
    territory: str = ""


def of_article(item: Item) -> Preview:
    """The preview of an article's page."""
    language, _, region = item.language.partition("-")
    return Preview(
        title=item.title,
        description=shorten(item.summary) or item.title,
        kind="article",
        image=item.image,
        territory=f"{language}_{region}" if len(region) == 2 else "",  # a country, not a script
    )


def news_article(item: Item) -> dict[str, Any]:
    """The article as schema.org's NewsArticle. Members that would be empty are left out."""
    members = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": shorten(item.summary),
        "image": item.image,
        "datePublished": item.published.isoformat(timespec="seconds"),
        "dateModified": item.updated.isoformat(timespec="seconds"),
        "author": [{"@type": "Person", "name": name} for name in item.authors],
        "publisher": {"@type": "Organization", "name": item.source.title},
        "inLanguage": item.language,
        "mainEntityOfPage": item.permalink,
        "isBasedOn": item.url if item.url != item.permalink else None,
    }
    return {name: value for name, value in members.items() if value}


def shorten(text: str, length: int = LENGTH) -> str:
    """The beginning of a text, on one line; cut between words where it has any."""
    line = " ".join(text[: 4 * length].split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    space = cut.rfind(" ")
    return f"{cut[:space] if space > length * 3 // 4 else cut}…"
