"""Bad input at each step of the main job: a clear answer, and nothing half-written."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.content.services import Content
from core.services.progress import ProgressLine
from crm.brands.tests.factories import BrandFactory
from crm.channels.models import Channel
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from crm.forms.models import LeadForm
from crm.imports.models import ImportFile
from crm.imports.services import import_run
from crm.leads.models import Lead
from crm.sales.models import Order
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from crm.surveys.services import nps_url
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Send, Variant
from delivery.sends.tests.factories import willing
from marketing.segments.tests.factories import SegmentFactory
from marketing.spend.models import SpendEntry

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
HEADER = b"order number,date,customer number,email,product,quantity,unit price\n"
SCRIPT = '"><script>alert(1)</script>'
ROW = b"1,2026-03-14,C1,ana@example.com,Tea,2,4.50\n"


def xlsx(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def broken_sheet() -> bytes:
    """A workbook whose sheet ends in the middle of a cell."""
    from openpyxl import Workbook

    book, whole, cut = Workbook(), io.BytesIO(), io.BytesIO()
    sheet = book.create_sheet(index=0)
    for _row in range(50):
        sheet.append(["1", "2026-03-14", "C1", "ana@example.com", "Tea", 2, 4.5])
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(cut, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    return cut.getvalue()


def spoilt_gzip() -> bytes:
    good = bytearray(gzip.compress(HEADER + ROW * 5000, mtime=0))
    good[len(good) // 2] ^= 0xFF
    return bytes(good)


# --- Files -------------------------------------------------------------------------------------------------------
def upload(client: Client, name: str, content: bytes) -> Any:
    return client.post("/imports/new/", {"kind": "orders", "file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.png", b"\x89PNG\r\n", "Choose a CSV, .csv.gz or .xlsx file"),
        ("macros.xlsm", b"PK\x03\x04", "Choose a CSV, .csv.gz or .xlsx file"),
        ("orders.csv", b"", "empty"),
        ("orders.csv", b"  \n \n", "empty"),
        ("orders.csv.gz", b"", "empty"),
        ("orders.csv.gz", gzip.compress(b"", mtime=0), "empty"),
        ("orders.csv.gz", spoilt_gzip(), "damaged"),
        ("orders.csv.gz", b"\x1f\x8b" + b"\0" * 40, "damaged"),
        ("orders.csv", b"\0\1\2\3" * 400, "This file is not a table"),
        ("orders.xls.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "old Excel"),
        ("orders.xlsx", b"PK\x03\x04nothing", "damaged"),
        ("orders.xlsx", xlsx(readme=b"no workbook"), "damaged"),
        ("orders.xlsx", broken_sheet(), "damaged"),
    ],
    ids=[f"file{number}" for number in range(13)],
)
def test_a_file_that_is_none(marketer: User, signed_in: SignedIn, name: str, content: bytes, said: str) -> None:
    answer = upload(signed_in(marketer), name, content)
    assert answer.status_code in {400, 422}
    assert said in answer.content.decode()
    assert ImportFile.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"column_quantity": ""}, "quantity"),
        ({"column_quantity": "999"}, ""),
        ({"column_nonsense": "1"}, ""),
        ({"column_quantity": "9" * 5000}, ""),
        ({"column_date": ""}, "date"),
        ({"column_number": "0", "column_product": "0"}, ""),
        ({"rates": "USD=cheap"}, "Use the format USD=0.92"),
        ({"channel": "no such channel"}, ""),
    ],
)
def test_columns_that_cannot_be(marketer: User, signed_in: SignedIn, change: dict[str, str], said: str) -> None:
    client = signed_in(marketer)
    page = upload(client, "orders.csv", HEADER + ROW).url
    columns = ImportFile.objects.get().mapping["columns"]
    posted = {f"column_{code}": str(n) for code, n in columns.items()} | {"date_order": "ymd", "decimal": "."}
    answer = client.post(f"{page}columns/", posted | change)
    assert answer.status_code in {302, 409, 422}
    assert answer.status_code == 302 or said.lower() in answer.content.decode().lower()
    assert Order.objects.count() == 0


def test_duplicate_and_empty_headers_are_told_apart(marketer: User, signed_in: SignedIn) -> None:
    client = signed_in(marketer)
    page = client.get(upload(client, "orders.csv", b"date,date,,amount,amount\n2026-03-14,a,b,1,2\n").url)
    assert page.status_code == 200
    assert [">date (2)<" in page.content.decode(), ">amount (2)<" in page.content.decode()] == [True, True]


# --- Searching, filtering ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/contacts/?q=%00", "/contacts/?rfm=%00", "/contacts/?page=%00&sort=%00", "/leads/?q=%00", "/orders/?q=%00",
        "/spend/?from=%00", "/segments/?q=%00", "/campaigns/?q=%00", "/mail/?to=%00", "/search/?q=%00",
        "/data/audit/?q=%00",
        "/overview/?from=9999-12-31&to=9999-12-31", "/overview/?from=0001-01-01&to=0001-01-02",
        "/overview/?from=2026-13-01", "/demand/?from=9999-12-31&to=9999-12-31", "/relationship/nps/?from=0001-01-01",
        "/overview/?channel=%00&salesperson=%00", "/spend/week/?end=9999-12-31", "/spend/week/?end=0001-01-01",
        "/segments/?page=99999999999999999999", "/campaigns/?page=-1", "/contacts/?after=%ff%00", "/imports/?q=%00",
        "/propositions/?v=99999999999999999999", "/strategy/map/?x=%00",
    ],
)  # fmt: skip
def test_addresses_that_mean_nothing(director: User, signed_in: SignedIn, path: str) -> None:
    assert signed_in(director).get(path).status_code in {200, 404, 422}


@pytest.mark.parametrize(
    "query",
    [
        "from=9999-12-31&to=9999-12-31", "to=9999-12-31", "from=0001-01-01&to=0001-01-02", "from=2026-02-30",
        "from=2026-03-02&to=2026-03-01", "metrics=,", "metrics=%00", "by=%00", "by=rainbow", "channel=%00",
        "salesperson=%00",
    ],
)  # fmt: skip
def test_questions_the_api_cannot_answer(director: User, signed_in: SignedIn, query: str) -> None:
    for path in ("/api/v1/kpis/", "/api/v1/kpis.csv"):
        assert signed_in(director).get(f"{path}?{query}").status_code in {400, 404, 422}, path


# --- Money, leads, orders, answers ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"amount": "-1"}, {"amount": "NaN"}, {"amount": "Infinity"}, {"amount": "1e30"}, {"amount": "ten"},
        {"amount": ""},
        {"day": "2999-01-01"}, {"day": "0001-01-01"}, {"day": "31/31/2026"}, {"currency": "EURO"},
        {"currency": "USD"}, {"channel": "999999"}, {"channel": "x"}, {"note": "a\0b"},
        {"rate": "-1", "currency": "USD"},
        {"rate": "0", "currency": "USD"}, {"rate": "NaN", "currency": "USD"},
    ],
)  # fmt: skip
def test_spend_that_is_none(marketer: User, signed_in: SignedIn, change: dict[str, str]) -> None:
    day = timezone.localdate().isoformat()
    typed = {"channel": Channel.objects.get(code="search_ads").pk, "day": day, "amount": "10", "currency": "EUR"}
    answer = signed_in(marketer).post("/spend/new/", {**typed, **change})
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode() or "alert" in answer.content.decode()
    assert SpendEntry.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "2999-01-01T10:00"}, {"occurred_at": "0001-01-01T00:00"}, {"occurred_at": "9999-12-31T23:59"},
        {"occurred_at": "yesterday"}, {"email": "ana@"}, {"email": "a\r\nBcc: x@example.com"}, {"email": ""},
        {"email": "ana@exa mple.com"}, {"channel": "x"}, {"attended_by": "nobody"}, {"first_name": "a\0b"},
        {"owner": "x"}, {"phone": "1" * 99},
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
def test_a_lead_that_is_none(marketer: User, signed_in: SignedIn, change: dict[str, str], zone: str) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone=zone)
    typed = {
        "email": "ana@example.com", "channel": Channel.objects.get(code="search_ads").pk,
        "occurred_at": "2026-03-14T10:00", "attended_by": "ecommerce",
    }  # fmt: skip
    answer = signed_in(marketer).post("/leads/new/", {**typed, **change})
    assert answer.status_code == 422
    assert (Lead.objects.count(), Contact.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"placed_at": "0001-01-01T00:00"}, {"placed_at": "9999-12-31T23:59"}, {"quantity": "0"}, {"quantity": "NaN"},
        {"unit_price": "-1"}, {"unit_price": "1e20"}, {"number": ""}, {"number": "a\0b"}, {"description": ""},
        {"quantity": "9999999", "unit_price": "99999999"},
    ],
)  # fmt: skip
def test_an_order_that_is_none(marketer: User, signed_in: SignedIn, change: dict[str, str]) -> None:
    contact = ContactFactory.create()
    typed = {
        "number": "S1", "placed_at": "2026-03-14T10:00", "description": "Tea", "quantity": "1", "unit_price": "5"
    }  # fmt: skip
    answer = signed_in(marketer).post(f"/contacts/{contact.public_id}/orders/new/", {**typed, **change})
    assert answer.status_code == 422
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "posted", [{"score": "11"}, {"score": "-1"}, {"score": "9.5"}, {"score": ""}, {"score": "ten"}]
)
def test_an_answer_that_is_none(client: Client, posted: dict[str, str]) -> None:
    link = nps_url(ContactFactory.create().public_id)
    assert client.post(link[link.index("/nps/") :], posted).status_code == 422
    assert NpsAnswer.objects.count() == 0


def test_answers_take_odd_words_and_tampered_links_none(client: Client) -> None:
    link = nps_url(ContactFactory.create().public_id)
    path = link[link.index("/nps/") :]
    assert client.head(f"{path}?score=9").status_code == 200
    assert client.get(f"{path}?score=99").status_code == 200
    assert client.get(path[:-3] + "zz/").status_code == 404
    assert client.post(path[:-3] + "zz/", {"score": "9"}).status_code == 404
    assert NpsAnswer.objects.count() == 0
    answer = client.post(path, {"score": "9", "comment": "<script>alert(1)</script>\0", "key": "\0"})
    assert answer.status_code == 422
    assert NpsAnswer.objects.count() == 0
    assert client.post(path, {"score": "9", "comment": SCRIPT}).status_code == 200
    assert SCRIPT not in client.get(path).content.decode()


# --- Names that attack ---------------------------------------------------------------------------------------------
def test_script_in_names_is_words(director: User, signed_in: SignedIn) -> None:
    client = signed_in(director)
    contact = ContactFactory.create(first_name=SCRIPT, last_name=SCRIPT, city=SCRIPT, tastes=[SCRIPT])
    OrderFactory.create(contact=contact)
    segment = SegmentFactory.create(name=SCRIPT, description=SCRIPT)
    campaign = campaign_make(director, segment=segment)
    Campaign.objects.update(name=SCRIPT, objective=SCRIPT)
    Variant.objects.update(subject=SCRIPT)
    address = f"/campaigns/{campaign.public_id}"
    pages = ["/contacts/", f"/contacts/{contact.public_id}/", "/orders/", "/segments/",
             f"/segments/{segment.public_id}/", f"/segments/{segment.public_id}/edit/", "/campaigns/", "/email/",
             "/strategy/map/", "/search/?q=script",
             *(f"{address}/{step}/" for step in ("plan", "create", "content", "offer", "test", "send", "monitor")),
             f"{address}/content/readers/?q=script"]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.content.decode(), page


@pytest.mark.parametrize("attack", ["Shop\r\nBcc: all@example.com", "Shop\nX-Evil: 1", "Shop\x0bX"])
def test_header_injection_in_senders_and_subjects(director: User, signed_in: SignedIn, attack: str) -> None:
    client = signed_in(director)
    BrandFactory.create()
    sender = {"name": "One", "from_name": attack, "from_address": "shop@company.example", "brand": "1"}
    client.post("/email/settings/senders/new/", {**sender, "brand": BrandFactory.create().pk})
    assert not any(set("\r\n\x0b") & set(it.from_name) for it in SendingIdentity.objects.all())
    refused = client.post(
        "/email/settings/senders/new/",
        {**sender, "name": "Two", "from_name": "S", "from_address": "a@b.example\r\nBcc: c@d.example"},
    )
    assert refused.status_code in {200, 422}
    assert not SendingIdentity.objects.filter(name="Two").exists()
    campaign = campaign_make(director)
    content = campaign.send.variants.get(label="A")
    client.post(
        f"/campaigns/{campaign.public_id}/content/?v=A", {"subject": attack, "body": content.body, "started_from": ""}
    )
    assert not set("\r\n\x0b") & set(Variant.objects.get(pk=content.pk).subject)


@pytest.mark.parametrize("address", ["ana@bücher.example", "añá@example.com", "ANA@EXAMPLE.COM", "用户@例子.广告"])
def test_addresses_in_every_script(marketer: User, signed_in: SignedIn, address: str) -> None:
    client = signed_in(marketer)
    typed = {"first_name": "Ana", "email": address}
    assert client.post("/contacts/new/", typed).status_code == 302
    assert client.post("/contacts/new/", {**typed, "email": address.lower()}).status_code in {302, 409, 422}
    assert Contact.objects.count() == 1
    assert client.get("/contacts/").status_code == 200


# --- Launching -----------------------------------------------------------------------------------------------------
def launch(client: Client, campaign: Campaign, **posted: str) -> Any:
    return client.post(f"/campaigns/{campaign.public_id}/launch/", {"when": "now", "expected": "3", **posted})


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"when": "later", "at": "2020-01-01T09:00", "zone": "Europe/Madrid"}, "has already passed"),
        ({"when": "later", "at": "2027-03-28T02:30", "zone": "Europe/Madrid"}, "clocks"),
        ({"when": "later", "at": "", "zone": "Europe/Madrid"}, "Enter a date and time"),
        ({"when": "later", "at": "soon", "zone": "Europe/Madrid"}, "valid date"),
        ({"when": "later", "at": "0001-01-01T00:00", "zone": "Asia/Tokyo"}, ""),
        ({"when": "later", "at": "9999-12-31T23:59", "zone": "America/Lima"}, ""),
        ({"when": "later", "at": "2027-06-01T09:00", "zone": "Mars/Olympus"}, ""),
        ({"when": "never"}, ""),
        ({"expected": "2"}, "Nothing was sent"),
    ],
)
def test_a_launch_that_cannot_be(marketer: User, signed_in: SignedIn, posted: dict[str, str], said: str) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    answer = launch(signed_in(marketer), campaign, **posted)
    assert answer.status_code in {409, 422}
    assert said in answer.content.decode()
    assert Send.objects.get().state == Send.State.DRAFT


def test_a_time_that_only_my_own_zone_skips_is_fine_elsewhere(marketer: User, signed_in: SignedIn) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone="Europe/Madrid")
    willing(3)
    campaign = campaign_make(marketer)
    answer = launch(signed_in(marketer), campaign, when="later", at="2027-03-28T02:30", zone="America/Lima")
    assert answer.status_code == 302
    assert Send.objects.get().scheduled_at == datetime(2027, 3, 28, 7, 30, tzinfo=UTC)


def test_two_tabs_launch_once(marketer: User, signed_in: SignedIn, django_capture_on_commit_callbacks: Any) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    first, second = signed_in(marketer), signed_in(marketer)
    assert launch(first, campaign).status_code == 302
    again = launch(second, campaign)
    assert again.status_code == 302
    assert again.url.endswith("/monitor/")


# --- Content -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("<mj-text>never closed", "closed"),
        ("<mj-blink>x</mj-blink>", "mj-blink"),
        ("<mj-text>{{ contact.first_name </mj-text>", "braces"),
        ("<mj-text>{{ contact.shoe_size }}</mj-text>", "shoe_size"),
        ("<mj-text>{% for a in [1] %}</mj-text>", "braces"),
        ("<mj-text>{% for a in range(999999999) %}x{% endfor %}</mj-text>", ""),
        ("<mj-text>{% include 'secret' %}</mj-text>", ""),
        ("<mj-text>{{ settings.SECRET_KEY }}</mj-text>", "settings"),
    ],
)
def test_content_that_cannot_be_sent(marketer: User, signed_in: SignedIn, words: str, said: str) -> None:
    """It is kept while one writes, says what is wrong, shows no reader's page of it, and is not launched."""
    client = signed_in(marketer)
    willing(3)
    campaign = campaign_make(marketer)
    variant = campaign.send.variants.get(label="A")
    body = f"<mjml><mj-body><mj-section><mj-column>{words}</mj-column></mj-section></mj-body></mjml>"
    page = f"/campaigns/{campaign.public_id}/content/?v=A"
    mark = Content.of(variant).mark
    answer = client.post(page, {"subject": "S", "body": body, "started_from": mark}, follow=True)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    preview = client.get(f"/campaigns/{campaign.public_id}/content/A/preview/")
    assert preview.status_code in {200, 422}
    assert settings.SECRET_KEY not in preview.content.decode()
    assert launch(client, campaign).status_code == 422
    assert Send.objects.get().state == Send.State.DRAFT


