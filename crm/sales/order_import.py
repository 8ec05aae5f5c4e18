"""Importing orders: each row is one line of an order (or a whole order, in files with only a total).

The rows stream into a temporary table with COPY; everything after that is done by Postgres on sets, in one
transaction, so memory stays flat and a worker that dies leaves nothing behind. What the report counts:

- `rows`: rows under the header that are not blank; they are `imported` (their order is new), `unchanged` (their order
  has this very line), `updated` (the line, or the head of its order, is new or different in an order that was there)
  or `rejected` by reason. The four sum to `rows`.
- `anonymous`: accepted rows of orders without a person (no number, no address, no phone that says who it is),
  `anonymous_orders` those orders, `anonymous_net` their net.
- `orders`, `customers`, `gross`: sales by known people for more than nothing, those people, and the sum of their lines
  with positive quantity and price. `returns`: the (negative) net of known people's returns. All over the accepted
  rows of this file, in the company's currency.
- `people` named in the file, `people_new` to Cauce, `not_reachable` without an address.
- `orders_imported`, `orders_updated`, `orders_unchanged`: orders of all kinds by what became of them.

A file holds each of its orders whole: a line no longer in it leaves the order. A rejects file that comes back
corrected only adds its lines.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import is_marketer
from accounts.company.models import Company
from core.ui.numbers import number
from crm.channels.models import Channel
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.phone_numbers import PhoneNumbers
from crm.contacts.resolve import contacts_resolve, contacts_resolve_by_phone
from crm.imports.kinds import ImportField, ImportKind, ImportReport, ImportRun, ResultLink, Row, RowError
from crm.imports.values import BadValue, Format
from crm.sales import order_import_sql as sql
from crm.sales.services import order_figures_refresh_where

BATCH = 5_000
LIMITS = {
    "number": 120,
    "customer": 120,
    "first_name": 100,
    "last_name": 100,
    "phone": 40,
    "city": 100,
    "country": 60,
    "sku": 60,
    "description": 200,
    "original": 120,
}
MAX_NUMBER = Decimal(10) ** 10
MAX_AMOUNT = Decimal(10) ** 11
_WHOLE = re.compile(r"(\d+)\.0+")


def sentences() -> dict[str, str]:
    """Reason code -> sentence, in the language of the person who reads the rejects."""
    return {
        "missing_number": _("The order number is missing."),
        "missing_date": _("The date is missing."),
        "bad_date": _("The date cannot be read in the chosen order of day and month."),
        "future_date": _("The date is in the future."),
        "bad_number": _("A quantity, price or amount is not a number."),
        "missing_quantity": _("The quantity is missing."),
        "missing_amount": _("The price or the amount is missing."),
        "too_large": _("A quantity, price or amount is too large."),
        "bad_currency": _("The currency is not a code of three letters such as EUR."),
        "currency_without_rate": _(
            "The exchange rate of this currency is missing. Enter the rate and import the file again."
        ),
        "bad_address": _("The e-mail address is not valid."),
        "unknown_channel": _("No channel has this code or name."),
        "two_customers": _("The rows of this order have different customers."),
        "two_currencies": _("The rows of this order are in different currencies."),
        "amount_too_large": _("The total of this order is too large."),
        "too_long": _("A text is too long for its field."),
    }


class OrderRows:
    """Turns rows into lines ready to be staged; what repeats from row to row is worked out once."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.company = Company.get()
        self.sentences = sentences()
        self.now = timezone.now()
        self.rates = {code: Decimal(str(rate)) for code, rate in run.options.get("rates", {}).items()}
        self.rates[self.company.currency] = Decimal(1)
        self.moment = lru_cache(20_000)(run.format.moment)
        self.address = lru_cache(20_000)(_address)
        self.phones = PhoneNumbers()
        self.channels = {
            key: channel.pk for channel in Channel.objects.active() for key in (channel.code, str(channel).lower())
        }
        self.default_channel = self.channels.get(run.options.get("channel", ""))
        self.is_numbered = "number" in run.options["columns"]
        self.counts_pieces = "quantity" in run.options["columns"]

    def line(self, row: Row) -> list[object]:
        """The staged columns of a row. Raises RowError."""
        get = row.values.get
        for code, limit in LIMITS.items():
            if len(get(code, "")) > limit:
                raise RowError("too_long", _("A text is longer than %(limit)d characters.") % {"limit": limit})
        number = get("number") or None
        if number is None and self.is_numbered:
            raise self._error("missing_number")
        if self.counts_pieces and not get("quantity"):
            raise self._error("missing_quantity")
        try:
            placed_at = self.moment(get("date", ""))
            quantity, price, amount = _money(get, self.run.format)
        except BadValue as bad:
            raise self._error(bad.code) from None
        if placed_at > self.now and (placed_at - self.now).days >= 1:
            raise self._error("future_date")
        currency, rate = self._currency(get("currency") or self.company.currency)
        typed = get("email") or None
        email, hashed = self.address(typed) if typed else (None, None)
        if typed and email is None:
            raise self._error("bad_address")
        customer = get("customer") or None
        if customer and (whole := _WHOLE.fullmatch(customer)):
            customer = whole[1]
        first, last = _names(get)
        phone, country = get("phone"), get("country")
        # What tells who somebody is, where nothing else does.
        alone = self.phones.normalized(phone, country or "") if phone and not customer and not email else ""
        return [
            row.number, number, customer, email, typed, hashed, alone, first, last, phone, get("city"), country,
            placed_at.isoformat(), currency, rate, self._channel(get("channel")), get("sku"), get("description"),
            quantity, price, amount, get("original"),
        ]  # fmt: skip

    def _error(self, code: str) -> RowError:
        return RowError(code, self.sentences[code])

    def _currency(self, text: str) -> tuple[str, Decimal]:
        rate = self.rates.get(text) or self.rates.get(text.upper())
        if rate is None:
            known = len(text) == 3 and text.isascii() and text.isalpha()
            raise self._error("currency_without_rate" if known else "bad_currency")
        return text.upper(), rate

    def _channel(self, text: str | None) -> int | None:
        if not text:
            return self.default_channel
        if text.lower() not in self.channels:
            raise self._error("unknown_channel")
        return self.channels[text.lower()]


