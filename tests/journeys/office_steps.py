"""The director's part of the main job, a function per step."""

import re

from playwright.sync_api import expect

from tests.journeys.walking import CUSTOMERS, REGULARS, WORK, Walk, links_of, new_page, order_file

ROWS = 12 * 4 + sum(1 + n % 2 for n in range(REGULARS + 1, CUSTOMERS + 1))


def import_orders(walk: Walk) -> None:
    """Upload, columns as guessed, dry run with its counts, import with its progress, and the rejected row."""
    page = walk.page
    walk.go("/imports/new/")
    page.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": order_file()}
    )
    walk.press("Upload file")
    expect(page.locator("#column_quantity")).to_have_value("7")
    walk.press("Preview import")
    button = page.get_by_role("button", name=f"Import {ROWS} rows")
    button.wait_for(timeout=WORK)
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    button.click()
    page.get_by_role("link", name="Import another file").wait_for(timeout=WORK)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rejected rows").click()
    assert "bad-1" in download.value.path().read_text()


def score_customers(walk: Walk) -> None:
    page = walk.page
    walk.go("/rfm/")
    walk.press("Score customers")
    page.locator(".c-rfm-tile").first.wait_for(timeout=WORK)
    expect(page.get_by_text(f"{CUSTOMERS} customers as of")).to_be_visible()
    page.locator(".c-rfm-tile:not([aria-hidden])").first.click()
    page.wait_for_url(re.compile(r"/contacts/\?rfm="))


def shop_of(walk: Walk) -> str:
    """Where the campaign's link leads: a page that is there without a network."""
    return walk.web.replace("127.0.0.1", "localhost") + "/accounts/login/"


def make_segment(walk: Walk) -> None:
    """With the rule editor: the count and the sentence follow each change."""
    page = walk.page
    walk.go("/segments/new/")
    walk.follow("Start from scratch")
    page.locator("#builder summary").first.click()
    page.locator("[data-field-search]").first.fill("number of orders")
    page.get_by_role("button", name="Number of orders", exact=True).click()
    page.get_by_label("Operator").select_option("at_least")
    page.get_by_label("Value", exact=True).fill("4")
    expect(page.locator("#preview [data-count]")).to_have_attribute("data-count", str(REGULARS))
    expect(page.locator("#preview .m-sentence")).to_contain_text("4")
    page.get_by_label("Value", exact=True).fill("1")
    expect(page.locator("#preview [data-count]")).to_have_attribute("data-count", str(CUSTOMERS))
    page.get_by_label("Value", exact=True).fill("4")
    walk.fill(name="Regulars")
    page.get_by_role("button", name="Save segment").first.click()
    page.wait_for_url(re.compile(r"/segments/[^/]+/$"))
    expect(page.locator("h1")).to_have_text("Regulars")
    expect(page.locator(".m-sentence-lg")).to_contain_text("4")


def define_proposition(walk: Walk) -> None:
    page = walk.page
    walk.go("/propositions/new/")
    page.locator("#id_segment").select_option(label="Regulars")
    walk.fill(name="Never without tea", headline="Your tea at the door before the tin is empty")
    walk.fill(hypothesis="Regulars click on a reminder more than on an offer")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Activate version 1").click()
    expect(page.locator(".m-versions").get_by_text("Active")).to_be_visible()
    walk.notes["proposition"] = page.url.split("?")[0]


def add_sender(walk: Walk) -> None:
    walk.go("/email/settings/senders/new/")
    walk.fill(name="Shop", from_name="The Tea Shop", from_address="shop@cauce.example")
    walk.press("Save the sender")
    expect(walk.page.get_by_text("shop@cauce.example").first).to_be_visible()