# --- What programs send -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("spend/", {"channel": "search_ads", "day": "2026-03-14", "amount": "-1"}),
        ("spend/", {"channel": "search_ads", "day": "2026-03-14", "amount": "NaN"}),
        ("spend/", {"channel": "search_ads", "day": "2026-03-14", "amount": 1e40}),
        ("spend/", {"channel": "nowhere", "day": "2026-03-14", "amount": "1"}),
        ("spend/", {"channel": "search_ads", "day": "14/03/2026", "amount": "1"}),
        ("spend/", {}),
        ("spend/", ["a", "list"]),
        ("leads/", {"channel": "search_ads", "email": "ana@example.com", "occurred_at": "2999-01-01T00:00:00Z"}),
        ("leads/", {"channel": "search_ads", "email": "ana@example.com", "occurred_at": "0001-01-01T00:00:00+09:00"}),
        ("leads/", {"channel": "search_ads", "email": "a\r\nBcc: b@example.com"}),
        ("leads/", {"channel": "search_ads", "email": "ana@example.com", "first_name": "a\0b"}),
        ("leads/", {"channel": "search_ads"}),
        ("nps/", {"score": 11}),
        ("nps/", {"score": "many"}),
    ],
)
def test_the_api_refuses_with_a_code(director: User, signed_in: SignedIn, path: str, body: Any) -> None:
    answer = signed_in(director).post(f"/api/v1/{path}", body, content_type="application/json")
    assert answer.status_code in {400, 422}, answer.content
    assert set(answer.json()["error"]) == {"code", "message", "fields"}
    assert (SpendEntry.objects.count(), Lead.objects.count(), NpsAnswer.objects.count()) == (0, 0, 0)


