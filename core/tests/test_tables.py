import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.translation import gettext
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from core.errors import Conflict, DomainError
from core.models import Job, Preference
from core.ui.tables.columns import Column, Exported, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.export import csv_lines, csv_response, escape_formula, write_xlsx
from core.ui.tables.filters import ArchivedFilter, BooleanFilter, ChoiceFilter, DateRangeFilter, NumberRangeFilter
from core.ui.tables.keyset import Cursor, keyset_page
from core.ui.tables.query import keys_if_few
from core.ui.tables.table import Table

START = datetime(2026, 3, 1, tzinfo=UTC)


class JobTable(Table[Job]):
    name = "jobs"
    title = "Jobs"
    columns = (
        Column("label", "Name", sort="label", link=True, phone="title"),
        Column("kind", "Kind", sort="kind"),
        Column("done", "Done", kind=Kind.NUMBER, sort="done"),
        Column("started", "Started", value="started_at", kind=Kind.MOMENT, sort="started_at"),
        Column("secret", "Step", value="step", default=False),
        Column("fixed", "Fixed", value=lambda row: row.state),
    )
    filters = (
        ChoiceFilter(code="state", label="State", choices=Job.State.choices),
        DateRangeFilter(code="started", label="Started", field="started_at"),
        NumberRangeFilter(code="done", label="Done"),
        BooleanFilter(code="failed", label="Failed", field="error_set"),
    )
    search_fields = ("label", "kind")
    default_sort = "-started"
    bulk_actions = (BulkAction("stop", "Stop", "home"),)
    empty = Empty("No jobs yet", "They will be here.")
    page_size = 7

    def row_url(self, row: Job) -> str:
        return f"/jobs/{row.public_id}/"


def make_jobs(count: int = 40, seed: int = 1) -> list[Job]:
    """Ties and missing values in every sortable column."""
    chance = random.Random(seed)
    return Job.objects.bulk_create(
        Job(
            kind=chance.choice(["import", "export", "score"]),
            label=chance.choice(["Ána", "ana", "Zoe", "", "İ", "=1+1", "b"]),
            done=chance.choice([0, 1, 1, 5, 10_000_000_000]),
            state=chance.choice(Job.State.values),
            started_at=None if chance.random() < 0.3 else START + timedelta(days=chance.randrange(4), microseconds=7),
        )
        for _number in range(count)
    )


def request_of(user: Any, query: str = "", **post: Any) -> HttpRequest:
    request = RequestFactory().post("/jobs/", post) if post else RequestFactory().get(f"/jobs/?{query}")
    request.user = user
    return request


def table(user: AbstractBaseUser, query: str = "") -> JobTable:
    return JobTable(request_of(user, query), Job.objects.all())


def walk(queryset: QuerySet[Job], sort: Any, descending: bool, size: int) -> Iterator[list[int]]:
    cursor = None
    while True:
        page = keyset_page(queryset, sort=sort, descending=descending, cursor=cursor, size=size)
        yield [row.pk for row in page.rows]
        if not page.next:
            return
        cursor = Cursor.decode(page.next)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["started_at", "label", "done", "kind", "pk", F("done") * 2])
def test_keyset_pages_equal_the_naive_order(db: None, sort: Any, descending: bool) -> None:
    make_jobs()
    value = F(sort) if isinstance(sort, str) else sort
    naive = Job.objects.annotate(v=value).order_by(
        F("v").desc(nulls_last=True) if descending else F("v").asc(nulls_last=True), "-pk" if descending else "pk"
    )
    expected = list(naive.values_list("pk", flat=True))
    for size in (1, 3, 7, 40, 41):
        pages = list(walk(Job.objects.all(), sort, descending, size))
        assert [key for page in pages for key in page] == expected
        assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["started_at", "done"])
def test_the_previous_page_is_the_one_before(db: None, sort: str, descending: bool) -> None:
    make_jobs()
    forwards = []
    cursor, page = None, None
    while True:
        page = keyset_page(Job.objects.all(), sort=sort, descending=descending, cursor=cursor, size=6)
        forwards.append([row.pk for row in page.rows])
        if not page.next:
            break
        cursor = Cursor.decode(page.next)
    backwards = [forwards[-1]]
    while page.previous:
        page = keyset_page(
            Job.objects.all(), sort=sort, descending=descending, cursor=Cursor.decode(page.previous), size=6
        )
        assert page.next
        backwards.append([row.pk for row in page.rows])
    assert list(reversed(backwards)) == forwards


