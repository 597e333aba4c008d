"""Rewrites of the structure: nothing unseen, nothing empty, nothing where it cannot be."""

from itertools import filterfalse, islice

from aggregator.normalizer.attributes import normal_attributes
from aggregator.normalizer.markup import ALLOWED, BLOCKS, EMPTIABLE, HEADINGS, UNREAD, VOIDS
from aggregator.normalizer.nodes import Element, Node, Text, new_text
from aggregator.normalizer.tree import Tree, beside, holds_block, is_inside, neighbour, read, tags, text_of
from aggregator.normalizer.urls import Addresses

_WRAPPERS = frozenset({"div", "section", "article", "main"})
_SPACES = " \t\n\r\f"  # of HTML; others are characters to see
_UNSEEN_CHARACTERS = " \t\n\r\xa0\u200b\u3000\ufeff"
_UNSEEN = UNREAD | {"math"}
_LISTS = frozenset({"ul", "ol", "menu"})
_PARENTS = {"li": _LISTS, "dt": {"dl"}, "dd": {"dl"}, "rt": {"ruby"}, "rp": {"ruby"}}
_INSTEAD_OF_DIV = frozenset({"p", "li", "dt", "dd"})
_PLACED = HEADINGS | {"p", *_PARENTS}
_ALIGNED = frozenset({"div", "p", *HEADINGS})
_MAY_BE_EMPTY = VOIDS | EMPTIABLE
_LINKS = frozenset({"a"})


def drop_unread(tree: Tree, _addresses: Addresses) -> None:
    """Drop scripts, style sheets and what else is not for reading; a formula becomes its TeX text."""
    for tag in tree.tags(_UNSEEN):
        if tag.decomposed:
            continue
        if tag.name == "math":
            tag.insert_before(new_text(_formula(tag)))
        tag.decompose()


def resolve_links(tree: Tree, addresses: Addresses) -> None:
    """Make the target of each link absolute; a link without a usable one, or inside another, becomes its text."""
    for link in tree.tags(_LINKS):
        address = addresses.link(read(link, "href")) if not is_inside(link, _LINKS) else None
        if address:
            link.attrs["href"] = address
        else:
            link.unwrap()


def keep_attributes(tree: Tree, _addresses: Addresses) -> None:
    """Keep only attributes that mean something without the page's style sheet and scripts."""
    for tag in tree.elements():
        if not tag.attrs:
            continue
        if "align" in tag.attrs and tag.name in _ALIGNED and "text-align" not in read(tag, "style"):
            tag.attrs["style"] = f"text-align:{read(tag, 'align')}"
        tag.attrs = normal_attributes(tag.name, tag.attrs)


def unwrap_unknown(tree: Tree, _addresses: Addresses) -> None:
    """Take away the tags of elements that a feed may not hold, or that meant only a style; keep what they hold."""
    if tree.has_only(ALLOWED):
        return
    for tag in tree.elements():
        if tag.name not in ALLOWED:
            tag.unwrap()


def untangle(tree: Tree, _addresses: Addresses) -> None:
    """Mend what a parser would not leave so: a paragraph around blocks, a heading in a heading, a stray list item."""
    for tag in tree.tags(_PLACED):
        if tag.name == "p":
            is_misplaced = any(map(holds_block, tag.contents))
        elif tag.name in _PARENTS:
            is_misplaced = tag.parent is None or tag.parent.name not in _PARENTS[tag.name]
        else:
            is_misplaced = is_inside(tag, HEADINGS)
        if is_misplaced and tag.name in _INSTEAD_OF_DIV:
            tag.name = "div"
        elif is_misplaced:
            tag.unwrap()


def drop_empty(tree: Tree, _addresses: Addresses) -> None:
    """Drop elements that show nothing, innermost first; an inline one leaves a space or a line break behind."""
    for tag in reversed(tree.elements()):
        if tag.name in _MAY_BE_EMPTY or _shows(tag):
            continue
        if tag.name not in BLOCKS and tag.contents:
            line_break = next((child for child in tag.contents if isinstance(child, Element)), None)
            tag.insert_before(line_break or new_text(" "))
        tag.decompose()


def join_texts(tree: Tree, _addresses: Addresses) -> None:
    """Join texts that have become neighbours, and write white space between elements as one character."""
    for element in tree.changed():
        for row in _rows_of_texts(element):
            whole = "".join(row)
            if not whole.strip(_SPACES) and not is_inside(row[0], {"pre"}):
                whole = "\n" if "\n" in whole else " "
            if len(row) > 1 or whole != row[0]:
                element.replace(row, [new_text(whole)])


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
        shown = list(islice(filterfalse(_is_blank, tree.root.contents), 2))
        if len(shown) != 1 or not isinstance(shown[0], Element) or shown[0].name not in _WRAPPERS or shown[0].attrs:
            break
        tree.root = shown[0]


def wrap_loose(tree: Tree, _addresses: Addresses) -> None:
    """Put text and inline elements that stand in no block into paragraphs."""
    row: list[Node] = []
    for node in [*tree.root.contents, None]:
        if node is not None and not holds_block(node):
            row.append(node)
            continue
        if row:
            _wrap(tree, row)
        row = []


def _rows_of_texts(element: Element) -> list[list[Text]]:
    """Return the texts of an element, those in one list that follow one another."""
    rows: list[list[Text]] = []
    is_behind_text = False
    for node in element.contents:
        if isinstance(node, Text):
            if is_behind_text:
                rows[-1].append(node)
            else:
                rows.append([node])
        is_behind_text = isinstance(node, Text)
    return rows


def _wrap(tree: Tree, row: list[Node]) -> None:
    """Put a row of neighbours into a paragraph; of one that shows nothing only a line's end is left."""
    if not all(map(_is_blank, row)):
        tree.root.wrap(row, tree.new("p"))
    elif len(row) > 1 or row[0] != "\n":
        tree.root.replace(row, [new_text("\n")])


def _formula(math: Element) -> str:
    annotations = (tag for tag in tags(math, {"annotation"}) if read(tag, "encoding") == "application/x-tex")
    annotation = next(annotations, None)
    formula = "".join(text_of(annotation)) if annotation else read(math, "alttext")
    return formula or " ".join(filter(None, map(str.strip, text_of(math))))


def _is_blank(node: Node) -> bool:
    """Tell whether a child of an element shows nothing: white space, a line break."""
    return node.name == "br" if isinstance(node, Element) else not node.strip(_UNSEEN_CHARACTERS)


def _shows(element: Element) -> bool:
    """Tell whether a child of an element shows something; all elements are asked, so no text costs a call."""
    for node in element.contents:
        if isinstance(node, Element):
            if node.name != "br":
                return True
        elif node[:1] not in _UNSEEN_CHARACTERS or node.strip(_UNSEEN_CHARACTERS):
            return True
    return False


def _is_edge(line_break: Element, neighbour: Node | None, blocks: set[int]) -> bool:
    if neighbour is None:
        return line_break.parent is None or line_break.parent.name in BLOCKS
    return id(neighbour) in blocks


def _take_out(line_break: Element, space: Node | None) -> None:
    """Take out a line break with the white space at its side, lest a long row of them leaves it all."""
    if isinstance(space, Text) and not space.strip():
        space.extract()
    line_break.extract()


def _is_third(before: Node | None) -> bool:
    """Tell whether a line break follows two others, `before` being what is in front of it."""
    if not (isinstance(before, Element) and before.name == "br"):
        return False
    second = beside(before, forward=False)
    return isinstance(second, Element) and second.name == "br"
