#!/usr/bin/env python3
"""A board for the tests of the client, which behaves in one way or another: the first part of the path says how.

    fake_board.py FOLDER

listens on loopback, and prints one line "NAME PORT" a listener: `plain`, and one for each FOLDER/NAME.pem, which holds a
certificate and its key; then "ready". It ends with its standard input. Behaviours share nothing: each keeps messages of its own.
"""
import hashlib
import json
import pathlib
import re
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = pathlib.Path(sys.argv[1])
INLINE = 64 << 10


def message_id(data):
    label = b"veilsum message id"
    whole = struct.pack("<Q", len(label)) + label + struct.pack("<Q", len(data)) + data
    return hashlib.blake2b(whole, digest_size=32).hexdigest()


class Room:
    """What one behaviour keeps."""

    def __init__(self):
        self.messages = {}  # id -> bytes, in the order of arrival
        self.uploads = {}  # id -> bytes so far
        self.counts = {}  # what was asked -> how often
        self.log = []
        self.changed = threading.Condition()

    def times(self, what):
        with self.changed:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]

    def store(self, key, data):
        with self.changed:
            known = key in self.messages
            self.messages[key] = data
            self.changed.notify_all()
            return known


rooms = {}
rooms_lock = threading.Lock()


def room_of(name):
    with rooms_lock:
        return rooms.setdefault(name, Room())


