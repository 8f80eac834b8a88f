"""The sink of the crash test, a process of its own: writes one line for each message it has said 250 to.

    recorder.py PORTFILE LEDGER [PAUSE]

A line is `ID RECIPIENT ok|corrupt TIME`; it is written before the 250 goes out, so a message can stand
here that the server does not know to be delivered: that is what makes duplicates, and they are counted.
PAUSE is how many seconds each 250 takes.
"""

import asyncio
import hashlib
import os
import re
import sys
import time


class Recorder(asyncio.Protocol):
    def __init__(self, ledger, pause=0.0):
        self.ledger = ledger
        self.pause = pause
        self.buffer = bytearray()
        self.in_data = False
        self.recipients = []

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b"220 recorder.example.net ESMTP\r\n")

    def data_received(self, data):
        self.buffer += data
        while self.step():
            pass

    def step(self):
        if self.in_data:
            end = self.buffer.find(b"\r\n.\r\n")
            if end < 0:
                return False
            self.keep(bytes(self.buffer[:end + 2]))
            del self.buffer[:end + 5]
            self.in_data = False
            asyncio.get_running_loop().call_later(self.pause, self.transport.write, b"250 2.0.0 kept\r\n")
            return True
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end])
        del self.buffer[:end + 2]
        self.obey(line)
        return True

    def obey(self, line):
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.transport.write(
                b"250-recorder.example.net\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000\r\n")
        elif verb == b"RCPT":
            self.recipients.append(line[line.index(b"<") + 1:line.index(b">")].decode())
            self.transport.write(b"250 2.1.5 ok\r\n")
        elif verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 2.0.0 bye\r\n")
            self.transport.close()
        else:
            if verb in (b"RSET", b"MAIL"):
                self.recipients = []
            self.transport.write(b"250 2.0.0 ok\r\n")

    def keep(self, content):
        head, _, body = content.partition(b"\r\n\r\n")
        found = re.search(rb"^Subject: crash (\S+)", head, re.M)
        identifier = found.group(1).decode() if found else "unknown"
        digest = re.search(rb"^X-Digest: (\w+)", head, re.M)
        whole = not digest or hashlib.sha256(body).hexdigest().encode() == digest.group(1)
        for recipient in self.recipients:
            line = f"{identifier} {recipient} {'ok' if whole else 'corrupt'} {time.time():.3f}\n"
            os.write(self.ledger, line.encode())
        self.recipients = []


async def main():
    port_file, ledger_path = sys.argv[1:3]
    pause = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    ledger = os.open(ledger_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    server = await asyncio.get_running_loop().create_server(lambda: Recorder(ledger, pause), "127.0.0.1", 0)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
