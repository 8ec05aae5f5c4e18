"""Starting the database and the broker that nobody named, and saying how to reach them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.services.home import Home
from config.services.postgres import Postgres
from config.services.process import Process
from config.services.valkey import Valkey


@dataclass
class Servers:
    """The embedded servers of a home, in the order they started, and the variables that lead to them."""

    processes: list[Process] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()


def servers_start(home: Home, *, throw_away: bool = False, given: Mapping[str, str] = os.environ) -> Servers:
    """Start PostgreSQL unless DATABASE_URL is `given`, Valkey unless REDIS_URL is. Raises StartError."""
    servers = Servers()
    wanted: list[tuple[str, Postgres | Valkey]] = []
    if not given.get("DATABASE_URL"):
        wanted.append(("DATABASE_URL", Postgres(home, throw_away=throw_away)))
    if not given.get("REDIS_URL"):
        wanted.append(("REDIS_URL", Valkey(home, throw_away=throw_away)))
    try:
        for variable, server in wanted:
            servers.processes.append(server.start())
            servers.environment[variable] = server.url
    except BaseException:
        servers.stop()
        raise
    return servers