def plan_campaign(walk: Walk) -> None:
    """Steps one to five: plan, create, content with a preview and a test send, offer, test."""
    page = walk.page
    walk.go("/campaigns/new/")
    walk.fill(name="Autumn tea", objective="Regulars order once more before winter")
    page.locator("#id_segment").select_option(label="Regulars")
    promise = page.locator("#id_proposition_version option", has_text="before the tin is empty")
    page.locator("#id_proposition_version").select_option(value=promise.get_attribute("value"))
    walk.press("Create campaign")
    page.wait_for_url(re.compile(r"/campaigns/[^/]+/\w+/"))
    walk.notes["campaign"] = re.sub(r"(/campaigns/[^/]+)/.*", r"\1", page.url)
    campaign = walk.notes["campaign"]
    walk.go(f"{campaign}/create/")
    walk.press("Save and continue")
    page.wait_for_url("**/content/**")
    page.get_by_role("button", name="1 · One offer").click()
    for label, subject in (("A", "Your autumn tea, {{ contact.first_name }}"), ("B", "Is your tin empty?")):
        walk.go(f"{campaign}/content/?v={label}")
        body = page.locator("#id_body").input_value()
        walk.fill(subject=subject, body=body.replace("https://www.example.com/", shop_of(walk)))
        expect(page.locator("[data-status]")).to_have_text("Saved")
    frame = page.frame_locator("[data-frame]")
    expect(frame.get_by_text(re.compile(r"Hello Ana\d+"))).to_be_visible()
    walk.fill(addresses="dora@company.example")
    page.locator(".test-send button").click()
    assert "Is your tin empty?" in walk.letter_to("dora@company.example").subject
    walk.go(f"{campaign}/offer/")
    walk.press("Save and continue")
    page.wait_for_url("**/test/")
    walk.fill(hypothesis="A question is clicked more, because it makes people look")
    page.locator("#id_metric").select_option("click")
    walk.fill(horizon=str(REGULARS))
    walk.press("Save and continue")
    page.wait_for_url("**/send/")


def launch_campaign(walk: Walk) -> None:
    """The button names the exact count; the monitor follows by itself to the end."""
    page = walk.page
    before = walk.mail.count()
    page.get_by_role("button", name=f"Send to {REGULARS} contacts").click()
    page.wait_for_url("**/monitor/")
    expect(page.locator("#progress h3")).to_have_text("Finished", timeout=WORK)
    walk.mail.wait_for(before + REGULARS)
    sent = [message for message in walk.mail.messages if message.recipients[0].endswith("@customer.example")]
    assert sorted(message.recipients[0] for message in sent) == [f"c{n:03}@customer.example" for n in range(1, 13)]
    assert {message.subject.split(",")[0] for message in sent} == {"Your autumn tea", "Is your tin empty?"}


def click_link(walk: Walk) -> None:
    """Read the mail in the catcher, follow its link, see the number move."""
    page, campaign = walk.page, walk.notes["campaign"]
    assert clicks_shown(walk, f"{campaign}/monitor/") == 0
    walk.go("/mail/?to=c003")
    page.locator(".c-table td a").first.click()
    letter = page.frame_locator("iframe.c-letter")
    expect(letter.get_by_text("Hello Ana3,")).to_be_visible()
    link = letter.get_by_role("link", name="See the offer")
    target = link.get_attribute("href") or ""
    assert target.startswith(f"{walk.web}/c/")
    reader = new_page(walk.browser)
    reader.goto(target)
    assert reader.url.startswith(shop_of(walk))
    reader.context.close()
    walk.until(
        lambda: clicks_shown(walk) == 1, "the click on the campaign", campaign.removeprefix(walk.web) + "/monitor/"
    )


def clicks_shown(walk: Walk, url: str = "") -> int:
    """The sum of the column “Clicked”."""
    if url:
        walk.go(url)
    cells = walk.page.locator(".results-box").first.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert cells, "there is no result table"
    return sum(int(cell) for cell in cells)


def evidence(walk: Walk) -> None:
    walk.go(walk.notes["proposition"])
    expect(walk.page.get_by_role("link", name="Autumn tea")).to_be_visible()


def unsubscribe(walk: Walk) -> None:
    """The mail's own link: looking does nothing, the button does."""
    letter = walk.letter_to("c005@customer.example")
    link = next(link for link in links_of(letter, walk.web) if "/u/" in link)
    walk.go("/contacts/?q=c005")
    walk.page.locator("a.c-rowlink").first.click()
    contact = walk.page.url
    reader = new_page(walk.browser, width=375, height=700)
    reader.goto(link)
    walk.go(contact)
    left = walk.page.locator(".c-badge", has_text=re.compile("^withdrawn$"))
    expect(left).to_have_count(0)
    reader.get_by_role("button", name="Unsubscribe").click()
    expect(reader.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    reader.context.close()
    walk.go(contact)
    expect(left).to_be_visible()
