from importlib import import_module

from django.apps import AppConfig


class ToolsConfig(AppConfig):
    """What runs, fills and checks an installation: supervisor, servers, demo company, catalogues, mail catcher."""

    name = "tools"

    def ready(self) -> None:
        import_module("tools.registrations")
