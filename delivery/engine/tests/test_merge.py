"""The bytes of a message: parsed back strictly, whatever people are called and whatever authors write."""

import email
import re
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.company.models import Company
from core.errors import TransportError
from crm.brands.models import Brand
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.compile import CompiledVariant, CompileError, compile_variant
from delivery.engine.markup import mjml_to_html
from delivery.engine.merge import Merger
from delivery.engine.preview import preview
from delivery.engine.tokens import NOBODY, Recipient, token_read
from delivery.sends.models import Send, Variant
from delivery.sends.tests.factories import SendFactory, VariantFactory

pytestmark = pytest.mark.django_db

BODY = """<mjml><mj-body>
{% if contact.city == "Lima" %}
<mj-section><mj-column><mj-text>Only in Lima</mj-text></mj-column></mj-section>
{% endif %}
<mj-section><mj-column>
<mj-text>Dear {{ contact.first_name|default("friend") }} &amp; co</mj-text>
<mj-button href="https://shop.example/p?a=1&amp;c={{ contact.public_id }}#top">Go</mj-button>
<mj-text><a href="{{ unsubscribe_url }}">Leave</a> <a href="mailto:x@shop.example">Write</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def parsed(
    compiled: CompiledVariant, *, eight_bit: bool = True, address: str = "ada@example.com", **values: str
) -> EmailMessage:
    row = tuple(values.get(name) for name in compiled.fields)
    body = Merger(compiled, eight_bit=eight_bit).merge(7, address, row).body
    lines = body.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert not any(re.match(rb"\.(?!\.)", line) for line in lines)
    message = email.message_from_bytes(body.replace(b"\r\n..", b"\r\n."), policy=policy.strict)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body(preferencelist=(kind,))
    assert found is not None
    return str(found.get_content())


def arm(**fields: object) -> Variant:
    return VariantFactory.create(**{"body": BODY, "subject": "Hi {{ contact.first_name }}", **fields})


def test_the_parts_and_headers_a_bulk_mail_needs() -> None:
    variant = arm(send__utm={"source": "cauce"})
    compiled = compile_variant(variant, variant.send)
    message = parsed(compiled, first_name="Ada", name="Ada Example", city="Lima", public_id="a b")
    assert message["Subject"] == "Hi Ada"
    assert message["To"] == "Ada Example <ada@example.com>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Feedback-ID"] == f"A:{variant.send.public_id}:campaign:cauce"
    assert message["Message-ID"] == parsed(compiled, first_name="Other")["Message-ID"]
    html, text = part(message, "html"), part(message, "plain")
    assert "Dear Ada &amp; co" in html
    assert "Only in Lima" in html
    assert "Dear Ada & co" in text
    leave = re.search(r"/u/([\w-]+)>", message["List-Unsubscribe"])
    assert leave
    assert token_read("unsub", leave[1]) == Recipient(variant.send_id, 7)
    assert f"/u/{leave[1]}" in html
    assert f"/u/{leave[1]}" in text
    click = re.search(r"/c/([\w-]+)", html)
    assert click
    assert token_read("click", click[1]) == Recipient(variant.send_id, 7, 1)
    assert f"/c/{click[1]}" in text
    assert compiled.links == {
        1: "https://shop.example/p?a=1&c={{ (contact.public_id)|urlencode }}"
        f"&utm_source=cauce&utm_medium=email&utm_campaign={variant.send.public_id}&utm_content=A#top"
    }
    assert CompiledVariant.load(compiled.dump()) == compiled


def test_privacy_mode_has_no_pixel_and_links_without_a_recipient() -> None:
    body = (
        '<p><a href="https://shop.example/all">All</a> <a href="https://shop.example/?c={{ contact.city }}">Me</a></p>'
    )
    variant = arm(send__is_tracked=False, body=body)
    compiled = compile_variant(variant, variant.send)
    html = part(parsed(compiled, city="La Paz"), "html")
    assert "/o/" not in html
    (token,) = re.findall(r"/c/([\w-]+)", html)
    assert token_read("click", token) == Recipient(variant.send_id, NOBODY, 1)
    assert token in part(parsed(compiled, city="Lima"), "html")
    assert compiled.links == {1: "https://shop.example/all"}
    assert 'href="https://shop.example/?c=La%20Paz"' in html


def test_empty_fields_take_their_default_and_conditions_see_them_empty() -> None:
    variant = arm()
    message = parsed(compile_variant(variant, variant.send))
    assert "Dear friend" in part(message, "html")
    assert "Only in Lima" not in part(message, "html")
    assert message["To"] == "ada@example.com"


@pytest.mark.parametrize("eight_bit", [True, False])
def test_names_cannot_add_headers_or_markup(eight_bit: bool) -> None:
    variant = arm()
    nasty = 'Añ"a\r\nBcc: all@example.com\r\n\r\n<script>'
    message = parsed(compile_variant(variant, variant.send), eight_bit=eight_bit, first_name=nasty, name=nasty)
    assert message["Bcc"] is None
    assert str(message["Subject"]).split() == ["Hi", *nasty.split()]
    assert "<script>" not in part(message, "html")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(max_size=120),
    subject=st.text(max_size=200).filter(lambda text: "{" not in text),
    words=st.text(max_size=1500).filter(lambda text: not re.search(r"[{<&\x00-\x1f\x7f-\x9f]", text)),
    eight_bit=st.booleans(),
)
def test_any_name_subject_and_words_survive(name: str, subject: str, words: str, eight_bit: bool) -> None:
    variant = Variant(
        pk=1, label="A", subject=subject, body=f"<mjml><mj-body><mj-section><mj-column><mj-text>{words}</mj-text>"
        "</mj-column></mj-section></mj-body></mjml>", text=f"{words}\n.\n..x {{{{ contact.name }}}}",
    )  # fmt: skip
    send = SendFactory.build(pk=1, identity__brand__pk=1, topic=None, is_tracked=True, public_id="abc")
    message = parsed(compile_variant(variant, send), eight_bit=eight_bit, name=name)
    assert part(message, "plain").splitlines().count("..x " + " ".join(name.split())) <= 1
    assert "\n.\n" in part(message, "plain").replace("\r\n", "\n")


@pytest.mark.parametrize("words", ["Ver más>", "👉> aquí", "ù@𤘈\U000f94a8>", '<b title="á>b">sí</b>> no'])
def test_an_arrow_behind_an_accent_is_carried(words: str) -> None:
    """mrml's parser ends in a panic there."""
    head = "<mjml><mj-head><mj-style>div > p.más>a { color: red }</mj-style></mj-head><mj-body><mj-section><mj-column>"
    tail = "<!-- más> --></mj-column></mj-section></mj-body></mjml>"
    html = mjml_to_html(f"{head}<mj-text>{words}</mj-text>{tail}")
    assert re.sub(r"<b.*?\">|</b>", "", words).replace(">", "&gt;") in re.sub(r"<b .*?\">|</b>", "", html)
    assert "div > p.más>a" in html


