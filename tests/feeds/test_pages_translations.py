"""The interface in other languages: every message of templates and code is translated, and what runs is what was
written. `make golden` compiles the translations."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from feeds.i18n import LANGUAGES

FEEDS = Path(__file__).parents[2] / "feeds"
SOURCE = "en"  # the language of the messages themselves
TRANSLATED = sorted(set(LANGUAGES) - {SOURCE})


def used() -> set[object]:
    """The messages in templates and code; a tuple where they have a plural."""
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    options = {"templates/**.html": {"silent": "false"}}
    return {found[2] for found in extract_from_dir(FEEDS, methods, options)}


def po_file(locale: str) -> Path:
    return FEEDS / "translations" / locale / "LC_MESSAGES/messages.po"


def read(locale: str) -> Catalog:
    with po_file(locale).open("rb") as file:
        return read_po(file, locale)


def strings(compiled: bytes) -> dict[str, object]:
    return {str(message.id): message.string for message in read_mo(BytesIO(compiled)) if message.id}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_message_is_translated(locale: str) -> None:
    messages = [message for message in read(locale) if message.id]
    assert {message.id for message in messages} == used()
    for message in messages:
        assert all(message.string if isinstance(message.string, tuple) else [message.string]), message.id
        assert not message.fuzzy, message.id
        assert not list(message.check()), message.id


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_compiled_translations_are_those_that_were_written(locale: str, update_golden: bool) -> None:
    compiled, file = BytesIO(), po_file(locale).with_suffix(".mo")
    write_mo(compiled, read(locale))
    if update_golden:
        file.write_bytes(compiled.getvalue())
    assert strings(file.read_bytes()) == strings(compiled.getvalue())


def test_every_other_language_has_translations() -> None:
    assert sorted(folder.name for folder in (FEEDS / "translations").iterdir()) == TRANSLATED
