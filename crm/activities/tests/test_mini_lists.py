from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import Conflict, DomainError
from crm.activities.models import FollowUp, Note
from crm.activities.queries import birthday_within, contacts_of, day_of
from crm.activities.salesperson_results import customers_contacted, sales_credited
from crm.activities.services.follow_ups import call_log, followup_done, followup_later
from crm.activities.services.mini_lists import (
    Assigned,
    minilist_assign,
    minilist_hand_over,
    minilist_release,
    minilist_take,
)
from crm.activities.services.quick_add import Outcome, minilist_offer_take, minilist_quick_add
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.leads.models import Lead
from crm.sales.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_assigning_closes_the_open_row_and_opens_the_next(director: User, owner: User, outsider: User) -> None:
    contacts = ContactFactory.create_batch(3)
    assert minilist_assign(contacts=contacts[:2], owner=owner, actor=director) == Assigned(2, 0, 0)
    assert minilist_assign(contacts=contacts, owner=owner, actor=director) == Assigned(1, 0, 2)
    assert minilist_assign(contacts=contacts, owner=outsider, actor=director) == Assigned(3, 3, 0)
    assert set(MiniListMembership.objects.open().values_list("owner", flat=True)) == {outsider.pk}
    closed = MiniListMembership.objects.exclude(until=None)
    assert closed.count() == 3
    opened = MiniListMembership.objects.open().get(contact=contacts[0])
    assert closed.get(contact=contacts[0]).until == opened.since


def test_one_customer_is_one_line_in_the_trail(director: User, owner: User) -> None:
    contact = ContactFactory.create()
    minilist_assign(contacts=[contact], owner=owner, actor=director)
    entry = AuditEntry.objects.get()
    assert (entry.object_type, entry.changes) == ("crm.contact", {"owner": [None, "Olga Owner"]})


def test_only_salespeople_own(director: User, marketer: User) -> None:
    with pytest.raises(DomainError) as refused:
        minilist_assign(contacts=[ContactFactory.create()], owner=marketer, actor=director)
    assert refused.value.code == "owner_unsuitable"


def test_releasing_frees(director: User, owner: User) -> None:
    contact = ContactFactory.create()
    minilist_assign(contacts=[contact], owner=owner, actor=director)
    assert minilist_release(contacts=[contact], actor=director) == 1
    assert not Contact.objects.visible_to(owner).exists()


def test_a_whole_list_changes_hands(director: User, owner: User, teammate: User) -> None:
    minilist_assign(contacts=ContactFactory.create_batch(4), owner=owner, actor=director)
    assert minilist_hand_over(holder=owner, heir=teammate, actor=director) == 4
    assert Contact.objects.visible_to(teammate).count() == 4
    assert minilist_hand_over(holder=teammate, heir=None, actor=director) == 4
    assert MiniListMembership.objects.open().count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_salespeople_at_once_leave_one_owner(owner: User, outsider: User) -> None:
    contacts = ContactFactory.create_batch(20)

    def assign(person: User) -> None:
        try:
            for _turn in range(5):
                minilist_assign(contacts=contacts, owner=person, actor=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(assign, [owner, outsider]))
    assert MiniListMembership.objects.open().count() == 20
    for row in MiniListMembership.objects.open():
        assert not MiniListMembership.objects.filter(contact=row.contact, until__gt=row.since).exists()


def test_a_new_person_is_added_with_tastes(owner: User, signed_in) -> None:
    client: Client = signed_in(owner)
    body = {"name": "Nina New Person", "reach": "Nina@Example.com", "tastes": "tea,  long runs, tea"}
    assert client.post("/my/customers/add/", body).status_code == 302
    nina = Contact.objects.visible_to(owner).get()
    assert (nina.first_name, nina.last_name, nina.tastes) == ("Nina", "New Person", ["tea", "long runs"])
    assert nina.email_normalized == "nina@example.com"


def test_a_free_person_is_offered_and_taken(owner: User, outsider: User) -> None:
    Company.objects.create(pk=1, time_zone="Europe/Madrid")
    free = ContactFactory.create(phone="+34 600 10 20 30", email="", email_normalized=None, address_hash=None)
    found = minilist_quick_add(owner=owner, fields={"first_name": "X", "phone": "600102030"})
    assert (found.outcome, found.contact) == (Outcome.OFFERED, free)
    with pytest.raises(DomainError):
        minilist_offer_take(owner=outsider, offer=found.offer)
    minilist_offer_take(owner=owner, offer=found.offer)
    assert Contact.objects.visible_to(owner).get() == free
    assert minilist_quick_add(owner=owner, fields={"phone": "600102030"}).outcome is Outcome.MINE


def test_a_phone_of_several_or_of_somebody_archived_is_not_added_again(owner: User) -> None:
    ContactFactory.create(phone="+34 600 10 20 30", archived_at=timezone.now())
    ContactFactory.create_batch(2, phone="+34 600 10 20 31")
    for phone in ("+34600102030", "+34600102031"):
        with pytest.raises(DomainError) as refused:
            minilist_quick_add(owner=owner, fields={"first_name": "X", "phone": phone})
        assert refused.value.code == "not_available"
    assert Contact.objects.count() == 3


