"""Rewrites of images: the real address in `src`, each picture once, none that shows nothing."""

import re
from collections.abc import Mapping
from functools import lru_cache

from aggregator.normalizer.markup import LAZY, LAZY_SETS, WEAK_LAZY
from aggregator.normalizer.text import remembering
from aggregator.normalizer.tree import Tree, is_inside, read, tags
from aggregator.normalizer.urls import Addresses, biggest

_DOT_SIZED = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,6})(?:\.\d*)?\s*(?:px)?")
_DOT_SIZES = frozenset({"0", "1"})
_SETS = frozenset({*LAZY_SETS, "srcset"})
_RANKS = {name: rank for rank, name in enumerate((*LAZY, *LAZY_SETS, "src", *WEAK_LAZY, "srcset"))}
_HOLDERS = frozenset(_RANKS)
_TWO_SIGNS = re.compile(r"[^\d\s][\d\s]*[^\d\s]")


def reduce_pictures(tree: Tree, _addresses: Addresses) -> None:
    """Reduce each `picture` to its `img`, which takes the best of the sources where it has none of its own."""
    for picture in tree.tags({"picture"}):
        sources = tags(picture, {"source"})
        offers = [offer for source in sources if (offer := read(source, "srcset") or read(source, "data-srcset"))]
        image = next(iter(tags(picture, {"img"})), None)
        if image is None:
            image = tree.new("img")
            picture.append(image)
        if offers and not read(image, "srcset"):
            image.attrs["srcset"] = ", ".join(offers)
        picture.unwrap()


def show_images(tree: Tree, addresses: Addresses) -> None:
    """Put the real address of each image into `src`; drop placeholders, counting pixels and images without any."""
    for image in tree.tags({"img"}):
        sizes = _sizes(image.attrs)
        address = None if _is_dot(image.attrs, sizes) else _address(image.attrs, addresses)
        if address is None:
            image.decompose()
        else:
            image.attrs["src"] = address
            image.attrs["width"], image.attrs["height"] = sizes


def keep_one_of_noscript(tree: Tree, _addresses: Addresses) -> None:
    """Unwrap `noscript`, without the images that the page shows anyway."""
    scriptless = tree.tags({"noscript"})
    if not scriptless:
        return
    shown = {read(image, "src") for image in tree.tags({"img"}) if not is_inside(image, {"noscript"})}
    for noscript in scriptless:
        for image in tags(noscript, {"img"}):
            if read(image, "src") in shown:
                image.decompose()
            else:
                shown.add(read(image, "src"))
        noscript.unwrap()


def _address(image: Mapping[str, str], addresses: Addresses) -> str | None:
    """Return the first address of an image that leads to a picture; image data only where there is no address."""
    found = data = None
    for name in _ranked(tuple(image)):
        written = _candidate(name, image[name])
        if not written or (found and written.startswith(("https://", "http://"))):
            continue  # all others may name a file beside the article, which must be known
        address = addresses.picture(written)
        if address and address.startswith("data:"):
            data = data or address
        else:
            found = found or address
    return found or data


@lru_cache(maxsize=500)
def _ranked(names: tuple[str, ...]) -> list[str]:
    """Return the attributes that may hold the address of an image, the most trustworthy first."""
    return sorted(_HOLDERS.intersection(names), key=_RANKS.__getitem__)


def _candidate(name: str, written: str) -> str:
    """Return what may be the address of an image, "" for what is none."""
    if name in _SETS:
        return biggest(written)
    return written if name == "src" or _is_address_like(written) else ""


def _is_address_like(written: str) -> bool:
    """Tell whether a value has a slash or a dot, and more than that and numbers: `a.jpg`, not `0.5`."""
    if written.startswith(("https://", "http://")):
        return True
    return ("/" in written or "." in written) and _TWO_SIGNS.search(written) is not None


def _is_dot(image: Mapping[str, str], sizes: tuple[str, str]) -> bool:
    if "width" not in image and "height" not in image:
        sizes = ("", "")  # those in `data-` attributes are the picture's, which may be in the place of a dot
    if not _DOT_SIZES.isdisjoint(sizes):
        return True
    return "style" in image and _DOT_SIZED.search(image["style"]) is not None


def _sizes(image: Mapping[str, str]) -> tuple[str, str]:
    """Return width and height as plain numbers; those kept in `data-` attributes serve where both are absent."""
    prefix = "" if "width" in image or "height" in image else "data-"
    return _pixels(image.get(prefix + "width", "")), _pixels(image.get(prefix + "height", ""))


@remembering(10)
def _pixels(written: str) -> str:
    match = _SIZE.fullmatch(written.strip())
    return str(int(match[1])) if match else ""