class Board(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # ---- answers ----

    def answer(self, code, body=b"", headers=(), kind="application/octet-stream"):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def document(self, value, code=200, headers=()):
        self.answer(code, json.dumps(value).encode(), headers, "application/json")

    def refuse(self, code, error, headers=()):
        self.document({"error": error, "hint": "ask the \x1b[31mtest\x1b[0m"}, code, headers)

    def cut(self):
        """End the connection in the middle of whatever goes on."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def endless(self, piece, pause=0.0):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass

    # ---- requests ----

    def handle_one(self):
        parts = self.path.split("/", 2)
        self.how = parts[1]
        self.room = room_of(self.how)
        self.where = "/" + (parts[2] if len(parts) > 2 else "")
        self.room.log.append(f"{self.command} {self.where.split('?')[0]} {self.headers.get('Range', '')}".strip())
        length = int(self.headers.get("Content-Length", 0))
        if self.command == "PATCH" and self.how == "cut" and self.room.times("patch") <= 2:
            return self.cut_patch(length)
        self.body = self.rfile.read(length) if length else b""
        return self.dispatch()

    def do_GET(self):
        self.handle_one()

    do_HEAD = do_PUT = do_PATCH = do_GET

    def dispatch(self):
        how, where = self.how, self.where
        if where == "/log":
            return self.document(self.room.log[:-1])
        if where.startswith("/add/"):  # a message of so many bytes, made here
            size = int(where[5:])
            data = bytes(i * 7 % 251 for i in range(min(size, 1004))) * (size // min(size, 1004) + 1)
            data = data[:size]
            self.room.store(message_id(data), data)
            return self.answer(200)
        general = getattr(self, "how_" + how.replace("-", "_"), None)
        if general is not None and general():
            return None
        if where == "/v1/about":
            return self.about()
        if where == "/v1/status":
            return self.answer(200, (FOLDER / "status.json").read_bytes())
        if where in ("/v1/plan", "/"):
            return self.answer(200, b"x" * 100000)
        if where.startswith("/v1/feed"):
            return self.feed()
        if where.startswith("/v1/messages/"):
            return self.put(where[13:]) if self.command == "PUT" else self.get(where[13:])
        if where.startswith("/v1/uploads/"):
            return self.upload(where[12:])
        return self.refuse(404, "no such thing")

    def about(self):
        shift = {"late": -40, "hours": 7200}.get(self.how, 0)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + shift))
        about = {"veilsum_board": 1, "version": "0.1.0", "plan": "ab" * 32, "sid": "cd" * 32, "period": "2026-11", "attempt": 0,
                 "time": now, "max_message_bytes": 64 << 20, "max_wait_s": 60}
        plan = FOLDER / "plan-id"
        if plan.exists():
            about["plan"] = plan.read_text().strip()
        if self.how == "future":
            about["veilsum_board"] = 2
        if self.how == "tight":
            about["max_message_bytes"] = 10
        return self.document(about)

    def put(self, key):
        if message_id(self.body) != key:
            return self.refuse(400, "the id is not that of the bytes")
        known = self.room.store(key, self.body)
        return self.document({}, 200 if known else 201)

    def get(self, key):
        data = self.room.messages.get(key)
        if data is None:
            return self.refuse(404, "no such message")
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(wanted[1]) if wanted and self.how != "norange" else 0
        if self.how in ("cut", "norange", "badrange") and self.room.times("get " + key) == 1:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            return self.cut()
        if first == 0:
            return self.answer(200, data)
        if self.how == "badrange":
            first += 1
        return self.answer(206, data[first:], [("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")])

    def cut_patch(self, length):
        """Half of a piece arrives; of the piece that libcurl then sends again by itself, nothing."""
        key = self.where[12:]
        have, half = self.room.uploads.get(key, b""), self.rfile.read(length // 2)
        if int(self.headers["Upload-Offset"]) == len(have):
            self.room.uploads[key] = have + half
        self.cut()

    def upload(self, key):
        have = self.room.uploads.get(key, b"")
        if self.command == "HEAD":
            if self.how == "amnesia":
                have = b""
            return self.answer(200, b"", [("Upload-Offset", str(len(have)))])
        if int(self.headers["Upload-Offset"]) != len(have):
            return self.refuse(409, "not there", [("Upload-Offset", str(len(have)))])
        self.room.uploads[key] = have = have + self.body
        if message_id(have) == key:
            del self.room.uploads[key]
            self.room.store(key, have)
            return self.document({}, 201)
        if self.how == "amnesia":
            self.room.uploads[key] = b""
            return self.refuse(503, "lost it", [("Retry-After", "0")])
        return self.answer(204, b"", [("Upload-Offset", str(len(have)))])

    def frame(self, sequence, data, key=None, length=None, inside=None):
        key = message_id(data) if key is None else key
        inside = len(data) <= INLINE if inside is None else inside
        head = struct.pack("<QQ", sequence, len(data) if length is None else length) + bytes.fromhex(key) + bytes([inside])
        return head + (data if inside else b"")

    def feed(self):
        query = dict(pair.split("=") for pair in self.where.split("?")[1].split("&"))
        after, most, until = int(query["after"]), int(query["max"]), time.monotonic() + int(query["wait"])
        with self.room.changed:
            while len(self.room.messages) <= after and time.monotonic() < until:
                self.room.changed.wait(until - time.monotonic())
            listed = list(self.room.messages.values())
        out = b""
        for i, data in enumerate(listed[after:], after + 1):
            next_frame = self.frame(i, data)
            if len(out) + len(next_frame) > most:
                break
            out += next_frame
        return self.answer(200, out)

    # ---- ways to behave; True: answered ----

    def how_busy(self):
        if self.room.times(self.command + self.where.split("?")[0]) <= 2:
            code = 503 if self.command == "PUT" else 429
            self.refuse(code, "later", [("Retry-After", "0")])
            return True
        return False

    def how_down(self):
        self.refuse(503, "never", [("Retry-After", "0")])
        return True

    def how_drop(self):
        """Each second request finds the connection closed."""
        if self.room.times("any") % 2 == 1:
            self.cut()
            return True
        return False

    def how_refuse(self):
        self.refuse(403, "you may not\x1b]0;title\x07")
        return True

    def how_taken(self):
        self.refuse(409, "another message of this kind is there")
        return True

    def how_large(self):
        self.refuse(413, "too large")
        return True

    def how_redirect(self):
        self.answer(302, b"", [("Location", "/good" + self.where)])
        return True

    def how_endless(self):
        self.endless(b"{" * 65536)
        return True

    def how_slow(self):
        self.endless(b"{", 0.05)
        return True

    def how_headers(self):
        self.send_response(200)
        try:
            for i in range(10 ** 9):
                self.send_header(f"X-{i}", "y" * 200)
                if i % 100 == 0:
                    self.flush_headers()
        except OSError:
            pass
        self.close_connection = True
        return True

    def how_notjson(self):
        self.answer(200, b"<html>\x1b[31mhello</html>")
        return True

    def how_claims(self):
        """A length that memory must not be taken for."""
        self.send_response(200)
        self.send_header("Content-Length", str(10 ** 15))
        self.end_headers()
        self.wfile.write(b"x" * 1000)
        self.cut()
        return True

    def feed_of(self, *frames):
        if not self.where.startswith("/v1/feed"):
            return False
        self.answer(200, b"".join(frames))
        return True

    def how_liar(self):
        return self.feed_of(self.frame(1, b"one message", key=message_id(b"another")))

    def how_liar_long(self):
        """Bytes of the right length that are not the message."""
        data = b"m" * 100000
        if self.where.startswith("/v1/messages/"):
            self.answer(200, b"n" * len(data))
            return True
        return self.feed_of(self.frame(1, data))

    def how_longer(self):
        data = b"m" * 100000
        self.room.messages[message_id(data)] = data
        return self.feed_of(self.frame(1, data, length=99999, inside=False))

    def how_shorter(self):
        data = b"m" * 100000
        self.room.messages[message_id(data)] = data
        return self.feed_of(self.frame(1, data, length=100001, inside=False))

    def how_huge(self):
        return self.feed_of(self.frame(1, b"m", length=2 ** 62, inside=False))

    def how_again(self):
        return self.feed_of(self.frame(1, b"m"), self.frame(1, b"n"))

    def how_torn(self):
        return self.feed_of(self.frame(1, b"first"), self.frame(2, b"second")[:-3])

    def how_stump(self):
        return self.feed_of(self.frame(1, b"first"), b"\0" * 20)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


class TlsServer(Server):
    def __init__(self, pem):
        super().__init__(("127.0.0.1", 0), Board)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        if pem.stem.startswith("old"):
            self.context.maximum_version = ssl.TLSVersion.TLSv1_2

    def finish_request(self, request, client_address):
        super().finish_request(self.context.wrap_socket(request, server_side=True), client_address)


def main():
    servers = [("plain", Server(("127.0.0.1", 0), Board))]
    servers += [(pem.stem, TlsServer(pem)) for pem in sorted(FOLDER.glob("*.pem"))]
    for name, server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(name, server.server_address[1])
    print("ready", flush=True)
    sys.stdin.read()


main()
