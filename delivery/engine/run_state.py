"""The state of one run: whether messages still leave, and why not."""

from dataclasses import dataclass
from enum import Enum

from core.errors import TransportError


class Phase(Enum):
    """A run goes through its phases in one direction."""

    SENDING = "sending"  # messages leave; more batches may be due
    LAST_BATCHES = "last_batches"  # messages leave; no further batch is due
    STOPPING = "stopping"  # no message leaves; the last answers are awaited and written


@dataclass(slots=True)
class RunState:
    """`failure` is the server's or the sender's failure that stopped the run. `has_more`: recipients of our batches
    still wait, or further batches may be due, so that another run is worth its start."""

    phase: Phase = Phase.SENDING
    failure: TransportError | None = None
    is_cancelled: bool = False
    has_waiting: bool = False
    is_drained: bool = False

    @property
    def is_stopping(self) -> bool:
        return self.phase is Phase.STOPPING

    @property
    def has_more(self) -> bool:
        return self.has_waiting or not self.is_drained

    def drain(self) -> None:
        """No further batch is due."""
        self.is_drained = True
        if self.phase is Phase.SENDING:
            self.phase = Phase.LAST_BATCHES

    def stop(self, failure: TransportError | None = None) -> None:
        """Let no further message leave; the latest failure is the one that counts."""
        self.phase = Phase.STOPPING
        self.failure = failure or self.failure
