from tests.matrix.registry import EVERYONE, PUBLIC, Route

ROUTES = {
    "home": Route(get=EVERYONE),
    "interface_theme": Route(post=EVERYONE, body=lambda cast: {"theme": "dark"}, changed=302),
    "interface_language": Route(post=PUBLIC, body=lambda cast: {"language": "es"}, changed=302),
    "search": Route(get=EVERYONE, query="?q=ada"),
}
