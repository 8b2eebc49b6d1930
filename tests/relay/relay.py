"""The relay as an object: distances and losses between programs on one machine. See relay.c for what it does."""

import subprocess


class Relay:
    """A relay to host:port; `ports` has its own, one for each party."""

    def __init__(self, program, host, port, delay_ms=0.0, ports=1):
        self.process = subprocess.Popen(
            [program, "--delay", repr(float(delay_ms)), "--ports", str(ports), f"{host}:{port}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline().split() for _ in range(ports)]
        if any(len(line) != 2 for line in lines):
            self.process.wait()
            raise RuntimeError("the relay did not start")
        self.ports = [int(line[1]) for line in lines]

    def ask(self, command):
        """Have a command carried out; what it answers, without the "ok"."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = []
        while (line := self.process.stdout.readline().strip()) != "ok":
            if not line.startswith("bytes "):
                raise RuntimeError(f"the relay says: {line or 'nothing'}")
            answer.append([int(field) for field in line.split()[1:]])
        return answer

    def set_delay(self, delay_ms):
        self.ask(f"delay {float(delay_ms)!r}")

    def count(self):
        """[bytes to the host, bytes from it, connections, pieces passed on, punctual ones] for each port."""
        return self.ask("count")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
