"""The lists of campaigns and letters: the result of each send, filtered, sorted, archived; the sums behind them."""

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import campaigns_archive, campaigns_restore
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.experiments.models import Experiment
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from delivery.sends.models import Batch, Send, Variant
from delivery.sends.tests.factories import put, willing
from delivery.tracking.models import Engagement, Reactions
from marketing.segments.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def react(send: Send, contact_id: int, **fields: Any) -> Engagement:
    return Engagement.objects.create(send_id=send.pk, contact_id=contact_id, **fields)


def sums(send: Send) -> tuple[int, int, int] | None:
    return Reactions.objects.filter(send=send).values_list("opened", "clicked", "unsubscribed").first()


def sent(actor: User, name: str, *, count: int, opened: int = 0, clicked: int = 0, left: int = 0) -> Campaign:
    """A campaign that went to `count` people in two batches."""
    campaign = campaign_make(actor, segment=SegmentFactory.create(name=f"{name} lovers"))
    Campaign.objects.filter(pk=campaign.pk).update(name=name)
    put(campaign.send, Send.State.FINISHED, launched_at=timezone.now() - timedelta(days=count), audience=count + 1)
    half = count // 2
    for number, size in ((1, half), (2, count - half)):
        Batch.objects.create(send=campaign.send, number=number, size=size, sent=size, state="done")
    for contact_id in range(1, opened + 1):
        react(
            campaign.send,
            contact_id,
            human_opens=1,
            human_clicks=int(contact_id <= clicked),
            unsubscribed_at=timezone.now() if contact_id <= left else None,
        )
    return Campaign.objects.get(pk=campaign.pk)


def names(client: Client, query: str = "") -> list[str]:
    return [line.row.name for line in client.get(f"/campaigns/?{query}").context["table"].lines]


def exported(client: Client, url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(b"".join(client.get(url)).decode("utf-8-sig").splitlines()))


def test_reactions_are_summed_by_the_database_for_every_writer(marketer: User) -> None:
    first, second = campaign_make(marketer).send, campaign_make(marketer).send
    assert sums(first) is None
    one = react(first, 1, human_opens=2, opens=3)
    react(first, 2, opens=5)  # a program's
    react(second, 1, human_clicks=1, human_opens=1, unsubscribed_at=timezone.now())
    assert (sums(first), sums(second)) == ((1, 0, 0), (1, 1, 1))
    Engagement.objects.filter(contact_id=2).update(human_clicks=4)
    Engagement.objects.all().update(opens=9)
    assert (sums(first), sums(second)) == ((1, 1, 0), (1, 1, 1))
    Engagement.objects.bulk_create(
        [Engagement(send_id=first.pk, contact_id=it, human_opens=1) for it in (2, 3, 4)],
        update_conflicts=True,
        unique_fields=["send_id", "contact_id"],
        update_fields=["human_opens"],
    )
    assert sums(first) == (4, 1, 0)
    Engagement.objects.filter(pk=one.pk).update(human_opens=0)
    Engagement.objects.filter(send_id=first.pk, contact_id=3).delete()
    Engagement.objects.filter(send_id=second.pk).delete()
    assert (sums(first), sums(second)) == ((2, 1, 0), (0, 0, 0))


def test_a_campaign_shows_what_became_of_it(analyst: User, marketer: User, signed_in: SignedIn) -> None:
    sent(marketer, "=Tea", count=5, opened=3, clicked=1, left=1)
    (row,) = exported(signed_in(analyst), "/campaigns/?export=csv")
    shown = [row[name] for name in ("Campaign", "Sent", "Click rate", "Human opens", "Unsubscribes", "Test")]
    assert shown == ["'=Tea", "5", "0.2", "0.6", "1", "Running"]


def test_nothing_is_said_before_anything_was_sent_or_where_nobody_is_followed(
    analyst: User, marketer: User, signed_in: SignedIn
) -> None:
    campaign_make(marketer)
    quiet = sent(marketer, "Quiet", count=4)
    Send.objects.filter(pk=quiet.send_id).update(is_tracked=False)
    rows = exported(signed_in(analyst), "/campaigns/?export=csv&sort=-sent")
    assert [(row["Sent"], row["Click rate"], row["Unsubscribes"]) for row in rows] == [("4", "", "0"), ("", "", "")]


def test_campaigns_are_sorted_by_what_came_of_them(analyst: User, marketer: User, signed_in: SignedIn) -> None:
    sent(marketer, "bread", count=10, opened=2, clicked=2)
    sent(marketer, "Tea", count=4, opened=4, clicked=1, left=1)
    campaign_make(marketer)
    client = signed_in(analyst)
    assert names(client, "sort=-click_rate") == ["Tea", "bread", "Spring tea"]
    assert names(client, "sort=-open_rate") == ["Tea", "bread", "Spring tea"]
    assert names(client, "sort=-sent") == ["bread", "Tea", "Spring tea"]
    assert names(client, "sort=name") == ["bread", "Spring tea", "Tea"]
    assert names(client, "sort=-when") == ["Tea", "bread", "Spring tea"]
    assert names(client, "sort=-unsubscribed")[0] == "Tea"


