#!/usr/bin/python3
"""The board over HTTP, as people who mean well and people who do not speak to it.

    BOARD_SERVER=build/tests/board_server /usr/bin/python3 tests/cli/test_board_http.py
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boards import Board, answer, message_id, read_all  # noqa: E402


class Served(unittest.TestCase):
    owners, body, options = 4, 300000, ()

    @classmethod
    def setUpClass(cls):
        cls.board = Board(cls.owners, cls.body)
        cls.addClassCleanup(cls.board.close)
        cls.first, cls.second = cls.board.message("owner-0"), cls.board.message("owner-1")

    def setUp(self):
        self.board.forget()
        self.board.start(*self.options)
        self.addCleanup(self.board.kill)

    def code(self, *arguments, **more):
        return self.board.ask(*arguments, **more)[0]

    def alive(self):
        self.assertEqual(self.board.get("/healthz")[2], b"ok\n")

    def refused(self):
        return json.loads(self.board.get("/v1/status")[2])["refused"]


class Messages(Served):
    def test_a_message_comes_back_as_it_was_sent(self):
        code, headers, body = self.board.put(self.first)
        self.assertEqual(code, 201, body)
        self.assertEqual(json.loads(body), {"id": message_id(self.first)})
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual(self.board.put(self.first)[0], 200)
        code, headers, body = self.board.get("/v1/messages/" + message_id(self.first))
        self.assertEqual((code, body), (200, self.first))
        self.assertEqual(headers["accept-ranges"], "bytes")
        small = self.board.message("receipt")
        self.assertEqual(self.board.put(small)[0], 201)
        self.assertEqual([frame[:3] for frame in self.board.feed()],
                         [(1, len(self.first), message_id(self.first)), (2, len(small), message_id(small))])
        self.assertEqual([frame[3] for frame in self.board.feed()], [None, small])
        self.assertEqual(len(self.board.feed(1)), 1)
        self.assertEqual(len(self.board.feed(0, f"&to={self.owners}")), 1)
        self.assertEqual(len(self.board.feed(0, "&to=0")), 1)  # its receipt: an owner has no use for a contribution
        self.assertEqual(len(self.board.feed(0, "&to=1")), 0)
        self.assertEqual(len(self.board.feed(0, "&max=1")), 1)
        self.assertEqual(self.board.feed(2), [])

    def test_ranges(self):
        self.board.put(self.first)
        path, n = "/v1/messages/" + message_id(self.first), len(self.first)
        for text, start, end in [("0-0", 0, 1), ("5-", 5, n), ("-7", n - 7, n), (f"131000-{n + 9}", 131000, n),
                                 (f"-{n + 5}", 0, n), ("65535-65536", 65535, 65537)]:
            code, headers, body = self.board.get(path, ["Range: bytes=" + text])
            self.assertEqual((code, body), (206, self.first[start:end]), text)
            self.assertEqual(headers["content-range"], f"bytes {start}-{end - 1}/{n}")
        for text in [f"bytes={n}-", "bytes=-0"]:
            code, headers, _ = self.board.get(path, ["Range: " + text])
            self.assertEqual((code, headers["content-range"]), (416, f"bytes */{n}"))
        for text in ["bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "bytes=1-2,4-5", "bytes=01-2", "lines=1-2",
                     "bytes=99999999999999999999-", "bytes= 1-2", "bytes=1-2x"]:
            self.assertEqual(self.board.get(path, ["Range: " + text])[::2], (200, self.first), text)

    def test_what_is_refused_says_why_and_is_listed(self):
        forged, role = self.board.message("forged"), self.board.message("role")
        altered = bytearray(self.first)
        altered[70] ^= 1
        self.assertEqual(self.board.put(forged)[0], 403)
        self.assertEqual(self.board.put(role)[0], 403)
        self.assertEqual(self.board.put(bytes(altered))[0], 403)
        self.assertEqual(self.board.put(self.first, message_id(self.second))[0], 400)
        self.assertEqual(self.board.put(b"not a message")[0], 400)
        self.assertEqual(self.board.put(b"")[0], 400)
        self.assertEqual(self.board.put(self.first[:-1])[0], 400)
        self.assertEqual(self.board.put(self.first)[0], 201)
        code, headers, body = self.board.put(self.board.message("second"))
        self.assertEqual(code, 409)
        self.assertNotIn("upload-offset", headers)
        self.assertIn("another message", json.loads(body)["error"])
        reasons = [entry["reason"] for entry in self.refused()]
        self.assertTrue(any("does not let it send 'total'" in reason for reason in reasons), reasons)
        self.assertTrue(any("signature" in reason for reason in reasons), reasons)
        self.assertEqual([e["from"] for e in self.refused() if "another message" in e["reason"]], ["P0"])
        self.assertEqual({e["from"] for e in self.refused()}, {"P0", None})
        self.assertEqual(len(self.board.feed()), 1)

    def test_a_stranger_who_repeats_himself_is_listed_once(self):
        for _ in range(20):
            self.board.put(b"not a message")
        self.assertEqual([(e["times"], e["from"]) for e in self.refused()], [(20, None)])

    def test_pages_and_documents(self):
        for path, kind in [("/", "text/html; charset=utf-8"), ("/v1/status", "application/json"),
                           ("/v1/about", "application/json"), ("/v1/plan", "application/json"),
                           ("/metrics", "text/plain; version=0.0.4"), ("/healthz", "text/plain")]:
            code, headers, body = self.board.get(path)
            self.assertEqual((code, headers["content-type"]), (200, kind), path)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertTrue(headers["content-security-policy"].startswith("default-src 'none'"))
            head = self.board.ask("HEAD", path)
            self.assertEqual((head[0], head[2]), (200, b""))
            self.assertTrue(body)
        with open(os.path.join(self.board.folder, "plan.json"), "rb") as file:
            self.assertEqual(self.board.get("/v1/plan")[2], file.read())
        self.assertEqual(self.board.get("/v1/plan.sig")[0], 404)
        about = json.loads(self.board.get("/v1/about")[2])
        self.assertEqual(about["veilsum_board"], 1)
        self.assertIn(b'veilsum_requests_total{code="200"}', self.board.get("/metrics")[2])

    def test_one_connection_takes_many_requests(self):
        with self.board.connect() as connection:
            for _ in range(20):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n")
                data = b""
                while b"ok\n" not in data:
                    more = connection.recv(4096)
                    self.assertTrue(more, "closed")
                    data += more


class Uploads(Served):
    def test_an_upload_goes_on_where_it_was(self):
        n = len(self.first)
        self.assertEqual(self.board.offset(self.first), 0)
        code, headers, _ = self.board.patch(self.first, 0, 100000)
        self.assertEqual((code, headers["upload-offset"]), (204, "100000"))
        code, headers, _ = self.board.patch(self.first, 50000, 60000)
        self.assertEqual((code, headers["upload-offset"]), (409, "100000"))
        self.board.kill()
        self.board.start()
        self.assertEqual(self.board.offset(self.first), 100000)
        self.assertEqual(self.board.patch(self.first, 100000, n)[0], 201)
        self.assertEqual(self.board.offset(self.first), n)
        self.assertEqual(self.board.patch(self.first, n, n)[0], 200)
        self.assertEqual(self.board.get("/v1/messages/" + message_id(self.first))[2], self.first)

    def test_bad_pieces(self):
        name = message_id(self.first)
        self.assertEqual(self.code("PATCH", "/v1/uploads/" + name, self.first), 400)
        for bad in ["-1", "x", "", "1 ", "00", "99999999999999999999"]:
            self.assertEqual(self.code("PATCH", "/v1/uploads/" + name, self.first, [f"Upload-Offset: {bad}"])
                             if bad.strip() == bad else 400, 400, bad)
        self.assertEqual(self.board.patch(self.first, 0, 100)[0], 400)
        self.assertEqual(self.board.patch(self.first, 0, 0)[0], 400)
        self.assertEqual(self.board.patch(self.first, 7000, 20000)[0], 409)
        self.assertEqual(self.board.patch(self.first + b"x", 0, len(self.first) + 1, name)[0], 400)
        self.assertEqual(self.board.patch(self.first, 0, len(self.first), message_id(self.second))[0], 400)
        self.assertLess(self.board.offset(self.first), len(self.first))
        self.assertEqual(self.board.put(self.first)[0], 201)

    def test_a_broken_upload_leaves_room_for_the_next(self):
        path = "/v1/messages/" + message_id(self.first)
        for _ in range(3):
            with self.board.connect() as connection:
                connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: b\r\nContent-Length: {len(self.first)}\r\n\r\n".encode()
                                   + self.first[:200000])
                time.sleep(0.05)
        self.assertEqual(self.board.put(self.first)[0], 201)

    def test_two_send_the_same_at_once(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.board.put(self.first)[0])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(answers), {200, 201, 409})
        self.assertEqual(answers.count(201) <= 1, True)
        self.assertIn(self.board.put(self.first)[0], (200, 201))
        self.assertEqual(len(self.board.feed()), 1)

    def test_chunks(self):
        def chunked(pieces, end=b"0\r\n\r\n"):
            return b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in pieces) + end

        head = (f"PUT /v1/messages/{message_id(self.first)} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n"
                "Transfer-Encoding: chunked\r\n").encode()
        lie = chunked([self.first[:1000]], b"ffffffffffffffffff\r\nxx\r\n0\r\n\r\n")
        self.assertNotEqual(self.board.raw(head + b"\r\n" + lie)[0], 201)
        self.assertNotEqual(self.board.raw(head + b"\r\n" + b"zz\r\n" + self.first + b"\r\n0\r\n\r\n")[0], 201)
        both = head + f"Content-Length: {len(self.first)}\r\n\r\n".encode() + chunked([self.first])
        self.assertEqual(self.board.raw(both)[0], 400)
        self.assertEqual(self.board.raw(head + b"\r\n" + chunked([self.first[:100]]))[0], 400)
        pieces = [self.first[i:i + 9999] for i in range(0, len(self.first), 9999)]
        self.assertEqual(self.board.raw(head + b"\r\n" + chunked(pieces))[0], 201)

    def test_endless_chunks_end(self):
        head = f"PUT /v1/messages/{message_id(self.first)} HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        with self.board.connect() as connection:
            connection.sendall(head.encode())
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                for _ in range(1000):
                    connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
        self.alive()


class SmallBuffers(Uploads):
    """More at once than large buffers are given to."""
    owners, body = 60, 700000

    def setUp(self):
        super().setUp()
        for i in range(2, 52):  # these hold the large ones
            connection = self.board.connect()
            self.addCleanup(connection.close)
            name = message_id(self.board.message(f"owner-{i}"))
            connection.sendall(f"PUT /v1/messages/{name} HTTP/1.1\r\nHost: b\r\nContent-Length: 700120\r\n\r\nV".encode())
        time.sleep(0.3)

    def test_many_at_once(self):
        messages = [self.board.message(f"owner-{i}") for i in range(self.owners)]
        codes = []
        threads = [threading.Thread(target=lambda m=m: codes.append(self.board.put(m)[0])) for m in messages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(codes, [201] * self.owners)
        for message in messages:
            self.assertEqual(self.board.get("/v1/messages/" + message_id(message))[2], message)


class Waiting(Served):
    body = 500

    def test_who_waits_hears_at_once(self):
        heard = []

        def wait(to):
            began = time.monotonic()
            frames = self.board.feed(0, f"&to={to}&wait=20")
            heard.append((len(frames), time.monotonic() - began))

        threads = [threading.Thread(target=wait, args=(to,)) for to in [self.owners] * 30]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        self.board.put(self.first)
        for thread in threads:
            thread.join()
        self.assertEqual([n for n, _ in heard], [1] * 30)
        self.assertTrue(all(0.2 < lasted < 5 for _, lasted in heard), heard)

    def test_a_wait_ends(self):
        began = time.monotonic()
        self.assertEqual(self.board.feed(0, "&wait=1&to=0"), [])
        self.assertTrue(0.9 < time.monotonic() - began < 5)

    def test_bad_questions(self):
        for query in ["after=x", "after=-1", "after=", "to=99", "to=4294967294000", "wait=1e3", "max=-5", "after=01",
                      "after=%31", "after=9223372036854775808", "to=4294967293"]:
            self.assertEqual(self.board.get("/v1/feed?" + query)[0], 400, query)
        self.assertEqual(self.board.get("/v1/feed?unknown=1&after=5")[0], 200)

    def test_stopping_lets_running_requests_end(self):
        codes = []
        waiter = threading.Thread(target=lambda: codes.append(self.board.get("/v1/feed?wait=60&after=0")[0]))
        waiter.start()
        path = f"/v1/messages/{message_id(self.first)}"
        with self.board.connect() as slow:
            slow.sendall(f"PUT {path} HTTP/1.1\r\nHost: b\r\nContent-Length: {len(self.first)}\r\n\r\n".encode()
                         + self.first[:10])
            with self.board.connect() as idle:
                time.sleep(0.3)
                self.board.process.stdin.close()
                time.sleep(0.3)
                idle.sendall(b"GET /v1/status HTTP/1.1\r\nHost: b\r\n\r\n")
                self.assertEqual(answer(read_all(idle))[0], 503)
            slow.sendall(self.first[10:])
            self.assertEqual(answer(read_all(slow))[0], 201)
        waiter.join()
        self.assertEqual(codes, [200])
        self.board.process.stdin = None
        code, out, err = self.board.stop()
        self.assertEqual((code, out, err), (0, "stopped\n", ""))
        self.board.start()
        self.assertEqual(len(self.board.feed()), 1)


class Hostile(Served):
    options = ("idle=2", "rate=100000", "each=60")

    def test_methods_and_paths(self):
        name = message_id(self.first)
        for method in ["POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "put", "X" * 100]:
            self.assertIn(self.code(method, "/v1/status"), (405, 0, 400, 501), method)
        for method, path in [("PUT", "/v1/status"), ("PATCH", "/v1/messages/" + name), ("PUT", "/v1/uploads/" + name),
                             ("GET", "/v1/uploads/" + name), ("PUT", "/")]:
            self.assertEqual(self.code(method, path, b"x" if method != "GET" else b""), 405, (method, path))
        for path in ["/v1", "/v1/", "/v2/status", "/../etc/passwd", "/v1/../v1/status", "//v1/status", "/%2e%2e/etc/passwd",
                     "/v1/status/", "/v1/status%00", "/v1/plan%2esig", "/style.css/../page.h", "/index.html\\", "/a" * 500]:
            self.assertEqual(self.board.get(path)[0], 404, path)
        for bad in ["", "x", name[:-1], name + "0", name.upper(), "../../etc/passwd", "%00" * 20, name[:-1] + "g"]:
            self.assertEqual(self.board.get("/v1/messages/" + bad)[0], 400, bad)
        self.assertEqual(self.board.get("/v1/messages/" + "0" * 64)[0], 404)
        self.alive()

    def test_malformed_requests(self):
        for data in [b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", bytes(5000), b"\xff" * 5000 + b"\r\n\r\n",
                     b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost b\r\n\r\n",
                     b"PUT /v1/messages/" + b"0" * 64 + b" HTTP/1.1\r\nHost: b\r\nContent-Length: -5\r\n\r\nxxxxx",
                     b"PUT /v1/messages/" + b"0" * 64 + b" HTTP/1.1\r\nHost: b\r\nContent-Length: 5x\r\n\r\nxxxxx",
                     b"PUT /v1/messages/" + b"0" * 64 + b" HTTP/1.1\r\nHost: b\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"GET /healthz HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)]:
            code, _, _ = self.board.raw(data)
            self.assertIn(code, (0, 400, 413, 505), data[:60])
        self.alive()

    def test_huge_heads(self):
        many = b"".join(b"X-%d: y\r\n" % i for i in range(20000))
        for data in [b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: b\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: b\r\nX: " + b"a" * 200000 + b"\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: b\r\n" + many + b"\r\n"]:
            self.assertIn(self.board.raw(data)[0], (0, 413, 414, 431))
        self.alive()

    def test_a_message_that_is_too_large(self):
        limit = json.loads(self.board.get("/v1/about")[2])["max_message_bytes"]
        head = f"PUT /v1/messages/{'0' * 64} HTTP/1.1\r\nHost: b\r\nContent-Length: {limit + 1}\r\n\r\n".encode()
        self.assertEqual(self.board.raw(head)[0], 413)
        claims = bytearray(self.first)
        claims[48:56] = (limit - 119).to_bytes(8, "little")
        self.assertEqual(self.board.put(bytes(claims))[0], 413)
        claims[48:56] = b"\xff" * 8
        self.assertEqual(self.board.put(bytes(claims))[0], 413)
        self.assertEqual(self.board.patch(bytes(claims), 0, 50000)[0], 413)

    def lasts(self, feed):
        """How long a connection that goes on like this is borne."""
        began = time.monotonic()
        with self.board.connect() as connection:
            connection.settimeout(0.25)
            while time.monotonic() - began < 20:
                try:
                    connection.sendall(feed())
                    if connection.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        return time.monotonic() - began

    def test_slow_senders_are_cut(self):
        head = iter(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 10000)
        self.assertLess(self.lasts(lambda: bytes([next(head)])), 8)
        self.assertLess(self.lasts(lambda: b""), 8)
        path = "/v1/messages/" + message_id(self.first)
        start = f"PUT {path} HTTP/1.1\r\nHost: b\r\nContent-Length: {len(self.first)}\r\n\r\n".encode()
        body = iter([start] + [self.first[i:i + 1] for i in range(10000)])
        self.assertLess(self.lasts(lambda: next(body)), 8)
        self.alive()

    def test_slow_readers_are_cut(self):
        self.board.put(self.first)
        with self.board.connect() as connection:
            connection.sendall(f"GET /v1/messages/{message_id(self.first)} HTTP/1.1\r\nHost: b\r\n\r\n".encode() * 200)
            time.sleep(6)
            connection.settimeout(20)
            got = len(read_all(connection))
        self.assertLess(got, 200 * len(self.first))
        self.alive()

    def test_one_address_has_so_many_connections(self):
        held = []
        self.addCleanup(lambda: [c.close() for c in held])
        for _ in range(60):
            held.append(self.board.connect())
        time.sleep(0.3)
        with self.board.connect() as one_more:
            one_more.sendall(b"GET /healthz HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            self.assertEqual(read_all(one_more), b"")
        time.sleep(4)
        self.alive()


class Rate(Served):
    options = ("rate=5",)

    def test_too_many_requests(self):
        codes = []
        for _ in range(40):
            code, headers, _ = self.board.get("/healthz")
            codes.append(code)
            if code == 429:
                self.assertEqual(headers["retry-after"], "1")
        self.assertEqual(set(codes), {200, 429})
        self.assertEqual(set(codes[:20]), {200})
        time.sleep(1.2)
        self.assertEqual(self.board.get("/healthz")[0], 200)


class Transport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.board = Board(2, 200000)
        cls.addClassCleanup(cls.board.close)
        cls.certificate, cls.key = (os.path.join(cls.board.folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", cls.key, "-out", cls.certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], check=True, stderr=subprocess.DEVNULL)

    def setUp(self):
        self.board.forget()
        self.addCleanup(self.board.kill)

    def start_secure(self):
        self.board.start("certificate=" + self.certificate, "key=" + self.key)
        context = ssl.create_default_context(cafile=self.certificate)
        return context

    def test_tls(self):
        context = self.start_secure()
        self.assertTrue(self.board.url.startswith("https://"))
        message = self.board.message("owner-0")
        path = "/v1/messages/" + message_id(message)
        self.assertEqual(self.board.ask("PUT", path, message, tls=context)[0], 201)
        self.assertEqual(self.board.ask("GET", path, tls=context)[2], message)
        self.assertEqual(self.board.ask("GET", "/healthz", tls=context)[2], b"ok\n")
        self.assertEqual(self.board.raw(b"GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n")[0], 0)

    def test_old_tls_is_refused(self):
        self.start_secure()
        warnings.simplefilter("ignore", DeprecationWarning)
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with self.assertRaises(OSError):
                self.board.ask("GET", "/healthz", tls=context)
        self.assertEqual(self.board.ask("GET", "/healthz", tls=ssl.create_default_context(cafile=self.certificate))[0], 200)

    def test_without_tls_only_on_this_machine(self):
        for listen in ["0.0.0.0:0", ":0"]:
            with self.assertRaisesRegex(RuntimeError, "no certificate"):
                self.board.start(listen=listen)
        self.board.start("insecure=1", listen="0.0.0.0:0")
        self.assertEqual(self.board.get("/healthz")[0], 200)
        self.board.kill()
        self.board.start(listen="localhost:0")
        self.assertEqual(self.board.get("/healthz")[0], 200)

    def test_what_cannot_be_served(self):
        for listen in ["", "x", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "::1:0", "[127.0.0.1]:0", "[::1]0"]:
            with self.assertRaisesRegex(RuntimeError, "no address"):
                self.board.start(listen=listen)
        with self.assertRaisesRegex(RuntimeError, "cannot serve"):
            self.board.start("certificate=" + self.key, "key=" + self.certificate)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            with self.assertRaisesRegex(RuntimeError, "cannot listen"):
                self.board.start(listen=f"127.0.0.1:{taken.getsockname()[1]}")


if __name__ == "__main__":
    unittest.main()
