"""The life cycle of a contact: nine stages, and the one way from one to another. Every step is a `StageChange` with its
reason.

| stage | from | when | reason |
| --- | --- | --- | --- |
| subscriber | – | the contact is new | |
| lead | subscriber; at risk or lost without an order | a lead is recorded | `lead:<channel>` |
| qualified, opportunity | any before an order | a person sets it | `person:<public id>` |
| customer | any before | the first order | `order:first` |
| repeat | customer | the second order | `order:second` |
| customer, repeat | at risk, lost | they order again | `order:again` |
| promoter | repeat | NPS 9 or 10 | `nps:<answer>:<score>` |
| repeat | promoter | NPS 7 or 8 | `nps:<answer>:<score>` |
| at risk | customer, repeat, promoter | NPS 0 to 6 | `nps:<answer>:<score>` |
| at risk | customer, repeat, promoter | RFM: fading, and no order for 90 days | `rfm:at_risk:<days>` |
| lost | customer, repeat, promoter, at risk | RFM: gone, no order for 180 days; fading, 365 | `rfm:lost:<days>` |
| customer, repeat | at risk, lost by RFM | RFM: an order in the last 90 days (it came in late) | `rfm:back:<days>` |

A person may set any stage but those that the contact's orders have left behind. RFM leaves a stage alone for 90 days.
Orders are sales for more than nothing; what reads as fading or gone is said by `crm.scoring`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError
from crm.contacts.models import Contact, StageChange

Stage = Contact.Stage
BEFORE_ORDERS = (Stage.SUBSCRIBER, Stage.LEAD, Stage.QUALIFIED, Stage.OPPORTUNITY)
ORDERING = (Stage.CUSTOMER, Stage.REPEAT, Stage.PROMOTER)
GIVEN_UP = (Stage.AT_RISK, Stage.LOST)
# Days without an order after which scoring gives a contact up, and for which it leaves a stage alone (`at_risk`).
SCORING_DAYS = {"at_risk": 90, "lost": 180, "lost_fading": 365}

# `moving` are the contacts that move, locked in the order of their keys, with what moves them; `step` their steps
# (id, before, after, reason, at, n), numbered where there are several.
MOVE_SQL = """
WITH {moving}, step AS ({step}),
written AS (
  INSERT INTO crm_stagechange (contact_id, before, after, reason, at)
  SELECT id, before, after, reason, at FROM step ORDER BY id, n RETURNING contact_id)
UPDATE crm_contact c SET stage = s.after, stage_since = s.at
FROM (SELECT DISTINCT ON (id) id, after, at FROM step ORDER BY id, n DESC) s WHERE s.id = c.id
"""

LEADS_MOVING = """
moving AS (
  SELECT c.id, c.stage, v.reason, v.at
  FROM unnest(%(ids)s::bigint[], %(reasons)s::text[], %(moments)s::timestamptz[]) v (id, reason, at)
  JOIN crm_contact c ON c.id = v.id
  WHERE c.stage = 'subscriber'
    OR (c.stage IN ('at_risk', 'lost') AND c.first_order_at IS NULL AND v.at > c.stage_since)
  ORDER BY c.id FOR UPDATE OF c)
"""
LEADS_STEP = "SELECT id, stage AS before, 'lead' AS after, reason, at, 1 AS n FROM moving"

ORDERS_MOVING = """
reached AS ({orders}),
moving AS (
  SELECT c.id, c.stage, r.first_at, r.second_at, r.last_at FROM reached r JOIN crm_contact c ON c.id = r.contact_id
  WHERE c.stage IN ('subscriber', 'lead', 'qualified', 'opportunity')
    OR (c.stage = 'customer' AND r.second_at IS NOT NULL)
    OR (c.stage IN ('at_risk', 'lost') AND r.last_at > c.stage_since)
  ORDER BY c.id FOR UPDATE OF c)
"""
ORDERS_STEP = """
  SELECT id, stage AS before, 'customer' AS after, 'order:first' AS reason, first_at AS at, 1 AS n
  FROM moving WHERE stage IN ('subscriber', 'lead', 'qualified', 'opportunity')
  UNION ALL
  SELECT id, 'customer', 'repeat', 'order:second', second_at, 2
  FROM moving WHERE stage NOT IN ('at_risk', 'lost') AND second_at IS NOT NULL
  UNION ALL
  SELECT id, stage, CASE WHEN second_at IS NULL THEN 'customer' ELSE 'repeat' END,
    CASE WHEN second_at IS NULL THEN 'order:first' ELSE 'order:again' END, last_at, 3
  FROM moving WHERE stage IN ('at_risk', 'lost')
"""

SCORES_MOVING = """
score AS ({scores}),
given_up AS (
  SELECT contact_id, days, CASE WHEN (is_gone AND days >= %(lost)s) OR days >= %(lost_fading)s THEN 'lost'
    ELSE 'at_risk' END AS after
  FROM score WHERE (is_gone OR is_fading) AND days >= %(at_risk)s),
moving AS (
  SELECT c.id, c.stage, g.after, 'rfm:' || g.after || ':' || g.days AS reason
  FROM given_up g JOIN crm_contact c ON c.id = g.contact_id
  WHERE (c.stage IN ('customer', 'repeat', 'promoter') OR (c.stage = 'at_risk' AND g.after = 'lost'))
    AND c.stage_since <= %(at)s::timestamptz - make_interval(days => %(at_risk)s)
  ORDER BY c.id FOR UPDATE OF c),