def _money(get: Callable[[str, str], str], form: Format) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, price of one, and amount of a line, from two of them or the amount alone. One piece, in a file without
    quantities."""
    quantity = form.number(text) if (text := get("quantity", "")) else Decimal(1)
    price = form.number(text) if (text := get("price", "")) else None
    amount = form.number(text) if (text := get("amount", "")) else None
    if price is None and amount is None:
        raise BadValue("missing_amount")
    if price is None:
        assert amount is not None  # noqa: S101
        price = amount / quantity if quantity else amount
        if quantity == 1 and amount < 0:
            quantity, price = Decimal(-1), -amount
    elif amount is None:
        amount = round(quantity, 3) * round(price, 4)
    if abs(quantity) >= MAX_NUMBER or abs(price) >= MAX_NUMBER or abs(amount) >= MAX_AMOUNT:
        raise BadValue("too_large")
    return quantity, price, amount


def _names(get: Callable[..., Any]) -> tuple[str, str]:
    first, last = get("first_name", ""), get("last_name", "")
    if not first and not last:
        first, _space, last = get("name", "")[:200].partition(" ")
    return first[:100], last.strip()[:100]


def _address(typed: str) -> tuple[str | None, str | None]:
    with suppress(ValidationError):
        normalized = normalize_address(typed)
        return normalized, address_hash(normalized)
    return None, None


def orders_run(run: ImportRun) -> ImportReport:
    """Import (or try out) the orders of a file; see this module's docstring for the report."""
    with transaction.atomic():
        _execute(sql.WORK_MEMORY, {})
        _stage(run)
        run.step(_("Comparing with existing orders"))
        report = _compare(run)
        if not run.dry_run:
            run.step(_("Saving orders"))
            _write(run)
        _execute(sql.CLEAN_UP, {})
    return report


def _stage(run: ImportRun) -> None:
    """Stream the good rows into the temporary table."""
    _execute(sql.STAGE, {})
    lines, buffer = OrderRows(run), io.StringIO()
    writer = csv.writer(buffer)
    statement = f"COPY import_row ({sql.STAGE_COLUMNS}) FROM STDIN WITH (FORMAT csv)"
    with connection.cursor() as cursor:
        for count, line in enumerate(_good(run, lines), 1):
            writer.writerow(line)
            if not count % BATCH:
                _copy(cursor, statement, buffer)
        _copy(cursor, statement, buffer)


