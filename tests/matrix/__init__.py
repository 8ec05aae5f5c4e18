"""The URL matrix: every page and API route, asked by every actor, for an own and for another's object.

The cases are generated from the URL resolver, so a route nobody described fails. To describe the routes of an app,
give the feature a module `<app>/<feature>/tests/routes.py` with

    from tests.matrix.registry import MARKETERS, OFFICE, OFFICE_AND_OWNER, Cast, Route

    ROUTES = {
        "segment_list": Route(get=OFFICE),
        "segment_create": Route(get=MARKETERS, post=MARKETERS, body=lambda cast: {"name": "Loyal", ...}),
        "segment_archive": Route(post=MARKETERS, kwargs=lambda cast: {"public_id": SegmentFactory.create().public_id}),
        "contact_detail": Route(get=OFFICE_AND_OWNER, kwargs=lambda cast: {"public_id": cast.contact.public_id},
                                personal=True),
        "api_lead_create": Route(post=MARKETERS, body=lambda cast: {...}),   # under /api/: JSON; anonymous is 401
        "lead_form": Route(get=PUBLIC, post=PUBLIC, body=...),
    }

- `get` and `post` name the actors who succeed (2xx or 3xx, and not a redirect to the sign-in page). An empty `get`
  says the route changes state only: GET must be 405 for those who may POST. An empty `post` says it only shows:
  POST must be 405. `method="patch"` (put, delete) where the change is not a POST.
- `kwargs(cast)` makes the object and returns the URL's arguments; the object belongs to `cast.owner`. `cast.contact`
  is a contact on the owner's mini-list, `cast.asking` who asks. `body(cast)` is a valid body, made after
  `kwargs`.
- `personal=True`: the object is the owner's own; teammate and outsider must get 404. Otherwise who is not named
  must get 403.
- `changed=302` demands this very status of a successful change: give it for forms, which answer a refused body
  with the form again (200).
- Routes of packages stand in `tests/matrix/third_party.py`, each with the reason when it is left out.

Run `.venv/bin/pytest -q -n0 tests/matrix -k contact_` for your own routes; a failure names route and actor.
"""