back AS (
  SELECT c.id, c.stage, CASE WHEN c.order_count > 1 THEN 'repeat' ELSE 'customer' END AS after,
    'rfm:back:' || s.days AS reason
  FROM score s JOIN crm_contact c ON c.id = s.contact_id
  WHERE s.days < %(at_risk)s AND c.stage IN ('at_risk', 'lost') AND (
    SELECT h.reason FROM crm_stagechange h WHERE h.contact_id = c.id ORDER BY h.id DESC LIMIT 1) LIKE 'rfm:%%'
  ORDER BY c.id FOR UPDATE OF c)
"""
SCORES_STEP = """
  SELECT id, stage AS before, after, reason, %(at)s::timestamptz AS at, 1 AS n FROM moving
  UNION ALL SELECT id, stage, after, reason, %(at)s::timestamptz, 1 FROM back
"""


@dataclass(frozen=True)
class LeadMoment:
    """A contact showed interest at `at` through the channel of this code."""

    contact_id: int
    channel: str
    at: datetime


def stages_after_leads(leads: Sequence[LeadMoment]) -> int:
    """Make leads of those who are none yet, each by their earliest; how many moved."""
    first: dict[int, LeadMoment] = {}
    for lead in sorted(leads, key=lambda it: it.at):
        first.setdefault(lead.contact_id, lead)
    parameters = {
        "ids": list(first),
        "reasons": [f"lead:{lead.channel}" for lead in first.values()],
        "moments": [lead.at for lead in first.values()],
    }
    return _move(LEADS_MOVING, LEADS_STEP, parameters)


def stages_after_orders(*, orders: str, parameters: Mapping[str, Any]) -> int:
    """Move those who ordered forward, or back to us. `orders` is a trusted SELECT of contact_id, first_at, second_at
    and last_at: when each contact ordered for the first, the second and the last time."""
    return _move(ORDERS_MOVING.format(orders=orders), ORDERS_STEP, parameters)


def stages_after_scoring(*, scores: str, at: datetime) -> int:
    """Give up those who stay away, and take back those whose orders came in late. `scores` is a trusted SELECT of
    contact_id, days (since the last order), is_fading and is_gone; `at` is the moment the scores are of."""
    return _move(SCORES_MOVING.format(scores=scores), SCORES_STEP, {"at": at, **SCORING_DAYS})


def _move(moving: str, step: str, parameters: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(MOVE_SQL.format(moving=moving, step=step), parameters)
        return int(cursor.rowcount)


def stage_move(*, contact: Contact, after: str, reason: str, at: datetime) -> bool:
    """Move one contact on from the stage it is read in. False when it has moved meanwhile."""
    before = contact.stage
    if not Contact.objects.filter(pk=contact.pk, stage=before).update(stage=after, stage_since=at):
        return False
    StageChange.objects.create(contact=contact, before=before, after=after, reason=reason, at=at)
    contact.stage, contact.stage_since = after, at
    return True


def stage_reason_text(reason: str) -> str:
    """Why a contact moved, as a sentence; empty where a person decided it."""
    match reason.split(":"):
        case ["lead", *_]:
            return _("A lead was recorded.")
        case ["order", "first"]:
            return _("The first order was placed.")
        case ["order", "second"]:
            return _("The second order was placed.")
        case ["order", "again"] | ["rfm", "back", *_]:
            return _("A new order was placed.")
        case ["nps", _answer, score]:
            return _("The answer to the survey was %(score)s.") % {"score": score}
        case ["rfm", _stage, days]:
            return _("No order was placed for %(days)s days.") % {"days": days}
    return ""


def settable_stages(contact: Contact) -> list[Stage]:
    """The stages a person may set: not those that the contact's orders have left behind."""
    behind = BEFORE_ORDERS if contact.order_count else ()
    return [stage for stage in Stage if stage not in behind and (stage != Stage.CUSTOMER or contact.order_count < 2)]


def next_stages(contact: Contact) -> list[Stage]:
    """The steps a salesperson takes with a contact before the first order, and that are still ahead."""
    if contact.order_count or contact.stage not in BEFORE_ORDERS:
        return []
    ahead = BEFORE_ORDERS[BEFORE_ORDERS.index(Stage(contact.stage)) + 1 :]
    return [stage for stage in ahead if stage in {Stage.QUALIFIED, Stage.OPPORTUNITY}]


@transaction.atomic
def contact_stage_set(*, contact: Contact, stage: str, actor: User) -> bool:
    """A person says where a contact stands. False when it stands there already.

    Raises DomainError `stage_unknown`, `stage_behind_orders`.
    """
    stored = Contact.objects.select_for_update().get(pk=contact.pk)
    if stage not in Stage.values:
        text = _("There is no such stage.")
        raise DomainError(text, code="stage_unknown", fields={"stage": text})
    if stage not in settable_stages(stored):
        text = _("This stage comes before the orders of %(name)s and cannot be set.") % {"name": stored.name}
        raise DomainError(text, code="stage_behind_orders", fields={"stage": text})
    if stored.stage == stage:
        return False
    before = stored.stage
    stage_move(contact=stored, after=stage, reason=f"person:{actor.public_id}", at=timezone.now())
    audit_record(actor=actor, action="contact_stage_set", subject=stored, changes={"stage": (before, stage)})
    return True
