"""Web-analytics tags: what an address keeps, what an empty tag becomes, and where they are set and shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.people.models import User
from accounts.tokens.services import token_create
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.campaigns.utm_preview import links_as_they_leave
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.compile import compile_variant
from delivery.engine.preview import preview
from delivery.senders.tests.factories import identity_make
from delivery.sends.utm import UTM_DEFAULT, tagged, utm_of
from marketing.segments.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
TAGS = {"utm_source": "cauce", "utm_campaign": "tea & more"}
SignedIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://s.example", "https://s.example?utm_source=cauce&utm_campaign=tea%20%26%20more"),
        ("https://s.example/p/", "https://s.example/p/?utm_source=cauce&utm_campaign=tea%20%26%20more"),
        ("https://s.example/?", "https://s.example/?utm_source=cauce&utm_campaign=tea%20%26%20more"),
        ("https://s.example/?a=1&b=", "https://s.example/?a=1&b=&utm_source=cauce&utm_campaign=tea%20%26%20more"),
        ("https://s.example/#t?x", "https://s.example/?utm_source=cauce&utm_campaign=tea%20%26%20more#t?x"),
        ("https://s.example/?UTM_Source=me#t", "https://s.example/?UTM_Source=me&utm_campaign=tea%20%26%20more#t"),
        ("https://s.example/utm_source", "https://s.example/utm_source?utm_source=cauce&utm_campaign=tea%20%26%20more"),
        ("https://s.example/?utm=off#t", "https://s.example/#t"),
        ("https://s.example/?a=1&utm=off&b=2", "https://s.example/?a=1&b=2"),
        (
            "https://s.example/?utm=office",
            "https://s.example/?utm=office&utm_source=cauce&utm_campaign=tea%20%26%20more",
        ),
    ],
)
def test_an_address_keeps_what_it_has(address: str, expected: str) -> None:
    assert tagged(address, TAGS) == expected


def test_without_tags_only_the_mark_goes() -> None:
    assert tagged("https://s.example/?a=1&utm=off", {}) == "https://s.example/?a=1"
    assert tagged("https://s.example/?a=1#x", {}) == "https://s.example/?a=1#x"


def test_empty_tags_take_their_default_and_the_variant_is_the_content(director: User) -> None:
    campaign = campaign_make(director)
    send, (a, b) = campaign.send, campaign.send.variants.all()
    assert utm_of(send, a) == {
        "utm_source": "cauce", "utm_medium": "email", "utm_campaign": "spring-tea", "utm_content": "A",
    }  # fmt: skip
    assert utm_of(send, b)["utm_content"] == "B"
    send.utm = UTM_DEFAULT | {"source": "news", "term": "tea", "content": "top"}
    assert utm_of(send, a) == {
        "utm_source": "news", "utm_medium": "email", "utm_campaign": "spring-tea", "utm_term": "tea",
        "utm_content": "top",
    }  # fmt: skip
    send.utm = {}
    assert utm_of(send, a) == {}


def test_merge_fields_in_an_address_are_no_parameters_of_it(director: User) -> None:
    campaign = campaign_make(director)
    arm = campaign.send.variants.first()
    assert arm
    arm.body = """<p><a href='https://s.example/{{ contact.city|default("a?b#c&amp;utm_source=x") }}/#t'>x</a></p>"""
    (url,) = compile_variant(arm, campaign.send).links.values()
    assert url.startswith("https://s.example/{{ (contact.city|default(")
    assert url.endswith(")|urlencode }}/?utm_source=cauce&utm_medium=email&utm_campaign=spring-tea&utm_content=A#t")


def test_the_preview_and_the_step_show_the_links_as_they_leave(director: User, signed_in: SignedIn) -> None:
    campaign = campaign_make(director)
    arm = campaign.send.variants.first()
    assert arm
    tags = "utm_source=cauce&utm_medium=email&utm_campaign=spring-tea&utm_content"
    assert f"https://shop.example/tea?{tags}=A" in preview(arm, ContactFactory.build())[2]
    assert [(link.url, link.labels) for link in links_as_they_leave(campaign.send)] == [
        (f"https://shop.example/tea?{tags}=A", ("A",)), (f"https://shop.example/tea?{tags}=B", ("B",)),
    ]  # fmt: skip
    page = signed_in(director).get(f"/campaigns/{campaign.public_id}/create/")
    assert b"utm_campaign=spring-tea&amp;utm_content=A" in page.content


def test_the_step_sets_and_ends_tags(director: User, signed_in: SignedIn) -> None:
    campaign, client = campaign_make(director), signed_in(director)
    url, given = f"/campaigns/{campaign.public_id}/create/", {"identity": identity_make().pk, "is_tracked": "on"}
    client.post(url, {**given, "has_utm": "on", "utm_source": " news ", "utm_campaign": "Té de abril"})
    utm = Campaign.objects.get().send.utm
    assert utm == {"source": "news", "medium": "", "campaign": "Té de abril", "term": "", "content": ""}
    refused = client.post(url, {**given, "has_utm": "on", "utm_term": "{{ contact.email }}"})
    assert b"Merge fields do not work here" in refused.content
    assert Campaign.objects.get().send.utm == utm
    client.post(url, given)
    assert Campaign.objects.get().send.utm == {}


def test_a_program_sets_tracking_and_tags(director: User, client: Client) -> None:
    identity_make()
    codes = ["campaigns:read", "campaigns:write"]
    _token, key = token_create(user=director, name="t", scope_codes=codes, expires_at=None, actor=director)
    signed = {"Authorization": f"Bearer {key}"}
    given = {"name": "By a program", "segment": SegmentFactory.create().public_id}

    def made(**more: Any) -> Any:
        return client.post("/api/v1/campaigns/", {**given, **more}, content_type="application/json", headers=signed)

    shown = made().json()
    assert (shown["tracking"], shown["utm"]["utm_campaign"]) == ("person", "by-a-program")
    shown = made(tracking="variant", utm={"source": "news"}).json()
    assert (shown["tracking"], shown["utm"]["utm_source"], shown["utm"]["utm_medium"]) == ("variant", "news", "email")
    assert made(utm=None).json()["utm"] == {}
    assert made(utm={"source": "{{ contact.email }}"}).status_code == 400
    assert made(tracking="nobody").status_code == 400
    assert Campaign.objects.count() == 3
