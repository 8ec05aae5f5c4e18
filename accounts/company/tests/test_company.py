import pytest

from accounts.audit.models import AuditEntry
from accounts.company.forms import CompanyForm
from accounts.company.models import Company
from accounts.company.services import company_change
from accounts.people.models import User
from accounts.people.services.invitations import invitation_create
from accounts.people.services.profile import profile_change
from core.mail.models import TransactionalMail
from core.mail.transactional import mail_render
from core.ui.alerts import alerts_for

pytestmark = pytest.mark.django_db


def test_the_currency_changes_while_nothing_is_kept(director: User) -> None:
    assert company_change(values={"currency": "USD"}, actor=director).currency == "USD"
    assert AuditEntry.objects.get().changes == {"currency": ["EUR", "USD"]}


def test_a_zone_that_does_not_exist_is_refused(director: User, signed_in) -> None:
    body = {"name": "S", "time_zone": "Mars/Base", "currency": "EUR", "language": "en", "week_starts_on": "0"}
    assert signed_in(director).post("/settings/company/", body).status_code == 200
    assert Company.get().time_zone == "UTC"


def test_profile_changes_are_recorded_without_the_signature(analyst: User) -> None:
    values = {
        "full_name": "Ana A.",
        "language": "es",
        "time_zone": "Europe/Madrid",
        "theme": "dark",
        "reply_address": "",
        "signature": "Kisses",
    }
    profile_change(user=analyst, values=values)
    entry = AuditEntry.objects.get()
    assert entry.changes["language"] == ["en", "es"]
    assert "Kisses" not in str(entry.changes)


def test_a_website_typed_without_its_scheme_is_a_safe_one() -> None:
    assert CompanyForm.base_fields["website"].clean("shop.example") == "https://shop.example"


def test_a_new_company_is_asked_for_its_name_first(director: User, marketer: User, signed_in) -> None:
    assert Company.get().name == ""
    assert alerts_for(marketer) == []
    page = signed_in(director).get("/overview/").content.decode()
    assert "Your company has no name yet" in page
    assert 'href="/settings/company/"' in page
    company_change(values={"name": "Shop"}, actor=director)
    assert "Your company has no name yet" not in signed_in(director).get("/overview/").content.decode()


@pytest.mark.parametrize(
    ("name", "subject", "body"),
    [
        ("", "Dora Director invites you to Cauce", "Dora Director invites you to work on Cauce. Your role: Analyst."),
        (
            "Shop",
            "Dora Director invites you to Shop on Cauce",
            "Dora Director invites you to work with Shop on Cauce. Your role: Analyst.",
        ),
    ],
)
def test_an_invitation_names_the_company_once_it_has_a_name(director: User, name: str, subject: str, body: str) -> None:
    if name:
        company_change(values={"name": name}, actor=director)
    invitation_create(email="ana@x.example", full_name="Ana", role=User.Role.ANALYST, actor=director)
    message = mail_render(mail=TransactionalMail.objects.get())
    assert message.subject == subject
    assert body in message.body
