"""The body's structure brought to its normal form, step by small step, on one tree."""

from collections.abc import Callable

from aggregator.normalizer.embeds import link_frames, show_media
from aggregator.normalizer.html import soup_tree
from aggregator.normalizer.images import keep_one_of_noscript, reduce_pictures, show_images
from aggregator.normalizer.layout import (
    drop_empty,
    drop_unread,
    join_texts,
    keep_attributes,
    resolve_links,
    trim_breaks,
    untangle,
    unwrap_unknown,
    unwrap_wrapper,
    wrap_loose,
)
from aggregator.normalizer.plain import PlainHtml, plain_tree
from aggregator.normalizer.sanitize import is_settled
from aggregator.normalizer.tree import Tree
from aggregator.normalizer.urls import Addresses

Rewrite = Callable[[Tree, Addresses], None]

REWRITES: tuple[Rewrite, ...] = (
    drop_unread,
    reduce_pictures,
    link_frames,
    show_media,
    show_images,
    keep_one_of_noscript,
    resolve_links,
    keep_attributes,
    unwrap_unknown,
    drop_empty,
    join_texts,
    untangle,
    trim_breaks,
    unwrap_wrapper,
    wrap_loose,
    join_texts,
)


def rewrite(html: str, addresses: Addresses, *, printable: bool = False) -> str:
    """Return the body in its normal structure, as PlainHtml where it surely reads as it is written.

    `printable` tells that it has printable characters only. It is not safe yet: that is `sanitize`'s work.
    """
    # Rewrites add no others: addresses are ASCII, and what has no references stands for nothing but itself.
    printable = printable and "&" not in html
    tree = plain_tree(html) or soup_tree(html)
    for change in REWRITES:
        change(tree, addresses)
    written, is_plain = tree.serialize(is_settled), tree.is_plain()
    tree.dissolve()
    return PlainHtml.of(written, printable=printable) if is_plain else written.html
