"""Going back to where a person came from, and nowhere else."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_own_page(request: HttpRequest, url: str) -> bool:
    """Whether `url` is a path of this installation, or a full address of it: what may be redirected to."""
    # A bare word is an address to a browser but the name of a page to `redirect`.
    return "/" in url and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
