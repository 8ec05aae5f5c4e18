"""The chain from spend to recommendation, one of each, and what the Overview and the API say about it."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from crm.contacts.models import Contact
from crm.surveys.services import nps_url
from tests.journeys.walking import Walk, new_page

CHAIN = ("cpl", "cvr", "cpa", "nps")


def shown(walk: Walk) -> dict[str, str]:
    walk.go("/overview/")
    return {code: walk.figure(f'[data-value="{code}"]') for code in CHAIN}


def book_spend(walk: Walk) -> None:
    walk.go("/spend/new/")
    walk.page.locator("#id_channel").select_option(label="Search ads")
    walk.fill(day=timezone.localdate().isoformat(), amount="60")
    walk.press("Record spend")
    expect(walk.page).to_have_url(re.compile(r"/spend/(\?|$)"))


def type_lead(walk: Walk) -> None:
    walk.go("/leads/new/")
    walk.fill(email="lena@lead.example", first_name="Lena", interest="Green tea")
    walk.page.locator("#id_channel").select_option(label="Search ads")
    walk.page.locator("#id_attended_by").select_option("ecommerce")
    walk.press("Record lead")
    expect(walk.page).not_to_have_url(re.compile("/new/"))


def form_lead(walk: Walk) -> None:
    """A form is made, and a visitor without sign-in fills it in."""
    page = walk.page
    walk.go("/forms/new/")
    walk.fill(name="Website", title="Taste our tea", thank_you="Thank you, we write soon.")
    page.locator("#id_channel").select_option(label="Search ads")
    walk.press("Save form")
    address = page.locator("#form-address").input_value()
    assert address.startswith(walk.web)
    visitor = new_page(walk.browser, width=375, height=700)
    visitor.goto(address)
    visitor.get_by_label("E-mail").fill("vera@lead.example")
    visitor.get_by_role("button", name="Send").click()
    visitor.wait_for_url("**/thanks/**")
    visitor.context.close()


def first_order(walk: Walk) -> None:
    contact = Contact.objects.get(email_normalized="lena@lead.example")
    walk.go(f"/contacts/{contact.public_id}/orders/new/")
    walk.fill(number="S-1", description="Green tea", unit_price="25")
    walk.press("Record order")
    expect(walk.page.get_by_text("S-1").first).to_be_visible()


def answer_nps(walk: Walk) -> None:
    contact = Contact.objects.get(email_normalized="lena@lead.example")
    link = nps_url(contact.public_id)
    reader = new_page(walk.browser, width=375, height=700)
    reader.goto(walk.web + link[link.index("/nps/") :])
    reader.locator(".c-scale label", has_text="10").click()
    reader.get_by_role("button", name="Send my answer").click()
    expect(reader.get_by_role("button", name="Send my answer")).to_have_count(0)
    reader.context.close()


def make_token(walk: Walk) -> str:
    walk.go("/settings/tokens/new/")
    walk.fill(name="Monthly spreadsheet")
    walk.page.locator('input[name="scopes"][value="kpis:read"]').check()
    walk.press("Create token")
    return str(walk.page.locator("#token").input_value())


def by_api(walk: Walk, token: str) -> dict[str, float | None]:
    today = timezone.localdate()
    query = f"metrics={','.join(CHAIN)}&from={today - timedelta(days=27)}&to={today}&by=channel"
    stranger = walk.browser.new_context(extra_http_headers={"Authorization": f"Bearer {token}"})
    answer = stranger.request.get(f"{walk.web}/api/v1/kpis/?{query}")
    assert answer.status == 200
    series: dict[str, Any] = answer.json()
    stranger.close()
    assert [row["key"] for row in series["rows"] if row["values"]["cpl"]["value"]] == ["search_ads"]
    return {code: series["total"]["values"][code]["value"] for code in CHAIN}


def chain(walk: Walk) -> None:
    """By hand: 60 for 2 leads is 30; 1 of 2 bought, 50 %; 60 for 1 customer; one promoter of one, +100."""
    assert shown(walk) == {"cpl": "—", "cvr": "—", "cpa": "—", "nps": "—"}
    book_spend(walk)
    type_lead(walk)
    form_lead(walk)
    assert shown(walk) == {"cpl": "€30.00", "cvr": "0.0%", "cpa": "—", "nps": "—"}
    first_order(walk)
    answer_nps(walk)
    assert shown(walk) == {"cpl": "€30.00", "cvr": "50.0%", "cpa": "€60.00", "nps": "+100.0"}
    assert by_api(walk, make_token(walk)) == {"cpl": 30.0, "cvr": 0.5, "cpa": 60.0, "nps": 100.0}
