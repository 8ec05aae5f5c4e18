"""A person's own settings and sessions."""

from django.db import transaction

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User

PROFILE_FIELDS = ["full_name", "language", "time_zone", "theme", "reply_address", "signature"]


@transaction.atomic
def profile_change(*, user: User, values: dict[str, str]) -> User:
    """Store what a person says about themselves (`PROFILE_FIELDS`)."""
    before = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    for name in PROFILE_FIELDS:
        setattr(user, name, values[name])
    user.full_clean(exclude=["password"])
    user.save(update_fields=PROFILE_FIELDS)
    changes = changed_fields(before, user, [name for name in PROFILE_FIELDS if name != "signature"])
    if before.signature != user.signature:
        changes["signature"] = (None, None)
    if changes:
        audit_record(actor=user, action="profile_change", subject=user, changes=changes)
    return user


@transaction.atomic
def sessions_end(*, user: User) -> User:
    """Sign a person out on every device; the caller renews the session they are in."""
    user.session_generation += 1
    user.save(update_fields=["session_generation"])
    audit_record(actor=user, action="sessions_end", subject=user)
    return user