def _good(run: ImportRun, lines: OrderRows) -> Iterator[list[object]]:
    for row in run.rows():
        try:
            yield lines.line(row)
        except RowError as error:
            run.reject(row, error)


def _copy(cursor: Any, statement: str, buffer: io.StringIO) -> None:
    buffer.seek(0)
    cursor.copy_expert(statement, buffer)
    buffer.seek(0)
    buffer.truncate()


def _compare(run: ImportRun) -> ImportReport:
    columns = run.options["columns"]
    parameters = {"source": run.source, "correction": run.is_correction, "zone": str(run.format.zone)}
    _execute(sql.LINES_NUMBERED if "number" in columns else sql.LINES, parameters)
    _execute(sql.PERSONS, {})
    contacts_resolve(people="import_person", source=run.source)
    _execute(sql.NEW_PERSONS, {})
    _execute(sql.ORDERS, parameters)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.FAULTS)
        run.reject_again(iter(cursor), sentences())
    _execute(sql.FAULTS_DROP, {})
    if "phone" in columns or "country" in columns:
        _normalize_phones()
    if "phone" in columns:
        _execute(sql.PHONE_PERSONS, {})
        contacts_resolve_by_phone(people="import_person")
        _execute(sql.PHONE_ORDERS, {})
    _execute(sql.COMPARE, parameters)
    figures = {**_figures(sql.FIGURES), **_figures(sql.PERSON_FIGURES)}
    return ImportReport(
        imported=figures.pop("imported"),
        unchanged=figures.pop("unchanged"),
        updated=figures.pop("updated"),
        extra={key: float(value) if isinstance(value, Decimal) else value for key, value in figures.items()},
    )


def _normalize_phones() -> None:
    """Give the people of the file the normal forms of their phones, a batch at a time."""
    _execute(sql.PHONES_STAGE, {})
    numbers, buffer = PhoneNumbers(), io.StringIO()
    writer = csv.writer(buffer)
    with connection.chunked_cursor() as found, connection.cursor() as cursor:
        found.execute(sql.PHONES)
        while rows := found.fetchmany(BATCH):
            writer.writerows((person, numbers.normalized(phone, country)) for person, phone, country in rows)
            _copy(cursor, sql.PHONES_COPY, buffer)
    _execute(sql.PHONES_SET, {})


def _write(run: ImportRun) -> None:
    parameters = {"source": run.source, "correction": run.is_correction}
    _execute(sql.PRODUCTS, parameters)
    _execute(sql.CONTACTS, parameters)
    _execute(sql.WRITE_ORDERS, parameters)
    _execute(sql.STATISTICS, {})
    _execute(sql.TOTALS.format(orders="SELECT order_id FROM import_order WHERE state = 'changed'"), parameters)
    _execute(sql.ORIGINALS, parameters)
    run.step(_("Updating customer figures"))
    order_figures_refresh_where(
        "SELECT contact_id FROM import_touched UNION SELECT contact_id FROM import_order"
        " WHERE state <> 'same' AND contact_id IS NOT NULL",
        {},
    )


def _execute(statements: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements, parameters)


