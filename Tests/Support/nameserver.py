"""A DNS server on loopback with a zone that a test writes as it goes: real packets over UDP and TCP."""

import socket
import struct
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers for every name it was told of; NXDOMAIN for the others."""

    def __init__(self):
        self.records = {}
        self.failing = set()
        self.queries = []
        self.lock = threading.Lock()
        self.udp, self.tcp, self.port = self._sockets()
        self.running = True
        for work in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=work, daemon=True).start()

    @staticmethod
    def _sockets():
        """One port number that is free for both protocols."""
        while True:
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("127.0.0.1", 0))
            tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tcp.bind(("127.0.0.1", udp.getsockname()[1]))
            except OSError:
                udp.close()
                tcp.close()
                continue
            tcp.listen(16)
            return udp, tcp, udp.getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def add(self, name, kind, *values, ttl=60):
        """`add("example.org", "MX", "10 mx.example.org.")`; a TXT value is quoted and cut as it must be."""
        if kind == "TXT":
            values = [" ".join(f'"{value[at:at + 250]}"' for at in range(0, len(value), 250)) for value in values]
        key = dns.name.from_text(name)
        with self.lock:
            self.records[(key, kind)] = dns.rrset.from_text(key, ttl, "IN", kind, *values)

    def publish(self, records):
        """The TXT records among those that `domain add` asks for."""
        for record in records:
            if record["type"] == "TXT":
                self.add(record["name"].rstrip(".") + ".", "TXT", record["value"])

    def remove(self, name, kind):
        with self.lock:
            self.records.pop((dns.name.from_text(name), kind), None)

    def fail(self, name):
        """SERVFAIL for everything of this name."""
        with self.lock:
            self.failing.add(dns.name.from_text(name))

    def heal(self, name):
        with self.lock:
            self.failing.discard(dns.name.from_text(name))

    def txt(self, name):
        """As dkimpy asks: one TXT as bytes, or None."""
        text = name.decode() if isinstance(name, bytes) else name
        with self.lock:
            found = self.records.get((dns.name.from_text(text), "TXT"))
        return b"".join(found[0].strings) if found else None

    def answer(self, packet, limit):
        query = dns.message.from_wire(packet)
        response = dns.message.make_response(query, recursion_available=True)
        response.use_edns(edns=False)
        question = query.question[0]
        with self.lock:
            self.queries.append((str(question.name), dns.rdatatype.to_text(question.rdtype)))
            self._fill(response, question)
        wire = response.to_wire(max_size=65535)
        if len(wire) > limit:
            response.answer = []
            response.flags |= dns.flags.TC
            wire = response.to_wire()
        return wire

    def _fill(self, response, question):
        if question.name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        name, kind = question.name, dns.rdatatype.to_text(question.rdtype)
        for _ in range(8):
            found = self.records.get((name, kind))
            if found is not None:
                response.answer.append(found)
                return
            alias = self.records.get((name, "CNAME"))
            if alias is None:
                break
            response.answer.append(alias)
            name = alias[0].target
        if not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _serve_udp(self):
        while self.running:
            try:
                packet, client = self.udp.recvfrom(4096)
                self.udp.sendto(self.answer(packet, 1232), client)
            except OSError:
                return
            except Exception:  # a packet that is not DNS is no reason to stop answering others
                continue

    def _serve_tcp(self):
        while self.running:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        with connection, connection.makefile("rwb") as stream:
            while True:
                head = stream.read(2)
                if len(head) < 2:
                    return
                wire = self.answer(stream.read(struct.unpack("!H", head)[0]), 65535)
                stream.write(struct.pack("!H", len(wire)) + wire)
                stream.flush()

    def close(self):
        self.running = False
        self.udp.close()
        self.tcp.close()
