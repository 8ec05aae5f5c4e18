"""A process that Cauce watches."""

from pathlib import Path

from tests.fixtures.waiting import wait_until
from tools.servers.process import Process


def test_a_long_log_starts_anew_while_its_process_writes_on(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    process = Process("talker", ["sh", "-c", "while :; do echo line; done"], log, ready=lambda: True)
    process.start()
    try:
        wait_until(lambda: log.stat().st_size > 1000, what="a long log")
        process.keep_log_small(most=1000)
        assert (tmp_path / "talker.log.1").stat().st_size > 1000
        wait_until(lambda: log.stat().st_size > 0, what="the next line")
        assert log.read_bytes().startswith((b"line\n", b"\n", b"ine\n", b"ne\n", b"e\n"))
    finally:
        process.stop()
