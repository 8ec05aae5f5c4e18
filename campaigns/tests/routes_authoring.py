"""What the pages and API routes of campaigns, templates and letters promise to whom."""

from typing import Any

from django.utils import timezone

from campaigns.models.authoring import Campaign, EmailTemplate
from campaigns.models.providers import Provider
from campaigns.models.sends import Send
from campaigns.queries import audience_preview
from campaigns.services.domains import dkim_key_make, domain_ensure
from campaigns.tests.authoring_factories import campaign_make, identity_make, letter_make, put, willing
from crm.brands.tests.factories import BrandFactory
from marketing.segments.tests.factories import SegmentFactory
from tests.matrix.registry import (
    DESIGNERS,
    DIRECTORS,
    MARKETERS,
    OFFICE,
    OFFICE_AND_OWNER,
    OWNER,
    SALESPEOPLE,
    Cast,
    Route,
)

NOW = timezone.now


def draft(cast: Cast) -> dict[str, Any]:
    willing(2)
    return {"public_id": campaign_make(cast.marketer).public_id}


def audience() -> int:
    """How many the newest campaign reaches."""
    return audience_preview(send=Campaign.objects.latest("pk").send).recipients


def in_state(state: str, **fields: Any) -> Any:
    def kwargs(cast: Cast) -> dict[str, Any]:
        campaign = campaign_make(cast.marketer)
        put(campaign.send, state, **({"launched_at": NOW(), "audience": 0} | fields))
        return {"public_id": campaign.public_id}

    return kwargs


def arm(cast: Cast) -> dict[str, Any]:
    return {**draft(cast), "label": "B"}


def third_arm(cast: Cast) -> dict[str, Any]:
    campaign = campaign_make(cast.marketer)
    campaign.send.variants.create(label="C")
    return {"public_id": campaign.public_id, "label": "C"}


def template(cast: Cast) -> dict[str, Any]:
    made = EmailTemplate.objects.create(brand=BrandFactory.create(), name="Plain", body="<mjml></mjml>")
    return {"public_id": made.public_id}


def template_body(cast: Cast) -> dict[str, Any]:
    return {"name": "Other", "brand": BrandFactory.create().pk, "subject": "", "body": "<mjml></mjml>", "revision": "1"}


def identity(cast: Cast) -> dict[str, Any]:
    identity_make(name="Second")
    return {"pk": identity_make().pk}


def identity_body(cast: Cast) -> dict[str, Any]:
    return {
        "brand": BrandFactory.create().pk,
        "name": "News",
        "from_name": "News",
        "from_address": "news@company.example",
    }


def domain(cast: Cast) -> dict[str, Any]:
    identity_make()
    return {"pk": domain_ensure(address="shop@company.example").pk}


def named_domain(cast: Cast) -> dict[str, Any]:
    domain(cast)
    return {"name": "company.example"}


def key(cast: Cast) -> dict[str, Any]:
    made = dkim_key_make(domain=domain_ensure(address="shop@company.example"), algorithm="ed25519", actor=None)
    return {"pk": made.pk}


def provider(cast: Cast) -> dict[str, Any]:
    made = Provider.objects.filter(name="Relay").first() or Provider(name="Relay")
    made.url = "smtp://127.0.0.1:1"
    made.save()
    return {"pk": made.pk}


def public_provider(cast: Cast) -> dict[str, Any]:
    return {"public_id": Provider.objects.get(**provider(cast)).public_id}


def provider_body(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Other relay", "kind": "smtp", "host": "mail.example.com", "port": "587", "security": "starttls",
        "username": "me", "secret": "secret", "connections": "2",
    }  # fmt: skip


def letter(cast: Cast) -> dict[str, Any]:
    return {"public_id": letter_make(cast.owner, willing(2, owner=cast.owner)).public_id}


def desk(cast: Cast) -> dict[str, Any]:
    """The write page needs a sender to begin a letter from."""
    identity_make()
    return {}


def content_body(cast: Cast) -> dict[str, Any]:
    from campaigns.services.content import Content

    variant = Campaign.objects.latest("pk").send.variants.get(label="A")
    return {"subject": "New", "body": "<mjml></mjml>", "started_from": Content.of(variant).mark}


def stopped_letter(cast: Cast) -> dict[str, Any]:
    made = letter_make(cast.owner, willing(2, owner=cast.owner))
    put(made.send, Send.State.STOPPED, launched_at=NOW(), audience=0)
    return {"public_id": made.public_id}


def letter_body(cast: Cast) -> dict[str, Any]:
    from campaigns.services.content import Content

    variant = Send.objects.filter(kind="letter").latest("pk").variants.get(label="A")
    return {"subject": "New", "body": "Hello", "started_from": Content.of(variant).mark}


def chosen(cast: Cast) -> dict[str, Any]:
    return {"ids": draft(cast)["public_id"]}


def setup_body(cast: Cast) -> dict[str, Any]:
    return {"identity": identity_make().pk, "is_tracked": "on"}


