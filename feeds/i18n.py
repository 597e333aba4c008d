"""The language of the interface: Chinese or English. Feeds and article texts have their own and never change with it.

    ?lang=zh|en  →  the cookie `lang`  →  `site.language` of the config

The words are gettext messages: English in the templates, Chinese in `translations/`. An answer that depends on the
language says `Vary: Cookie`, so that caches keep the two apart.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date
from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, get_translations  # type: ignore[import-untyped]  # it comes without types
from werkzeug.datastructures import MultiDict

PARAMETER = COOKIE = "lang"
COOKIE_AGE = timedelta(days=365)
_SITE_LOCALE = "SITE_LOCALE"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the interface: `locale` names its translations, `tag` is BCP 47, `territory` is Open Graph's.

    `date_format` is how its people write a day (Unicode TR 35).
    """

    locale: str
    tag: str
    territory: str
    name: str
    date_format: str


LANGUAGES = {
    language.locale: language
    for language in (
        Language("zh", "zh-CN", "zh_CN", "中文", "y年M月d日"),
        Language("en", "en", "en_US", "English", "d MMMM y"),
    )
}


def init_languages(app: Flask, site_language: str, cookie_path: str) -> None:
    """Have an app speak the language that each request asks for; where it asks for none, that of the site.

    `cookie_path` is the part of the host that the site lives in, with a slash at both ends.
    """
    app.config[_SITE_LOCALE] = default_locale(site_language)
    Babel(app, default_locale="en", locale_selector=lambda: language().locale)
    app.jinja_env.filters["day"] = day

    @app.after_request
    def remember(response: Response) -> Response:
        if speaks():
            response.vary.add("Cookie")
            if (wanted := asked(request.args)) is not None:
                response.set_cookie(COOKIE, wanted, COOKIE_AGE, path=cookie_path, samesite="Lax", httponly=True)
                response.headers["Cache-Control"] = "private, no-cache"  # a shared cache must not set it for others
        return response


def default_locale(site_language: str) -> str:
    """The interface's language where nobody chose one: Chinese for a Chinese site, else English."""
    return "zh" if site_language.lower().split("-")[0] == "zh" else "en"


def asked(arguments: MultiDict[str, str]) -> str | None:
    """The language that an address asks for, None when it asks for none that there is."""
    wanted = arguments.get(PARAMETER)
    return wanted if wanted in LANGUAGES else None


def speaks() -> bool:
    """Whether the answer to the current request is in one of the languages: whether it is a page."""
    return "language" in g


def language() -> Language:
    """The language of the answer to the current request."""
    if "language" not in g:
        g.language = preferred()
    chosen: Language = g.language
    return chosen


def preferred() -> Language:
    """The language that the current request asks for, whether its answer has one or not."""
    wanted = asked(request.args) or request.cookies.get(COOKIE)
    return LANGUAGES.get(wanted or "", LANGUAGES[current_app.config[_SITE_LOCALE]])


def gettext(message: str) -> str:
    """A message in the language of the current request."""
    return str(get_translations().ugettext(message))


def day(moment: datetime) -> str:
    """A date as people write it, in UTC."""
    chosen = language()
    return format_date(moment, chosen.date_format, locale=chosen.locale)
