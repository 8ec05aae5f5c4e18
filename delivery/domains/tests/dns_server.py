"""A name server for tests: it answers from a script, over UDP and TCP, and misbehaves on request."""

import socket
import threading
from collections.abc import Iterable

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

MOST_UDP = 512


class DnsServer:
    """`records` maps (name, type) to texts as a zone file has them; a name without any is NXDOMAIN.

    A name in `failing` is answered SERVFAIL, one in `silent` not at all. `asked` are the questions in order.
    """

    def __init__(self, records: dict[tuple[str, str], Iterable[str]] | None = None) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.failing: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.over_tcp = 0
        for (name, kind), values in (records or {}).items():
            self.put(name, kind, *values)

    def put(self, name: str, kind: str, *values: str) -> None:
        """Answer `values` from now on; TXT is given without quotes, of any length."""
        self.records[name.lower(), kind] = [_quoted(value) if kind == "TXT" else value for value in values]

    def drop(self, name: str, kind: str) -> None:
        del self.records[name.lower(), kind]

    # --- Serving ----------------------------------------------------------------------------------------------------

    def __enter__(self) -> "DnsServer":
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.port = self.stream.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.port))
        self.threads = [threading.Thread(target=target, daemon=True) for target in (self._udp, self._tcp)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self.datagrams, self.stream):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _udp(self) -> None:
        while True:
            try:
                wire, peer = self.datagrams.recvfrom(4096)
            except OSError:
                return
            if not wire:
                return
            answer = self.answer(wire)
            if answer is None:
                continue
            data = answer.to_wire()
            if len(data) > MOST_UDP:
                answer = dns.message.make_response(dns.message.from_wire(wire))
                answer.flags |= dns.flags.TC
                data = answer.to_wire()
            try:
                self.datagrams.sendto(data, peer)
            except OSError:
                return

    def _tcp(self) -> None:
        while True:
            try:
                peer, _address = self.stream.accept()
            except OSError:
                return
            with peer:
                size = int.from_bytes(peer.recv(2), "big")
                answer = self.answer(peer.recv(size))
                if answer is not None:
                    self.over_tcp += 1
                    data = answer.to_wire()
                    peer.sendall(len(data).to_bytes(2, "big") + data)

    def answer(self, wire: bytes) -> dns.message.Message | None:
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.records:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *self.records[name, kind]))
        elif not any(known == name or known.endswith(f".{name}") for known, _kind in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def _quoted(text: str) -> str:
    """As strings of at most 255 bytes, which is what a TXT record is made of."""
    parts = [text[at : at + 255] for at in range(0, len(text), 255)] or [""]
    return " ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)