def _figures(query: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


FIELDS = (
    ImportField(
        "number",
        gettext_lazy("Order number"),
        guesses=(
            "invoice", "invoiceno", "invoicenumber", "invoiceid", "order", "orderid", "orderno", "ordernumber",
            "numeropedido", "numerodepedido", "nropedido", "npedido", "idpedido", "pedido", "orden", "numeroorden",
            "factura", "numerofactura", "numerodefactura", "nrofactura", "boleta", "comprobante", "ticket",
            "transactionid",
        ),
        hint=gettext_lazy("Without a number, an order is identified by customer, date and amount."),
    ),
    ImportField(
        "customer",
        gettext_lazy("Customer number"),
        guesses=(
            "customerid", "customer", "customerno", "customernumber", "customercode", "clientid", "client", "idcliente",
            "codigocliente", "codigodecliente", "numerocliente", "numerodecliente", "nrocliente", "cliente", "userid",
        ),
    ),
    ImportField(
        "email",
        gettext_lazy("E-mail"),
        guesses=("email", "emailaddress", "mail", "customeremail", "correo", "correoelectronico", "emailcliente"),
    ),
    ImportField("first_name", gettext_lazy("First name"), guesses=("firstname", "givenname", "nombre", "nombres")),
    ImportField("last_name", gettext_lazy("Last name"), guesses=("lastname", "surname", "apellido", "apellidos")),
    ImportField(
        "name",
        gettext_lazy("Full name"),
        guesses=("fullname", "customername", "name", "nombrecompleto", "nombrecliente", "razonsocial"),
    ),
    ImportField("phone", gettext_lazy("Phone"), guesses=("phone", "phonenumber", "mobile", "telefono", "celular")),
    ImportField("city", gettext_lazy("City"), guesses=("city", "town", "ciudad", "localidad")),
    ImportField("country", gettext_lazy("Country"), guesses=("country", "pais")),
    ImportField(
        "date",
        gettext_lazy("Date"),
        required=True,
        guesses=(
            "invoicedate", "orderdate", "orderedat", "purchasedate", "placedat", "date", "datetime", "createdat",
            "fechapedido", "fechadelpedido", "fechadepedido", "fechafactura", "fechadefactura", "fechacompra",
            "fechadecompra", "fechaorden", "fechaventa", "fecha",
        ),
    ),
    ImportField(
        "sku",
        gettext_lazy("Product code"),
        guesses=(
            "stockcode", "sku", "productcode", "productid", "itemcode", "itemid", "codigoproducto",
            "codigodeproducto", "codigoarticulo", "codigo", "idproducto", "referencia",
        ),
    ),
    ImportField(
        "description",
        gettext_lazy("Product"),
        guesses=(
            "description", "productname", "product", "itemname", "item", "descripcion", "nombreproducto", "producto",
            "articulo",
        ),
    ),
    ImportField(
        "quantity",
        gettext_lazy("Quantity"),
        guesses=("quantity", "qty", "units", "cantidad", "unidades", "cant"),
    ),
    ImportField(
        "price",
        gettext_lazy("Unit price"),
        guesses=("price", "unitprice", "itemprice", "preciounitario", "preciounidad", "precio", "punitario"),
    ),
    ImportField(
        "amount",
        gettext_lazy("Amount"),
        guesses=(
            "amount", "revenue", "linetotal", "total", "ordertotal", "totalamount", "sales", "value", "importe",
            "monto", "valor", "ingresos", "importetotal", "montototal", "venta", "ventas",
        ),
        hint=gettext_lazy("Of the row. Not required if the row has a quantity and a price."),
    ),
    ImportField("currency", gettext_lazy("Currency"), guesses=("currency", "currencycode", "moneda", "divisa")),
    ImportField("channel", gettext_lazy("Channel"), guesses=("channel", "saleschannel", "canal", "canaldeventa")),
    ImportField(
        "original",
        gettext_lazy("Returned order"),
        guesses=("originalinvoice", "originalorder", "returnof", "refundof", "pedidooriginal", "facturaoriginal"),
    ),
)  # fmt: skip


def order_links(report: dict[str, Any]) -> list[ResultLink]:
    """From a finished import to the people and the orders it brought, and on to scoring them."""
    customers = int(report.get("customers", 0))
    orders = int(report.get("orders", 0))
    return [
        ResultLink(
            ngettext("View %(count)s customer", "View %(count)s customers", customers) % {"count": number(customers)},
            reverse("contact_list"),
        ),
        ResultLink(
            ngettext("View %(count)s order", "View %(count)s orders", orders) % {"count": number(orders)},
            reverse("order_list"),
        ),
        ResultLink(_("Score customers"), reverse("rfm_map")),
    ]


ORDER_IMPORT = ImportKind(
    code="orders",
    title=gettext_lazy("Orders"),
    question=gettext_lazy("What did customers buy, when, and for how much?"),
    fields=FIELDS,
    run=orders_run,
    visible_to=is_marketer,
    groups=(("amount", "price"),),
    result_links=order_links,
    sentences=sentences,
    figures=(
        ("orders", gettext_lazy("Customer orders")),
        ("customers", gettext_lazy("Customers")),
        ("gross", gettext_lazy("Gross")),
        ("returns", gettext_lazy("Returns")),
        ("anonymous", gettext_lazy("Rows without a customer")),
        ("not_reachable", gettext_lazy("Contacts without e-mail")),
    ),
)
