"""What content offers to the rest: navigation, search, names in the audit trail."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.titles import action_titles, object_titles
from accounts.people.models import User
from campaigns.content.models import EmailTemplate
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, SearchResult, search_providers


def find_templates(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    if user.is_salesperson:
        return
    for template in EmailTemplate.objects.filter(archived_at=None, name__icontains=text)[:limit]:
        url = reverse("template_update", kwargs={"public_id": template.public_id})
        yield SearchResult(template.name, url, str(template.get_use_display()), "template")


navigation.register(NavigationEntry("templates", "email", _("Templates"), "template_list", 40, is_office))
search_providers.register(SearchProvider("templates", _("Templates"), find_templates, "template", 60))
action_titles.update(
    {
        "template_archive": _("Put a template away"),
        "template_save": _("Changed a template"),
        "variant_add": _("Added a variant"),
        "variant_offer": _("Changed a variant's offer"),
        "variant_write": _("Wrote a variant"),
        "variant_copy": _("Copied a variant"),
        "variant_remove": _("Removed a variant"),
        "variant_start_from": _("Began a text from a template"),
    }
)
object_titles.update({"campaigns.emailtemplate": _("Template")})
