"""A mail server that misbehaves by chance, always in the same way to the same address, and counts what it did.

`python -m bench.faulty --log FILE --events FILE`: what it accepts is in the log as with
`delivery.transports.tests.sink`, what it did wrong in the events, a word a line, each written before it is done.
"""

import argparse
import random
from hashlib import blake2b
from pathlib import Path

from delivery.transports.tests.sink import Sink, serve_forever

# Of how many addresses each is done to, once; chances are independent, so that some meet several.
SHARES = {
    "t454": 0.30,  # RCPT is put off
    "t451": 0.005,  # the whole message is put off
    "hang": 0.0005,  # no answer to DATA
    "stall": 0.0005,  # says 354 and reads no more
    "drop": 0.005,  # hangs up in mid-DATA
    "gone": 0.001,  # takes the message and hangs up before its 250
    "lost": 0.001,  # has the whole message, and hangs up without having taken it
    "mute": 0.0003,  # takes the message and says nothing
}
REFUSED = 0.02
GREETINGS = {b"": 0.05, b"421 4.3.2 too busy\r\n": 0.05}
# After these the other side cannot know whether the message was taken.
AMBIGUOUS = ("gone", "lost", "mute", "stall")


class FaultySink(Sink):
    def __init__(self, log: Path, events: Path, *, pipelining: bool, eight_bit: bool) -> None:
        super().__init__(log, pipelining=pipelining, eight_bit=eight_bit)
        self.events = events.open("ab", buffering=0)
        self.chance = random.Random(4)

    def treat(self, how: str, address: bytes) -> bool:
        if chance(how, address) >= SHARES.get(how, 0.0) or (how, address) in self.treated:
            return False
        self.treated.add((how, address))
        self.note(how)
        return True

    def note(self, what: str) -> None:
        self.events.write(f"{what}\n".encode())

    def refuses(self, address: bytes) -> bool:
        return is_refused(address)

    def resets(self) -> bool:
        return self.chance.random() < 0.5

    def greet(self) -> bytes:
        number = self.chance.random()
        for greeting, share in GREETINGS.items():
            if number < share:
                self.note("turned_away")
                return greeting
            number -= share
        return super().greet()


def chance(how: str, address: bytes) -> float:
    """A number from 0 to 1, the same for the same address."""
    return int.from_bytes(blake2b(how.encode() + b" " + address, digest_size=7).digest()) / 2**56


def is_refused(address: bytes) -> bool:
    """Whether this recipient is refused for good."""
    return chance("f550", address) < REFUSED


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--no-8bitmime", action="store_true")
    arguments = parser.parse_args()
    sink = FaultySink(
        arguments.log,
        arguments.events,
        pipelining=not arguments.no_pipelining,
        eight_bit=not arguments.no_8bitmime,
    )
    serve_forever(sink, arguments.port)


if __name__ == "__main__":
    main()
