"""A board to talk to with plain sockets: starting and stopping it, ids, and requests byte by byte."""

import hashlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile

PROGRAM = os.path.abspath(os.environ["BOARD_SERVER"])


def message_id(message):
    digest = hashlib.blake2b(digest_size=32)
    for field in (b"veilsum message id", message):
        digest.update(struct.pack("<Q", len(field)) + field)
    return digest.hexdigest()


class Board:
    """A plan with its messages in a folder, and a server that may be killed and started again."""

    def __init__(self, owners, body_bytes):
        self.folder = tempfile.mkdtemp(prefix="veilsum-board.")
        self.process = self.address = None
        subprocess.run([PROGRAM, "make", self.folder, str(owners), str(body_bytes)], check=True)

    def message(self, name):
        with open(os.path.join(self.folder, name + ".vsm"), "rb") as file:
            return file.read()

    def forget(self):
        shutil.rmtree(os.path.join(self.folder, "board"), ignore_errors=True)

    def start(self, *options, listen="127.0.0.1:0", environment=None):
        self.kill()
        self.process = subprocess.Popen([PROGRAM, "serve", self.folder, listen, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=dict(os.environ, **(environment or {})))
        self.url = self.process.stdout.readline().decode().strip()
        if not self.url:
            reason, self.process = self.process.communicate()[1].decode(), None
            raise RuntimeError(reason)
        host, port = self.url.split("//")[1].rsplit(":", 1)
        self.address = (host.strip("[]"), int(port))
        return self

    def stop(self):
        """As its owner ends it."""
        out, err = self.process.communicate(timeout=60)
        code, self.process = self.process.returncode, None
        return code, out.decode(), err.decode()

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.folder)

    def connect(self, timeout=20):
        return socket.create_connection(self.address, timeout=timeout)

    def ask(self, method, path, body=b"", headers=(), tls=None):
        """(code, headers, body) of one request."""
        lines = [f"{method} {path} HTTP/1.1", "Host: board", "Connection: close", *headers]
        if body or method in ("PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body, tls=tls)

    def raw(self, data, tls=None, timeout=20):
        with self.connect(timeout) as plain:
            with tls.wrap_socket(plain, server_hostname="localhost") if tls else plain as connection:
                try:
                    connection.sendall(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it has answered already
                return answer(read_all(connection))

    def put(self, message, name=None):
        return self.ask("PUT", "/v1/messages/" + (name or message_id(message)), message)

    def patch(self, message, start, end, name=None):
        return self.ask("PATCH", "/v1/uploads/" + (name or message_id(message)), message[start:end],
                        [f"Upload-Offset: {start}"])

    def offset(self, message):
        return int(self.ask("HEAD", "/v1/uploads/" + message_id(message))[1]["upload-offset"])

    def get(self, path, headers=()):
        return self.ask("GET", path, headers=headers)

    def feed(self, after=0, more=""):
        """[(seq, length, id, message or None)]"""
        code, _, data = self.get(f"/v1/feed?after={after}{more}")
        assert code == 200, (code, data)
        frames = []
        while data:
            seq, length = struct.unpack("<QQ", data[:16])
            inline = data[48]
            frames.append((seq, length, data[16:48].hex(), data[49:49 + length] if inline else None))
            data = data[49 + (length if inline else 0):]
        return frames


def read_all(connection):
    data = b""
    while True:
        try:
            more = connection.recv(1 << 20)
        except (ConnectionResetError, ssl.SSLError):
            return data
        if not more:
            return data
        data += more


def answer(data):
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    code = int(lines[0].split(" ")[1]) if lines[0] else 0
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
    return code, headers, body
