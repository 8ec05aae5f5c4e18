"""Setting the limits every send keeps."""

from django.db import transaction

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from delivery.guardrails.models import SendingPolicy

POLICY_FIELDS = [
    "cap_messages", "cap_days", "may_write_customers", "late_start_minutes", "per_second", "domain_limits",
]  # fmt: skip


@transaction.atomic
def policy_save(*, policy: SendingPolicy, actor: User) -> SendingPolicy:
    """Set the limits every send keeps."""
    before = SendingPolicy.get()
    policy.pk = 1
    policy.save()
    audit_record(
        actor=actor, action="policy_save", subject=policy, changes=changed_fields(before, policy, POLICY_FIELDS)
    )
    return policy
