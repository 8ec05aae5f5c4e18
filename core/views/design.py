"""The design system shown whole: every component in every state."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.kpis import BetterWhen, Unit
from core.models import Job
from core.ui.charts import Chart, Series, bar_chart, funnel_chart, heat_map, line_chart
from core.ui.figures import KeyFigure
from core.ui.job_progress import job_context
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import BooleanFilter, DateRangeFilter
from core.ui.tables.table import Table


class PeopleTable(Table[Model]):
    """The people of this installation, as the example of a list."""

    name = "design-people"
    title = _("People")
    columns = (
        Column("name", _("Name"), value="full_name", sort="full_name", link=True, phone="title"),
        Column("email", _("E-mail"), sort="email", phone="detail"),
        Column("language", _("Language"), sort="language", phone="value"),
        Column("joined", _("Joined"), value="created_at", kind=Kind.DAY, sort="created_at", phone="note"),
        Column("number", _("Number"), value="pk", kind=Kind.NUMBER, sort="pk"),
        Column("signed", _("Last sign-in"), value="last_login", kind=Kind.MOMENT, sort="last_login", default=False),
    )
    filters = (
        BooleanFilter(code="active", label=_("Can sign in"), field="is_active"),
        DateRangeFilter(code="joined", label=_("Joined"), field="created_at"),
    )
    search_fields = ("full_name", "email")
    default_sort = "name"
    page_size = 5
    bulk_actions = (
        BulkAction("nothing", _("Do nothing"), "design", "coffee"),
        BulkAction("careful", _("Do nothing, carefully"), "design", "alert-triangle", confirm=_("Nothing happens.")),
    )
    empty = Empty(_("No users yet"), _("Invited users appear here."), "users")

    def row_url(self, row: Model) -> str:
        return f"#person-{row.pk}"


@login_required
@require_GET
def design(request: HttpRequest) -> HttpResponseBase:
    """For whoever builds screens: anyone of the office while DEBUG, else the director."""
    user: Any = request.user
    if not (user.is_director or (settings.DEBUG and not user.is_salesperson)):
        raise Http404
    table = PeopleTable(request, get_user_model()._default_manager.all())
    return table.respond("core/design.html", _samples())


def _samples() -> dict[str, Any]:
    now = timezone.now()
    return {
        "figures": _figures(),
        "charts": _charts(),
        "jobs": [job_context(job) for job in _jobs()],
        "tabs": [
            {"label": _("Overview"), "url": "#", "active": True},
            {"label": _("People"), "url": "#", "count": 4212},
        ],
        "periods": [
            {"label": _("%(count)s days") % {"count": count}, "url": "#", "active": count == 30}
            for count in (7, 30, 90, 365)
        ],
        "steps": [
            {"title": _("Plan"), "state": "done", "url": "#", "note": _("Spring offer for loyal customers")},
            {"title": _("Content"), "state": "current", "url": "#", "active": True, "note": _("Two variants")},
            {"title": _("Test"), "state": "problem", "url": "#", "note": _("No hypothesis yet")},
            {"title": _("Send"), "state": "todo"},
        ],
        "events": [
            {"at": now, "title": _("Opened “Spring is here”"), "icon": "mail-opened", "tone": "accent"},
            {"at": now - timedelta(hours=2), "title": _("Ordered for €84.00"), "icon": "shopping-bag", "tone": "good"},
            {
                "at": now - timedelta(days=9),
                "title": _("Call"),
                "icon": "phone",
                "actor": _("Olga"),
                "text": _("Asked for the new catalogue."),
            },
        ],
        "pairs": [(_("E-mail"), "maria@example.com"), (_("Phone"), ""), (_("Joined"), _("3 March 2026"))],
        "tokens": ["page", "surface", "sunken", "text", "muted", "accent", "accent-soft", "good", "warn", "bad"],
        "palette": range(1, 7),
        "now": now,
    }


def _figures() -> list[KeyFigure]:
    than = _("than in the 30 days before")
    return [
        KeyFigure(
            _("Cost per lead"),
            Decimal("4.12"),
            Unit.MONEY,
            before=Decimal("4.90"),
            compared_to=than,
            better=BetterWhen.LOWER,
            target=4,
            made_of=_("Spend of the period ÷ leads dated in it"),
            url="#",
        ),
        KeyFigure(_("Leads"), 4212, before=4224, compared_to=than, target=4000, url="#"),
        KeyFigure(_("Conversion"), 0.114, Unit.RATIO, before=0.1, compared_to=than, target=0.15),
        KeyFigure(_("NPS"), None, Unit.SCORE, reason=_("Nobody has answered in this period.")),
    ]


def _charts() -> list[tuple[str, Chart]]:
    weeks = [str(_("Week %(number)s") % {"number": week}) for week in range(1, 13)]
    leads = [112, 120, 98, 140, 151, 149, 170, 160, 182, 190, 205, 201]
    before = [100, 104, 99, 110, 118, 125, 121, 130, 128, 140, 139, 150]
    channels = [str(name) for name in (_("Search ads"), _("Social ads"), _("Content"), _("Partners"))]
    return [
        (
            "chart-line",
            line_chart(
                _("Leads by week"), weeks, [Series(_("This year"), leads), Series(_("Last year"), before, 6, True)]
            ),
        ),
        (
            "chart-bar",
            bar_chart(
                _("Cost per lead by channel"),
                channels,
                [Series(_("Cost per lead"), [6.2, 4.8, 2.1, 3.3])],
                horizontal=True,
                value_format="money",
            ),
        ),
        (
            "chart-stack",
            bar_chart(
                _("Spend by channel"),
                weeks[:6],
                [Series(name, [90 + 7 * place * week for week in range(6)]) for place, name in enumerate(channels)],
                stacked=True,
                value_format="money",
            ),
        ),
        (
            "chart-funnel",
            funnel_chart(
                _("From lead to customer"),
                [(_("Leads"), 1912), (_("Qualified"), 844), (_("Opportunity"), 391), (_("Customer"), 218)],
            ),
        ),
        (
            "chart-heat",
            heat_map(
                _("Opens by weekday and hour"),
                ["8", "10", "12", "14", "16", "18"],
                [_("Monday"), _("Wednesday"), _("Friday")],
                [[12, 40, 33, 21, 18, 44], [9, 38, 30, 25, 20, 51], [5, 22, 28, 17, None, 12]],
            ),
        ),
    ]


def _jobs() -> list[Job]:
    now = timezone.now()
    shared = {"kind": "sample", "label": str(_("Import of orders")), "created_at": now}
    running = {"started_at": now - timedelta(minutes=1), "heartbeat_at": now}
    return [
        Job(**shared, state=Job.State.RUNNING, total=541_909, done=203_000, step=str(_("rows read")), **running),
        Job(**shared, state=Job.State.WAITING),
        Job(**shared, state=Job.State.DONE, total=10, done=10, finished_at=now, **running),
        Job(**shared, state=Job.State.FAILED, error=str(_("The file has no column with the order number."))),
        Job(**shared, state=Job.State.CANCELLED, total=541_909, done=203_000),
    ]
