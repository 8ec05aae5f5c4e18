"""Where an MJML source is broken, in the writer's terms: a line and a sentence.

The compiler only says that it stopped; this reads the same source for balance and for tags that do not exist.
"""

from dataclasses import dataclass
from html.parser import HTMLParser

from django.utils.translation import gettext as _
from minijinja import Environment, TemplateError

EMPTY_TAGS = frozenset(
    {"mj-image", "mj-divider", "mj-spacer", "mj-font", "mj-breakpoint", "mj-all", "mj-class", "mj-include",
     "mj-carousel-image", "mj-html-attribute", "mj-selector"}
)  # fmt: skip
TAGS = EMPTY_TAGS | {
    "mjml", "mj-head", "mj-body", "mj-attributes", "mj-title", "mj-preview", "mj-style", "mj-html-attributes",
    "mj-section", "mj-column", "mj-group", "mj-wrapper", "mj-hero", "mj-text", "mj-button", "mj-table", "mj-raw",
    "mj-social", "mj-social-element", "mj-navbar", "mj-navbar-link", "mj-accordion", "mj-accordion-element",
    "mj-accordion-title", "mj-accordion-text", "mj-carousel",
}  # fmt: skip


@dataclass(frozen=True)
class SourceError:
    """A fault that the author can correct: `line` counts from 1; None when it concerns the whole."""

    message: str
    line: int | None = None


def mjml_error(source: str) -> SourceError | None:
    """The first fault of an MJML body: its tags, then its merge fields' syntax. None when there is none."""
    if not source.strip():
        return SourceError(_("There is no content yet."))
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.error or reader.unclosed() or merge_error(source)


def merge_error(source: str) -> SourceError | None:
    """The first fault in the syntax of merge fields and conditions."""
    environment = Environment()
    try:
        environment.add_template("content", source)
    except TemplateError as error:
        return SourceError(_("A merge field or condition is broken here: check its braces."), error.line)
    return None


class _Reader(HTMLParser):
    """Follows the mj- tags; what stands inside mj-text, mj-table and mj-raw is HTML and left alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[tuple[str, int]] = []
        self.error: SourceError | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if self.error or not tag.startswith("mj"):
            return
        if tag not in TAGS:
            self.error = SourceError(_("There is no MJML tag <%(tag)s>.") % {"tag": tag}, line)
        elif not self.open and tag != "mjml":
            self.error = SourceError(_("Everything belongs inside <mjml> and </mjml>."), line)
        elif tag not in EMPTY_TAGS or not self._closes_itself():
            self.open.append((tag, line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.error and tag.startswith("mj") and tag not in TAGS:
            self.error = SourceError(_("There is no MJML tag <%(tag)s>.") % {"tag": tag}, self.getpos()[0])

    def handle_endtag(self, tag: str) -> None:
        if self.error or not tag.startswith("mj"):
            return
        line = self.getpos()[0]
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        elif self.open:
            inner, since = self.open[-1]
            self.error = SourceError(
                _("</%(tag)s> comes before <%(inner)s> of line %(since)s is closed.")
                % {"tag": tag, "inner": inner, "since": since},
                line,
            )
        else:
            self.error = SourceError(_("</%(tag)s> has no opening tag.") % {"tag": tag}, line)

    def handle_data(self, data: str) -> None:
        if not self.error and not self.open and data.strip():
            self.error = SourceError(_("Everything belongs inside <mjml> and </mjml>."), self.getpos()[0])

    def unclosed(self) -> SourceError | None:
        if not self.open:
            return None
        tag, line = self.open[-1]
        return SourceError(_("<%(tag)s> is never closed.") % {"tag": tag}, line)

    def _closes_itself(self) -> bool:
        return (self.get_starttag_text() or "").rstrip(">").endswith("/")
