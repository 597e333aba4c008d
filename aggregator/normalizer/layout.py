"""Rewrites of the structure: nothing unseen, nothing empty, nothing where it cannot be."""

from aggregator.normalizer.attributes import normal_attributes
from aggregator.normalizer.html import (
    NavigableString,
    PageElement,
    Tag,
    Tree,
    attributes,
    beside,
    holds_block,
    is_inside,
    neighbour,
    read,
    tags,
)
from aggregator.normalizer.markup import ALLOWED, BLOCKS, EMPTIABLE, HEADINGS, UNREAD, VOIDS
from aggregator.normalizer.urls import Addresses

_WRAPPERS = frozenset({"div", "section", "article", "main"})
_SPACES = " \t\n\r\f"  # of HTML; others are characters to see
_UNSEEN = UNREAD | {"math"}
_LISTS = frozenset({"ul", "ol", "menu"})
_PARENTS = {"li": _LISTS, "dt": {"dl"}, "dd": {"dl"}, "rt": {"ruby"}, "rp": {"ruby"}}
_INSTEAD_OF_DIV = frozenset({"p", "li", "dt", "dd"})
_PLACED = HEADINGS | {"p", *_PARENTS}
_ALIGNED = frozenset({"div", "p", *HEADINGS})


def drop_unread(tree: Tree, _addresses: Addresses) -> None:
    """Drop scripts, style sheets and what else is not for reading; a formula becomes its TeX text."""
    for tag in tree.tags(_UNSEEN):
        if tag.decomposed:
            continue
        if tag.name == "math":
            tag.insert_before(_formula(tag))
        tag.decompose()


def resolve_links(tree: Tree, addresses: Addresses) -> None:
    """Make the target of each link absolute; a link without a usable one, or inside another, becomes its text."""
    for link in tree.tags({"a"}):
        address = addresses.link(read(link, "href")) if not is_inside(link, {"a"}) else None
        if address:
            link["href"] = address
        else:
            link.unwrap()


def keep_attributes(tree: Tree, _addresses: Addresses) -> None:
    """Keep only attributes that mean something without the page's style sheet and scripts."""
    for tag in tree.elements():
        if not tag.attrs:
            continue
        if tag.name in _ALIGNED and tag.has_attr("align") and "text-align" not in read(tag, "style"):
            tag["style"] = f"text-align:{read(tag, 'align')}"
        tag.attrs = dict(normal_attributes(tag.name, attributes(tag)))


def unwrap_unknown(tree: Tree, _addresses: Addresses) -> None:
    """Take away the tags of elements that a feed may not hold, or that meant only a style; keep what they hold."""
    for tag in tree.elements():
        if tag.name not in ALLOWED:
            tag.unwrap()


def untangle(tree: Tree, _addresses: Addresses) -> None:
    """Mend what a parser would not leave so: a paragraph around blocks, a heading in a heading, a stray list item."""
    for tag in tree.tags(_PLACED):
        if tag.name in _PARENTS:
            is_misplaced = tag.parent is None or tag.parent.name not in _PARENTS[tag.name]
        elif tag.name == "p":
            is_misplaced = any(map(holds_block, tag.contents))
        else:
            is_misplaced = is_inside(tag, HEADINGS)
        if is_misplaced and tag.name in _INSTEAD_OF_DIV:
            tag.name = "div"
        elif is_misplaced:
            tag.unwrap()


def drop_empty(tree: Tree, _addresses: Addresses) -> None:
    """Drop elements that show nothing, innermost first; an inline one leaves a space or a line break behind."""
    for tag in reversed(tree.elements()):
        if tag.name in VOIDS or tag.name in EMPTIABLE or not all(map(_is_blank, tag.contents)):
            continue
        if tag.name not in BLOCKS and tag.contents:
            line_break = next((child for child in tag.children if isinstance(child, Tag)), None)
            tag.insert_before(line_break or " ")
        tag.decompose()


