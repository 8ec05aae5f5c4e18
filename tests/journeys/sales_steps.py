"""The salesperson's part of the main job, on a phone."""

from playwright.sync_api import Page, expect

from accounts.people.models import User
from crm.activities.services.mini_lists import minilist_assign
from crm.contacts.models import Contact
from tests.journeys.walking import WORK, Walk, new_page, no_sideways_scroll, sign_in


def hand_over(salesperson: User, *names: str) -> list[Contact]:
    contacts = list(Contact.objects.filter(first_name__in=names).order_by("first_name"))
    minilist_assign(contacts=contacts, owner=salesperson, actor=None)
    return contacts


def own_world(walk: Walk, salesperson: User, others: list[Contact]) -> Page:
    """Own customers; another salesperson's is not there, whatever the address."""
    page = new_page(walk.browser, width=375, height=760)
    sign_in(page, walk.web, salesperson.email)
    page.goto(f"{walk.web}/my/customers/")
    expect(page.get_by_role("link", name="Ana20 Río")).to_be_visible()
    expect(page.get_by_text("Ana22 Río")).to_have_count(0)
    no_sideways_scroll(page)
    for path in ("/contacts/{}/", "/my/customers/{}/"):
        answer = page.goto(walk.web + path.format(others[0].public_id))
        assert answer is not None
        assert answer.status == 404
    answer = page.goto(f"{walk.web}/campaigns/")
    assert answer is not None
    assert answer.status == 403
    page.goto(f"{walk.web}/my/customers/add/")
    no_sideways_scroll(page)
    page.locator("#id_name").fill("Nora Nueva")
    page.locator("#id_reach").fill("nora@customer.example")
    page.get_by_role("button", name="Add to my mini-list").click()
    page.goto(f"{walk.web}/my/customers/")
    expect(page.get_by_role("link", name="Nora Nueva")).to_be_visible()
    return page


def write_letter(walk: Walk, page: Page, salesperson: User) -> None:
    """In the first person: it arrives under the salesperson's name and is answered to the salesperson."""
    page.goto(f"{walk.web}/write/")
    no_sideways_scroll(page)
    page.get_by_role("button", name="Start with a blank page").click()
    page.locator("#id_subject").fill("I kept something for you")
    page.locator("#id_body").fill("Hello {{ contact.first_name }},\n\nI have your tea here.\n\nSara\n")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    no_sideways_scroll(page)
    recipients = page.locator("#recipients")
    expect(recipients.get_by_text("Ana22 Río")).to_have_count(0)
    recipients.locator("label.person", has_text="Ana20 Río").locator("input").check()
    page.get_by_role("button", name="Save recipients").click()
    page.get_by_role("button", name="Send to 1 customer", exact=True).click()
    expect(page.locator("ul.states")).to_be_visible(timeout=WORK)
    no_sideways_scroll(page)
    letter = walk.letter_to("c020@customer.example")
    assert letter.subject == "I kept something for you"
    assert letter.header("From").startswith(salesperson.full_name)
    assert salesperson.email in letter.header("Reply-To")
    assert "Hello Ana20" in letter.text
