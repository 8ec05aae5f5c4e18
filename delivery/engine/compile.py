"""Compiling one arm of a send into a merge program, once at launch: from then on a recipient costs microseconds.

What is fixed is made here: MJML to HTML, styles inlined, links numbered and stored, the text part, the MIME headers.
What differs per recipient stays a merge tag for `delivery.engine.merge`.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from minijinja import Environment, TemplateError

from accounts.company.models import Company
from core.errors import DomainError
from crm.brands.models import Brand
from delivery.engine.fields import FIELDS
from delivery.engine.markup import (
    MERGE_TAG,
    Protected,
    addresses_rewritten,
    html_to_text,
    is_mjml,
    links_rewritten,
    markdown_to_html,
    mjml_to_html,
    styles_inlined,
)
from delivery.engine.mime import mailbox, one_line, wrapped
from delivery.engine.tokens import NOBODY, token_make
from delivery.feedback.models import BounceMailbox
from delivery.senders.models import SendingIdentity
from delivery.sends.channels import identity_of
from delivery.sends.models import Send, Variant
from delivery.sends.utm import tagged, utm_of

FUEL = 200_000
SITE = re.compile(r"https?://[^/{?#\s]+(?=[/?#]|$)", re.IGNORECASE)
UNSUBSCRIBE = re.compile(r"{{-?\s*unsubscribe_url\s*-?}}")
PREFERENCES = re.compile(r"{{-?\s*preferences_url\s*-?}}")
VIEW = re.compile(r"{{-?\s*view_url\s*-?}}")
UNSUBSCRIBE_LINKS = ("/u/{{ _u }}", "/preferences/{{ _u }}")
FIELD_USED = re.compile(r"contact\.([a-z_]+)")


class CompileError(DomainError):
    """The content cannot be merged; `line` counts from 1 in what the author wrote, None when it concerns the whole."""

    def __init__(self, message: str, *, line: int | None = None, code: str = "content_broken") -> None:
        super().__init__(message, code=code)
        self.line = line


@dataclass(frozen=True)
class CompiledVariant:
    """A merge program. `subject`, `html` and `text` are templates with CRLF line ends; `links` the addresses by
    position in the send, `fields` the merge fields read; `sender` and `reply` are header values."""

    send_id: int
    variant_id: int
    subject: str
    html: str
    text: str
    sender: str
    sender_address: str
    reply: str
    feedback_id: str
    boundary: str
    fields: tuple[str, ...]
    links: dict[int, str]
    is_tracked: bool
    context: dict[str, Any] = field(default_factory=dict)
    bounce_address: str = ""
    leave_address: str = ""

    @property
    def domain(self) -> str:
        return self.sender_address.rpartition("@")[2]

    def dump(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def load(cls, stored: bytes | memoryview) -> "CompiledVariant":
        values = orjson.loads(bytes(stored))
        values["fields"] = tuple(values["fields"])
        values["links"] = {int(position): url for position, url in values["links"].items()}
        return cls(**values)


def environment() -> Environment:
    """Where merge tags run: no includes, no clock, no settings; a limit on work; HTML escaped in `.html`."""
    env = Environment(fuel=FUEL, debug=False, pycompat=False, keep_trailing_newline=True)
    for name in ("range", "debug", "dict", "namespace"):
        env.remove_global(name)
    for name in ("safe", "pprint", "tojson"):
        env.remove_filter(name)
    return env


def compile_variant(
    variant: Variant,
    send: Send,
    *,
    brand: Brand | None = None,
    first_link: int = 1,
    direct: bool = False,
    is_test: bool = False,
) -> CompiledVariant:
    """The merge program of one arm. Its links are numbered from `first_link`; nothing is stored here. `direct` leaves
    links leading straight to where they lead and the pixel out: for a preview. In a test message (`is_test`) all links
    name it, also in privacy mode: none may count.

    Raises CompileError when a merge tag or the markup is broken, or a link's site is not fixed.
    """
    identity = identity_of(send)
    brand = brand or identity.brand
    check_merge_tags(variant)
    links = _Links(send, variant, first_link, direct, is_test)
    html_source, text_source = _parts(variant, send, links, _footers(brand))
    context = {
        "brand": {"name": brand.called, "website": brand.site},
        "company": {"name": Company.get().name, "postal_address": Company.get().postal_address},
        "offer": variant.offer,
        "sender": {"name": variant.from_name or identity.from_name, "address": identity.from_address},
    }
    subject = one_line(variant.subject)
    used = "".join((subject, html_source, text_source))
    return CompiledVariant(
        send_id=send.pk or 0,  # a send that is only looked at has none
        variant_id=variant.pk,
        subject=subject,
        html=wrapped(html_source),
        text=wrapped(text_source),
        sender=mailbox(variant.from_name or identity.from_name, identity.from_address),
        sender_address=identity.from_address,
        reply=send.reply_address or identity.reply_address,
        feedback_id=f"{variant.label}:{send.public_id}:{send.kind}:cauce",
        boundary=f"=_cauce_{send.public_id}{variant.label}",
        fields=tuple(sorted({name for name in FIELD_USED.findall(used) if name in FIELDS} | {"name"})),
        links=links.found,
        is_tracked=send.is_tracked and not direct,
        context=context,
        bounce_address=identity.bounce_address,
        leave_address=unsubscribe_mailbox_of(identity),
    )


def unsubscribe_mailbox_of(identity: SendingIdentity) -> str:
    """Where people may write to for leaving: the sender's address for bounces, while we read its mailbox; else ""."""
    if not identity.bounce_address:
        return ""
    return identity.bounce_address if BounceMailbox.objects.read_for(identity).exists() else ""


