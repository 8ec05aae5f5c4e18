from tests.matrix.registry import EVERYONE, PUBLIC, Cast, Route


def _reset_link(cast: Cast) -> dict[str, str]:
    return {"uidb36": "zz", "key": "set-password"}


ROUTES = {
    "account_login": Route(get=PUBLIC, post=PUBLIC, body=lambda cast: {"login": "a@b.example", "password": "x"}),
    "account_logout": Route(post=PUBLIC),
    "account_inactive": Route(get=PUBLIC),
    "account_reauthenticate": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: {"password": "x"}),
    "account_change_password": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: {}),
    "account_reset_password": Route(get=PUBLIC, post=PUBLIC, body=lambda cast: {"email": "a@b.example"}),
    "account_reset_password_done": Route(get=PUBLIC),
    "account_reset_password_from_key": Route(get=PUBLIC, post=PUBLIC, kwargs=_reset_link, body=lambda cast: {}),
    "account_reset_password_from_key_done": Route(get=PUBLIC),
    "mfa_index": Route(get=EVERYONE),
    "mfa_activate_totp": Route(get=EVERYONE, post=EVERYONE),
    "mfa_deactivate_totp": Route(get=EVERYONE, post=EVERYONE),
    "mfa_authenticate": Route(get=PUBLIC, post=PUBLIC),
    "mfa_reauthenticate": Route(get=EVERYONE, post=EVERYONE),
    "mfa_view_recovery_codes": Route(get=EVERYONE),
    "mfa_generate_recovery_codes": Route(get=EVERYONE, post=EVERYONE),
    "mfa_download_recovery_codes": Route(get=EVERYONE),
}