def join_texts(tree: Tree, _addresses: Addresses) -> None:
    """Join texts that have become neighbours, and write white space between elements as one character."""
    for element in (tree.root, *tree.elements()):
        for node in element.contents[:]:
            if isinstance(node, NavigableString) and node.parent is not None:  # else it is joined already
                _join(node)


def trim_breaks(tree: Tree, _addresses: Addresses) -> None:
    """Drop line breaks at the edges of blocks, and all but two of a row."""
    breaks = tree.tags({"br"})
    blocks = tree.blocks() if breaks else set()
    for line_break in reversed(breaks):
        if _is_edge(line_break, beside(line_break, forward=True), blocks):
            _take_out(line_break, neighbour(line_break, forward=True))
    for line_break in tree.tags({"br"}):
        before = beside(line_break, forward=False)
        if _is_edge(line_break, before, blocks) or _is_third(before):
            _take_out(line_break, neighbour(line_break, forward=False))


def unwrap_wrapper(tree: Tree, _addresses: Addresses) -> None:
    """Take away elements around the whole body that mean nothing."""
    while True:
        shown = [node for node in tree.root.contents if not _is_blank(node)]
        if len(shown) != 1 or not isinstance(shown[0], Tag) or shown[0].name not in _WRAPPERS or shown[0].attrs:
            break
        tree.root = shown[0]


def wrap_loose(tree: Tree, _addresses: Addresses) -> None:
    """Put text and inline elements that stand in no block into paragraphs."""
    row: list[PageElement] = []
    for node in [*tree.root.contents, None]:
        if node is not None and not holds_block(node):
            row.append(node)
            continue
        if row:
            _wrap(tree, row)
        row = []


def _join(text: NavigableString) -> None:
    """Join a text with those that follow it."""
    whole: str = text
    while isinstance(following := neighbour(text, forward=True), NavigableString):
        whole += following.extract()
    if not whole.strip(_SPACES) and not is_inside(text, {"pre"}):
        whole = "\n" if "\n" in whole else " "
    if whole != text:
        text.replace_with(whole)


def _wrap(tree: Tree, row: list[PageElement]) -> None:
    """Put a row of neighbours into a paragraph; of one that shows nothing only a line's end is left."""
    if not all(map(_is_blank, row)):
        paragraph = tree.new("p")
        row[0].insert_before(paragraph)
        paragraph.extend(row)
    elif len(row) > 1 or str(row[0]) != "\n":
        row[0].insert_before("\n")
        for blank in row:
            blank.extract()


def _formula(math: Tag) -> str:
    annotations = (tag for tag in tags(math, {"annotation"}) if read(tag, "encoding") == "application/x-tex")
    annotation = next(annotations, None)
    return (annotation.get_text() if annotation else read(math, "alttext")) or math.get_text(" ", strip=True)


def _is_blank(node: PageElement) -> bool:
    """Tell whether a child of an element shows nothing: white space, a line break."""
    if isinstance(node, NavigableString):
        return not node.strip(" \t\n\r\xa0\u200b\u3000\ufeff")
    return isinstance(node, Tag) and node.name == "br"


def _is_edge(line_break: Tag, neighbour: PageElement | None, blocks: set[int]) -> bool:
    if neighbour is None:
        return line_break.parent is None or line_break.parent.name in BLOCKS
    return id(neighbour) in blocks


def _take_out(line_break: Tag, space: PageElement | None) -> None:
    """Take out a line break with the white space at its side, lest a long row of them leaves it all."""
    if isinstance(space, NavigableString) and not space.strip():
        space.extract()
    line_break.extract()


def _is_third(before: PageElement | None) -> bool:
    """Tell whether a line break follows two others, `before` being what is in front of it."""
    if not (isinstance(before, Tag) and before.name == "br"):
        return False
    second = beside(before, forward=False)
    return isinstance(second, Tag) and second.name == "br"
