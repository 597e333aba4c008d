"""The text of a starter config: YAML with comments, whatever the names of folders and authors hold. Pure."""

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..config.sources import ARTICLE_FILES
from .proposal import Proposal, Proposed

UP = 2  # folders upwards for which a relative path is still easy to read

# Texts that YAML and people read as nothing else.
_PLAIN = re.compile(r"[^\W\d_][\w/.-]*(?: [\w/.-]+)*")
_NOT_PLAIN = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_GLOB = re.compile(r"[*?\[\]]")
_ESCAPES = {'"': '\\"', "\\": "\\\\"}


def starter_text(proposal: Proposal, title: str, url: str, base: Path) -> str:
    """The starter config for a site of this title and address; it is meant to be kept in the folder `base`."""
    host, port = _listening(url)
    items = "\n".join(line for source in proposal.sources for line in _item(source, base))
    return f"""\
# What is read, where it is kept, and how it is published.
# `aggregator init` wrote this from a look at {proposal.articles:,} articles: put right what it guessed wrong.
# After an edit, `aggregator check` names every mistake at once, with its line. `aggregator explain FILE` shows what
# becomes of one file. Folders and files are relative to this file. ${{NAME}} is taken from the environment.

site:
  title: {_quoted(title)}
  url: {_quoted(url)}  # where subscribers reach this service; all links in feeds begin with it
  language: {_quoted(proposal.language)}  # guessed from the titles; for every source that names no other

# One file for a single machine. For several, a database that they share:
#   postgresql+psycopg://feeds:${{DB_PASSWORD}}@db.example.com/feeds
store: sqlite:///var/aggregator.db

server:
  host: {host}  # 127.0.0.1 is this machine only; 0.0.0.0 is every network
  port: {port}

{_feeds(proposal)}# What holds for every source below that does not say otherwise.
defaults:
  every: 5 minutes  # a change that is noticed earlier hastens the scan
  # Of dates that are written without a zone{_as_in(proposal.zoneless)}. The machines of crawlers often run
  # on UTC, but people write local time, such as Asia/Shanghai.
  timezone: UTC

# A file belongs to the first source that it fits, so the special ones come before the general ones.
# To add a source, add an item. `link: https://…`, its home page, is where relative links in its articles start from.
sources:
{items}"""


def _feeds(proposal: Proposal) -> str:
    if not proposal.category_slugs:
        return ""
    slugs = "".join(f"    {_scalar(name)}: {_quoted(slug)}\n" for name, slug in proposal.category_slugs)
    return (
        f"feeds:\n  category_slugs:  # what stands for a category's name in addresses, as the blog has it\n{slugs}\n"
    )


def _item(source: Proposed, base: Path) -> Iterator[str]:
    yield f"  # {source.note[:1].upper()}{_shown(source.note[1:])}."
    yield f"  - title: {_quoted(source.title)}"
    yield f"    path: {_quoted(path_from(base, source.folder))}"
    if source.author:
        yield f"    match: {{author: {_quoted(source.author)}}}"
    if source.split:
        yield "    split_by: author"
    if source.endings:
        globs = (*ARTICLE_FILES, *("*" + _GLOB.sub(r"[\g<0>]", ending) for ending in source.endings))
        yield f"    include: [{', '.join(map(_quoted, globs))}]"
    if source.flat:
        yield "    categories: flat  # a list of categories means several categories, not one inside the other"
    for name in ("language", "timezone"):
        if value := getattr(source, name):
            yield f"    {name}: {_quoted(value)}"
    if source.link:
        yield f"    link: {_quoted(source.link)}  # relative links in the articles start from here"
    yield ""


def path_from(base: Path, folder: Path) -> str:
    """A folder as the config in `base` names it: relative, or absolute where that would lead far up."""
    relative = os.path.relpath(folder, base).replace(os.sep, "/")
    if relative.count("../") > UP:
        return folder.as_posix()
    # Blanks around a value are not kept, and ~ in front is refused.
    padded = relative != relative.strip()
    return f"./{relative}/" if padded else f"./{relative}" if relative.startswith("~") else relative


def _listening(url: str) -> tuple[str, int]:
    """Host and port to listen on. An address without port is taken for that of a proxy in front."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.port:
        return "127.0.0.1", 8000
    return "127.0.0.1" if _is_here(parts.hostname or "") else "0.0.0.0", parts.port  # noqa: S104 (its owner gave an address in the network)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _as_in(zoneless: int) -> str:
    return f", as in {zoneless:,} of the articles" if zoneless else ""


def _quoted(text: str) -> str:
    """A text as the value of an option."""
    return _scalar(text.replace("$", "$$"))  # what begins with ${ or $$ would be taken for a variable


def _scalar(text: str) -> str:
    """A text as a YAML scalar: plain where nothing in it could be misread, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _NOT_PLAIN:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char.isprintable():
        return _ESCAPES.get(char, char)
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"


def _shown(text: str) -> str:
    """A text for a comment: nothing in it may end the line."""
    return "".join(char if char.isprintable() else " " for char in text)
