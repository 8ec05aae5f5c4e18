from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import Job
from crm.imports.kinds import import_kinds
from crm.models import ImportFile, Order
from crm.services.imports import import_upload
from crm.tests.factories import ContactFactory, OrderFactory, RfmRunFactory
from tests.matrix.registry import (
    MARKETERS,
    MARKETERS_AND_OWNER,
    OFFICE,
    OFFICE_AND_OWNER,
    Cast,
    Route,
)

ORDERS = b"Invoice,Customer ID,InvoiceDate,StockCode,Quantity,Price\n1,7,2026-01-05,A,2,3.50\n"


def import_file() -> ImportFile:
    upload = SimpleUploadedFile("orders.csv", ORDERS)
    return import_upload(kind=import_kinds["orders"], name="orders.csv", content=upload, size=len(ORDERS), actor=None)


def _contact(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.contact.public_id}


def _order(cast: Cast) -> dict[str, Any]:
    order: Order = OrderFactory.create(contact=cast.contact)
    return {"pk": order.pk}


def _file(cast: Cast) -> dict[str, Any]:
    return {"public_id": import_file().public_id}


def _rejects(cast: Cast) -> dict[str, Any]:
    file = import_file()
    file.rejects.save("rejects.csv", SimpleUploadedFile("rejects.csv", b"row,reason\n"))
    return {"public_id": file.public_id}


def _job(cast: Cast) -> dict[str, Any]:
    return {"public_id": Job.objects.create(kind="rfm").public_id}


def _chosen(cast: Cast) -> dict[str, Any]:
    return {"ids": [ContactFactory.create().public_id], "count": "1", "all": "", "state": ""}


def _places(cast: Cast) -> dict[str, Any]:
    from crm.models import RfmSegment
    from crm.rfm_map import map_places

    return {f"place_{r}_{w}": code for (r, w), code in map_places(RfmSegment.objects.all()).items()}


def _scored(cast: Cast) -> dict[str, Any]:
    RfmRunFactory.create()
    return {}


ROUTES = {
    "contact_list": Route(get=OFFICE),
    "contact_create": Route(
        get=MARKETERS, post=MARKETERS, body=lambda cast: {"first_name": "Eva", "email": "eva@example.com"}, changed=302
    ),
    "contact_bulk_assign": Route(post=MARKETERS, body=_chosen),
    "contact_bulk_archive": Route(post=MARKETERS, body=_chosen, changed=302),
    "contact_bulk_restore": Route(post=MARKETERS, body=_chosen, changed=302),
    "contact_bulk_suppress": Route(post=MARKETERS, body=_chosen, changed=302),
    "contact_detail": Route(get=OFFICE_AND_OWNER, kwargs=_contact, personal=True),
    "contact_timeline": Route(get=OFFICE_AND_OWNER, kwargs=_contact, personal=True),
    "contact_change": Route(
        get=MARKETERS_AND_OWNER,
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"first_name": "Eva", "email": "eva@example.com"},
        personal=True,
        changed=302,
    ),
    "contact_archive": Route(post=MARKETERS, kwargs=_contact, changed=302),
    "contact_restore": Route(post=MARKETERS, kwargs=_contact, changed=302),
    "note_create": Route(
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"kind": "call", "text": "Wants tea."},
        personal=True,
        changed=302,
    ),
    "consent_change": Route(
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"topic": "newsletter", "given": "1", "wording": "At the fair"},
        personal=True,
        changed=302,
    ),
    "suppression_change": Route(post=MARKETERS_AND_OWNER, kwargs=_contact, personal=True, changed=302),
    "order_create": Route(
        get=MARKETERS_AND_OWNER,
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {
            "number": "T-1",
            "placed_at": "2026-01-05T10:00",
            "description": "Tea",
            "quantity": "2",
            "unit_price": "3.50",
        },
        personal=True,
        changed=302,
    ),
    "order_list": Route(get=OFFICE),
    "order_detail": Route(get=OFFICE_AND_OWNER, kwargs=_order, personal=True),
    "import_list": Route(get=OFFICE),
    "import_create": Route(
        get=MARKETERS,
        post=MARKETERS,
        body=lambda cast: {"kind": "orders", "file": SimpleUploadedFile("orders.csv", ORDERS)},
        changed=302,
    ),
    "import_detail": Route(get=OFFICE, kwargs=_file),
    "import_columns": Route(
        post=MARKETERS,
        kwargs=_file,
        body=lambda cast: {"column_number": "0", "column_date": "2", "column_price": "5", "source": "shop"},
        changed=302,
    ),
    "import_begin": Route(post=MARKETERS, kwargs=_file, changed=302),
    "import_stop": Route(post=MARKETERS, kwargs=_file, changed=302),
    "import_progress": Route(get=OFFICE, kwargs=_file),
    "import_rejects": Route(get=MARKETERS, kwargs=_rejects),
    "rfm_map": Route(get=OFFICE, kwargs=_scored),
    "rfm_score": Route(post=MARKETERS, body=lambda cast: {"as_of": "2026-01-31"}, changed=302),
    "rfm_progress": Route(get=OFFICE, kwargs=_job),
    "rfm_segments": Route(get=MARKETERS, post=MARKETERS, body=_places, changed=302),
}