def check_merge_tags(variant: Variant) -> None:
    """Raises CompileError, with the line, for a tag that is broken or names an unknown field."""
    env = environment()
    for name, source in (("subject", variant.subject), ("content", variant.body), ("text", variant.text)):
        try:
            env.add_template(name, source)
        except TemplateError as error:
            raise CompileError(
                _("A merge field or condition is broken in line %(line)s: check its braces.") % {"line": error.line},
                line=error.line,
                code="merge_tag_broken",
            ) from error
        for match in MERGE_TAG.finditer(source):
            for used in FIELD_USED.findall(match[0]):
                if used not in FIELDS:
                    line = source.count("\n", 0, match.start()) + 1
                    raise CompileError(
                        _("There is no merge field “%(name)s” (line %(line)s).")
                        % {"name": f"contact.{used}", "line": line},
                        line=line,
                        code="merge_field_unknown",
                    )


def _parts(variant: Variant, send: Send, links: "_Links", footers: tuple[str, str]) -> tuple[str, str]:
    """The HTML and text templates, links rewritten, with a footer where the author left the way out out."""
    kept = Protected.of(_addressed(variant.body))
    try:
        if is_mjml(kept.source):
            html = mjml_to_html(kept.source)
        elif send.kind == Send.Kind.LETTER:
            html = markdown_to_html(kept.source)
        else:
            html = styles_inlined(kept.source)
    except (OSError, ValueError) as error:
        raise CompileError(_("The content is not valid MJML: %(error)s.") % {"error": error}) from error
    if variant.preheader and "<body" in html:
        html = _with_preheader(html, kept.protect(variant.preheader))
    # The text part names every link by itself: it is made before the HTML's addresses are numbered.
    text = kept.protect(_addressed(variant.text)) if variant.text else html_to_text(html)
    html = links_rewritten(html, lambda address: links.of(kept, address, is_html=True))
    text = addresses_rewritten(text, lambda address: links.of(kept, address, is_html=False))
    html, text = kept.restore(html), kept.restore(text)
    if not any(way_out in html for way_out in UNSUBSCRIBE_LINKS):
        html = _with_footer(html, footers[0])
    if not any(way_out in text for way_out in UNSUBSCRIBE_LINKS):
        text = f"{text.rstrip()}\n\n-- \n{footers[1]}\n"
    if send.is_tracked and not links.direct:
        pixel = f'<img src="{settings.BASE_URL}/o/{{{{ _o }}}}" width="1" height="1" alt="" style="display:block">'
        html = _with_footer(html, pixel)
    return html, text


def _addressed(source: str) -> str:
    """The addresses every contact has, as merge tags the engine fills in."""
    source = VIEW.sub(f"{settings.BASE_URL}/view/{{{{ _u }}}}", source)
    source = UNSUBSCRIBE.sub(f"{settings.BASE_URL}/u/{{{{ _u }}}}", source)
    return PREFERENCES.sub(f"{settings.BASE_URL}/preferences/{{{{ _u }}}}", source)


