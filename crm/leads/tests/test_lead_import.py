"""Leads from a file: found and made people, reasons for rejects, and nothing the second time."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.people.models import User
from core.errors import DomainError
from core.services.progress import ProgressLine
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import Contact, ContactIdentity, StageChange
from crm.contacts.tests.factories import ContactFactory
from crm.imports.kinds import import_kinds
from crm.imports.mapping import mapping_guess
from crm.imports.models import ImportFile
from crm.imports.services import import_map, import_run, import_start, import_upload
from crm.leads.models import Lead

HEADER = ["lead_id", "Correo", "Teléfono", "Nombre completo", "canal", "fecha", "interés", "contenido", "utm_campaign"]
ROWS = [
    ["L1", "Ada@Example.com", "", "Ada Quispe", "ads", "2026-03-01 10:00", "Coffee", "video", "spring"],
    ["L2", "", "+51 1 555 0100", "Berta Rojas", "Search", "2026-03-02", "", "", ""],
    ["L3", "", "0051 15550100", "", "search", "2026-03-03", "", "imagen", ""],
    ["L4", "known@example.com", "+51 1 777 0100", "Somebody Else", "ads", "2026-03-04", "", "", ""],
    ["L1", "ada@example.com", "", "", "ads", "2026-03-01 10:00", "Coffee", "", ""],
]
BAD = [
    ["B1", "", "", "Nobody", "ads", "2026-03-01", "", "", ""],
    ["B2", "not an address", "", "", "ads", "2026-03-01", "", "", ""],
    ["B3", "b@example.com", "", "", "moon", "2026-03-01", "", "", ""],
    ["B4", "b@example.com", "", "", "", "2026-03-01", "", "", ""],
    ["B5", "b@example.com", "", "", "ads", "soon", "", "", ""],
    ["B6", "b@example.com", "", "", "ads", "2100-01-01", "", "", ""],
    ["B7", "b@example.com", "", "", "ads", "2026-03-01", "x" * 301, "", ""],
    ["B8", "b@example.com", "", "", "ads", "2026-03-01", "", "smell", ""],
]


@pytest.fixture(autouse=True)
def base(settings: Any, tmp_path: Path, db: None) -> None:
    settings.MEDIA_ROOT = tmp_path
    ChannelFactory.create(code="ads", name="Ads")
    ChannelFactory.create(code="search", name="Search")
    ContactFactory.create(email="known@example.com", first_name="Kim", last_name="", phone="", city="Cusco")


def upload(rows: list[list[str]], header: list[str] = HEADER) -> ImportFile:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    content = text.getvalue().encode()
    return import_upload(
        kind=import_kinds["leads"], name="leads.csv", content=io.BytesIO(content), size=len(content), actor=None
    )


def brought_in(file: ImportFile, **options: Any) -> dict[str, Any]:
    import_map(file=file, columns=file.mapping["columns"], options=options, actor=None)
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=options.get("dry_run", False), progress=progress)
    report.pop("seconds")
    return report


def picture() -> list[Any]:
    return [
        list(
            Lead.objects.order_by("external_id").values_list("external_id", "contact_id", "channel__code", "interest")
        ),
        list(Contact.objects.order_by("pk").values_list("email", "phone", "first_name", "stage", "updated_at")),
        StageChange.objects.count(),
        ContactIdentity.objects.count(),
    ]


def test_people_are_found_or_made_and_what_is_known_stays() -> None:
    report = brought_in(upload(ROWS), date_order="ymd")
    assert report == {"rows": 5, "imported": 4, "unchanged": 1, "updated": 0, "rejected": {}, "people_new": 2}
    ada, berta = Contact.objects.get(email_normalized="ada@example.com"), Contact.objects.get(phone="+51 1 555 0100")
    assert (ada.first_name, ada.last_name, ada.stage, berta.leads.count()) == ("Ada", "Quispe", "lead", 2)
    lead = ada.leads.get()
    assert (lead.interest, lead.content_format, lead.utm, lead.channel.code) == (
        "Coffee", "video", {"campaign": "spring"}, "ads",
    )  # fmt: skip
    kim = Contact.objects.get(email_normalized="known@example.com")
    assert (kim.first_name, kim.phone, kim.city, kim.leads.count()) == ("Kim", "+51 1 777 0100", "Cusco", 1)


def test_the_same_file_again_changes_nothing() -> None:
    brought_in(upload(ROWS))
    before = picture()
    again = brought_in(upload(list(reversed(ROWS))))
    assert (again["imported"], again["unchanged"], again["people_new"]) == (0, 5, 0)
    assert picture() == before


def test_rows_without_a_number_are_known_by_what_they_say() -> None:
    header, rows = HEADER[1:], [row[1:] for row in ROWS[:4]]
    assert brought_in(upload([*rows, rows[0]], header))["imported"] == 4
    before = picture()
    assert brought_in(upload(rows, header))["unchanged"] == 4
    assert picture() == before


def test_a_bad_row_is_named_and_the_rest_goes_in() -> None:
    file = upload([*BAD, ROWS[0]])
    report = brought_in(file)
    reasons = (
        "missing_person", "bad_address", "unknown_channel", "missing_channel", "bad_date", "future_date", "too_long",
        "unknown_content",
    )  # fmt: skip
    assert (report["imported"], report["rejected"]) == (1, dict.fromkeys(sorted(reasons), 1))
    rejects = list(csv.reader(io.StringIO(file.rejects.read().decode("utf-8-sig"))))
    assert [row[:2] for row in rejects[1:]] == [[str(n), code] for n, code in enumerate(reasons, 2)]
    known = import_kinds["leads"].sentences()
    assert [row[2] for row in rejects[1:]] == [known[code] for code in reasons]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    before = picture()
    file = upload(ROWS)
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=True, progress=progress)
    assert (report["imported"], picture()) == (4, before)


def test_a_file_without_channels_needs_one_for_all() -> None:
    header = [name for name in HEADER if name != "canal"]
    rows = [[cell for n, cell in enumerate(row) if n != 4] for row in ROWS]
    file = upload(rows, header)
    with pytest.raises(DomainError) as refused:
        import_start(file=file, dry_run=True, actor=None)
    assert refused.value.code == "channel_missing"
    assert brought_in(file, channel="search")["imported"] == 4
    assert set(Lead.objects.values_list("channel__code", flat=True)) == {"search"}


def test_numbers_of_people_belong_to_the_named_system() -> None:
    shopper = ContactFactory.create(email="")
    ContactIdentity.objects.create(contact=shopper, source="shop", external_id="K7")
    header = ["customer id", "email", "date", "channel"]
    rows = [["K7", "k7@example.com", "2026-03-01", "ads"], ["K8", "", "2026-03-01", "ads"]]
    report = brought_in(upload(rows, header), source="shop")
    shopper.refresh_from_db()
    assert (report["people_new"], shopper.email_normalized) == (1, "k7@example.com")
    assert ContactIdentity.objects.filter(source="shop", external_id="K8").exists()


def test_columns_are_guessed_in_both_languages() -> None:
    kind = import_kinds["leads"]
    assert mapping_guess(kind, HEADER) == {
        "number": 0, "email": 1, "phone": 2, "name": 3, "channel": 4, "date": 5, "interest": 6, "content": 7,
        "utm_campaign": 8,
    }  # fmt: skip
    english = mapping_guess(kind, ["ID", "E-mail", "First name", "Last name", "Lead source", "Created at", "Message"])
    assert english == {
        "number": 0, "email": 1, "first_name": 2, "last_name": 3, "channel": 4, "date": 5, "interest": 6,
    }  # fmt: skip


def test_the_wizard_asks_for_a_channel_and_not_for_rates(signed_in: Any, marketer: User) -> None:
    client, file = signed_in(marketer), upload([["a@example.com", "2026-03-01"]], ["email", "date"])
    assert reverse("import_create") + "?kind=leads" in client.get(reverse("lead_list")).content.decode()
    page = client.get(reverse("import_detail", args=[file.public_id])).content.decode()
    assert 'name="channel"' in page
    assert 'name="rates"' not in page
    body = {"column_email": "0", "column_date": "1", "source": "fair"}
    refused = client.post(reverse("import_columns", args=[file.public_id]), body)
    assert refused.status_code == 422
    assert "Choose the channel of these leads" in refused.content.decode()
    taken = client.post(reverse("import_columns", args=[file.public_id]), {**body, "channel": "ads"})
    assert taken.status_code == 302


def test_people_without_a_name_or_an_address_are_called_by_their_number() -> None:
    header = ["customer id", "phone", "email", "date", "channel"]
    rows = [
        ["K9", "", "", "2026-03-01", "ads"],
        ["K9", "", "", "2026-03-02", "ads"],
        ["", "+51 3", "", "2026-03-01", "ads"],
    ]
    brought_in(upload(rows, header))
    assert sorted(lead.contact.name for lead in Lead.objects.all()) == ["#K9", "#K9", "+51 3"]