def test_what_makes_the_parser_panic_is_a_fault_of_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.engine.markup.NO_TEXT_OR_MORE", re.compile(r"(never)"))
    variant = arm(
        body="<mjml><mj-body><mj-section><mj-column><mj-text>más></mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    with pytest.raises(CompileError) as refused:
        compile_variant(variant, variant.send)
    assert refused.value.code == "content_broken"


def test_long_values_and_dot_lines_are_carried() -> None:
    variant = arm(text=".hidden\n..\n{{ contact.looking_for }}\nend")
    message = parsed(compile_variant(variant, variant.send), looking_for="ñ" * 2000)
    text = part(message, "plain").replace("\r\n", "\n")
    assert text.startswith(".hidden\n..\n" + "ñ" * 2000 + "\nend")


@pytest.mark.parametrize(
    ("field", "source", "code", "line"),
    [
        ("subject", "Hi {{ contact.first_name", "merge_tag_broken", 1),
        ("text", "a\nb\n{% if x %}", "merge_tag_broken", 3),
        ("text", "a\n{{ contact.password }}", "merge_field_unknown", 2),
        ("body", "<mjml><mj-body><mj-section></mj-body></mjml>", "content_broken", None),
        ("body", '<mjml><mj-body><mj-section><mj-column><mj-text><a href="https://{{ contact.city }}/">x</a>'
         "</mj-text></mj-column></mj-section></mj-body></mjml>", "link_site_not_fixed", None),
    ],
)  # fmt: skip
def test_broken_content_is_reported_with_its_line(field: str, source: str, code: str, line: int | None) -> None:
    variant = arm(**{field: source})
    with pytest.raises(CompileError) as refused:
        compile_variant(variant, variant.send)
    assert (refused.value.code, refused.value.line) == (code, line)


@pytest.mark.parametrize(
    "source",
    ["{% include 'x' %}", "{{ debug() }}", "{% for a in range(999) %}x{% endfor %}", "{{ contact.name|safe }}",
     "{% for a in 'xxxxxxxxxx'|list %}{% for b in 'xxxxxxxxxx'|list %}{% for c in 'xxxxxxxxxx'|list %}"
     "{% for d in 'xxxxxxxxxx'|list %}{% for e in 'xxxxxxxxxx'|list %}{{ a }}{% endfor %}{% endfor %}{% endfor %}"
     "{% endfor %}{% endfor %}"],
)  # fmt: skip
def test_the_sandbox_holds(source: str) -> None:
    variant = arm(text=source)
    with pytest.raises((CompileError, TransportError), match=r"(?i)unknown|fuel|template not found|broken"):
        parsed(compile_variant(variant, variant.send))


def test_a_letter_is_plain_and_personal() -> None:
    variant = arm(send__kind=Send.Kind.LETTER, body="Dear **{{ contact.first_name }}**,\n\n- one\n- <b>two</b>\n")
    html = part(parsed(compile_variant(variant, variant.send), first_name="Ada"), "html")
    assert "Dear <strong>Ada</strong>," in html
    assert "&lt;b&gt;two" in html


def test_preview_shows_a_contact_the_mail_with_plain_links() -> None:
    variant = arm()
    subject, html, text = preview(variant, ContactFactory.create(first_name="Ada", city="Lima"))
    assert subject == "Hi Ada"
    assert "Only in Lima" in html
    assert "https://shop.example/p?a=1" in text
    assert variant.send.is_tracked


def test_a_brand_without_a_name_of_its_own_signs_as_the_company() -> None:
    Company.objects.update_or_create(pk=1, defaults={"name": "Shop & Sons", "website": "https://shop.example"})
    brand, _ = Brand.objects.get_or_create(name="")
    variant = arm(send__identity__brand=brand, body=BODY.replace("Dear", "{{ brand.name }} {{ brand.website }} Dear"))
    message = parsed(compile_variant(variant, variant.send))
    assert part(message, "plain").startswith("\r\n\r\nShop & Sons https://shop.example Dear")
