"""The fast way from an arm to bytes: fixed pieces and values, joined. Several times cheaper than a template engine.

Most content is fixed text with merge fields, tokens and a few conditions on fields. That is taken apart once; per
recipient the conditions choose one of a few flat lists, values are put into their places, and one join makes the
message. Whatever is more than that (loops, filters, arithmetic) is `None` here and goes through the template engine,
whose result the fast way equals byte for byte. So does a message whose values would need another encoding or a second
dot at a line's start.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from delivery.engine.fields import FIELDS
from delivery.engine.mime import LINE_LIMIT

MAX_CONDITIONS = 6
TOKEN_LENGTH = 28
# What is a single line of text for every contact.
WORDS = frozenset(FIELDS) - {"tastes", "attributes", "order_count"}
TAG = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#})", re.DOTALL)
QUOTED = r"""(?:"([^"\\]*)"|'([^'\\]*)')"""
READ = rf"contact\.(\w+)(?:\s*\|\s*default\(\s*{QUOTED}\s*\))?"
VALUE = re.compile(rf"{{{{\s*{READ}\s*}}}}")
TOKEN = re.compile(r"{{\s*(_(?:u|o|\d+))\s*}}")
FIXED = re.compile(r"{{\s*(\w+)(?:\.(\w+))?\s*}}")
IF = re.compile(rf"{{%\s*if\s+{READ}(?:\s*(==|!=)\s*{QUOTED})?\s*%}}")
ELSE = re.compile(r"{%\s*else\s*%}")
END = re.compile(r"{%\s*endif\s*%}")
MARKUP = re.compile(r"[<>&\"'/]")
ENTITIES = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&#x27;", "/": "&#x2f;"}
)  # fmt: skip


class Slot(NamedTuple):
    """A place for something the caller makes: a header's value, a token."""

    name: str


class Value(NamedTuple):
    """A place for a merge field."""

    name: str
    default: str
    is_html: bool


class Condition(NamedTuple):
    """A field compared with a word, or asked whether it is there (`operator` empty)."""

    name: str
    default: str
    operator: str
    word: str

    def holds(self, values: Mapping[str, str]) -> bool:
        value = values.get(self.name, self.default)
        if not self.operator:
            return bool(value)
        return (value == self.word) == (self.operator == "==")


@dataclass
class Choice:
    condition: Condition
    yes: "list[Node]" = field(default_factory=list)
    no: "list[Node]" = field(default_factory=list)


Node = bytes | Slot | Value | Choice


class UnsupportedTemplate(Exception):
    """The source says more than this module understands."""


def nodes_of(source: str, context: Mapping[str, Any], *, is_html: bool) -> list[Node]:
    """The source taken apart; `context` is what is the same for everybody. Raises TooMuch."""
    top: list[Node] = []
    current, open_choices = top, []
    for number, piece in enumerate(TAG.split(source)):
        if not number % 2:
            if piece:
                current.append(piece.encode("utf-8", "replace"))
        elif match := TOKEN.fullmatch(piece):
            current.append(Slot(match[1]))
        elif match := VALUE.fullmatch(piece):
            current.append(Value(_known(match[1]), match[2] or match[3] or "", is_html))
        elif match := FIXED.fullmatch(piece):
            current.append(_fixed(context, match[1], match[2], is_html=is_html))
        elif match := IF.fullmatch(piece):
            word = match[5] or match[6] or ""
            if match[4] and not word:
                raise UnsupportedTemplate
            choice = Choice(Condition(_known(match[1]), match[2] or match[3] or "", match[4] or "", word))
            current.append(choice)
            open_choices.append((current, choice))
            current = choice.yes
        elif ELSE.fullmatch(piece) and open_choices and current is open_choices[-1][1].yes:
            current = open_choices[-1][1].no
        elif END.fullmatch(piece) and open_choices:
            current = open_choices.pop()[0]
        else:
            raise UnsupportedTemplate
    if open_choices or re.search(r"{[{%#]", TAG.sub("", source)):
        raise UnsupportedTemplate
    return top


def _fixed(context: Mapping[str, Any], name: str, key: str | None, *, is_html: bool) -> bytes:
    words = context.get(name, None)
    if key is not None:
        words = words.get(key) if isinstance(words, Mapping) else None
    if not isinstance(words, str) or not words.isprintable():
        raise UnsupportedTemplate
    return (words.translate(ENTITIES) if is_html else words).encode()


def _known(name: str) -> str:
    if name not in WORDS:
        raise UnsupportedTemplate
    return name


