"""How brands are called in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import audit_subject
from accounts.audit.values import shipped_name

audit_subject("crm.brand", _("Brand"), name=shipped_name)
