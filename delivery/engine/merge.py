"""Merging: a compiled arm and one contact give the bytes a mail server gets."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from minijinja import TemplateError

from core.errors import TransportError
from crm.contacts.models import Contact
from delivery.domains.dkim import Signer
from delivery.engine.compile import CompiledVariant, environment
from delivery.engine.fast_render import Layout, Node, Slot, UnsupportedTemplate, nodes_of
from delivery.engine.fields import FIELDS, clean, contact_values
from delivery.engine.mime import dot_stuffed, has_long_line, header_text, mail_date, mailbox, one_line, quoted_printable
from delivery.engine.tokens import RecipientTokens, Tokens, bounce_token_make, mailto_token_make
from delivery.transports.message import Message


class Merger:
    """The merge program of one arm in one worker: templates parsed once, headers joined once."""

    def __init__(
        self,
        compiled: CompiledVariant,
        *,
        eight_bit: bool = True,
        now: datetime | None = None,
        signer: Signer | None = None,
    ) -> None:
        self.compiled = compiled
        self.signer = signer
        self.eight_bit = eight_bit
        self.env = environment()
        self.env.add_template("subject.txt", compiled.subject)
        self.env.add_template("text.txt", compiled.text)
        self.env.add_template("body.html", compiled.html)
        for name, value in compiled.context.items():
            self.env.add_global(name, value)
        self.subject = None if "{{" in compiled.subject or "{%" in compiled.subject else header_text(compiled.subject)
        self.bounces_to, _at, self.bounce_domain = compiled.bounce_address.rpartition("@")
        self.links = [f"_{position}" for position in sorted(compiled.links)]
        self.tokens = RecipientTokens(compiled.send_id, links=compiled.links)
        self._heads(now or timezone.now())

    def _heads(self, now: datetime) -> None:
        compiled, boundary = self.compiled, self.compiled.boundary
        head = [f"From: {compiled.sender}", f"Date: {mail_date(now)}"]
        if compiled.reply:
            head.append(f"Reply-To: <{compiled.reply}>")
        head += [
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            f"Feedback-ID: {compiled.feedback_id}",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
        ]
        self.head = "\r\n".join(head) + "\r\n"
        self.leave = f"List-Unsubscribe: <{settings.BASE_URL}/u/"
        user, _at, place = compiled.leave_address.rpartition("@")
        # The way with one click first; programs that know no other write a mail.
        self.write = (f">,\r\n <mailto:{user}+u", f"@{place}?subject=unsubscribe") if user else None
        self.part = {
            kind: {
                coding: (
                    f"\r\n--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
                    f"Content-Transfer-Encoding: {coding}\r\n\r\n"
                ).encode()
                for coding in ("8bit", "quoted-printable")
            }
            for kind in ("plain", "html")
        }
        self.end = f"\r\n--{boundary}--\r\n".encode()
        self.domain = compiled.domain
        self.subject_layout, self.layout = self._layouts()

    def _layouts(self) -> tuple[Layout | None, Layout | None]:
        """The fast way, for the subject and for the whole message; None where content is more than it understands."""
        compiled = self.compiled
        try:
            subject = None
            if self.subject is None:
                subject = Layout(nodes_of(compiled.subject, compiled.context, is_html=False), ())
            nodes: list[Node] = [
                b"To: ", Slot("to"), b"\r\nSubject: ", Slot("subject"), b"\r\nMessage-ID: ", Slot("id"),
                f"{self.domain}>\r\n{self.leave}".encode(), Slot("_u"), *self._written(), f">\r\n{self.head}".encode(),
                self.part["plain"]["8bit"], *nodes_of(compiled.text, compiled.context, is_html=False),
                self.part["html"]["8bit"], *nodes_of(compiled.html, compiled.context, is_html=True), self.end,
            ]  # fmt: skip
            return subject, Layout(nodes, ("to", "subject", "id", "_u", "_o", "_m", *self.links))
        except UnsupportedTemplate:
            return None, None

    def _written(self) -> list[Node]:
        """The address for leaving by mail, where there is one."""
        return [self.write[0].encode(), Slot("_m"), self.write[1].encode()] if self.write else []

    def _by_mail(self, contact_id: int) -> str:
        """The token in that address."""
        return mailto_token_make(self.compiled.send_id, contact_id) if self.write else ""

    def merge(self, contact_id: int, address: str, row: tuple[Any, ...]) -> Message:
        """`row` holds the values of `compiled.fields` in order. Raises TransportError (permanent) when the content
        cannot be merged for this contact."""
        values = contact_values(self.compiled.fields, row)
        tokens, by_mail = self.tokens.of(contact_id), self._by_mail(contact_id)
        body = self._laid_out(values, address, tokens, by_mail) if self.eight_bit and self.signer is None else None
        if body is None:
            body = self._rendered(values, address, tokens, by_mail)
        return Message(contact_id, self._envelope_sender(contact_id), address, body)

    def _laid_out(self, values: dict[str, Any], address: str, tokens: Tokens, by_mail: str = "") -> bytes | None:
        """The message the fast way; None when it is not for this content or these values."""
        if self.layout is None:
            return None
        subject = self.subject
        if self.subject_layout is not None:
            words = self.subject_layout.fill(values, [])
            subject = None if words is None else header_text(words.decode())
        if subject is None:
            return None
        to = mailbox(values.get("name", ""), address)
        leave, opening, message_id, clicks = tokens
        head = [to.encode(), subject.encode(), message_id, leave, opening, by_mail.encode()]
        return self.layout.fill(values, [*head, *clicks])

    def _rendered(self, values: dict[str, Any], address: str, tokens: Tokens, by_mail: str = "") -> bytes:
        """The message by the template engine."""
        leave, message_id = tokens.leave.decode(), tokens.id_start.decode()
        context: dict[str, Any] = {"contact": values, **self._in_links(tokens)}
        try:
            render = self.env.render_template
            subject = self.subject if self.subject is not None else header_text(render("subject.txt", **context))
            text = render("text.txt", **context)
            html = render("body.html", **context)
        except TemplateError as error:
            raise TransportError(str(error).split("\n", 1)[0], permanent=True) from error
        written = by_mail.join(self.write) if self.write else ""
        head = (
            f"To: {mailbox(str(values.get('name', '')), address)}\r\nSubject: {subject}\r\n"
            f"Message-ID: {message_id}{self.domain}>\r\n"
            f"{self.leave}{leave}{written}>\r\n{self.head}"
        )
        body = b"".join(
            (
                head.encode(),
                *self._part("plain", text),
                *self._part("html", html),
                self.end,
            )
        )
        if self.signer is not None:
            body = self.signer.signed(body)
        return dot_stuffed(body)

    def _in_links(self, tokens: Tokens) -> dict[str, str]:
        """The tokens as the templates name them."""
        named = {"_u": tokens.leave, "_o": tokens.opening, **dict(zip(self.links, tokens.clicks, strict=True))}
        return {name: token.decode() for name, token in named.items()}

    def _envelope_sender(self, contact_id: int) -> str:
        """Where undeliverable mail returns to: an address that names the recipient, where the sender has one."""
        if not self.bounces_to:
            return self.compiled.sender_address
        return f"{self.bounces_to}+{bounce_token_make(self.compiled.send_id, contact_id)}@{self.bounce_domain}"

    def _part(self, kind: str, words: str) -> tuple[bytes, bytes]:
        """A part with its header: as it is where the server and the lines allow, else quoted-printable. What is signed
        must not be recoded by a server on the way (RFC 6376, 5.3)."""
        body = words.encode("utf-8", "replace")
        if ((self.eight_bit and self.signer is None) or words.isascii()) and not has_long_line(body):
            return self.part[kind]["8bit"], body
        return self.part[kind]["quoted-printable"], quoted_printable(body)

    def read(self, contact: Contact) -> tuple[str, str, str]:
        """Subject, HTML and text for one contact, for a screen."""
        context = {"contact": _known_of(contact), "_u": "preview"}
        return (
            one_line(self.env.render_template("subject.txt", **context)),
            self.env.render_template("body.html", **context),
            self.env.render_template("text.txt", **context).replace("\r\n", "\n"),
        )

    def page(self, contact: Contact) -> tuple[str, str]:
        """Subject and HTML as this contact got them, the links theirs: for the page that shows a mail on the web."""
        tokens = self.tokens.of(contact.pk)
        context: dict[str, Any] = {"contact": _known_of(contact), **self._in_links(tokens)}
        subject = one_line(self.env.render_template("subject.txt", **context))
        return subject, self.env.render_template("body.html", **context)


def _known_of(contact: Contact) -> dict[str, Any]:
    """What is known of a contact, for a screen; what is empty is absent."""
    values = {
        name: clean(getattr(contact, name)) for name in FIELDS if getattr(contact, name, None) not in (None, "", [], {})
    }
    values["name"] = one_line(f"{contact.first_name} {contact.last_name}".strip())
    return values


def merge(compiled: CompiledVariant, contact_id: int, address: str, row: tuple[Any, ...]) -> bytes:
    """The bytes of one message; a worker keeps a `Merger` instead."""
    return Merger(compiled).merge(contact_id, address, row).body


def merge_failure(error: TemplateError) -> str:
    """Why content could not be filled in, as a sentence for its author."""
    reason = str(error).split("\n", 1)[0].partition(" (in ")[0]
    return _("The merge fields cannot be filled in for a contact: %(reason)s.") % {"reason": reason}
