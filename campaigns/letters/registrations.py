"""What letters offer to the rest: their sends, navigation, search, alerts, a button on contacts, a figure of My
results, names in the audit trail."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_salesperson
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.people.models import User
from campaigns.letters.alerts import letter_alerts
from campaigns.letters.author import letter_author
from campaigns.letters.models import Letter
from campaigns.letters.salesperson_results import letters_delivered
from core.ui.alerts import AlertSource, alert_sources
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, SearchResult, search_providers
from crm.activities.salesperson_results import Counted, ResultMeasure, result_measures
from crm.contacts.models import Contact
from crm.contacts.registries import ContactAction, contact_actions
from delivery.sends.authors import send_authors


def find_letters(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    rows = Letter.objects.visible_to(user).filter(send__variants__subject__icontains=text, send__variants__label="A")
    if not user.is_salesperson:
        rows = rows.exclude(send__launched_at=None)
    for letter in rows.select_related("author").prefetch_related("send__variants")[:limit]:
        url = reverse("letter_detail", kwargs={"public_id": letter.public_id})
        yield SearchResult(letter.send.variants.all()[0].subject, url, str(letter.author), "pencil")


def _write_to(contact: Contact) -> str:
    return f"{reverse('write')}?to={contact.public_id}"


def _may_write_to(user: User, contact: Contact) -> bool:
    return user.is_salesperson and bool(contact.email_normalized)


send_authors.register(letter_author)
navigation.register(NavigationEntry("letters", "email", _("Letters"), "letter_list", 30, is_office))
navigation.register(NavigationEntry("write", "write", _("Write"), "write", 10, is_salesperson))
search_providers.register(SearchProvider("letters", _("Letters"), find_letters, "pencil", 40))
alert_sources.register(AlertSource("letters", letter_alerts))
contact_actions.register(
    ContactAction("write", _("Write"), _write_to, _may_write_to, icon="pencil", order=10, primary=True)
)
result_measures.register(
    ResultMeasure("letters", _("Letters to your customers"), Counted.EVENTS, letters_delivered, 40)
)
action_titles.update(
    {
        "letter_create": _("Letter created"),
        "letter_discard": _("Letter discarded"),
    }
)
audit_subject("campaigns.letter", _("Letter"))
