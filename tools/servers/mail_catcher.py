"""The mail catcher as a server of the home."""

import sys
from pathlib import Path

from tools.servers.home import Home, port_is_free
from tools.servers.process import Process

ROOT = Path(__file__).resolve().parents[2]


class MailServer:
    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = home.port("mail")

    @property
    def url(self) -> str:
        return str(self.port)

    def start(self) -> Process:
        """Raises StartError."""
        folder = self.home.folder("mail")
        process = Process(
            name="mail catcher",
            command=[sys.executable, "-m", "core.mail.catcher", "--port", str(self.port), "--folder", folder],
            log=self.home.folder("logs") / "mail.log",
            ready=lambda: not port_is_free(self.port),
            folder=ROOT,
        )
        process.start()
        try:
            process.wait_until_ready()
        except BaseException:
            process.stop()
            raise
        return process