def _with_footer(html: str, footer: str) -> str:
    place = html.lower().rfind("</body>")
    return html + footer if place < 0 else html[:place] + footer + html[place:]


def _with_preheader(html: str, words: str) -> str:
    start = html.index("<body")
    place = html.index(">", start) + 1
    hidden = f'<div style="display:none;max-height:0;overflow:hidden">{words}</div>'
    return html[:place] + hidden + html[place:]


def _footers(brand: Brand) -> tuple[str, str]:
    """The visible way out, in the contact's language where we speak it: as HTML and as text."""
    company = Company.get()
    html, text = {}, {}
    postal = " · ".join(part for part in (brand.called, company.postal_address) if part)
    leave, choose = f"{settings.BASE_URL}/u/{{{{ _u }}}}", f"{settings.BASE_URL}/preferences/{{{{ _u }}}}"
    for language in ("en", "es"):
        with override(language):
            html[language] = (
                f'<a href="{leave}" style="color:#6b7280">{_("Unsubscribe")}</a> · '
                f'<a href="{choose}" style="color:#6b7280">{_("Choose what you receive")}</a>'
            )
            text[language] = f"{_('Unsubscribe')}: {leave}\n{_('Choose what you receive')}: {choose}"
    default = "es" if company.language == "es" else "en"
    by_language = '{{% if contact.language|default("{d}") == "es" %}}{es}{{% else %}}{en}{{% endif %}}'
    return (
        '<div style="padding:16px;text-align:center;font-family:sans-serif;font-size:12px;color:#6b7280">'
        f"{_escaped(postal)}<br>{by_language.format(d=default, **html)}</div>",
        f"{_unmerged(postal)}\n{by_language.format(d=default, **text)}",
    )


def _escaped(words: str) -> str:
    return _unmerged(words).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _unmerged(words: str) -> str:
    return words.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")


class _Links:
    """The links of an arm as they are found: each address once, numbered over all arms of the send."""

    def __init__(self, send: Send, variant: Variant, first: int, direct: bool, is_test: bool) -> None:
        self.send, self.next, self.direct, self.is_test = send, first, direct, is_test
        self.tags = utm_of(send, variant)
        self.found: dict[int, str] = {}
        self.positions: dict[str, int] = {}

    def of(self, kept: Protected, address: str, *, is_html: bool) -> str:
        """What stands in the mail for `address` (whose merge tags are stand-ins)."""
        url = kept.restore(address)
        if not url.lower().startswith(("http://", "https://")):
            if MERGE_TAG.match(url):
                raise CompileError(
                    _("The link “%(url)s” must begin with a fixed site, such as https://shop.example/.")
                    % {"url": url[:80]},
                    code="link_site_not_fixed",
                )
            return address
        if url.startswith(tuple(f"{settings.BASE_URL}/{page}/" for page in ("u", "preferences", "view"))):
            return address
        if not SITE.match(url):
            raise CompileError(
                _("The link “%(url)s” must begin with a fixed site, such as https://shop.example/.")
                % {"url": url[:80]},
                code="link_site_not_fixed",
            )
        url = kept.restore(tagged(address, self.tags), _encoded)
        # In privacy mode an address that is filled in for each would identify them: it leads straight there.
        is_counted = self.send.is_tracked or not MERGE_TAG.search(url)
        if is_counted and url not in self.positions:
            self.positions[url] = self.next
            self.found[self.next] = url
            self.next += 1
        if self.direct or not is_counted:
            return kept.protect(url)
        position = self.positions[url]
        if self.send.is_tracked or self.is_test:
            return kept.protect(f"{settings.BASE_URL}/c/{{{{ _{position} }}}}")
        return f"{settings.BASE_URL}/c/{token_make('click', self.send.pk, NOBODY, position)}"


def _encoded(tag: str) -> str:
    """A merge tag inside an address, its value encoded for one."""
    match = re.fullmatch(r"{{-?(.*?)-?}}", tag, re.DOTALL)
    return f"{{{{ ({match[1].strip()})|urlencode }}}}" if match else tag
