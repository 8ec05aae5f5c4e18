"""Keyset pages of the API: stable while rows are added, as cheap on page 1,000 as on page 1."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """`?cursor=` and `?page_size=` (up to 500); newest first unless the view orders otherwise."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 500
