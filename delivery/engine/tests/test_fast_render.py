"""The fast way to a message's bytes: what it makes is what the template engine makes, or it leaves it alone."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.engine.compile import CompiledVariant, compile_variant
from delivery.engine.fast_render import Layout, UnsupportedTemplate, nodes_of
from delivery.engine.fields import contact_values
from delivery.engine.merge import Merger
from delivery.sends.tests.factories import SendFactory, VariantFactory

pytestmark = pytest.mark.django_db

FIELDS = ("city", "first_name", "language", "name")
WORDS = st.text(max_size=40) | st.sampled_from(["", "Lima", "es", ".x", "a<b>&\"'/", "ñ", "😀" * 300])
PIECE = st.sampled_from(
    [
        "Dear ", "\r\n", ".", "\r\n.\r\n", "Ñandú & co ", "/", "<b>", "{{ contact.first_name }}", "{{contact.city}}",
        '{{ contact.first_name|default("friend") }}', "{{ contact.name | default('you') }}", "{{ _u }}", "{{ _1 }}",
        "{{ brand.name }}", '{% if contact.city == "Lima" %}in Lima{% endif %}',
        '{% if contact.language|default("en") == "es" %}.Hola{% else %}\r\n.Hello {{ contact.name }}{% endif %}',
        "{% if contact.first_name %}\r\n{{ contact.name }}{% if contact.city != \"Lima\" %}!{% endif %}{% endif %}",
    ]
)  # fmt: skip


def program(subject: str, text: str, html: str) -> CompiledVariant:
    return CompiledVariant(
        send_id=7, variant_id=1, subject=subject, html=html, text=text, sender="Shop <a@shop.example>",
        sender_address="a@shop.example", reply="", feedback_id="f", boundary="=_b", fields=FIELDS,
        links={1: "https://shop.example/"}, is_tracked=True, context={"brand": {"name": "Ñ & co"}, "offer": ""},
    )  # fmt: skip


def both_ways(merger: Merger, row: tuple[str, ...]) -> tuple[bytes | None, bytes]:
    values, tokens = contact_values(FIELDS, row), merger.tokens.of(9)
    return merger._laid_out(values, "b@example.com", tokens), merger._rendered(values, "b@example.com", tokens)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(PIECE, max_size=12),
    subject=st.lists(PIECE.filter(lambda piece: "\r" not in piece and "_" not in piece), max_size=4),
    row=st.tuples(WORDS, WORDS, WORDS, WORDS),
)
def test_it_makes_the_same_bytes_as_the_template_engine(
    pieces: list[str], subject: list[str], row: tuple[str, ...]
) -> None:
    source = "".join(pieces)
    merger = Merger(program("".join(subject), source, f"<p>{source}</p>"))
    assert merger.layout is not None
    fast, careful = both_ways(merger, row)
    assert fast in {None, careful}


def test_ordinary_content_takes_it_for_ordinary_people() -> None:
    variant = VariantFactory.create(subject="Hi {{ contact.first_name }}")
    compiled = compile_variant(variant, variant.send)
    row = tuple({"first_name": "Ada", "name": "Ada Example"}.get(name, "") for name in compiled.fields)
    merger = Merger(compiled)
    values, tokens = contact_values(compiled.fields, row), merger.tokens.of(9)
    fast = merger._laid_out(values, "b@example.com", tokens)
    assert fast == merger._rendered(values, "b@example.com", tokens)
    assert fast == merger.merge(9, "b@example.com", row).body


@pytest.mark.parametrize(
    "source",
    ["{% for taste in contact.tastes %}x{% endfor %}", "{{ contact.city|upper }}", "{{- contact.city }}",
     "{% if contact.city == '' %}x{% endif %}", "{{ contact.order_count }}", "{# note #}", "{% set a = 1 %}",
     "{% if not contact.city %}x{% endif %}", "{% if contact.city == \"Lima\" and contact.name %}x{% endif %}",
     "{% if contact.city %}a{% elif contact.name %}b{% endif %}", "{{ brand.unknown }}", "{{ _9"],
)  # fmt: skip
def test_what_it_does_not_understand_it_leaves_to_the_template_engine(source: str) -> None:
    with pytest.raises(UnsupportedTemplate):
        nodes_of(source, {"brand": {"name": "B"}}, is_html=False)


def test_a_token_nobody_gives_is_too_much() -> None:
    with pytest.raises(UnsupportedTemplate):
        Layout(nodes_of("{{ _4 }}", {}, is_html=False), ("_u",))


def test_long_and_dotted_values_go_the_careful_way() -> None:
    merger = Merger(program("Hi", "{{ contact.city }}\r\n{{ contact.name }}", "<p></p>"))
    assert both_ways(merger, (".hidden", "", "", ""))[0] is None
    assert both_ways(merger, ("x" * 999, "", "", ""))[0] is None
    assert both_ways(merger, ("x" * 400, "", "", "y"))[0] is not None


def test_a_server_without_eight_bits_gets_none_of_it() -> None:
    merger = Merger(replace(program("Hi", "Ñ", "<p>Ñ</p>"), send_id=SendFactory.create().pk), eight_bit=False)
    assert b"quoted-printable" in merger.merge(9, "b@example.com", ("", "", "", "")).body
