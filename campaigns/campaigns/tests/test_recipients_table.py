"""Did this person get it? The list of a send's recipients: found, narrowed, counted, taken along, and who sees whom."""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.tests.factories import letter_make
from core.ui.tables.table import Table
from crm.activities.services.mini_lists import minilist_assign
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine import freeze
from delivery.engine.freeze import audience_freeze
from delivery.engine.partitions import ledger_partition_attach, ledger_partition_make
from delivery.feedback.models import Bounce
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.recipients_table import REASONS, STATE_OF, reason_label
from delivery.sends.tests.factories import frozen_in_both_arms, put, willing
from delivery.tracking.models import Engagement
from marketing.segments.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
LIMA = {"group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}


@pytest.fixture
def campaign(marketer: User) -> Campaign:
    """Sent to eight people of Lima, of whom two have no address: their names are Person 0 to Person 7."""
    people = willing(8)
    for number, person in enumerate(people):
        address = None if number > 5 else f"p{number}@example.com"
        Contact.objects.filter(pk=person.pk).update(
            first_name="Person", last_name=str(number), email=address or "", email_normalized=address
        )
    segment = SegmentFactory.create(rules=LIMA)
    made = frozen_in_both_arms(
        lambda: campaign_make(marketer, segment=segment).send, Contact.objects.filter(city="Lima")
    ).campaign
    put(made.send, Send.State.FINISHED, launched_at=people[0].created_at)
    finish(made.send)
    return made


def finish(send: Send, **changes: Any) -> None:
    """Everybody who waits got it, but for `changes`: a contact's key (as `c12`) to (state, reason)."""
    rows = Delivery.objects.filter(send=send)
    rows.filter(state="pending").update(state="sent", smtp_code=250, smtp_reply="ok")
    for key, (state, reason) in changes.items():
        rows.filter(contact_id=int(key[1:])).update(state=state, reason=reason, smtp_code=550, smtp_reply="no")
    for batch in Batch.objects.filter(send=send, number__gt=0):
        own = rows.filter(batch=batch.number)
        totals = {state: own.filter(state=state).count() for state in ("sent", "failed", "unknown", "deferred")}
        Batch.objects.filter(pk=batch.pk).update(state="done", **totals)


def keys(send: Send) -> list[int]:
    return list(Delivery.objects.filter(send=send).order_by("contact_id").values_list("contact_id", flat=True))


def table(client: Client, send: Send, query: str = "") -> Table[Any]:
    url = f"/campaigns/{send.campaign.public_id}/ledger/?{query}"
    shown: Table[Any] = client.get(url).context["table"]
    return shown


def who(client: Client, send: Send, query: str = "") -> list[str]:
    """The numbers in the names of those shown, when the count above them is right."""
    shown = table(client, send, query)
    assert shown.total == len(shown.lines)
    return [line.row.contact.last_name for line in shown.lines]


def exported(client: Client, url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(b"".join(client.get(url)).decode("utf-8-sig").splitlines()))


def test_everybody_is_there_with_what_became_of_them(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    send, ids = campaign.send, keys(campaign.send)
    finish(send, **{f"c{ids[1]}": ("failed", "hard_bounce"), f"c{ids[2]}": ("unknown", "no_reply")})
    Engagement.objects.create(send_id=send.pk, contact_id=ids[0], human_opens=1, human_clicks=1)
    Engagement.objects.create(send_id=send.pk, contact_id=ids[3], opens=4)  # a program's
    Bounce.objects.create(event_key="x", send=send, contact_id=ids[4], kind="hard", source="mailbox", code="5.1.1")
    client = signed_in(analyst)
    assert who(client, send) == list("01234567")
    rows = exported(client, f"/campaigns/{campaign.public_id}/ledger/?export=csv")
    page = client.get(f"/campaigns/{campaign.public_id}/ledger/").content.decode()
    assert f"/email/bounces/{Bounce.objects.get().pk}/" in page
    assert [(row["State"], row["Reason"], row["Reaction"]) for row in rows] == [
        ("Sent", "", "clicked"),
        ("Failed", "The address does not exist · 550 no", ""),
        ("Unknown", "No reply from the mail server · 550 no", ""),
        ("Sent", "", ""),
        ("Sent", "", ""),
        ("Sent", "", ""),
        ("Skipped", "No address", ""),
        ("Skipped", "No address", ""),
    ]


def test_it_is_sent_again_from_here_to_exactly_so_many(
    campaign: Campaign, director: User, analyst: User, signed_in: SignedIn
) -> None:
    ids = keys(campaign.send)
    finish(campaign.send, **{f"c{ids[1]}": ("failed", "refused"), f"c{ids[2]}": ("unknown", "no_reply")})
    url = f"/campaigns/{campaign.public_id}/ledger/"
    page = signed_in(director).get(url).content.decode()
    assert "Retry 1 failed message" in page
    assert "Resend 1 message with an unknown result" in page
    assert page.count('<input type="hidden" name="expected" value="1">') == 2
    assert "with an unknown result" not in signed_in(analyst).get(url).content.decode()


def test_it_is_narrowed_by_what_became_of_them(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    send, ids = campaign.send, keys(campaign.send)
    finish(send, **{f"c{ids[1]}": ("failed", "refused"), f"c{ids[2]}": ("deferred", "deferred")})
    Engagement.objects.create(send_id=send.pk, contact_id=ids[0], human_opens=1, human_clicks=1)
    Engagement.objects.create(send_id=send.pk, contact_id=ids[3], human_opens=1, unsubscribed_at=send.launched_at)
    Bounce.objects.create(event_key="x", send=send, contact_id=ids[4], kind="soft", source="mailbox")
    client = signed_in(analyst)
    expected = {
        "state=sent": "0345",
        "state=failed": "1",
        "state=deferred": "2",
        "state=skipped": "67",
        "state=unknown": "",
        "state=pending": "",
        "reason=refused": "1",
        "reason=hard_bounce": "",
        "reason=no_address": "67",
        "reaction=clicked": "0",
        "reaction=opened": "03",
        "reaction=unsubscribed": "3",
        "reaction=nothing": "45",
        "reaction=bounced": "4",
        "state=sent&reaction=opened": "03",
        "state=nonsense": "01234567",
    }
    assert {query: "".join(who(client, send, query)) for query in expected} == expected
    for arm in send.variants.all():
        own = Delivery.objects.filter(send=send, variant_id=arm.pk).count()
        assert len(who(client, send, f"variant={arm.pk}")) == own > 0
    labels = [label for _value, label, _chosen in table(client, send).rendering.filter_fields[0]["options"]]
    assert "Sent (4)" in labels
    assert "Unknown" in labels


def test_a_person_is_found_by_name_or_by_how_the_address_began(
    campaign: Campaign, analyst: User, signed_in: SignedIn
) -> None:
    send, ids = campaign.send, keys(campaign.send)
    Contact.objects.filter(pk=ids[3]).update(email="new@example.com", email_normalized="new@example.com")
    client = signed_in(analyst)
    assert who(client, send, "q=P3@Example") == ["3"]
    assert who(client, send, "q=new@") == []
    assert who(client, send, "q=p2@example.com") == ["2"]
    assert who(client, send, "q=p") == list("01234567")
    assert who(client, send, "q=person+4") == ["4"]
    assert who(client, send, "q=%25") == []
    assert who(client, send, "q=p&state=skipped") == ["6", "7"]


def test_pages_follow_the_key(
    campaign: Campaign, analyst: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.sends.recipients_table.RecipientsTable.page_size", 3, raising=False)
    client, seen, url = signed_in(analyst), [], f"/campaigns/{campaign.public_id}/ledger/"
    while url:
        shown = client.get(url).context["table"]
        seen += [line.row.contact_id for line in shown.lines]
        url = shown.rendering.next_url
    assert seen == keys(campaign.send)
    back = client.get(shown.rendering.previous_url).context["table"]
    assert [line.row.contact_id for line in back.lines] == seen[3:6]
    first = table(client, campaign.send, "sort=-who")
    assert [line.row.contact_id for line in first.lines] == seen[:-4:-1]


def test_the_list_costs_the_same_for_many_as_for_few(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    send, client = campaign.send, signed_in(analyst)

    def cost() -> int:
        table(client, send)
        with CaptureQueriesContext(connection) as queries:
            assert table(client, send).lines
        return len(queries)

    few = cost()
    more = ContactFactory.create_batch(30)
    Delivery.objects.bulk_create(
        [Delivery(send=send, contact_id=it.pk, batch=1, state="sent", address=it.email) for it in more]
    )
    Engagement.objects.bulk_create([Engagement(send_id=send.pk, contact_id=it.pk, human_opens=1) for it in more])
    assert cost() == few


def test_the_file_runs_no_formulas_and_holds_what_is_narrowed(
    campaign: Campaign, analyst: User, signed_in: SignedIn
) -> None:
    ids = keys(campaign.send)
    Contact.objects.filter(pk=ids[0]).update(first_name="=cmd|x", last_name="0")
    rows = exported(signed_in(analyst), f"/campaigns/{campaign.public_id}/ledger/?export=csv&q=p0@")
    assert [(row["Recipient"], row["Address"]) for row in rows] == [("'=cmd|x 0", "p0@example.com")]


def test_an_erased_person_still_stands_there(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    Delivery.objects.create(send=campaign.send, contact_id=10**9, batch=1, state="sent", address="gone@example.com")
    Delivery.objects.create(send=campaign.send, contact_id=10**9 + 1, batch=1, state="sent")
    page = signed_in(analyst).get(f"/campaigns/{campaign.public_id}/ledger/").content.decode()
    assert "gone@example.com" in page
    assert "Erased contact" in page


def test_a_campaigns_recipients_are_not_for_salespeople(
    campaign: Campaign, owner: User, signed_in: SignedIn, client: Client
) -> None:
    url = f"/campaigns/{campaign.public_id}/ledger/"
    assert signed_in(owner).get(url).status_code == 403
    assert signed_in(owner).get(url + "?export=csv").status_code == 403
    assert client.get(url).status_code == 302


def test_a_letters_recipients_are_those_still_on_the_list(
    owner: User, teammate: User, director: User, signed_in: SignedIn
) -> None:
    mine, given = willing(2, owner=owner)
    gone = "gone@x.example"
    Contact.objects.filter(pk=given.pk).update(first_name="Gone", email=gone, email_normalized=gone)
    letter = letter_make(owner, [mine, given])
    audience_freeze(letter.send, Contact.objects.filter(pk__in=[mine.pk, given.pk]))
    put(letter.send, Send.State.FINISHED, launched_at=mine.created_at)
    finish(letter.send)
    minilist_assign(contacts=[given], owner=teammate, actor=director)
    url = f"/write/{letter.public_id}/"

    def seen(person: User, query: str = "") -> Sequence[int]:
        shown = signed_in(person).get(url + query).context["table"]
        assert shown.total == len(shown.lines)
        return [line.row.contact_id for line in shown.lines]

    assert seen(owner) == [mine.pk]
    assert seen(owner, "?q=gone") == []
    assert seen(owner, "?state=sent") == [mine.pk]
    assert sorted(seen(director)) == sorted([mine.pk, given.pk])
    assert gone not in signed_in(owner).get(url).content.decode()
    assert [row["Address"] for row in exported(signed_in(owner), url + "?export=csv")] == [mine.email]
    assert signed_in(teammate).get(url).status_code == 404
    labels = [
        label for _v, label, _c in signed_in(owner).get(url).context["table"].rendering.filter_fields[0]["options"]
    ]
    assert not any("(" in label for label in labels)


def test_addresses_are_found_by_an_index_in_every_partition(marketer: User, db: None) -> None:
    send = campaign_make(marketer).send
    name = ledger_partition_make(send.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name} (send_id, contact_id, changed_at, batch, attempts, address, state, reason, "
            "smtp_reply) SELECT %s, i, now(), 1, 1, md5(i::text) || '@example.com', 'sent', '', '' "
            "FROM generate_series(1, 5000) i",
            [send.pk],
        )
    ledger_partition_attach(send.pk)
    rows = Delivery.objects.filter(send_id=send.pk).addressed("C4CA4238A0")
    assert [row.contact_id for row in rows] == [1]
    assert f"{name}_address" in rows.explain()


def test_every_reason_has_its_state_and_its_words() -> None:
    assert set(STATE_OF) == set(REASONS)
    engine = "".join(path.read_text() for path in Path(freeze.__file__).parent.glob("*.py"))
    given = re.findall(r'State\.(\w+), \(?"(\w+)"', engine) + re.findall(r'State\.(UNKNOWN), reason="(\w+)"', engine)
    assert {reason: STATE_OF[reason].name for _state, reason in given} == {reason: state for state, reason in given}
    assert len(given) > 4
    assert reason_label("something_new") == "something_new"


def test_the_ledger_of_a_draft_says_what_will_be_there(marketer: User, analyst: User, signed_in: SignedIn) -> None:
    page = signed_in(analyst).get(f"/campaigns/{campaign_make(marketer).public_id}/ledger/").content.decode()
    assert "The recipients appear here after launch." in page
