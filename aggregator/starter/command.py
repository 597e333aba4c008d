"""`aggregator init`: looks at the folders, asks, writes the file, says what to do next."""

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ..config import parse_config
from ..config.urls import parse_base_url
from ..errors import AggregatorError, ConfigError
from .blog import Blog, blog_around, blog_at
from .document import starter_text
from .proposal import Proposal, propose
from .survey import Survey, survey

ADDRESS = "http://127.0.0.1:8000"

# Given a title and an address for the site, which are guesses: those to be used.
Ask = Callable[[str, str], tuple[str, str]]


def write_starter(folders: Sequence[Path], file: Path, ask: Ask, *, force: bool = False) -> str:
    """Write a starter config for folders of articles to `file`; returns what to tell the operator.

    Raises SourceError for a folder that cannot be listed, AggregatorError where the file is there and `force` is not
    given, or cannot be written.
    """
    if not force and os.path.lexists(file):
        raise AggregatorError(f"{file} is there already: name another file with --output, or replace it with --force")
    proposal = propose([look for folder in dict.fromkeys(map(_absolute, folders)) for look in look_at(folder)])
    title, address = ask(proposal.title, ADDRESS)
    url = parse_base_url(address)
    text = starter_text(proposal, title, url, _absolute(file).parent)
    _check(text, file)
    _write(file, text, force=force)
    return _summary(proposal, file, url)


def ask_on_terminal(title: str, address: str) -> tuple[str, str]:
    """Ask a person, with the guesses as defaults; where nobody is there to answer, the guesses are taken."""
    if not is_terminal():
        return title, address
    title = click.prompt("Title of the site", default=title)
    return title, click.prompt("Address under which it is reached", default=address, value_proc=_address)


def is_terminal() -> bool:
    """Whether a person reads what is asked, and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def take_guesses(title: str, address: str) -> tuple[str, str]:
    """Ask nobody."""
    return title, address


def look_at(folder: Path) -> list[tuple[Survey, Blog | None]]:
    """What is in a folder: the blog that it is a part of, or the blogs in it and what is left."""
    if blog := blog_around(folder):
        return [(survey(blog.posts if blog.posts.is_relative_to(folder) else folder), blog)]
    blogs = {path: found for path in _subfolders(folder) if (found := blog_at(path))}
    rest = survey(folder, without=blogs)
    looks: list[tuple[Survey, Blog | None]] = [(survey(blog.posts), blog) for blog in blogs.values()]
    return [*looks, (rest, None)] if rest.articles or not looks else looks


def _subfolders(folder: Path) -> list[Path]:
    try:
        found = [Path(entry) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []  # the survey says why
    return sorted(path for path in found if not path.name.startswith("."))


def _absolute(path: Path) -> Path:
    """The same place, from the root. Links on the way are kept: they may be there to name what moves."""
    return Path(os.path.normpath(path.absolute()))


def _address(text: str) -> str:
    try:
        return parse_base_url(text.strip())
    except ValueError as error:
        raise click.BadParameter(f"it {error}") from error


def _check(text: str, file: Path) -> None:
    """Prove that the text is a good config, before anything is written."""
    try:
        text.encode()
        parse_config(text, file, {})
    except UnicodeEncodeError as error:
        message = "a folder's name is not UTF-8, so no config file can name it: rename it, or leave it out"
        raise AggregatorError(message) from error
    except ConfigError as error:
        message = f"a folder or an author has a name that no config can hold: rename it, or leave it out\n{error}"
        raise AggregatorError(message) from error


def _write(file: Path, text: str, *, force: bool) -> None:
    """Write the file; one that is replaced is whole at every moment, since a service may be watching it."""
    new = file.with_name(f".{file.name}.new") if force else file
    try:
        with new.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
        new.replace(file)
    except OSError as error:
        reason = f"{file} cannot be written ({error.strerror}): name another file with --output"
        raise AggregatorError(reason) from error


def _summary(proposal: Proposal, file: Path, url: str) -> str:
    number = len(proposal.sources)
    titles = "".join(f"\n  {source.title}: {source.note}" for source in proposal.sources)
    config = "" if file == Path("config.yaml") else f" --config {shlex.quote(str(file))}"
    return (
        f"Wrote {file} with {number} {'source' if number == 1 else 'sources'}:\n{titles}\n\n"
        f"{_left_out(proposal)}Next:\n"
        f"  aggregator check{config}    what it would publish\n"
        f"  aggregator run{config}      watch and serve; then open {url}/"
    )


def _left_out(proposal: Proposal) -> str:
    """What of the files will not be published, as far as the sample tells."""
    drafts, others = proposal.drafts, proposal.others
    parts = ["1 draft" if drafts == 1 else f"{drafts:,} drafts"] if drafts else []
    parts += (
        ["1 file that is no article" if others == 1 else f"{others:,} files that are no articles"] if others else []
    )
    return f"Not published: {', '.join(parts)}. `aggregator check` tells more.\n\n" if parts else ""
