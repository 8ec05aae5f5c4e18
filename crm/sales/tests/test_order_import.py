"""Orders from files: figures, what a second import changes, and what is refused."""

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, DomainError
from core.locks import lock_number
from core.services.progress import ProgressLine
from crm.contacts.models import Contact, ContactIdentity, StageChange
from crm.contacts.phone_numbers import phones_normalize
from crm.contacts.tests.factories import ContactFactory
from crm.imports.kinds import import_kinds
from crm.imports.models import ImportFile
from crm.imports.services import import_map, import_run, import_upload
from crm.sales.models import Order, OrderLine, Product

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
HEADER = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
ROWS = [
    ["1", "A", "Mug", "2", "2026-01-05 10:00", "3.50", "7", "Peru"],
    ["1", "A", "Mug", "2", "2026-01-05 10:00", "3.50", "7", "Peru"],
    ["2", "B", "Cup, “blue”\nlarge", "1", "2026-02-01 10:00", "2.995", "7", "Peru"],
    ["C1", "A", "Mug", "-2", "2026-01-09 10:00", "3.50", "7", "Peru"],
    ["3", "A", "Mug", "1", "2026-01-06 10:00", "3.50", "", "Peru"],
    ["4", "B", "Café", "4", "2026-01-07 10:00", "1.25", "8", "España"],
]


def as_file(rows: list[list[str]], header: list[str] = HEADER, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def bring(content: bytes, name: str = "orders.csv", *, dry_run: bool = False, **options: Any) -> dict[str, Any]:
    return run(upload(content, name, **options), dry_run=dry_run)


def upload(content: bytes, name: str = "orders.csv", **options: Any) -> ImportFile:
    kind = import_kinds["orders"]
    file = import_upload(kind=kind, name=name, content=io.BytesIO(content), size=len(content), actor=None)
    import_map(file=file, columns=file.mapping["columns"], options=options, actor=None)
    return file


def run(file: ImportFile, *, dry_run: bool = False) -> dict[str, Any]:
    with ProgressLine(None) as progress:
        return import_run(file=file, dry_run=dry_run, progress=progress)


def counts(report: dict[str, Any]) -> tuple[int, int, int, dict[str, int]]:
    return report["imported"], report["unchanged"], report["updated"], report["rejected"]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, db: None) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_figures_of_a_small_file() -> None:
    report = bring(as_file(ROWS))
    assert counts(report) == (6, 0, 0, {})
    assert (report["orders"], report["customers"], report["anonymous"]) == (3, 2, 1)
    assert (report["gross"], report["returns"], report["not_reachable"]) == (22.0, -7.0, 2)
    original = Order.objects.get(number="1")
    assert original.lines.count() == 2
    assert Order.objects.get(number="C1").original == original
    assert Product.objects.get(code="A").name == "Mug"


def test_figures_and_history_of_the_customer() -> None:
    bring(as_file(ROWS))
    contact = ContactIdentity.objects.get(source="shop", external_id="7").contact
    assert (contact.order_count, str(contact.gross_total), str(contact.net_total)) == (2, "17.00", "10.00")
    assert contact.stage == Contact.Stage.REPEAT
    steps = StageChange.objects.filter(contact=contact).order_by("at").values_list("before", "after")
    assert list(steps) == [("subscriber", "customer"), ("customer", "repeat")]


