"""Campaigns: what is planned, from whom it comes, what is kept of it afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.experiments.models import Experiment
from core.errors import Conflict
from crm.channels.models import Channel
from crm.consent.models import ConsentTopic
from delivery.senders.models import SendingIdentity
from delivery.senders.services import identity_default
from delivery.sends.models import Send, Variant
from delivery.sends.services import require_editable
from delivery.sends.states import AT_REST
from delivery.sends.utm import UTM_DEFAULT
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment

EMAIL_CHANNEL = "email"


@dataclass(frozen=True)
class SendSetup:
    """From whom and how a campaign is sent."""

    identity: SendingIdentity
    reply_address: str
    topic: ConsentTopic | None
    is_tracked: bool
    utm: dict[str, str]
    per_second: int | None


@transaction.atomic
def campaign_create(
    *,
    name: str,
    actor: User,
    objective: str = "",
    segment: Segment | None = None,
    proposition_version: PropositionVersion | None = None,
    is_tracked: bool = True,
    utm: dict[str, str] | None = UTM_DEFAULT,
) -> Campaign:
    """A draft with two arms and an open test, since no campaign is sent without one. `utm` None: no analytics tags.

    Raises DomainError `identity_missing`.
    """
    send = Send.objects.create(
        kind=Send.Kind.CAMPAIGN,
        identity=identity_default(),
        topic=ConsentTopic.objects.filter(archived_at=None).order_by("-is_default", "pk").first(),
        is_tracked=is_tracked,
        utm=utm or {},
        created_by=actor,
    )
    Variant.objects.bulk_create([Variant(send=send, label=label) for label in ("A", "B")])
    Experiment.objects.create(send=send)
    campaign = Campaign.objects.create(
        name=name,
        objective=objective,
        segment=segment,
        proposition_version=proposition_version,
        channel=Channel.objects.filter(code=EMAIL_CHANNEL).first(),
        send=send,
    )
    audit_record(actor=actor, action="campaign_create", subject=campaign)
    return campaign


@transaction.atomic
def campaign_plan(
    *,
    campaign: Campaign,
    name: str,
    objective: str,
    segment: Segment | None,
    proposition_version: PropositionVersion | None,
    actor: User,
) -> Campaign:
    """Set what the campaign is for and to whom it goes. Raises Conflict `send_is_fixed` after launch."""
    require_editable(campaign.send)
    before = Campaign.objects.select_for_update().get(pk=campaign.pk)
    campaign.name, campaign.objective = name, objective
    campaign.segment, campaign.proposition_version = segment, proposition_version
    campaign.save(update_fields=["name", "objective", "segment", "proposition_version", "updated_at"])
    changes = changed_fields(before, campaign, ["name", "objective", "segment", "proposition_version"])
    if changes:
        audit_record(actor=actor, action="campaign_plan", subject=campaign, changes=changes)
    return campaign


@transaction.atomic
def campaign_setup_save(*, campaign: Campaign, delivering: SendSetup, actor: User) -> Campaign:
    """Set sender, subject of consent, tracking and pace. Raises Conflict `send_is_fixed` after launch."""
    send = require_editable(campaign.send)
    before = Send.objects.get(pk=send.pk)
    for field in ("identity", "reply_address", "topic", "is_tracked", "utm", "per_second"):
        setattr(send, field, getattr(delivering, field))
    send.save(update_fields=["identity", "reply_address", "topic", "is_tracked", "utm", "per_second"])
    changes = changed_fields(before, send, ["identity", "reply_address", "topic", "is_tracked", "utm", "per_second"])
    if changes:
        audit_record(actor=actor, action="campaign_deliver_as", subject=campaign, changes=changes)
    campaign.send = send
    return campaign


@transaction.atomic
def campaign_archive(*, campaign: Campaign, actor: User, archived: bool = True) -> Campaign:
    """Archive or restore a campaign. One that is on its way cannot be archived: Conflict `campaign_is_busy`."""
    send = Send.objects.select_for_update().get(pk=campaign.send_id)
    if archived and send.state not in AT_REST:
        raise Conflict(
            _("“%(name)s” is scheduled or on its way. Cancel the send first. Nothing was changed.")
            % {"name": campaign.name},
            code="campaign_is_busy",
        )
    campaign.archived_at = timezone.now() if archived else None
    campaign.save(update_fields=["archived_at", "updated_at"])
    audit_record(actor=actor, action="campaign_archive" if archived else "campaign_restore", subject=campaign)
    return campaign


@dataclass(frozen=True)
class BulkArchiveResult:
    """Archive several campaigns: those that were archived, and why the others were not (a sentence each)."""

    done: list[Campaign]
    refused: list[str]


@transaction.atomic
def campaigns_archive(*, campaigns: Iterable[Campaign], actor: User) -> BulkArchiveResult:
    """Archive several campaigns. Those scheduled or running stay."""
    done, refused = [], []
    for campaign in campaigns:
        if campaign.archived_at is not None:
            continue
        try:
            done.append(campaign_archive(campaign=campaign, actor=actor))
        except Conflict as busy:
            refused.append(busy.message)
    return BulkArchiveResult(done, refused)


@transaction.atomic
def campaigns_restore(*, campaigns: Iterable[Campaign], actor: User) -> list[Campaign]:
    """Restore several campaigns; returns those that were archived."""
    away = [campaign for campaign in campaigns if campaign.archived_at is not None]
    return [campaign_archive(campaign=campaign, actor=actor, archived=False) for campaign in away]


@transaction.atomic
def campaign_duplicate(*, campaign: Campaign, actor: User) -> Campaign:
    """The next campaign: same plan and sender; the test's winner becomes arm A, and arm B starts as its copy.

    Without a winner arm A stays A, and every arm is kept as it was.
    """
    old, experiment = campaign.send, Experiment.objects.filter(send=campaign.send_id).first()
    version = campaign.proposition_version
    if version is not None and version.state != PropositionVersion.State.IN_FORCE:
        version = PropositionVersion.objects.filter(
            proposition=version.proposition_id, state=PropositionVersion.State.IN_FORCE
        ).first()
    send = Send.objects.create(
        kind=Send.Kind.CAMPAIGN,
        identity=old.identity,
        reply_address=old.reply_address,
        topic=old.topic,
        is_tracked=old.is_tracked,
        utm=old.utm,
        per_second=old.per_second,
        created_by=actor,
    )
    winner = experiment.winner if experiment else None
    arms = [winner, winner] if winner else list(old.variants.all())
    shares = [50, 50] if winner else [arm.weight for arm in arms]
    for label, arm, weight in zip("ABCDEFGH", arms, shares, strict=False):
        Variant.objects.create(
            send=send,
            label=label,
            weight=weight,
            **{name: getattr(arm, name) for name in ("subject", "preheader", "body", "text", "from_name", "offer")},
        )
    Experiment.objects.create(send=send, metric=experiment.metric if experiment else "")
    copy = Campaign.objects.create(
        name=_("%(name)s (next)") % {"name": campaign.name[:110]},
        objective=campaign.objective,
        segment=campaign.segment,
        proposition_version=version,
        channel=campaign.channel,
        send=send,
    )
    audit_record(actor=actor, action="campaign_duplicate", subject=copy, changes={"from": (None, campaign)})
    return copy
