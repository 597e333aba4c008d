"""Rewrites of frames and players: what a feed may not hold becomes a link to it."""

import re
from collections.abc import Iterable

from aggregator.normalizer.markup import CONTAINERS
from aggregator.normalizer.nodes import Element, new_text
from aggregator.normalizer.tree import Tree, is_inside, read, tags
from aggregator.normalizer.urls import Addresses

# A player in a frame → the page that shows the same to a person.
_WATCH_PAGES = tuple(
    (re.compile(pattern), page)
    for pattern, page in (
        (
            r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]{6,})",
            "https://www.youtube.com/watch?v={}",
        ),
        (r"https?://player\.bilibili\.com/.*[?&]bvid=(BV\w+)", "https://www.bilibili.com/video/{}"),
        (r"https?://(?:player|www)\.bilibili\.com/.*[?&]aid=(\d+)", "https://www.bilibili.com/video/av{}"),
        (r"https?://player\.vimeo\.com/video/(\d+)", "https://vimeo.com/{}"),
        (r"https?://v\.qq\.com/.*[?&]vid=(\w+)", "https://v.qq.com/x/page/{}.html"),
        (r"https?://player\.youku\.com/embed/([\w=]+)", "https://v.youku.com/v_show/id_{}.html"),
        (r"https?://(?:www\.)?dailymotion\.com/embed/video/(\w+)", "https://www.dailymotion.com/video/{}"),
    )
)
_FRAMES = frozenset({"object", "iframe", "embed", "frame"})
_SOURCES = ("data-src", "data-lazy-src", "data-original", "src", "data")
_MOVIE_PARAMS = {"movie", "src", "url"}


def link_frames(tree: Tree, addresses: Addresses) -> None:
    """Turn `iframe`, `embed` and `object` into links to what they show, known players into their watch page."""
    for frame in tree.tags(_FRAMES):
        if frame.decomposed:
            continue
        address = _frame_address(frame, addresses)
        if address and not _is_hidden(frame):
            _put_link(tree, frame, watch_page(address))
        elif frame.name == "object":
            frame.unwrap()  # what it holds is meant for readers without a player
        else:
            frame.decompose()


def show_media(tree: Tree, addresses: Addresses) -> None:
    """Keep `video` and `audio` with one address and controls; without an address, the poster or what they hold."""
    for player in tree.tags({"video", "audio"}):
        if player.decomposed:
            continue
        holders = [player, *tags(player, {"source"})]
        address = _first((read(holder, name) for holder in holders for name in _SOURCES), addresses)
        poster = addresses.picture(read(player, "poster")) if read(player, "poster") else None
        if address:
            player.clear()
            player.attrs = {"src": address, "controls": "", **_kept(player, ("width", "height"))}
            if poster and player.name == "video":
                player.attrs["poster"] = poster
            continue
        if poster:
            player.insert_before(tree.new("img", {"src": poster}))
        player.unwrap()


def watch_page(address: str) -> str:
    """Return the page for people behind the address of a player, or the address itself."""
    for pattern, page in _WATCH_PAGES:
        if match := pattern.match(address):
            return page.format(match[1])
    return address


def _frame_address(frame: Element, addresses: Addresses) -> str | None:
    written = [read(frame, name) for name in _SOURCES]
    written += [
        read(param, "value") for param in tags(frame, {"param"}) if read(param, "name").lower() in _MOVIE_PARAMS
    ]
    written += [read(embed, "src") for embed in tags(frame, {"embed"})]
    return _first(written, addresses)


def _first(written: Iterable[str], addresses: Addresses) -> str | None:
    return next((address for value in written if value and (address := addresses.media(value))), None)


def _kept(tag: Element, names: tuple[str, ...]) -> dict[str, str]:
    return {name: read(tag, name) for name in names if name in tag.attrs}


def _is_hidden(frame: Element) -> bool:
    """Tell whether a frame is there for its script only: to count readers, to log somebody in."""
    sizes = {read(frame, "width").removesuffix("px"), read(frame, "height").removesuffix("px")}
    return not sizes.isdisjoint({"0", "1"}) or "display:none" in read(frame, "style").replace(" ", "").lower()


def _put_link(tree: Tree, frame: Element, address: str) -> None:
    """Put a link in the place of a frame: in a paragraph of its own where a paragraph can be."""
    label = " ".join(read(frame, "title").split()) or address
    if is_inside(frame, {"a"}):
        frame.replace_with(new_text(label))
        return
    link = tree.new("a", {"href": address}, label)
    if frame.parent is None or frame.parent.name not in CONTAINERS:
        frame.replace_with(link)
        return
    paragraph = tree.new("p")
    paragraph.append(link)
    frame.replace_with(paragraph)