def test_campaigns_are_found_and_narrowed(analyst: User, marketer: User, signed_in: SignedIn) -> None:
    tea = sent(marketer, "Tea", count=4)
    bread = sent(marketer, "Bread", count=4)
    Experiment.objects.filter(send=bread.send).update(verdict="winner")
    put(campaign_make(marketer).send, Send.State.SCHEDULED, launched_at=timezone.now())
    assert tea.segment is not None
    client = signed_in(analyst)
    assert names(client, "state=finished&sort=name") == ["Bread", "Tea"]
    assert names(client, "state=scheduled") == ["Spring tea"]
    assert names(client, "test=winner") == ["Bread"]
    assert names(client, "test=open") == ["Tea"]
    assert names(client, f"segment={tea.segment.public_id}") == ["Tea"]
    assert names(client, "q=lovers+bread") == ["Bread"]
    day = timezone.localdate(tea.send.launched_at)
    assert sorted(names(client, f"when_to={day}")) == ["Bread", "Tea"]


def test_campaigns_are_archived_but_for_running_ones(marketer: User, signed_in: SignedIn) -> None:
    done, draft, busy = sent(marketer, "Tea", count=4), campaign_make(marketer), campaign_make(marketer)
    put(busy.send, Send.State.SENDING)
    client = signed_in(marketer)
    body = {"ids": [it.public_id for it in (done, draft, busy)], "count": "3", "state": "sort=name"}
    answer = client.post("/campaigns/archive/", body)
    assert (answer.status_code, answer["Location"]) == (302, "/campaigns/?sort=name")
    assert list(Campaign.objects.active()) == [busy]
    page = client.get("/campaigns/").content.decode()
    assert "2 campaigns archived." in page
    assert "is scheduled or on its way" in page
    undo = page.split("/campaigns/restore/?undo=")[1].split('"')[0]
    assert client.post(f"/campaigns/restore/?undo={undo}").status_code == 302
    assert Campaign.objects.active().count() == 3
    assert client.post(f"/campaigns/restore/?undo={undo}").status_code == 422
    assert AuditEntry.objects.filter(action="campaign_restore").count() == 2


def test_putting_away_twice_changes_nothing(marketer: User) -> None:
    campaign = campaign_make(marketer)
    assert campaigns_archive(campaigns=[campaign], actor=marketer).done == [campaign]
    assert campaigns_archive(campaigns=Campaign.objects.all(), actor=marketer).done == []
    assert campaigns_restore(campaigns=Campaign.objects.all(), actor=marketer) == [campaign]
    assert campaigns_restore(campaigns=Campaign.objects.all(), actor=marketer) == []


@pytest.mark.parametrize("verb", ["archive", "restore"])
def test_a_read_only_role_changes_nothing(
    verb: str, analyst: User, designer: User, owner: User, marketer: User, signed_in: SignedIn
) -> None:
    chosen = {"ids": campaign_make(marketer).public_id}
    for person in (analyst, designer, owner):
        assert signed_in(person).post(f"/campaigns/{verb}/", chosen).status_code == 403
    assert signed_in(marketer).get(f"/campaigns/{verb}/").status_code == 405
    assert "data-bulk " not in signed_in(analyst).get("/campaigns/").content.decode()
    assert signed_in(owner).get("/campaigns/").status_code == 403


def letter(author: User, subject: str, *, launched: bool = True) -> Letter:
    made = letter_make(author, willing(2, owner=author))
    Variant.objects.filter(send=made.send).update(subject=subject)
    if launched:
        put(made.send, Send.State.FINISHED, launched_at=timezone.now(), audience=2)
        Batch.objects.create(send=made.send, number=1, size=2, sent=2, state="done")
        react(made.send, made.recipients[0], human_opens=1, human_clicks=1)
    return made


def subjects(client: Client, url: str) -> list[str]:
    return [line.row.subject for line in client.get(url).context["table"].lines]


def test_the_office_reads_what_was_sent_by_whom(
    analyst: User, owner: User, teammate: User, signed_in: SignedIn
) -> None:
    letter(owner, "=Your tea")
    letter(teammate, "Bread")
    letter(owner, "Half a thought", launched=False)
    client = signed_in(analyst)
    assert subjects(client, "/email/letters/?sort=letter") == ["=Your tea", "Bread"]
    assert subjects(client, f"/email/letters/?author={owner.public_id}") == ["=Your tea"]
    assert subjects(client, "/email/letters/?q=tomas") == []
    assert subjects(client, "/email/letters/?q=tom%C3%A1s") == ["Bread"]
    rows = exported(client, "/email/letters/?export=csv&sort=letter")
    assert [rows[0][name] for name in ("Letter", "Author", "Recipients", "Sent", "Clicked", "Human opens")] == [
        "'=Your tea", "Olga Owner", "2", "2", "1", "1",
    ]  # fmt: skip


def test_a_salesperson_has_their_own_letters_and_drafts_only(owner: User, teammate: User, signed_in: SignedIn) -> None:
    letter(owner, "Tea")
    letter(owner, "Half a thought", launched=False)
    letter(teammate, "Bread")
    client = signed_in(owner)
    assert sorted(subjects(client, "/write/")) == ["Half a thought", "Tea"]
    assert subjects(client, "/write/?state=draft") == ["Half a thought"]
    assert [row["Letter"] for row in exported(client, "/write/?export=csv&sort=-letter")] == ["Tea", "Half a thought"]
    assert "Author" not in exported(client, "/write/?export=csv")[0]
    assert client.get("/email/letters/").status_code == 403