@pytest.mark.parametrize("text", ["", "x", "!!", "W10", "WyJpbnQiLCJhIiwxLDBd", "WyJub3QiLDEsMSwwXQ", "é", "A" * 5000])
def test_a_cursor_that_is_none_is_ignored(text: str) -> None:
    assert Cursor.decode(text) is None


def test_a_cursor_survives_the_address() -> None:
    for value in [None, True, 3, 2.5, "á=&", START, START.date(), timedelta(seconds=3)]:
        assert Cursor.decode(Cursor(value, 9, True).encode()) == Cursor(value, 9, True)


def test_an_unreadable_cursor_shows_the_first_page(director: AbstractBaseUser) -> None:
    make_jobs()
    assert [line.key for line in table(director, "at=rubbish").lines] == [line.key for line in table(director).lines]


@pytest.mark.parametrize("sort", ["label", "done", "started", "-done"])
@pytest.mark.parametrize("value", ["word", 5, 10**30, True, None, START])
def test_a_cursor_of_another_sort_never_breaks_the_page(director: AbstractBaseUser, sort: str, value: Any) -> None:
    make_jobs()
    assert table(director, f"sort={sort}&at={Cursor(value, 5).encode()}").lines


def test_search_needs_every_word_in_some_field(director: AbstractBaseUser) -> None:
    Job.objects.create(kind="import", label="Orders of March")
    Job.objects.create(kind="export", label="Orders of April")
    assert table(director, "q=orders").total == 2
    assert table(director, "q=ORDERS+import").total == 1
    assert table(director, "q=orders+nothing").total == 0
    assert table(director, "q=%00").total == 2


def test_filters_narrow_and_bad_values_are_left_aside(director: AbstractBaseUser) -> None:
    Job.objects.create(kind="a", state="done", done=5, started_at=START)
    Job.objects.create(kind="a", state="failed", done=50, started_at=START + timedelta(days=1))
    assert table(director, "state=done").total == 1
    assert table(director, "state=nonsense").total == 2
    assert table(director, "done_from=6").total == 1
    assert table(director, "done_from=5&done_to=5").total == 1
    assert table(director, "done_from=NaN&done_to=abc").total == 2
    assert table(director, "started_from=2026-03-02").total == 1
    assert table(director, "started_to=2026-03-01").total == 1
    assert table(director, "started_from=2026-13-99").total == 2


def test_a_table_says_whether_it_was_never_filled_or_is_narrowed(director: AbstractBaseUser) -> None:
    assert not table(director).state.is_narrowed
    assert table(director, "q=x").state.is_narrowed
    assert table(director, "state=done").state.is_narrowed
    assert not table(director, "sort=label&at=zzz").state.is_narrowed


def test_sort_falls_back_to_the_default(director: AbstractBaseUser) -> None:
    assert table(director, "sort=-done").state.sort == "-done"
    for query in ("sort=nothing", "sort=fixed", "sort=--done", ""):
        assert table(director, query).state.sort == "-started"


def test_headings_turn_the_direction_and_leave_the_page(director: AbstractBaseUser) -> None:
    headings = {head.column.code: head for head in table(director, "sort=-done&at=abc&q=x").rendering.headings}
    assert headings["done"].direction == "descending"
    assert headings["done"].url == "/jobs/?q=x&sort=done"
    assert headings["label"].url == "/jobs/?q=x&sort=label"
    assert headings["started"].url == "/jobs/?q=x&sort=-started"
    assert headings["fixed"].url == ""


def test_columns_are_those_the_person_chose(director: AbstractBaseUser, analyst: AbstractBaseUser) -> None:
    assert [column.code for column in table(director).state.visible_columns] == [
        "label",
        "kind",
        "done",
        "started",
        "fixed",
    ]
    Preference.objects.create(user_id=director.pk, key="columns:jobs", value=["secret", "unknown"])
    assert [column.code for column in table(director).state.visible_columns] == ["label", "secret"]
    assert [column.code for column in table(analyst).state.visible_columns] == [
        "label",
        "kind",
        "done",
        "started",
        "fixed",
    ]


