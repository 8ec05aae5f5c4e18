"""What the pages of API tokens promise to whom."""

from accounts.tokens.models import ApiToken
from core.ids import public_id
from tests.matrix.registry import EVERYONE, Cast, Route


def _own_token(cast: Cast) -> dict[str, str]:
    """A token of whoever asks, chosen in their list."""
    user = cast.asking or cast.owner
    token = ApiToken.objects.create(user=user, name="Sheet", prefix="cauce_x", token_hash=public_id())
    return {"ids": token.public_id}


ROUTES = {
    "token_list": Route(get=EVERYONE),
    "token_create": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: {"name": "Sheet"}),
    "tokens_revoke": Route(post=EVERYONE, body=_own_token, changed=302),
}
