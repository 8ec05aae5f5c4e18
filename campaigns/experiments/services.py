"""What a send is to teach, and what it taught: planned before launch, read at any time, concluded by evidence."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from campaigns.experiments.experiment_analysis import Reading
from campaigns.experiments.models import Experiment
from core.errors import Conflict, DomainError
from delivery.sends.models import Send, Variant
from delivery.sends.services import require_editable

FIELDS_THAT_DIFFER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("subject", ("subject", "preheader")),
    ("sender", ("from_name",)),
    ("content", ("body", "text")),
    ("offer", ("offer",)),
    ("time", ("delay_minutes",)),
)


def differences(variants: Iterable[Variant]) -> list[str]:
    """In what the arms differ, of: subject, sender, content, offer, time. Empty when they are all the same."""
    arms = list(variants)
    return [
        what
        for what, names in FIELDS_THAT_DIFFER
        if len({tuple(_plain(getattr(arm, name)) for name in names) for arm in arms}) > 1
    ]


def same_arms(variants: Sequence[Variant]) -> tuple[str, str] | None:
    """The labels of the first two arms that say and do exactly the same; None when all differ."""
    seen: dict[tuple[object, ...], str] = {}
    for arm in variants:
        key = tuple(_plain(getattr(arm, name)) for __, names in FIELDS_THAT_DIFFER for name in names)
        if key in seen:
            return seen[key], arm.label
        seen[key] = arm.label
    return None


@transaction.atomic
def experiment_plan(
    *,
    send: Send,
    hypothesis: str,
    metric: str,
    horizon: int | None,
    horizon_days: int,
    weights: dict[int, int],
    actor: User,
) -> Experiment:
    """Set what is tested, by which metric, with how many people and until when; `weights` maps arms to shares.

    May be incomplete: launch refuses an incomplete plan. Raises Conflict `send_is_fixed` after launch.
    """
    send = require_editable(send)
    experiment, __ = Experiment.objects.select_for_update().get_or_create(send=send)
    experiment.hypothesis, experiment.metric = hypothesis.strip(), metric
    experiment.horizon, experiment.horizon_days = horizon, horizon_days
    for arm in send.variants.all():
        if arm.pk in weights:
            send.variants.filter(pk=arm.pk).update(weight=weights[arm.pk])
    experiment.differs_in = differences(send.variants.all())
    experiment.save()
    audit_record(actor=actor, action="experiment_plan", subject=experiment)
    return experiment


@transaction.atomic
def experiment_conclude(
    *, experiment: Experiment, reading: Reading, learning: str, actor: User, chosen: Variant | None = None
) -> Experiment:
    """Close a test with what was learnt. The verdict follows the evidence: `chosen` must be among the arms the
    reading shows ahead; without clear evidence the result is "no difference found", and is kept as one.

    Raises Conflict `experiment_is_concluded`, DomainError `learning_missing`, `winner_not_shown` or
    `experiment_not_launched`.
    """
    current = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if current.concluded_at is not None:
        raise Conflict(_("This test is already concluded."), code="experiment_is_concluded")
    if not reading.people:
        raise DomainError(
            _("Nobody has received this yet, so there is nothing to learn."), code="experiment_not_launched"
        )
    if not learning.strip():
        message = _("Write down the learning. The next campaign starts from it.")
        raise DomainError(message, code="learning_missing", fields={"learning": message})
    if chosen is not None and chosen.label not in reading.leaders:
        raise DomainError(
            _("The evidence does not show %(label)s ahead. Conclude without a winner.") % {"label": chosen.label},
            code="winner_not_shown",
        )
    if chosen is None and len(reading.leaders) == 1:
        chosen = Variant.objects.get(send=current.send_id, label=reading.leaders[0])
    current.winner = chosen
    current.verdict = Experiment.Verdict.WINNER if chosen else Experiment.Verdict.NO_DIFFERENCE
    current.learning, current.concluded_at = learning.strip(), timezone.now()
    current.save(update_fields=["winner", "verdict", "learning", "concluded_at"])
    audit_record(
        actor=actor, action="experiment_conclude", subject=current, changes={"verdict": ("open", current.verdict)}
    )
    return current


@transaction.atomic
def learning_rewrite(*, experiment: Experiment, learning: str, actor: User) -> Experiment:
    """Word better what a concluded test taught; verdict and winner stay. Raises DomainError `learning_missing`."""
    if not learning.strip():
        message = _("Write down the learning. The next campaign starts from it.")
        raise DomainError(message, code="learning_missing", fields={"learning": message})
    before = experiment.learning
    experiment.learning = learning.strip()
    experiment.save(update_fields=["learning"])
    audit_record(
        actor=actor, action="learning_rewrite", subject=experiment, changes={"learning": (before, experiment.learning)}
    )
    return experiment


def _plain(value: object) -> object:
    """Spaces at the ends make no difference to a reader."""
    return value.strip() if isinstance(value, str) else value
