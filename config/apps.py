from importlib import import_module

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """The composition root as an app, so that its system checks, its areas and its catalogue are found."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        import_module("config.checks")
        import_module("config.navigation")
