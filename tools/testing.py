"""`bin/test` and `bin/bench`: throw-away servers, then pytest with two processes or a benchmark, then no trace."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.servers.embedded import Servers, servers_start
from tools.servers.errors import StartError
from tools.servers.home import Home


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="cauce-test-"))
    folder.chmod(0o711)  # the database's account passes through
    home = Home(folder)
    servers = Servers()
    try:
        home.open()
        servers = servers_start(home, throw_away=True)
        environment = os.environ | servers.environment
        if arguments[:1] == ["--bench"]:
            command = ["-m", f"bench.{arguments[1]}", *arguments[2:]]
        else:
            environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
            command = ["-m", "pytest", *_in_parallel(arguments), *arguments]
        return subprocess.run([sys.executable, *command], env=environment, check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _in_parallel(arguments: list[str]) -> list[str]:
    """Two workers, unless the caller says how many; a file's tests stay together."""
    chosen = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    return [] if chosen else ["-n", "2", "--dist", "loadfile"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
