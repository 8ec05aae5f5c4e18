"""NPS answers in the timeline and the audit trail, and the scope of the API that records them."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.tokens.scopes import Scope, scopes
from crm.contacts.registries import TimelineSource, timeline_sources
from crm.surveys.timeline import answer_events

scopes.register(
    Scope(code="nps:write", title=_("Record NPS answers"), explanation=_("Answers from your own survey tool."))
)
timeline_sources.register(TimelineSource("answers", _("Answers"), "message-star", answer_events))
action_titles.update({"nps_answer_record": _("NPS answer recorded")})
audit_subject("crm.npsanswer", _("NPS answer"))