def test_a_dry_run_writes_nothing_and_counts_the_same() -> None:
    dry = bring(as_file(ROWS), dry_run=True)
    assert Order.objects.count() == Contact.objects.count() == Product.objects.count() == 0
    wet = bring(as_file(ROWS))
    assert {**dry, "seconds": 0} == {**wet, "seconds": 0}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.permutations(ROWS),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_shuffled_rows_in_any_dress_change_nothing(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    if not Order.objects.exists():
        bring(as_file(ROWS))
    before = list(Order.objects.order_by("pk").values_list("number", "content_hash", "updated_at"))
    assert counts(bring(as_file(rows, delimiter=delimiter, encoding=encoding))) == (0, 6, 0, {})
    assert list(Order.objects.order_by("pk").values_list("number", "content_hash", "updated_at")) == before


def test_mac_roman_is_told_from_windows() -> None:
    bring(as_file([[*ROWS[5][:7], "España, camión, café"]], encoding="mac_roman"))
    assert Contact.objects.get().country == "España, camión, café"


def test_one_altered_quantity_updates_one_order() -> None:
    bring(as_file(ROWS))
    altered = [row[:] for row in ROWS]
    altered[0][3] = "3"
    report = bring(as_file(altered))
    assert counts(report) == (0, 5, 1, {})
    assert report["orders_updated"] == 1
    assert str(Order.objects.get(number="1").gross) == "17.50"
    assert counts(bring(as_file(altered))) == (0, 6, 0, {})


def test_bad_rows_are_left_out_with_their_reason_and_come_back_corrected() -> None:
    bad = [row[:] for row in ROWS]
    bad[1][3] = "two"
    bad[2][4] = ""
    bad[4][2] = "=cmd()" * 40
    file = upload(as_file(bad))
    report = run(file)
    assert counts(report) == (3, 0, 0, {"bad_number": 1, "missing_date": 1, "too_long": 1})
    lines = list(csv.reader(io.StringIO(file.rejects.read().decode("utf-8-sig"), newline="")))
    assert lines[0] == ["row", "reason", "explanation", *HEADER]
    assert [line[:2] for line in lines[1:]] == [["3", "bad_number"], ["4", "missing_date"], ["6", "too_long"]]
    assert lines[3][5].startswith("'=cmd()")
    lines[1][6], lines[2][7], lines[3][5] = "9", "2026-02-01 10:00", "Mug"
    report = bring(as_file(lines[1:], header=lines[0]), name="rejects.csv")
    assert counts(report) == (2, 0, 1, {})
    assert sorted(Order.objects.get(number="1").lines.values_list("quantity", flat=True)) == [2, 9]


def test_rows_that_contradict_each_other_are_rejected_together() -> None:
    rows = [[*ROWS[0]], [*ROWS[1][:6], "9", "Peru"], ROWS[5]]
    assert counts(bring(as_file(rows))) == (1, 0, 0, {"two_customers": 2})


@pytest.mark.parametrize(
    ("cell", "value", "reason"),
    [
        (4, "2010-13-45", "bad_date"),
        (5, "1.2.3", "bad_number"),
        (5, "", "missing_amount"),
        (0, "", "missing_number"),
        (3, "", "missing_quantity"),
        (3, " ", "missing_quantity"),
        (3, "9" * 11, "too_large"),
        (2, "a\0b", "control_characters"),
    ],
)
def test_reasons(cell: int, value: str, reason: str) -> None:
    row = ROWS[0][:]
    row[cell] = value
    assert counts(bring(as_file([row, ROWS[5]]))) == (1, 0, 0, {reason: 1})


def test_a_file_without_quantities_counts_pieces_one_by_one() -> None:
    header = ["Invoice", "StockCode", "InvoiceDate", "Price", "Customer ID"]
    report = bring(as_file([["1", "A", "2026-01-05 10:00", "3.50", "7"]], header))
    assert (counts(report), report["gross"]) == ((1, 0, 0, {}), 3.5)
    assert OrderLine.objects.get().quantity == 1


def test_currencies_need_a_rate() -> None:
    header = [*HEADER, "Currency"]
    rows = [[*ROWS[0], "EUR"], [*ROWS[5], "USD"]]
    assert bring(as_file(rows, header))["rejected"] == {"currency_without_rate": 1}
    report = bring(as_file(rows, header), rates={"USD": "0.5"})
    assert (report["imported"], report["gross"]) == (1, 9.5)


def test_decimal_comma_and_days_first() -> None:
    header = ["Número de pedido", "Cliente", "Fecha", "Importe"]
    bring(as_file([["1", "7", "31/01/2026", "1.234,50"]], header, ";"))
    order = Order.objects.get()
    assert (str(order.gross), order.placed_at.date().isoformat()) == ("1234.50", "2026-01-31")


def test_dates_that_can_be_read_two_ways_are_asked() -> None:
    file = upload(as_file([["1", "7", "03/04/2026", "5"]], ["order", "customer", "date", "amount"]))
    assert file.mapping["options"]["date_is_ambiguous"] is True


def test_people_are_found_by_address_whatever_its_case() -> None:
    known = ContactFactory.create(email="Jose@Example.com")
    header = ["customer_id", "order_date", "revenue", "email"]
    rows = [["7", "2026-01-05", "10", "jose@example.COM"], ["7", "2026-01-05", "10", "jose@example.com"]]
    report = bring(as_file(rows, header))
    assert (report["people_new"], report["orders"], Contact.objects.count()) == (0, 2, 1)
    assert Order.objects.filter(contact=known).count() == 2
    assert counts(bring(as_file(rows, header))) == (0, 2, 0, {})


def by_phone(*cells: tuple[str, str, str, str, str]) -> bytes:
    """Orders of (number, customer, e-mail, phone, day)."""
    header = ["order", "customer", "email", "phone", "country", "date", "amount"]
    return as_file([[*cell[:4], "Spain", cell[4], "10"] for cell in cells], header)


def test_a_phone_alone_says_who_ordered_when_one_person_has_it() -> None:
    ada = ContactFactory.create(phone="+34 600 10 20 30")
    ContactFactory.create_batch(2, phone="+34 600 10 20 31")
    ContactFactory.create(phone="+34 600 10 20 32", archived_at=timezone.now())
    file = by_phone(
        ("1", "", "", "600 102 030", "2026-01-01"),
        ("2", "", "", "600 10 20 31", "2026-01-02"),
        ("3", "", "", "600 10 20 32", "2026-01-03"),
        ("4", "", "", "600 10 20 33", "2026-01-04"),
        ("5", "", "", "600-10-20-33", "2026-01-05"),
        ("6", "", "", "600", "2026-01-06"),
        ("7", "K7", "", "600 10 20 34", "2026-01-07"),
        ("8", "", "", "0034600102034", "2026-01-08"),
    )
    dry = bring(file, dry_run=True)
    report = bring(file)
    assert {**dry, "seconds": 0} == {**report, "seconds": 0}
    assert (report["people"], report["people_new"], report["anonymous"]) == (3, 2, 3)
    owners = dict(Order.objects.values_list("number", "contact__phone"))
    assert [owners[number] for number in "12368"] == ["+34 600 10 20 30", None, None, None, "600 10 20 34"]
    assert owners["4"] == owners["5"] == "600-10-20-33"
    assert Contact.objects.with_phone("+34600102033").get().orders.count() == 2
    assert ContactIdentity.objects.get(external_id="K7").contact.orders.count() == 2
    # A second holder, or an archived one, leaves the orders where they are.
    ContactFactory.create(phone="600 10 20 33", country="Spain")
    Contact.objects.filter(pk=ada.pk).update(archived_at=timezone.now())
    before = list(Order.objects.order_by("pk").values_list("number", "contact", "updated_at"))
    assert counts(bring(file)) == (0, 8, 0, {})
    assert list(Order.objects.order_by("pk").values_list("number", "contact", "updated_at")) == before


def test_a_number_or_an_address_in_an_order_goes_before_a_phone() -> None:
    ContactFactory.create(phone="+34 600 10 20 30")
    rows = (("1", "K7", "", "", "2026-01-01"), ("1", "", "", "600 10 20 30", "2026-01-01"))
    assert counts(bring(by_phone(*rows))) == (2, 0, 0, {})
    assert Order.objects.get().contact == ContactIdentity.objects.get(external_id="K7").contact
    two = (("2", "", "", "600 10 20 30", "2026-01-01"), ("2", "", "", "600 10 20 39", "2026-01-01"))
    assert bring(by_phone(*two))["anonymous"] == 2


def test_orders_without_numbers_are_told_apart_by_phone() -> None:
    header = ["phone", "country", "date", "amount"]
    rows = [["600 10 20 30", "Spain", "2026-01-01", "10"], ["600 10 20 31", "Spain", "2026-01-01", "10"]]
    assert bring(as_file(rows, header))["people_new"] == 2
    assert counts(bring(as_file(rows[::-1], header))) == (0, 2, 0, {})


def test_a_file_writes_the_normal_form_of_the_phones_it_brings() -> None:
    plain = ContactFactory.create(email="ada@example.com", phone="600 10 20 30")
    empty = ContactFactory.create(email="eva@example.com", country="Peru")
    bring(
        by_phone(
            ("1", "", "ada@example.com", "600 99 99 99", "2026-01-01"),
            ("2", "", "eva@example.com", "01 555 0100", "2026-01-02"),
            ("3", "K1", "", "call", "2026-01-02"),
        )
    )
    plain.refresh_from_db()
    empty.refresh_from_db()
    assert (plain.phone, plain.country, plain.phone_normalized) == ("600 10 20 30", "Spain", "+34600102030")
    assert (empty.phone, empty.country, empty.phone_normalized) == ("01 555 0100", "Peru", "+5115550100")
    made = ContactIdentity.objects.get(external_id="K1").contact
    assert (made.phone, made.phone_normalized) == ("call", "")
    assert phones_normalize() == 0


def test_two_imports_at_once_are_refused_clearly() -> None:
    file = upload(as_file(ROWS))
    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", [lock_number("import:orders")])
        with pytest.raises(Conflict) as refused:
            run(file)
    finally:
        other.close()
    assert refused.value.code == "import_elsewhere"
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("orders.csv", b"", "file_empty"),
        ("orders.exe", b"MZ", "file_type"),
        ("orders.xls.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_old_excel"),
        ("orders.csv.gz", gzip.compress(b"a,b\n" * 99_999, mtime=0)[:90], "file_damaged"),
        ("orders.xlsx", b"PK\x03\x04nonsense", "file_damaged"),
    ],
)
def test_files_that_cannot_be_read(name: str, content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        upload(content, name)
    assert refused.value.code == code
    assert ImportFile.objects.count() == 0


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not here")
def test_the_real_shop() -> None:
    content = (SHARED / "online_retail_2010-12_2011-05.csv.gz").read_bytes()
    report = bring(content, "online.csv.gz")
    assert (report["rows"], report["imported"], report["anonymous"]) == (209_029, 209_029, 59_976)
    assert (report["orders"], report["customers"], report["people"]) == (7_409, 2_718, 2_767)
    assert (report["gross"], report["returns"], report["anonymous_net"]) == (3_332_591.96, -212_103.87, 586_339.55)
    rows = list(csv.reader(io.StringIO(gzip.decompress(content).decode(), newline="")))
    body = rows[1:]
    random.Random(3).shuffle(body)
    assert counts(bring(as_file(body, rows[0]))) == (0, 209_029, 0, {})
    assert OrderLine.objects.count() == 209_029


def test_customers_without_a_name_or_an_address_are_called_by_their_number() -> None:
    bring(as_file(ROWS))
    assert sorted(contact.name for contact in Contact.objects.all()) == ["#7", "#8"]