@dataclass
class Flat:
    """One way through the conditions: fixed pieces, and the order in which they and what is filled in follow each other
    (`order` counts the fillings first, then the pieces).

    A line is at most `longest` bytes and `most` values; the values in `at_start` may not begin with a dot.
    """

    pieces: list[bytes]
    order: list[int]
    longest: int
    most: int
    at_start: list[int]

    def __post_init__(self) -> None:
        take = itemgetter(*self.order) if len(self.order) > 1 else self._few
        self.ordered: Callable[[list[bytes]], Iterable[bytes]] = take

    def _few(self, parts: list[bytes]) -> Iterable[bytes]:
        return [parts[number] for number in self.order]


class Layout:
    """A sequence of nodes to be filled, from within a line on. Raises TooMuch when there are too many conditions."""

    def __init__(self, nodes: list[Node], given: Iterable[str]) -> None:
        self.nodes = nodes
        self.numbers: dict[Node, int] = {Slot(name): number for number, name in enumerate(given)}
        self.values: list[Value] = []
        self.conditions: list[Condition] = []
        self._collect(nodes)
        if len(self.conditions) > MAX_CONDITIONS:
            raise UnsupportedTemplate
        self.flats: dict[tuple[bool, ...], Flat | None] = {}

    def _collect(self, nodes: list[Node]) -> None:
        for node in nodes:
            if isinstance(node, Choice):
                if node.condition not in self.conditions:
                    self.conditions.append(node.condition)
                self._collect(node.yes)
                self._collect(node.no)
            elif isinstance(node, Slot) and node not in self.numbers:
                raise UnsupportedTemplate
            elif isinstance(node, Value) and node not in self.numbers:
                self.numbers[node] = len(self.numbers)
                self.values.append(node)

    def fill(self, values: Mapping[str, str], given: list[bytes]) -> bytes | None:
        """The bytes, or None when these values need the careful way. `given`, in the order of the names, is used up."""
        chosen = tuple([condition.holds(values) for condition in self.conditions])
        try:
            flat = self.flats[chosen]
        except KeyError:
            flat = self.flats[chosen] = self._flat(chosen)
        if flat is None:
            return None
        filling, longest = given, 0
        for name, default, is_html in self.values:
            value = values.get(name, default)
            if is_html and not value.isalnum() and MARKUP.search(value):
                value = value.translate(ENTITIES)
            encoded = value.encode("utf-8", "replace")
            if len(encoded) > longest:
                longest = len(encoded)
            filling.append(encoded)
        if flat.longest + flat.most * longest > LINE_LIMIT:
            return None
        for number in flat.at_start:
            if filling[number][:1] == b".":
                return None
        filling += flat.pieces
        return b"".join(flat.ordered(filling))

    def _flat(self, chosen: tuple[bool, ...]) -> Flat | None:
        """None when a line could begin with a dot that comes behind an empty value."""
        pieces: list[bytes] = []
        order: list[int] = []
        begins: list[int] = []
        longest = most = line = count = 0
        at_start = False
        for node in _joined(self._way(self.nodes, dict(zip(self.conditions, chosen, strict=True)))):
            if isinstance(node, bytes):
                if at_start and node.startswith(b"."):
                    return None
                order.append(len(self.numbers) + len(pieces))
                pieces.append(node.replace(b"\r\n.", b"\r\n.."))
                first, *others = node.split(b"\n")
                line += len(first)
                for other in others:
                    longest, most = max(longest, line), max(most, count)
                    line, count = len(other) + 1, 0
                at_start = node.endswith(b"\n")
                continue
            order.append(self.numbers[node])
            if isinstance(node, Value):
                count += 1
                if at_start:
                    begins.append(self.numbers[node])
            else:
                line, at_start = line + TOKEN_LENGTH, False
        return Flat(pieces, order, max(longest, line), max(most, count), begins)

    def _way(self, nodes: list[Node], chosen: dict[Condition, bool]) -> Iterable[bytes | Slot | Value]:
        for node in nodes:
            if isinstance(node, Choice):
                yield from self._way(node.yes if chosen[node.condition] else node.no, chosen)
            else:
                yield node


def _joined(nodes: Iterable[bytes | Slot | Value]) -> Iterable[bytes | Slot | Value]:
    """Neighbouring texts as one."""
    text = b""
    for node in nodes:
        if isinstance(node, bytes):
            text += node
            continue
        if text:
            yield text
        text = b""
        yield node
    if text:
        yield text
