from importlib import import_module

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """The composition root as an app, so that its management commands and system checks are found."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        import_module("config.checks")
        import_module("config.registrations")
