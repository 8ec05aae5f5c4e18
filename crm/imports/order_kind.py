"""Orders as a kind of import: what a column can hold and how it is usually called."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import is_marketer
from core.ui.numbers import number
from crm.imports.kinds import ImportField, ImportKind, ResultLink
from crm.imports.orders import orders_run, sentences

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
        hint=gettext_lazy("Without one, an order is known by its customer, date and amount."),
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
        gettext_lazy("Price of one"),
        guesses=("price", "unitprice", "itemprice", "preciounitario", "preciounidad", "precio", "punitario"),
    ),
    ImportField(
        "amount",
        gettext_lazy("Amount"),
        guesses=(
            "amount", "revenue", "linetotal", "total", "ordertotal", "totalamount", "sales", "value", "importe",
            "monto", "valor", "ingresos", "importetotal", "montototal", "venta", "ventas",
        ),
        hint=gettext_lazy("Of the row; not needed where there is a quantity and a price."),
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
            ngettext("See %(count)s customer", "See the %(count)s customers", customers) % {"count": number(customers)},
            reverse("contact_list"),
        ),
        ResultLink(
            ngettext("See %(count)s order", "See the %(count)s orders", orders) % {"count": number(orders)},
            reverse("order_list"),
        ),
        ResultLink(_("Score the customers"), reverse("rfm_map")),
    ]


ORDERS = ImportKind(
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
        ("orders", gettext_lazy("Orders of customers")),
        ("customers", gettext_lazy("Customers")),
        ("gross", gettext_lazy("Gross")),
        ("returns", gettext_lazy("Returns")),
        ("anonymous", gettext_lazy("Rows without a customer")),
        ("not_reachable", gettext_lazy("People without an e-mail")),
    ),
)
