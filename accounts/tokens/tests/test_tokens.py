from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from accounts.tokens.authentication import token_digest
from accounts.tokens.models import ApiToken
from accounts.tokens.scopes import scopes
from accounts.tokens.services import token_create, token_revoke
from core.errors import Conflict, DomainError

pytestmark = pytest.mark.django_db
SCOPE = next(iter(scopes)).code


def made(user: User, **changes: object) -> tuple[ApiToken, str]:
    values = {"name": "Sheet", "scope_codes": [SCOPE], "expires_at": None, **changes}
    return token_create(user=user, actor=user, **values)  # type: ignore[arg-type]


def test_only_a_fingerprint_is_kept(analyst: User) -> None:
    token, secret = made(analyst)
    assert secret.startswith("cauce_")
    assert token.token_hash == token_digest(secret)
    assert secret not in str(ApiToken.objects.values())


def test_the_secret_is_shown_once(analyst: User, signed_in) -> None:
    client: Client = signed_in(analyst)
    shown = client.post("/settings/tokens/new/", {"name": "Sheet", "scopes": [SCOPE]}).content.decode()
    assert "cauce_" in shown
    token = ApiToken.objects.get()
    assert shown.count(token.prefix) == 1
    listed = client.get("/settings/tokens/").content.decode()
    assert f"{token.prefix}…" in listed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scope_codes": ["no:such"]}, "scope_unknown"),
        ({"scope_codes": []}, "scope_missing"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expiry_past"),
    ],
)
def test_refused(analyst: User, changes: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        made(analyst, **changes)
    assert refused.value.code == code


def test_usable_leaves_out_expired_revoked_and_left(analyst: User, marketer: User, designer: User) -> None:
    good, _ = made(analyst)
    revoked, _ = made(analyst)
    token_revoke(token=revoked, actor=analyst)
    late, _ = made(marketer, expires_at=timezone.now() + timedelta(days=1))
    made(designer)
    User.objects.filter(pk=designer.pk).update(is_active=False)
    after = timezone.now() + timedelta(days=2)
    assert set(ApiToken.objects.usable()) == {good, late}
    assert set(ApiToken.objects.usable(at=after)) == {good}
    with pytest.raises(Conflict):
        token_revoke(token=revoked, actor=analyst)


def test_revoking_several_takes_ones_own_only(analyst: User, marketer: User, signed_in) -> None:
    first, second, theirs = made(analyst)[0], made(analyst)[0], made(marketer)[0]
    client: Client = signed_in(analyst)
    mixed = {"ids": [first.public_id, theirs.public_id], "count": "2"}
    assert client.post("/settings/tokens/revoke/", mixed).status_code == 409
    assert set(ApiToken.objects.usable()) == {first, second, theirs}
    answer = client.post("/settings/tokens/revoke/", {"ids": [first.public_id], "count": "1"})
    assert answer.status_code == 302
    assert set(ApiToken.objects.usable()) == {second, theirs}
    assert client.post("/settings/tokens/revoke/", {"ids": theirs.public_id}).status_code == 422
    assert client.get("/settings/tokens/revoke/").status_code == 405


def test_the_list_shows_what_works_until_asked(analyst: User, marketer: User, signed_in) -> None:
    good, late, gone = made(analyst)[0], made(analyst)[0], made(analyst)[0]
    made(marketer)
    ApiToken.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(days=1))
    token_revoke(token=gone, actor=analyst)
    client: Client = signed_in(analyst)

    def shown(query: str) -> set[ApiToken]:
        return {line.row for line in client.get(f"/settings/tokens/?{query}").context["table"].lines}

    assert shown("") == {good}
    assert shown("state=yes") == {late, gone}
    assert shown("state=all") == {good, late, gone}
    assert "export" not in client.get("/settings/tokens/").content.decode()


def test_visible_to_is_ones_own(analyst: User, marketer: User) -> None:
    mine, _ = made(analyst)
    made(marketer)
    assert list(ApiToken.objects.visible_to(analyst)) == [mine]


def test_the_command_prints_the_token_alone(analyst: User) -> None:
    out = StringIO()
    call_command("token_create", user=analyst.email, scopes=SCOPE, stdout=out)
    assert ApiToken.objects.get().token_hash == token_digest(out.getvalue().strip())


def test_the_command_refuses_an_unknown_scope(analyst: User) -> None:
    with pytest.raises(CommandError, match="no:such"):
        call_command("token_create", user=analyst.email, scopes="no:such")
