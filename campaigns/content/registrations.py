"""What content offers to the rest: navigation, search, names in the audit trail."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.people.models import User
from campaigns.content.forms import ContentForm, TemplateForm
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
        "template_archive": _("Template archived"),
        "template_restore": _("Template restored"),
        "template_save": _("Template changed"),
        "variant_add": _("Variant added"),
        "variant_offer": _("Variant offer changed"),
        "variant_write": _("Variant content edited"),
        "variant_copy": _("Variant copied"),
        "variant_remove": _("Variant removed"),
        "variant_start_from": _("Content started from a template"),
    }
)
audit_subject("campaigns.emailtemplate", _("Template"), forms=[TemplateForm])
audit_subject("delivery.variant", forms=[ContentForm], fields={"from": AuditField(_("Copied from"))})
