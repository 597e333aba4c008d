"""Slugs, languages, time zones, paths, host names and globs: each checked, and brought to one form.

Every function takes the text of a value and returns it as it will be used; it raises ValueError in words that
continue a sentence about that value, and that never repeat it (it may come from the environment).
"""

import difflib
import functools
import ipaddress
import re
import unicodedata
import zoneinfo
from pathlib import PurePosixPath

SLUG_LENGTH = 64  # a static export makes file names of slugs, and three bytes for each CJK letter
RESERVED_SUFFIXES = (".rss", ".atom", ".json", ".html")

_ESCAPED = re.compile(r"\\[*?#!\[\]\\]")
_BRACKETS = re.compile(r"\[[!^]?(\]?[^\]]*)\]")
_CLASS = re.compile(r"\[:[a-z]+:\]")
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_NOT_IN_SLUG = re.compile(r"""[\s/\\?#%*:|"'<>&]""")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")

# RFC 5646, section 2.1, without what nothing uses: grandfathered tags and languages of four letters or more.
_LANGUAGE = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)(?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>-x(?:-[a-z0-9]{1,8})+)?"
)
# ISO 639-1. A country's code in its place (cn, jp) would make every feed invalid.
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io "
    "is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn "
    "mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se "
    "sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi "
    "vo wa wo xh yi yo za zh zu"
)
_TWO_LETTERS = frozenset(_ISO_639_1.split())


def parse_title(text: str) -> str:
    """A title on one line, in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def parse_slug(text: str) -> str:
    """A slug: one segment of a URL path and a file name, in NFC."""
    slug = unicodedata.normalize("NFC", text)
    if _NOT_IN_SLUG.search(slug) or slug.startswith("."):
        raise ValueError(
            "is not a slug; use letters of any script, digits, hyphens and underscores, without spaces or slashes, "
            "and no dot in front"
        )
    if slug.lower().endswith(RESERVED_SUFFIXES):
        raise ValueError(f"ends like a feed's file name ({', '.join(RESERVED_SUFFIXES)}); remove the ending")
    if len(slug) > SLUG_LENGTH:
        raise ValueError(f"is too long for a slug; write at most {SLUG_LENGTH} characters")
    return slug


def parse_language(text: str) -> str:
    """A BCP 47 language tag, in its usual case (RFC 5646, section 2.1.1): `ZH-hans-cn` → `zh-Hans-CN`."""
    match = _LANGUAGE.fullmatch(text.lower())
    if match and (match["language"][2:3].isalpha() or match["language"][:2] in _TWO_LETTERS):
        script, region = (match["script"] or "").title(), (match["region"] or "").upper()
        main = "-".join(part for part in (match["language"], script, region) if part)
        return f"{main}{match['variants']}{match['extensions']}{match['private'] or ''}"
    if "_" in text:
        tag = "zh-CN" if text.lower() == "zh_cn" else "en-US"
        raise ValueError(f'is not a language tag; write it with a hyphen, as in "{tag}", and no encoding after it')
    raise ValueError('is not a language tag; write a tag such as "zh-CN", "en" or "en-GB"')


# What means another thing on every machine, or nothing.
_NO_TIME_ZONES = frozenset({"Factory", "localtime", "posixrules"})


def parse_timezone(text: str) -> str:
    """The name of a time zone in the IANA database."""
    if _is_time_zone(text):
        return text
    known = _time_zones()
    if near := _near_time_zone(text.lower().replace(" ", "_"), known):
        raise ValueError(f'is not a time zone; did you mean "{near}"?')
    raise ValueError('is not a time zone; write a name of the IANA list, such as "Asia/Shanghai" or "UTC"')


def _near_time_zone(text: str, known: frozenset[str]) -> str | None:
    if not re.search(r"[a-z]{4}", text):  # UTC+8, CST and +08:00 are near to what they do not mean
        return None
    names = {name.lower(): name for name in sorted(known)}
    cities = {name.rpartition("/")[2]: zone for name, zone in names.items()} | {"beijing": "Asia/Shanghai"}
    for wanted, choice in ((text, names), (text.rpartition("/")[2], cities)):
        if near := difflib.get_close_matches(wanted, choice, n=1, cutoff=0.8):
            return choice[near[0]]
    return None


def _is_time_zone(text: str) -> bool:
    """Whether it is among `_time_zones`, without a look into all six hundred files of the database, some 9 ms."""
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return text not in _NO_TIME_ZONES and not text.startswith(("posix/", "right/"))


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - _NO_TIME_ZONES)


def parse_path(text: str) -> str:
    """A folder with `/` between names, no `./` and no slash at the end."""
    if text.startswith("~"):
        raise ValueError('begins with ~, which only a shell knows; write the whole path, or "${HOME}/…"')
    if "*" in text:
        raise ValueError('is a pattern; write one folder here, and the pattern under "include"')
    return str(PurePosixPath(re.sub(r"/{2,}", "/", text)))


def parse_host(text: str) -> str:
    """A host name or IP address to listen on, without scheme and port."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if _HOST.fullmatch(text):
            return text
    raise ValueError(
        'is not a host to listen on; write a name or an address alone, such as "127.0.0.1" (this machine only) or '
        '"0.0.0.0" (all networks), and the port under "port"'
    )


def parse_network(text: str) -> str:
    """An IP address, or a network of them (RFC 4632): `127.0.0.1` → `127.0.0.1/32`, `10.0.0.5/8` → `10.0.0.0/8`."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            'is not an address or a network; write one in digits, such as "127.0.0.1" or "10.0.0.0/8"'
        ) from None
    if network.prefixlen == 0:
        raise ValueError(
            "holds every client there is, and each could say that it is another one; write the addresses of your "
            "proxies"
        )
    return str(network)


def parse_glob(text: str) -> str:
    """A pattern for file paths, as in .gitignore."""
    if "\\" in _ESCAPED.sub("", text):
        raise ValueError("holds a backslash; write / between folders, as in drafts/*.md")
    if text.startswith("#") or not text.strip("!/"):
        raise ValueError('is no pattern; write one as in .gitignore, such as "*.md" or "drafts/"')
    if _CLASS.search(text):
        raise ValueError("has a class such as [:alpha:], which is not supported; write a range, as in [a-z]*.md")
    ranges = (found for brackets in _BRACKETS.findall(text) for found in _RANGE.findall(brackets))
    if any(first > last for first, last in ranges):
        raise ValueError("has a range in […] that runs backwards; write the lower end first, as in [a-z]*.md")
    return text


def parse_url_glob(text: str) -> str:
    """A pattern for image URLs that does not match them all."""
    if not text.strip("*?"):
        raise ValueError('would match every image; write a part of the address, as in "https://picsum.photos/*"')
    return text
