"""Running veilsum: each call in a directory of its own, files by name."""

import json
import os
import subprocess
import tempfile

VEILSUM = os.path.abspath(os.environ.get("VEILSUM", "build/veilsum"))


class Refused(Exception):
    def __init__(self, status, stdout, stderr):
        super().__init__("exit %d: %s" % (status, stderr.decode("utf-8", "replace")))
        self.status, self.stdout, self.stderr = status, stdout, stderr


class Desk:
    """A directory with keys, in which commands run."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()

    def close(self):
        self.directory.cleanup()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as out:
            out.write(data if isinstance(data, bytes) else data.encode())
        return name

    def read(self, name):
        with open(self.path(name), "rb") as data:
            return data.read()

    def run(self, *arguments, stdin=b""):
        done = subprocess.run([VEILSUM, *arguments], cwd=self.directory.name, input=stdin, capture_output=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise Refused(done.returncode, done.stdout, done.stderr)
        return done.stdout

    def key(self, name, degree, kind="standard"):
        self.run("keygen", name, "--bits", "2048", "--degree", str(degree), "--type", kind, "--no-passphrase")
        return json.loads(self.run("inspect", "--json", name + ".pub"))["fingerprint"]