def test_choosing_columns_is_kept_and_can_be_forgotten(director: AbstractBaseUser, signed_in: Any) -> None:
    client = signed_in(director)
    answer = client.post("/interface/columns/", {"table": "jobs", "columns": ["kind", "done"], "next": "/jobs/?q=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/jobs/?q=x")
    assert Preference.objects.value(director.pk, "columns:jobs") == ["kind", "done"]
    client.post("/interface/columns/", {"table": "jobs", "reset": "1"})
    assert Preference.objects.value(director.pk, "columns:jobs") is None
    assert client.get("/interface/columns/").status_code == 405
    assert client.post("/interface/columns/", {"table": "../x"}).status_code == 422
    assert client.post("/interface/columns/", {"table": "jobs", "next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.parametrize("text", ["=1+1", "+51 999", "-5", "@x", "\tx", "\rx"])
def test_text_that_looks_like_a_formula_is_escaped(text: str) -> None:
    assert escape_formula(text) == "'" + text


def test_numbers_and_plain_text_stay(db: None) -> None:
    plain: list[Exported] = [-5, 1.5, "a=b", "", None]
    assert [escape_formula(value) for value in plain] == plain
    lines = list(csv_lines(["=Name", "n"], [["=x", -5], ['a"b', None]]))
    assert lines == ["\ufeff'=Name,n\r\n", "'=x,-5\r\n", '"a""b",\r\n']


def test_a_file_is_in_the_language_and_zone_it_was_asked_for_in() -> None:
    """It is streamed after the view has returned, and its reader's settings with it."""
    rows: Iterator[list[Exported]] = ([gettext("Yes"), timezone.localtime(START).hour] for _ in range(2))
    with translation.override("es"), timezone.override("Asia/Tokyo"):
        response = csv_response("jobs", ["a", "b"], rows)
    assert list(response.streaming_content)[1:] == ["Sí,9\r\n".encode()] * 2  # type: ignore[arg-type]


def test_xlsx_keeps_types_and_has_no_formulas() -> None:
    target = BytesIO()
    write_xlsx(target, "A/B", ["Name", "n", "day"], [["=1+1", -5, START.date()], ["bell\x07", 2.5, None]])
    sheet = load_workbook(target).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][:2] == ["'=1+1", -5]
    assert rows[2] == ["bell", 2.5, None]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row}.isdisjoint({"f"})


def test_export_holds_exactly_what_is_filtered_in_its_order(director: AbstractBaseUser) -> None:
    make_jobs(80)
    shown = table(director, "state=done&sort=done&export=csv")
    response = shown.respond("unused.html")
    text = b"".join(response).decode("utf-8-sig")
    lines = text.strip().split("\r\n")
    assert lines[0] == "Name,Kind,Done,Started,Fixed"
    assert len(lines) - 1 == Job.objects.filter(state="done").count() > 7
    done = [int(line.split(",")[2]) for line in lines[1:]]
    assert done == sorted(done)
    assert all(not line.startswith("=") for line in lines)
    assert response["Content-Disposition"].startswith('attachment; filename="jobs-')


def test_selecting_rows_takes_those_only(director: AbstractBaseUser) -> None:
    jobs = make_jobs(9)
    request = request_of(director, ids=[jobs[0].public_id, jobs[3].public_id, jobs[3].public_id], count="2", state="")
    selection = JobTable(request, Job.objects.all()).selection()
    assert selection.count == 2
    assert set(selection.queryset.values_list("pk", flat=True)) == {jobs[0].pk, jobs[3].pk}


def test_selecting_all_takes_what_the_state_says_and_no_more(director: AbstractBaseUser) -> None:
    make_jobs(40)
    wanted = Job.objects.filter(state="done").count()
    request = request_of(director, all="1", count=str(wanted), state="state=done&sort=done")
    selection = JobTable(request, Job.objects.all()).selection()
    assert set(selection.queryset.values_list("state", flat=True)) == {"done"}
    assert selection.count == wanted


def test_selecting_never_leaves_what_the_person_may_see(director: AbstractBaseUser) -> None:
    jobs = make_jobs(5)
    mine = Job.objects.filter(pk=jobs[0].pk)
    ids = [job.public_id for job in jobs]
    for seen in ("", "1", "5"):
        with pytest.raises(Conflict):
            JobTable(request_of(director, ids=ids, count=seen, state=""), mine).selection()
    assert JobTable(request_of(director, ids=ids[:1], count="", state=""), mine).selection().count == 1


def test_a_selection_that_changed_or_is_empty_is_refused(director: AbstractBaseUser) -> None:
    make_jobs(5)
    with pytest.raises(Conflict) as changed:
        JobTable(request_of(director, all="1", count="4", state=""), Job.objects.all()).selection()
    assert changed.value.code == "selection_changed"
    with pytest.raises(DomainError) as empty:
        JobTable(request_of(director, state="", count="0"), Job.objects.all()).selection()
    assert empty.value.code == "nothing_chosen"


def test_a_page_costs_four_queries(
    director: AbstractBaseUser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_jobs(40)
    shown = table(director, "q=a")
    with django_assert_num_queries(4):  # the rows with a value, those without, how many, the person's columns
        assert shown.query.total_if_few
        assert shown.lines
        assert list(shown.rendering.headings)


def test_of_very_many_the_page_asks_for_the_number_once_it_is_drawn(
    director: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ui.tables.query.MAX_COUNTED", 4)
    make_jobs(7)
    for query in ("", "done_from=0"):
        shown = table(director, query)
        assert (shown.query.total_if_few, shown.total) == (None, 7)
        assert len(shown.lines) == 7
        page = render_to_string("components/_table_tools.html", {"table": shown})
        assert "More than 4 rows" in page
        assert 'hx-target="#table-jobs-tools"' in page
        request = request_of(director, query)
        request.META["HTTP_HX_TARGET"] = "table-jobs-tools"
        answer = JobTable(request, Job.objects.all()).respond("base.html")
        assert isinstance(answer, HttpResponse)
        body = answer.content.decode()
        assert 'data-total="7"' in body
        assert "7 rows" in body
        assert "c-rowlink" not in body
    assert table(director, "done_from=11").query.total_if_few == table(director, "done_from=11").total < 4


def test_few_keys_of_several_queries_are_listed_and_many_are_not(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ui.tables.query.MAX_COUNTED", 3)
    make_jobs(5)
    keys = Job.objects.order_by("pk").values_list("pk", flat=True)
    first, second, third, *_rest = keys
    assert keys_if_few(keys.filter(pk=first), keys.filter(pk__in=[first, second, third])) == {first, second, third}
    assert keys_if_few(keys.filter(pk=first), keys) is None


def test_an_htmx_request_gets_the_table_alone(director: AbstractBaseUser, rf: RequestFactory) -> None:
    make_jobs(10)
    request = request_of(director)
    request.META["HTTP_HX_TARGET"] = "table-jobs"
    request.META["HTTP_HX_REQUEST"] = "true"
    response = JobTable(request, Job.objects.all()).respond("base.html")
    assert isinstance(response, HttpResponse)
    body = response.content.decode()
    assert "<html" not in body
    assert body.count("c-rowlink") == 7
    assert "HX-Target" in response["Vary"]


def test_other_parameters_of_the_page_are_kept(director: AbstractBaseUser) -> None:
    shown = table(director, "tab=x&q=y&state=done&sort=kind")
    assert shown.state.other_parameters == [("tab", "x")]
    assert shown.state.clear_url == "/jobs/?tab=x&sort=kind"
    assert QueryDict(shown.state.text).dict() == {"tab": "x", "q": "y", "state": "done", "sort": "kind"}


@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_the_key_alone_are_one_index_range_each(db: None, descending: bool) -> None:
    make_jobs(20)
    expected = list(Job.objects.order_by("-id" if descending else "id").values_list("pk", flat=True))
    cursor, keys = None, []
    while True:
        page = keyset_page(Job.objects.all(), sort="id", descending=descending, cursor=cursor, size=6, key="id")
        keys += [row.pk for row in page.rows]
        if not page.next:
            break
        cursor = Cursor.decode(page.next)
    assert keys == expected
    before = keyset_page(
        Job.objects.all(), sort="id", descending=descending, cursor=Cursor.decode(page.previous), size=6, key="id"
    )
    assert [row.pk for row in before.rows] == expected[12:18]


class FinishedTable(Table[Job]):
    """Jobs that are over are hidden unless the filter shows them."""

    name = "jobs"
    title = "Jobs"
    columns = JobTable.columns
    default_sort = "-started"
    empty = JobTable.empty
    page_size = 7
    filters = (ArchivedFilter(code="over", label="Over", archived=Q(finished_at__isnull=False)),)
    bulk_actions = (
        BulkAction("stop", "Stop", "home", archived=False),
        BulkAction("again", "Again", "home", archived=True),
        BulkAction("copy", "Copy", "home"),
    )

    def prefetch(self, rows: Sequence[Any]) -> None:
        self.prefetched = [*getattr(self, "prefetched", []), len(rows)]
        for row in rows:
            row.step = f"seen {row.kind}"


def finished(user: AbstractBaseUser, query: str = "") -> FinishedTable:
    return FinishedTable(request_of(user, query), Job.objects.all())


def test_archived_rows_are_shown_by_the_filter_alone(director: AbstractBaseUser) -> None:
    Job.objects.create(kind="a", label="Now")
    Job.objects.create(kind="a", label="Over", finished_at=START)
    assert finished(director).total == finished(director, "over=x").total == 1
    assert not finished(director).state.is_narrowed
    assert finished(director, "over=yes").total == 1
    assert finished(director, "over=all").total == 2
    offered = {
        query: [it.code for it in finished(director, query).bulk.actions] for query in ("", "over=yes", "over=all")
    }
    assert offered == {"": ["stop", "copy"], "over=yes": ["again", "copy"], "over=all": ["stop", "again", "copy"]}


def test_rows_are_prefetched_a_page_or_a_chunk_at_a_time(
    director: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_jobs(20)
    Preference.objects.create(user_id=director.pk, key="columns:jobs", value=["secret"])
    shown = finished(director)
    assert shown.lines[0].cells[1].text.startswith("seen ")
    assert shown.prefetched == [7]
    monkeypatch.setattr("core.ui.tables.export.EXPORT_CHUNK", 8)
    file = finished(director, "export=csv")
    text = b"".join(file.respond("unused.html")).decode()
    assert text.count("seen ") == 20
    assert file.prefetched == [8, 8, 4]


def test_the_last_bulk_action_is_undone_once_by_its_actor(
    director: AbstractBaseUser, analyst: AbstractBaseUser
) -> None:
    jobs = make_jobs(5)
    first = table(director).bulk.undo_url("home", jobs[:1])
    last = table(director).bulk.undo_url("home", jobs[1:3])
    assert last.startswith("/?undo=")

    def undone(user: AbstractBaseUser, url: str) -> set[int]:
        request = request_of(user, url.partition("?")[2])
        return set(JobTable(request, Job.objects.all()).bulk_selection().queryset.values_list("pk", flat=True))

    for user, url in ((director, first), (analyst, last), (director, "/?undo=")):
        with pytest.raises(DomainError) as gone:
            undone(user, url)
        assert gone.value.code == "undo_gone"
    assert undone(director, last) == {jobs[1].pk, jobs[2].pk}
    with pytest.raises(DomainError):
        undone(director, last)


def test_a_bulk_view_redirects_to_the_list_as_it_was(director: AbstractBaseUser) -> None:
    request = request_of(director, ids="x", state="state=done&sort=done")
    assert JobTable(request, Job.objects.all()).redirect("home")["Location"] == "/?state=done&sort=done"
    assert table(director, "undo=x").redirect("home")["Location"] == "/"


def test_a_cell_may_be_a_badge_or_say_what_is_missing() -> None:
    badge = Column("kind", "Kind", tone=lambda row: "good" if row.done else "", missing="none yet")
    assert badge.text(Job(kind="<b>", done=1)) == '<span class="c-badge c-badge-good">&lt;b&gt;</span>'
    assert badge.text(Job(kind="")) == "none yet"
    assert badge.exported(Job(kind="<b>")) == "<b>"
