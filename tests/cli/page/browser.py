"""Chromium without a window, spoken to by the DevTools protocol over a pair of pipes: all in the standard library."""
import base64
import json
import os
import select
import shutil
import signal
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find():
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page. Events are kept in `events`; a call waits for its answer."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="veilsum-page-")
        arguments = [program, "--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
                     "--disable-extensions", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage",
                     f"--user-data-dir={self.folder}", "about:blank"]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")  # Chromium refuses its sandbox to root, who runs tests in containers
        their_in, self.to = os.pipe()
        self.come, their_out = os.pipe()
        quiet = os.open(os.devnull, os.O_RDWR)
        environment = {**os.environ, "TZ": "UTC", "LANG": "C.UTF-8"}
        self.pid = os.posix_spawn(program, arguments, environment, setsid=True, file_actions=[
            (os.POSIX_SPAWN_DUP2, their_in, 103), (os.POSIX_SPAWN_DUP2, their_out, 104),
            (os.POSIX_SPAWN_DUP2, 103, 3), (os.POSIX_SPAWN_DUP2, 104, 4),
            (os.POSIX_SPAWN_DUP2, quiet, 0), (os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)])
        for fd in (their_in, their_out, quiet):
            os.close(fd)
        self.rest, self.events, self.serial, self.session = b"", [], 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def read(self, timeout):
        """The next message, or None."""
        end = time.monotonic() + timeout
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.come], [], [], max(0, end - time.monotonic()))
            chunk = os.read(self.come, 1 << 20) if ready else b""
            if not ready:
                return None
            if not chunk:
                raise RuntimeError("chromium ended")
            self.rest += chunk
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.serial += 1
        message = {"id": self.serial, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.read(end - time.monotonic())
            if answer and answer.get("id") == self.serial:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer:
                self.events.append(answer)
        raise RuntimeError(f"{method}: no answer")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script, timeout=20):
        """Until the script's value is true; tests wait for what they want to see, never for a time."""
        end = time.monotonic() + timeout
        while not self.run(script):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {script}\n{self.run('document.body.innerText')[:2000]}")
            time.sleep(0.05)

    def look(self, width, scheme="light", height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def named(self, *methods):
        return [event["params"] for event in self.events if event.get("method") in methods]

    def close(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)  # its own group: nobody else's browser
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.to)
        os.close(self.come)
        shutil.rmtree(self.folder, ignore_errors=True)
