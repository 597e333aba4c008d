"""Rewrites of the structure: nothing unseen, nothing empty, nothing where it cannot be."""

from aggregator.normalizer.attributes import normal_attributes
from aggregator.normalizer.html import NavigableString, PageElement, Tag, Tree, beside, is_block, read, tags
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
            tag.replace_with(_formula(tag))
        else:
            tag.decompose()


def resolve_links(tree: Tree, addresses: Addresses) -> None:
    """Make the target of each link absolute; a link without a usable one, or inside another, becomes its text."""
    for link in tree.tags({"a"}):
        address = addresses.link(read(link, "href")) if link.find_parent("a") is None else None
        if address:
            link["href"] = address
        else:
            link.unwrap()


def keep_attributes(tree: Tree, _addresses: Addresses) -> None:
    """Keep only attributes that mean something without the page's style sheet and scripts."""
    for tag in tree.elements():
        if tag.name in _ALIGNED and tag.has_attr("align") and "text-align" not in read(tag, "style"):
            tag["style"] = f"text-align:{read(tag, 'align')}"
        tag.attrs = dict(normal_attributes(tag.name, {name: read(tag, name) for name in tag.attrs}))


def unwrap_unknown(tree: Tree, _addresses: Addresses) -> None:
    """Take away the tags of elements that a feed may not hold, or that meant only a style; keep what they hold."""
    for tag in tree.elements():
        if tag.name not in ALLOWED:
            tag.unwrap()
        elif tag.name in VOIDS:  # the parser may have put what follows a void element into it
            for child in reversed(list(tag.contents)):
                tag.insert_after(child)


def untangle(tree: Tree, _addresses: Addresses) -> None:
    """Mend what a parser would not leave so: a paragraph around blocks, a heading in a heading, a stray list item."""
    for tag in tree.tags(_PLACED):
        if tag.name in _PARENTS:
            is_misplaced = tag.parent is None or tag.parent.name not in _PARENTS[tag.name]
        elif tag.name == "p":
            is_misplaced = bool(tags(tag, BLOCKS))
        else:
            is_misplaced = any(parent.name in HEADINGS for parent in tag.parents)
        if is_misplaced and tag.name in _INSTEAD_OF_DIV:
            tag.name = "div"
        elif is_misplaced:
            tag.unwrap()


def drop_empty(tree: Tree, _addresses: Addresses) -> None:
    """Drop elements that show nothing, innermost first; an inline one leaves its white space behind."""
    for tag in reversed(tree.elements()):
        if tag.name in VOIDS or tag.name in EMPTIABLE or not all(_is_blank(child) for child in tag.children):
            continue
        if tag.name in BLOCKS:
            tag.decompose()
        else:
            tag.unwrap()


def join_texts(tree: Tree, _addresses: Addresses) -> None:
    """Join texts that have become neighbours, and write white space between elements as one character."""
    for text in tree.texts():
        if text.parent is None:  # joined already
            continue
        whole = str(text)
        while isinstance(text.next_sibling, NavigableString):
            whole += text.next_sibling.extract()
        if not whole.strip(_SPACES) and text.find_parent("pre") is None:
            whole = "\n" if "\n" in whole else " "
        if whole != text:
            text.replace_with(whole)


def trim_breaks(tree: Tree, _addresses: Addresses) -> None:
    """Drop line breaks at the edges of blocks, and all but two of a row."""
    for line_break in reversed(tree.tags({"br"})):
        if _is_edge(line_break, beside(line_break, forward=True)):
            line_break.extract()
    for line_break in tree.tags({"br"}):
        before = beside(line_break, forward=False)
        if _is_edge(line_break, before) or _is_third(before):
            line_break.extract()


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
        if node is not None and not is_block(node):
            row.append(node)
            continue
        if any(not _is_blank(loose) for loose in row):
            paragraph = tree.new("p")
            row[0].insert_before(paragraph)
            paragraph.extend(row)
        elif row:
            row[0].insert_before("\n")
            for blank in row:
                blank.extract()
        row = []


def _formula(math: Tag) -> str:
    annotation = math.find("annotation", encoding="application/x-tex")
    return (annotation.get_text() if annotation else read(math, "alttext")) or math.get_text(" ", strip=True)


def _is_blank(node: PageElement) -> bool:
    """Tell whether a child of an element shows nothing: white space, a line break."""
    if isinstance(node, Tag):
        return node.name in {"br", "wbr"}
    return isinstance(node, NavigableString) and not node.strip(" \t\n\r\xa0\u200b\u3000\ufeff")


def _is_edge(line_break: Tag, neighbour: PageElement | None) -> bool:
    if neighbour is None:
        return line_break.parent is None or line_break.parent.name in BLOCKS
    return is_block(neighbour)


def _is_third(before: PageElement | None) -> bool:
    """Tell whether a line break follows two others, `before` being what is in front of it."""
    if not (isinstance(before, Tag) and before.name == "br"):
        return False
    second = beside(before, forward=False)
    return isinstance(second, Tag) and second.name == "br"
