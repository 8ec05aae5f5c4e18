"""Navigation, search, buttons and evidence that campaigns, letters and tests offer."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_salesperson
from accounts.people.models import User
from accounts.tokens.scopes import Scope, scopes
from campaigns.experiments import Status
from campaigns.letters import letters_delivered
from campaigns.models.authoring import Campaign, EmailTemplate, Letter
from campaigns.models.sends import Send
from campaigns.readings import experiment_reading
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, SearchResult, search_providers
from crm.activities.salesperson_results import Counted, ResultMeasure, result_measures
from crm.contacts.models import Contact
from crm.contacts.registries import ContactAction, contact_actions
from marketing.propositions.evidence import Evidence, EvidenceSource, evidence_sources
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment
from marketing.segments.uses import SegmentUses, Use, segment_uses

for code, title, url_name, order in (
    ("email_overview", _("Overview"), "email_overview", 10),
    ("campaigns", _("Campaigns"), "campaign_list", 20),
    ("letters", _("Letters"), "letter_list", 30),
    ("templates", _("Templates"), "template_list", 40),
    ("learnings", _("What we learnt"), "learning_list", 50),
    ("bounces", _("Bounces"), "bounce_list", 60),
    ("deliverability", _("Deliverability"), "deliverability", 80),
    ("email_settings", _("Settings"), "email_settings", 90),
):
    navigation.register(NavigationEntry(code, "email", title, url_name, order, is_office))
navigation.register(NavigationEntry("write", "write", _("Write"), "write", 10, is_salesperson))

result_measures.register(
    ResultMeasure("letters", _("Letters to your customers"), Counted.EVENTS, letters_delivered, 40)
)


def _campaigns(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    for campaign in Campaign.objects.visible_to(user).filter(name__icontains=text).select_related("send")[:limit]:
        url = reverse("campaign_detail", kwargs={"public_id": campaign.public_id})
        yield SearchResult(campaign.name, url, str(campaign.send.get_state_display()), "mail")


def _letters(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    rows = Letter.objects.visible_to(user).filter(send__variants__subject__icontains=text, send__variants__label="A")
    if not user.is_salesperson:
        rows = rows.exclude(send__launched_at=None)
    for letter in rows.select_related("author").prefetch_related("send__variants")[:limit]:
        url = reverse("letter_detail", kwargs={"public_id": letter.public_id})
        yield SearchResult(letter.send.variants.all()[0].subject, url, str(letter.author), "pencil")


def _templates(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    if user.is_salesperson:
        return
    for template in EmailTemplate.objects.filter(archived_at=None, name__icontains=text)[:limit]:
        url = reverse("template_update", kwargs={"public_id": template.public_id})
        yield SearchResult(template.name, url, str(template.get_use_display()), "template")


search_providers.register(SearchProvider("campaigns", _("Campaigns"), _campaigns, "mail", 30))
search_providers.register(SearchProvider("letters", _("Letters"), _letters, "pencil", 40))
search_providers.register(SearchProvider("templates", _("Templates"), _templates, "template", 60))


def _write_to(contact: Contact) -> str:
    return f"{reverse('write')}?to={contact.public_id}"


def _may_write_to(user: User, contact: Contact) -> bool:
    return user.is_salesperson and bool(contact.email_normalized)


contact_actions.register(
    ContactAction("write", _("Write"), _write_to, _may_write_to, icon="pencil", order=10, primary=True)
)


def campaigns_of_segment(segment: Segment) -> list[Use]:
    """Campaigns that go or went to a segment; those not yet over hold it."""
    over = {Send.State.FINISHED, Send.State.CANCELLED}
    return [
        Use(
            title=campaign.name,
            url=reverse("campaign_detail", kwargs={"public_id": campaign.public_id}),
            note=str(campaign.send.get_state_display()),
            is_binding=campaign.send.state not in over and campaign.archived_at is None,
        )
        for campaign in Campaign.objects.filter(segment=segment).select_related("send")
    ]


def evidence_of_version(version: PropositionVersion) -> list[Evidence]:
    """What each campaign that carried this version found, in one sentence, newest first."""
    found = []
    rows = Campaign.objects.filter(proposition_version=version).exclude(send__launched_at=None)
    for campaign in rows.select_related("send__experiment__winner"):
        experiment = campaign.send.experiment
        reading = experiment_reading(campaign.send, experiment)
        url = reverse("campaign_optimise", kwargs={"public_id": campaign.public_id})
        tone = "good" if reading.status is Status.WINNER else ""
        found.append(Evidence(campaign.name, f"{reading.sentence} {experiment.learning}".strip(), url, tone))
    return found


segment_uses.register(SegmentUses("campaigns", _("Campaigns"), campaigns_of_segment))
evidence_sources.register(EvidenceSource("campaigns", _("Campaigns"), evidence_of_version))
scopes.register(
    Scope(code="campaigns:write", title=_("Launch campaigns"), explanation=_("Create, change and launch campaigns."))
)
scopes.register(
    Scope(code="campaigns:read", title=_("Read campaigns"), explanation=_("Campaigns, their progress and results."))
)
scopes.register(
    Scope(
        code="suppressions:write",
        title=_("Suppress addresses"),
        explanation=_("Put addresses on the list nothing is sent to; never takes one off."),
    )
)
