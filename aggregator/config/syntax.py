"""YAML text → node tree with line numbers, or one problem in plain words."""

import re
from typing import Any

import yaml

MAX_DEPTH = 20  # a config file needs five levels; much deeper nesting would exhaust Python's stack

_QUOTE = "put the value in quotes"
_COLON = "mapping values are not allowed here"  # PyYAML's words for two quite different mistakes
_INDENT = "indent with spaces, all keys of a group alike"

# What PyYAML says (context, a bar, problem) → what it means to the person who wrote the file. The first that fits
# counts; "%s" is what its group found. True: the line where the trouble begins (PyYAML's context) helps more than the
# line where it was noticed.
WORDS: tuple[tuple[str, str, bool], ...] = (
    (r"'\\t' that cannot start", "a tab stands where only spaces may; indent with spaces", False),
    (
        r"quoted scalar\|found unexpected (?:end|document)",
        "the quotation mark opened here is never closed; close it at the end of the value",
        True,
    ),
    (r"unknown escape character", "a backslash in \"…\" has a special meaning; use single quotes: '…'", False),
    (r"expected escape sequence", "a backslash in \"…\" has a special meaning; use single quotes: '…'", False),
    (r"scanning an alias", 'a value cannot begin with *; put it in quotes, as in cron: "*/5 * * * *"', False),
    (
        r"undefined alias",
        "a value that begins with * stands for an anchor (&name), and none has this name; put it in quotes",
        False,
    ),
    (r"scanning an anchor", f"a value cannot begin with &; {_QUOTE}", False),
    (r"duplicate anchor", "this anchor (&name) was used further up; give it another name", False),
    (r"parsing a tag|scanning a tag|tag handle|tag prefix", f"a value cannot begin with !; {_QUOTE}", False),
    (r"found character '(.)' that cannot start", f"a value cannot begin with %s; {_QUOTE}", False),
    (r"block scalar", f"a value cannot begin with | or >; {_QUOTE}", False),
    (r"flow sequence", "the list opened here with [ is never closed, or lacks a comma; add the ] or the comma", True),
    (r"flow mapping", "the group opened here with { is never closed, or lacks a comma; add the } or the comma", True),
    (
        rf"{_COLON}.*: .*:(?: |$)",
        f'this line has a second ": "; {_QUOTE} if it holds one, or write a group as in match: {{author: ZAKER}}',
        False,
    ),
    (_COLON, f'this line does not fit the one above; see that it has its ": ", and {_INDENT}', False),
    (r"sequence entries are not allowed", 'a "- " cannot stand here; begin a list on a line of its own', False),
    (r"could not find expected ':'", 'this line has no ": "; write each option as "key: value"', True),
    (r"but found another document", 'a second document begins here; remove the line "---"', False),
    (
        r"but found '<scalar>'",
        "text follows a closing quotation mark; put the whole value in quotes, and inside '…' write '' for each '",
        False,
    ),
    (r"expected <block end>", f"this line does not fit the indentation of those above; {_INDENT}", False),
    (r"expected the node content", f"a value cannot begin with this character; {_QUOTE}", False),
    (
        r"nested too deeply",
        f"groups or brackets stand more than {MAX_DEPTH} deep in each other; see that each [ and {{ is closed",
        False,
    ),
)
OTHERWISE = "this is not valid YAML; check the indentation, and put values with special characters in quotes"


class SyntaxProblem(Exception):  # noqa: N818 (it becomes a problem in the report, not an error of the program)
    """The text is not YAML: the line where to look (None when unknown), and what to do."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class _Loader(yaml.SafeLoader):
    """Composes nodes only, to a limited depth; no value is ever constructed from them."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=self.get_mark())
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(text: str) -> yaml.Node | None:
    """The root node, None for a text without content. Raises SyntaxProblem."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, text) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SyntaxProblem(line, "a control character stands in this line; remove it") from error
    except (ValueError, OverflowError) as error:  # PyYAML lets these out for a "\U" escape or a version out of range
        raise SyntaxProblem(None, "a \\U escape or a %YAML line holds an impossible number; remove it") from error
    return node


def _in_plain_words(error: yaml.MarkedYAMLError, text: str) -> SyntaxProblem:
    said = f"{error.context or ''}|{error.problem or ''}"
    if error.problem == _COLON and error.problem_mark:
        said += "".join(text.splitlines()[error.problem_mark.line :][:1])
    message, at_start = OTHERWISE, False
    for pattern, words, begins in WORDS:
        if found := re.search(pattern, said):
            message, at_start = words % found.groups() if found.groups() else words, begins
            break
    mark = (error.context_mark if at_start else None) or error.problem_mark or error.context_mark
    return SyntaxProblem(mark.line + 1 if mark else None, message)