def test_another_s_customer_leaks_nothing(owner: User, outsider: User, signed_in) -> None:
    contact = ContactFactory.create(first_name="Secret", last_name="Person")
    minilist_assign(contacts=[contact], owner=outsider, actor=None)
    page = signed_in(owner).post("/my/customers/add/", {"name": "A B", "reach": contact.email}).content.decode()
    assert "cannot be added to your mini-list" in page
    assert "Secret" not in page
    assert "Otto" not in page
    with pytest.raises(Conflict):
        minilist_take(contact=contact, owner=owner)


def test_my_day_orders_by_reason(owner: User, director: User) -> None:
    now = timezone.now()
    idle = ContactFactory.create(first_order_at=now, last_contacted_at=now - timedelta(days=61))
    fresh = ContactFactory.create(first_order_at=now, last_contacted_at=now - timedelta(days=59))
    birthday = ContactFactory.create(birth_date=timezone.localdate().replace(year=1980, day=1))
    ContactFactory.create(first_order_at=now)
    minilist_assign(contacts=[idle, fresh, birthday], owner=owner, actor=director)
    lead = Lead.objects.create(contact=fresh, channel=ChannelFactory.create(), owner=owner)
    day = day_of(user=owner, today=timezone.localdate().replace(day=1))
    assert [(entry.contact, entry.reason.value) for entry in day.entries] == [
        (lead.contact, "lead"),
        (birthday, "birthday"),
        (idle, "idle"),
    ]
    assert (day.customers, day.idle, day.never) == (3, 1, 1)


def test_done_later_and_called_take_a_customer_off_the_day(owner: User) -> None:
    now = timezone.now()
    contacts = ContactFactory.create_batch(3, first_order_at=now, last_contacted_at=now - timedelta(days=90))
    minilist_assign(contacts=contacts, owner=owner, actor=None)
    followup_done(contact=contacts[0], owner=owner, reason="idle")
    followup_later(contact=contacts[1], owner=owner, reason="idle", days=7)
    followup_later(contact=contacts[1], owner=owner, reason="idle", days=1)
    call_log(contact=contacts[2], author=owner, text="Wants tea", reason="idle")
    today = timezone.localdate()
    assert day_of(user=owner, today=today).entries == []
    assert FollowUp.objects.open().count() == 1
    assert FollowUp.objects.due(on=today + timedelta(days=1)).get().contact == contacts[1]
    assert [entry.reason.value for entry in day_of(user=owner, today=today + timedelta(days=1)).entries] == ["planned"]
    assert Note.objects.get().text == "Wants tea"
    touched = customers_contacted(owner, now - timedelta(days=1), now + timedelta(days=1))
    assert {event.contact_id for event in touched} == {contact.pk for contact in (contacts[0], contacts[2])}


def test_follow_ups_are_seen_by_their_owner_while_the_customer_is_theirs(owner: User, outsider: User) -> None:
    contact = ContactFactory.create()
    minilist_assign(contacts=[contact], owner=owner, actor=None)
    followup_done(contact=contact, owner=owner, reason="idle")
    assert FollowUp.objects.visible_to(owner).count() == 1
    assert FollowUp.objects.visible_to(outsider).count() == 0
    minilist_assign(contacts=[contact], owner=outsider, actor=None)
    assert FollowUp.objects.visible_to(owner).count() == 0


def test_a_lead_given_to_me_is_mine_only_while_its_person_is_free(owner: User, outsider: User) -> None:
    lead = Lead.objects.create(contact=ContactFactory.create(), channel=ChannelFactory.create(), owner=owner)
    assert list(contacts_of(owner)) == [lead.contact]
    minilist_assign(contacts=[lead.contact], owner=outsider, actor=None)
    assert list(contacts_of(owner)) == []


@pytest.mark.parametrize(
    ("today", "birth", "expected"),
    [
        (date(2026, 12, 28), date(1990, 1, 2), True),
        (date(2026, 12, 28), date(1990, 1, 4), False),
        (date(2027, 2, 25), date(1992, 2, 29), True),
        (date(2028, 2, 25), date(1992, 2, 29), True),
    ],
)
def test_birthdays_of_the_week(today: date, birth: date, expected: bool) -> None:
    ContactFactory.create(birth_date=birth)
    ContactFactory.create()
    assert Contact.objects.filter(birthday_within(today, 7)).exists() is expected


def test_a_sale_is_credited_to_whoever_looked_after_the_customer_then(owner: User, outsider: User) -> None:
    contact, now = ContactFactory.create(), timezone.now()
    MiniListMembership.objects.create(
        contact=contact, owner=owner, since=now - timedelta(days=40), until=now - timedelta(days=20)
    )
    MiniListMembership.objects.create(contact=contact, owner=outsider, since=now - timedelta(days=20))
    OrderFactory.create(contact=contact, placed_at=now - timedelta(days=30), gross=100)
    OrderFactory.create(contact=contact, placed_at=now - timedelta(days=10), gross=7)
    since = now - timedelta(days=60)
    assert [event.amount for event in sales_credited(owner, since, now)] == [100]
    assert [event.amount for event in sales_credited(outsider, since, now)] == [7]
    assert sales_credited(outsider, since, now - timedelta(days=11)) == []


def test_my_customers_costs_the_same_for_one_and_twenty(owner: User, signed_in, django_assert_max_num_queries) -> None:
    minilist_assign(contacts=ContactFactory.create_batch(20, tastes=["tea"]), owner=owner, actor=None)
    client: Client = signed_in(owner)
    with django_assert_max_num_queries(12):
        assert client.get("/my/customers/?q=tea").content.decode().count("my-card-head") == 20
