"""Every sum of a split opens the list of exactly the rows it counts."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from analytics.drill import rows_url
from crm.models import Lead, MiniListMembership, Order
from crm.services.orders import order_figures_refresh
from crm.tests.factories import ChannelFactory, ContactFactory, LeadFactory, OrderFactory

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAYS = "from=2026-03-01&to=2026-03-31"
CELL = re.compile(r'<td class="c-right c-num"[^>]*><a href="([^"]+)">([\d,]+)</a>')
ROWS = re.compile(r"(\d+)\s+rows?\b")


@pytest.fixture
def _events(owner: User, teammate: User) -> None:
    """Leads and first sales that count for different people and channels than their own columns say."""
    ads, blog = ChannelFactory.create(name="Ads"), ChannelFactory.create(name="Blog", archived_at=AT)
    first, second, third, fourth = ContactFactory.create_batch(4)
    MiniListMembership.objects.create(contact=first, owner=teammate, since=AT - timedelta(days=9))
    LeadFactory.create(contact=first, channel=ads, owner=owner, occurred_at=AT, attended_by="sales_force")
    LeadFactory.create(contact=second, channel=ads, owner=owner, occurred_at=AT)
    LeadFactory.create(contact=second, channel=blog, occurred_at=AT + timedelta(days=1))
    LeadFactory.create(contact=third, channel=blog, occurred_at=AT)
    for contact, channel in ((first, blog), (second, None), (fourth, ads), (third, None)):
        OrderFactory.create(contact=contact, channel=channel, placed_at=AT + timedelta(days=2), gross=10, net=10)
    order_figures_refresh(contact_ids=[first.pk, second.pk, third.pk, fourth.pk])
    assert (Lead.objects.count(), Order.objects.count()) == (4, 4)


@pytest.mark.usefixtures("_events")
@pytest.mark.parametrize("page", ["/overview/", "/demand/", "/demand/funnel/"])
def test_each_number_opens_its_rows(client: Client, director: User, page: str) -> None:
    client.force_login(director)
    cells = CELL.findall(client.get(f"{page}?{DAYS}").content.decode())
    assert len(cells) > 4
    for url, number in cells:
        listed = ROWS.search(client.get(html.unescape(url)).content.decode())
        assert listed, url
        assert listed[1] == number, url


def test_a_ratio_has_no_rows_of_its_own() -> None:
    day = AT.date()
    assert rows_url("cpl", start=day, end=day) == ""
    assert rows_url("spend", start=day, end=day, by="salesperson", key="x") == ""
    assert rows_url("leads", start=day, end=day, by="channel").endswith(
        "?day_from=2026-03-10&day_to=2026-03-10&channel=none"
    )
