from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.imports.kinds import import_kinds
from crm.imports.models import ImportFile
from crm.imports.services import import_upload
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route

ORDERS = b"Invoice,Customer ID,InvoiceDate,StockCode,Quantity,Price\n1,7,2026-01-05,A,2,3.50\n"


def import_file() -> ImportFile:
    upload = SimpleUploadedFile("orders.csv", ORDERS)
    return import_upload(kind=import_kinds["orders"], name="orders.csv", content=upload, size=len(ORDERS), actor=None)


def _file(cast: Cast) -> dict[str, Any]:
    return {"public_id": import_file().public_id}


def _rejects(cast: Cast) -> dict[str, Any]:
    file = import_file()
    file.rejects.save("rejects.csv", SimpleUploadedFile("rejects.csv", b"row,reason\n"))
    return {"public_id": file.public_id}


ROUTES = {
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
}