# --- Exports -------------------------------------------------------------------------------------------------------
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_exports_hold_no_formula(director: User, signed_in: SignedIn, name: str) -> None:
    client = signed_in(director)
    contact = ContactFactory.create(first_name=name, last_name="", city="Lima", email="ana@example.com")
    OrderFactory.create(contact=contact, number=name)
    segment = SegmentFactory.create()
    Channel.objects.filter(code="search_ads").update(name=name)
    people = f"/segments/{segment.public_id}/people.csv"
    lists = [f"/{name}/?export=csv" for name in ("contacts", "orders", "leads", "spend")]
    for path in [*lists, people, "/data/audit/export/", "/api/v1/kpis.csv?by=channel"]:
        answer: Any = client.get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "csv" in answer["Content-Type"], path
        for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            bad = [cell for cell in line if cell.startswith(("=", "@", "\t", "\r")) or cell in FORMULAS]
            assert bad == [], path


# --- Spreadsheets that calculate -----------------------------------------------------------------------------------
def test_formulas_in_a_sheet_are_not_run(marketer: User, signed_in: SignedIn) -> None:
    """A cell without a stored value is an empty one: its row is refused, nobody's formula is kept."""
    from openpyxl import Workbook

    book, packed = Workbook(), io.BytesIO()
    sheet = book.create_sheet(index=0)
    sheet.append(HEADER.decode().strip().split(","))
    sheet.append(["1", "2026-03-14", "C1", "ana@example.com", "Tea", 1, "=1+1"])
    sheet.append(["2", "2026-03-14", "C1", "ana@example.com", '=HYPERLINK("http://evil.example")', 1, 4.5])
    book.save(packed)
    client = signed_in(marketer)
    page = upload(client, "orders.xlsx", packed.getvalue()).url
    assert b"HYPERLINK" not in client.get(page).content
    file = ImportFile.objects.get()
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=False, progress=progress)
    assert (report["rows"], report["imported"], sum(report["rejected"].values())) == (2, 1, 1)


# --- Visitors --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "posted",
    [
        {"email": ""}, {"email": "vera"}, {"email": "vera@example.com\r\nBcc: all@example.com"},
        {"email": "a\0@b.example"},
        {"email": "vera@example.com", "first_name": "a\0b"}, {"email": f"{'v' * 400}@example.com"},
    ],
)  # fmt: skip
def test_a_visitors_form_that_is_none(client: Client, posted: dict[str, str]) -> None:
    form = LeadForm.objects.create(
        name="Website", title="Taste", thank_you="Thank you", channel=Channel.objects.get(code="seo"),
        fields=["first_name"],
    )  # fmt: skip
    answer = client.post(f"/f/lead/{form.public_id}/", {"key": "k", **posted})
    assert answer.status_code == 422
    assert (Lead.objects.count(), Contact.objects.count()) == (0, 0)
