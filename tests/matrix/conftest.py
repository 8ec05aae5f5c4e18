"""Each route is asked as if nobody had asked before."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limit_left_over() -> None:
    """The pages of visitors take so many posts from one address; other tests may have used them up."""
    cache.clear()