def test_body(cast: Cast) -> dict[str, Any]:
    a, b = Campaign.objects.latest("pk").send.variants.all()
    return {"hypothesis": "x", "metric": "click", "horizon": "10", "horizon_days": "7",
            f"weight_{a.pk}": "60", f"weight_{b.pk}": "40"}  # fmt: skip


def offer_body(cast: Cast) -> dict[str, Any]:
    return {"A-offer": "Tea", "A-from_name": "", "A-delay_minutes": "0",
            "B-offer": "Coffee", "B-from_name": "", "B-delay_minutes": "0"}  # fmt: skip


def api_body(cast: Cast) -> dict[str, Any]:
    identity_make()
    return {"name": "By API", "segment": SegmentFactory.create().public_id}


ROUTES = {
    "email_overview": Route(get=OFFICE),
    "learning_list": Route(get=OFFICE),
    "letter_list": Route(get=OFFICE),
    "email_settings": Route(
        get=OFFICE,
        post=DIRECTORS,
        body=lambda cast: {"cap_messages": "2", "cap_days": "7", "late_start_minutes": "30"},
        changed=302,
    ),
    "deliverability": Route(get=OFFICE),
    "domain_detail": Route(
        get=OFFICE, post=DIRECTORS, kwargs=domain, body=lambda cast: {"provider_selectors": "s1"}, changed=302
    ),
    "warmup_update": Route(
        post=DIRECTORS,
        kwargs=domain,
        body=lambda cast: {"is_on": "on", "first": "100", "growth": "2", "goal": "1000", "opens_at": "8"},
        changed=302,
    ),
    "domain_check": Route(post=DIRECTORS, kwargs=domain, changed=302),
    "dkim_key_create": Route(post=DIRECTORS, kwargs=domain, body=lambda cast: {"algorithm": "ed25519"}, changed=302),
    "dkim_key_activate": Route(post=DIRECTORS, kwargs=key),
    "dkim_key_retire": Route(post=DIRECTORS, kwargs=key, changed=302),
    "email_retention": Route(
        post=DIRECTORS, body=lambda cast: {"keep_events_months": "13", "keep_ledger_months": ""}, changed=302
    ),
    "provider_list": Route(get=OFFICE),
    "provider_create": Route(get=DIRECTORS, post=DIRECTORS, body=provider_body, changed=302),
    "provider_update": Route(get=DIRECTORS, post=DIRECTORS, kwargs=provider, body=provider_body, changed=302),
    "provider_test": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_test_send": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_pause": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_resume": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_archive": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_restore": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "identity_create": Route(get=DIRECTORS, post=DIRECTORS, body=identity_body, changed=302),
    "identity_update": Route(get=DIRECTORS, post=DIRECTORS, kwargs=identity, body=identity_body, changed=302),
    "identity_archive": Route(post=DIRECTORS, kwargs=identity, changed=302),
    "identity_restore": Route(post=DIRECTORS, kwargs=identity, changed=302),
    "template_list": Route(get=OFFICE),
    "template_create": Route(get=DESIGNERS, post=DESIGNERS, body=template_body, changed=302),
    "template_update": Route(get=OFFICE, post=DESIGNERS, kwargs=template, body=template_body, changed=302),
    "template_preview": Route(get=OFFICE, kwargs=template),
    "starter_preview": Route(get=OFFICE, kwargs=lambda cast: {"use": "campaign", "code": "1-offer"}),
    "template_archive": Route(post=DESIGNERS, kwargs=template, changed=302),
    "template_restore": Route(post=DESIGNERS, kwargs=template, changed=302),
    "campaign_list": Route(get=OFFICE),
    "campaign_new": Route(
        get=MARKETERS,
        post=MARKETERS,
        kwargs=desk,
        body=lambda cast: {"name": "Tea", "segment": SegmentFactory.create().pk},
        changed=302,
    ),
    "campaign_bulk_archive": Route(post=MARKETERS, body=chosen, changed=302),
    "campaign_bulk_restore": Route(post=MARKETERS, body=chosen, changed=302),
    "campaign_detail": Route(get=OFFICE, kwargs=draft),
    "campaign_archive": Route(post=MARKETERS, kwargs=draft, changed=302),
    "campaign_restore": Route(post=MARKETERS, kwargs=draft, changed=302),
    "campaign_duplicate": Route(post=MARKETERS, kwargs=draft, changed=302),
    "campaign_plan": Route(
        get=OFFICE, post=MARKETERS, kwargs=draft, body=lambda cast: {"name": "Renamed"}, changed=302
    ),
    "campaign_create": Route(get=OFFICE, post=MARKETERS, kwargs=draft, body=setup_body, changed=302),
    "campaign_content": Route(get=OFFICE, post=DESIGNERS, kwargs=draft, body=content_body, changed=302),
    "campaign_readers": Route(get=OFFICE, kwargs=draft),
    "campaign_template_apply": Route(
        post=DESIGNERS, kwargs=draft, body=lambda cast: {"starter": "1-offer"}, changed=302
    ),
    "campaign_variant_add": Route(post=DESIGNERS, kwargs=draft, changed=302),
    "campaign_variant_remove": Route(post=DESIGNERS, kwargs=third_arm, changed=302),
    "campaign_variant_copy": Route(post=DESIGNERS, kwargs=arm, body=lambda cast: {"source": "A"}, changed=302),
    "campaign_preview": Route(get=OFFICE, kwargs=arm),
    "campaign_test_send": Route(
        post=DESIGNERS, kwargs=arm, body=lambda cast: {"addresses": "me@company.example"}, changed=302
    ),
    "campaign_trials": Route(get=OFFICE, kwargs=draft),
    "campaign_offer": Route(get=OFFICE, post=MARKETERS, kwargs=draft, body=offer_body, changed=302),
    "campaign_test": Route(get=OFFICE, post=MARKETERS, kwargs=draft, body=test_body, changed=302),
    "campaign_send": Route(get=OFFICE, kwargs=draft),
    "campaign_launch": Route(
        post=MARKETERS, kwargs=draft, body=lambda cast: {"when": "now", "expected": audience()}, changed=302
    ),
    "campaign_unschedule": Route(post=MARKETERS, kwargs=in_state("scheduled", audience=None), changed=302),
    "campaign_pause": Route(post=MARKETERS, kwargs=in_state("sending"), changed=302),
    "campaign_resume": Route(post=MARKETERS, kwargs=in_state("paused"), changed=302),
    "campaign_cancel": Route(post=MARKETERS, kwargs=in_state("sending"), changed=302),
    "campaign_retry_failed": Route(
        post=MARKETERS, kwargs=in_state("finished"), body=lambda cast: {"expected": "0"}, changed=302
    ),
    "campaign_resend_unknown": Route(
        post=MARKETERS, kwargs=in_state("finished"), body=lambda cast: {"expected": "0"}, changed=302
    ),
    "campaign_monitor": Route(get=OFFICE, kwargs=in_state("sending")),
    "campaign_progress": Route(get=OFFICE, kwargs=in_state("sending")),
    "campaign_ledger": Route(get=OFFICE, kwargs=in_state("finished")),
    "campaign_results_export": Route(get=OFFICE, kwargs=in_state("finished")),
    "campaign_optimise": Route(get=OFFICE, post=MARKETERS, kwargs=in_state("finished"), body=lambda cast: {}),
    "write": Route(get=SALESPEOPLE),
    "letter_create": Route(post=SALESPEOPLE, kwargs=desk, body=lambda cast: {"starter": "1-hello"}, changed=302),
    "letter_detail": Route(
        get=OFFICE_AND_OWNER, post=OWNER, kwargs=letter, body=letter_body, personal=True, changed=302
    ),
    "letter_recipients": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
    "letter_test": Route(
        post=OWNER, kwargs=letter, body=lambda cast: {"second_subject": "x"}, personal=True, changed=302
    ),
    "letter_preview": Route(get=OFFICE_AND_OWNER, kwargs=letter, personal=True),
    "letter_test_send": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
    "letter_trials": Route(get=OWNER, kwargs=letter, personal=True),
    "letter_launch": Route(post=OWNER, kwargs=letter, personal=True, body=lambda cast: {"expected": "2"}, changed=302),
    "letter_resume": Route(post=MARKETERS | OWNER, kwargs=stopped_letter, personal=True, changed=302),
    "letter_cancel": Route(post=MARKETERS | OWNER, kwargs=stopped_letter, personal=True, changed=302),
    "letter_retry_failed": Route(
        post=MARKETERS | OWNER, kwargs=stopped_letter, body=lambda cast: {"expected": "0"}, personal=True, changed=302
    ),
    "letter_resend_unknown": Route(
        post=MARKETERS | OWNER, kwargs=stopped_letter, body=lambda cast: {"expected": "0"}, personal=True, changed=302
    ),
    "letter_discard": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
    "api_domain_list": Route(get=OFFICE),
    "api_domain_detail": Route(get=OFFICE, kwargs=named_domain),
    "api_domain_check": Route(post=DIRECTORS, kwargs=named_domain, body=lambda cast: {}),
    "api_provider_list": Route(get=OFFICE),
    "api_provider_detail": Route(get=OFFICE, kwargs=public_provider),
    "api_provider_pause": Route(post=DIRECTORS, kwargs=public_provider, body=lambda cast: {}),
    "api_provider_resume": Route(post=DIRECTORS, kwargs=public_provider, body=lambda cast: {}),
    "api_campaign_list": Route(get=OFFICE, post=MARKETERS, body=api_body),
    "api_campaign_detail": Route(get=OFFICE, kwargs=draft),
    "api_campaign_cancel": Route(post=MARKETERS, kwargs=in_state("late", audience=None), body=lambda cast: {}),
    "api_campaign_launch": Route(post=MARKETERS, kwargs=draft, body=lambda cast: {}),
}
