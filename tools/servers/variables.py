"""The variables of the installation's `.env`, for the programs that start servers before the settings are read."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parents[2]


def variables_read() -> None:
    """Take the variables of `.env` over, unless the environment names them: a server named there is not started."""
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env")
