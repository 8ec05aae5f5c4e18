"""What authors write, on its way to HTML: merge tags kept safe from the parsers, links found, a text part made.

Merge tags (`{{ … }}`, `{% … %}`) are no MJML, HTML or Markdown. They are swapped for plain words before any parser
sees the source and put back at the end.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from textwrap import fill

import css_inline
import mrml
from markdown_it import MarkdownIt

MERGE_TAG = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
STAND_IN = re.compile(r"qjq(\d+)qjq")
BETWEEN = re.compile(
    r"(?P<before><mj-(?:body|wrapper|section|column|group|hero)\b[^>]*>|</mj-[a-z-]+>|/>)"
    r"(?P<tags>(?:\s*qjq\d+qjq)+)(?=\s*</?mj-)"
)
TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
HREF = re.compile(r"(<a\b[^>]*?\shref=)(\"[^\"]*\"|'[^']*')", re.IGNORECASE | re.DOTALL)
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
# Whatever is no text between tags, whole (comments, CDATA, style sheets, tags with their quoted values); or a lone ">".
NO_TEXT_OR_MORE = re.compile(
    r"(<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(?P<sheet>mj-style|style)\b.*?</(?P=sheet)\s*>"
    r"|<(?:\"[^\"]*\"|'[^']*'|[^\"'<>])*>)|>",
    re.DOTALL | re.IGNORECASE,
)
PAPER = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '</head><body style="margin:0"><div style="max-width:600px;padding:16px;'
    'font-family:Georgia,serif;font-size:16px;line-height:1.5;color:#1f2933">'
)


@dataclass
class Protected:
    """A source whose merge tags were swapped for words; `restore` puts them back."""

    source: str
    tags: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, source: str) -> "Protected":
        kept = cls("")
        kept.source = kept.protect(source)
        return kept

    def protect(self, source: str) -> str:
        def swap(match: re.Match[str]) -> str:
            self.tags.append(match[0])
            return f"qjq{len(self.tags) - 1}qjq"

        return MERGE_TAG.sub(swap, source)

    def restore(self, text: str, change: Callable[[str], str] = lambda tag: tag) -> str:
        return STAND_IN.sub(lambda match: change(self.tags[int(match[1])]), text)


def is_mjml(source: str) -> bool:
    return source.lstrip()[:5].lower() == "<mjml"


def mjml_to_html(source: str) -> str:
    """Raises OSError with the compiler's words. Merge tags may stand around sections, columns and elements."""
    source = BETWEEN.sub(lambda match: f"{match['before']}<mj-raw>{match['tags'].strip()}</mj-raw>", source)
    # mrml's parser ends in a panic at a ">" in text closely behind a letter outside ASCII ("Ver más>").
    source = NO_TEXT_OR_MORE.sub(lambda match: match[1] or "&gt;", source)
    try:
        html = mrml.to_html(source).content
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise OSError(str(error)) from error
    return styles_inlined(html) if "<mj-style" in source else html


def markdown_to_html(source: str) -> str:
    """A letter as a person would send it: paragraphs, emphasis, lists and links; no HTML gets through."""
    body = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).render(source)
    return f"{PAPER}{body}</div></body></html>"


def styles_inlined(html: str) -> str:
    """HTML with its style sheets written into the elements; merge tags between rows of a table stay where they are."""
    inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
    pieces = TAG.split(html)
    pieces[::2] = [STAND_IN.sub(r"<!--\g<0>-->", text) for text in pieces[::2]]
    return re.sub(r"<!--(qjq\d+qjq)-->", r"\1", inliner.inline("".join(pieces)))


def links_rewritten(html: str, rewrite: Callable[[str], str]) -> str:
    """Every `href` of an `a` passed through `rewrite`, which sees and returns the address itself."""

    def swap(match: re.Match[str]) -> str:
        address = rewrite(unescape(match[2][1:-1]).strip())
        return f'{match[1]}"{address.replace("&", "&amp;").replace(chr(34), "&quot;")}"'

    return HREF.sub(swap, html)


def addresses_rewritten(text: str, rewrite: Callable[[str], str]) -> str:
    """Every web address written out in a text passed through `rewrite`."""
    return WEB_ADDRESS.sub(lambda match: rewrite(match[0]), text)


def html_to_text(html: str) -> str:
    """What the HTML says, as plain text: paragraphs, list dashes, and each link's address after its words."""
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    paragraphs = re.split(r"\n\s*\n", re.sub(r"[ \t]+", " ", "".join(reader.out)))
    lines = (
        "\n".join(fill(line.strip(), 78, break_long_words=False, break_on_hyphens=False) for line in part.split("\n"))
        for part in paragraphs
    )
    return "\n\n".join(part.strip() for part in lines if part.strip()) + "\n"


class _TextReader(HTMLParser):
    BLOCKS = frozenset({"p", "div", "tr", "table", "h1", "h2", "h3", "h4", "ul", "ol", "blockquote", "section"})
    SILENT = frozenset({"style", "script", "head", "title", "noscript"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.silent: list[str] = []
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (
            tag in self.SILENT
            or (self.silent and tag == self.silent[-1])
            or "display:none" in (dict(attrs).get("style") or "")
        ):
            self.silent.append(tag)
        elif tag == "br":
            self.out.append("\n")
        elif tag == "li":
            self.out.append("\n- ")
        elif tag in self.BLOCKS:
            self.out.append("\n\n")
        elif tag == "a":
            self.hrefs.append(dict(attrs).get("href") or "")
        elif tag == "img" and not self.silent:
            self.out.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag == self.silent[-1]:
                self.silent.pop()
        elif tag == "a" and self.hrefs:
            href = self.hrefs.pop()
            if href and not "".join(self.out[-1:]).strip().endswith(href):
                self.out.append(f" ({href})")
        elif tag in self.BLOCKS:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.out.append(re.sub(r"\s+", " ", data))
