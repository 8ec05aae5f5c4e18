"""The floors, from the lowest, and where their sources are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = (
    {"core"},
    {"accounts"},
    {"crm"},
    {"marketing", "delivery"},
    {"campaigns"},
    {"analytics"},
    {"config"},
    {"tools"},
)
APPS = tuple(sorted(app for floor in FLOORS for app in floor))


def rank(label: str) -> int:
    """A higher number stands above; packages from elsewhere are below all of ours."""
    return next((number for number, floor in enumerate(FLOORS) if label in floor), -1)


def may_use(label: str, other: str) -> bool:
    """An app uses itself and the floors below; apps on one floor do not know each other."""
    return label == other or rank(label) > rank(other)


def sources() -> dict[str, Path]:
    """Every module of the product by its dotted name; tests and migrations apart."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if not {"tests", "migrations"} & set(parts):
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found
