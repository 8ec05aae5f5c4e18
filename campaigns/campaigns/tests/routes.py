"""What the pages and API routes of campaigns promise to whom."""

from typing import Any

from django.utils import timezone

from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.tests.factories import letter_make
from delivery.senders.tests.factories import identity_make
from delivery.sends.queries import audience_preview
from delivery.sends.tests.factories import put, willing
from marketing.segments.tests.factories import SegmentFactory
from tests.matrix.registry import DESIGNERS, MARKETERS, OFFICE, Cast, Route

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


def identity(cast: Cast) -> dict[str, Any]:
    identity_make(name="Second")
    return {"pk": identity_make().pk}


def letter(cast: Cast) -> dict[str, Any]:
    return {"public_id": letter_make(cast.owner, willing(2, owner=cast.owner)).public_id}


def desk(cast: Cast) -> dict[str, Any]:
    """The write page needs a sender to begin a letter from."""
    identity_make()
    return {}


def content_body(cast: Cast) -> dict[str, Any]:
    from campaigns.content.services import Content

    variant = Campaign.objects.latest("pk").send.variants.get(label="A")
    return {"subject": "New", "body": "<mjml></mjml>", "started_from": Content.of(variant).mark}


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
    "api_campaign_list": Route(get=OFFICE, post=MARKETERS, body=api_body),
    "api_campaign_detail": Route(get=OFFICE, kwargs=draft),
    "api_campaign_cancel": Route(post=MARKETERS, kwargs=in_state("late", audience=None), body=lambda cast: {}),
    "api_campaign_launch": Route(post=MARKETERS, kwargs=draft, body=lambda cast: {}),
}
