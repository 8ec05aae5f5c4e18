"""Starting the database, the broker and the mail catcher that nobody named, and saying how to reach them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.servers.home import Home
from tools.servers.mail_catcher import MailServer
from tools.servers.postgres import Postgres
from tools.servers.process import Process
from tools.servers.valkey import Valkey


@dataclass
class Servers:
    """The embedded servers of a home, in the order they started, and the variables that lead to them."""

    processes: list[Process] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()


def servers_start(home: Home, *, throw_away: bool = False, given: Mapping[str, str] = os.environ) -> Servers:
    """Start PostgreSQL, Valkey and the mail catcher, each unless its URL (DATABASE_, REDIS_, EMAIL_) is `given`.

    `throw_away` is for tests: fast, forgetful, and without the mail catcher. Raises StartError; then nothing runs.
    """
    servers = Servers(environment={"CAUCE_HOME": str(home.path)})
    if not given.get("SECRET_KEY") and not given.get("PRODUCTION"):
        servers.environment |= home.kept_keys()
    try:
        if not given.get("DATABASE_URL"):
            _start(servers, "DATABASE_URL", Postgres(home, throw_away=throw_away))
        if not given.get("REDIS_URL"):
            _start(servers, "REDIS_URL", Valkey(home, throw_away=throw_away))
        if not given.get("EMAIL_URL") and not throw_away:
            _start(servers, "MAIL_CATCHER_PORT", MailServer(home))
    except BaseException:
        servers.stop()
        raise
    return servers


def _start(servers: Servers, variable: str, server: Postgres | Valkey | MailServer) -> None:
    servers.processes.append(server.start())
    servers.environment[variable] = server.url
