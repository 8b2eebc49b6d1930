#!/usr/bin/python3
"""The relay keeps its distances, loses no byte, and breaks connections when it is told to.

    RELAY=build/tests/delay_relay /usr/bin/python3 tests/relay/test_relay.py

No piece may ever be early. How late one is depends on what else the machine does, so the relay itself counts those that
it passed on less than 0.2 ms late; what the two ends add when they are woken is printed, and not judged.
"""

import hashlib
import os
import random
import socket
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from relay import Relay  # noqa: E402

PROGRAM = os.environ["RELAY"]
DISTANCES_MS = [0, 1.3, 1.66, 3, 5, 20]


class Echo:
    """A server that gives every byte back, and its end."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.echo, args=(client,), daemon=True).start()

    @staticmethod
    def echo(client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while piece := client.recv(65536):
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        client.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.settimeout(30)
    return client


def receive(client, length):
    data = b""
    while len(data) < length:
        piece = client.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def round_trip_ms(client):
    begun = time.perf_counter()
    client.sendall(b"x")
    receive(client, 1)
    return (time.perf_counter() - begun) * 1000


def is_broken(client):
    try:
        client.sendall(b"x")
        return client.recv(1) == b""
    except OSError:
        return True


class RelayTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)

    def relay(self, **options):
        relay = Relay(PROGRAM, "127.0.0.1", self.echo.port, **options)
        self.addCleanup(relay.close)
        return relay

    def test_distances_are_kept(self):
        with connect(self.echo.port) as direct:
            quickest_ms = min(round_trip_ms(direct) for _ in range(500))
        relay = self.relay()
        for delay_ms in DISTANCES_MS:
            relay.set_delay(delay_ms)
            with connect(relay.ports[0]) as client:
                round_trip_ms(client)
                times_ms = [round_trip_ms(client) for _ in range(200 if delay_ms < 5 else 50)]
            late_ms = [(time_ms - quickest_ms) / 2 - delay_ms for time_ms in sorted(times_ms)]
            print(f"one way {delay_ms} ms: late by {late_ms[0]:.3f} ms at least, {late_ms[len(late_ms) // 2]:.3f} ms in "
                  f"the middle, with what both ends take to wake up")
            self.assertGreaterEqual(min(times_ms), 2 * delay_ms)
        (_, _, _, pieces, punctual), = relay.count()
        print(f"{punctual} of {pieces} pieces were passed on in time to 0.2 ms")
        self.assertGreater(punctual, pieces / 2)

    def test_a_connection_costs_a_round_trip(self):
        relay = self.relay(delay_ms=20)
        with connect(relay.ports[0]) as client:
            self.assertGreaterEqual(round_trip_ms(client), 80)
            self.assertLess(min(round_trip_ms(client) for _ in range(5)), 80)

    def test_no_byte_is_lost_or_moved(self):
        seed = int(os.environ.get("VEILSUM_SEED", random.randrange(1 << 32)))
        print(f"VEILSUM_SEED={seed}")
        relay = self.relay(delay_ms=1, ports=3)
        data = [random.Random(seed + i).randbytes(1 << (23 - 4 * i)) for i in range(3)]
        digests = [None] * 3

        def talk(i):
            with connect(relay.ports[i]) as client:
                def send():
                    client.sendall(data[i])
                    client.shutdown(socket.SHUT_WR)

                sender = threading.Thread(target=send)
                sender.start()
                digest = hashlib.sha256()
                while piece := client.recv(65536):
                    digest.update(piece)
                sender.join()
                digests[i] = digest.digest()

        threads = [threading.Thread(target=talk, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(digests, [hashlib.sha256(d).digest() for d in data])
        self.assertEqual([line[:3] for line in relay.count()], [[len(d), len(d), 1] for d in data])

    def test_a_shorter_delay_does_not_overtake(self):
        relay = self.relay(delay_ms=200)
        with connect(relay.ports[0]) as client:
            client.sendall(b"first")
            time.sleep(0.05)  # so that the relay has taken it
            relay.set_delay(0)
            client.sendall(b"second")
            self.assertEqual(receive(client, 11), b"firstsecond")

    def test_cut_breaks_what_there_is_and_takes_new_ones(self):
        relay = self.relay()
        with connect(relay.ports[0]) as client, connect(relay.ports[0]) as idle:
            round_trip_ms(client)
            round_trip_ms(idle)
            relay.ask("cut")
            self.assertTrue(is_broken(client))
            self.assertTrue(is_broken(idle))
        with connect(relay.ports[0]) as client:
            round_trip_ms(client)

    def test_down_refuses_until_up(self):
        relay = self.relay()
        relay.ask("down")
        with connect(relay.ports[0]) as client:
            self.assertTrue(is_broken(client))
        relay.ask("up")
        with connect(relay.ports[0]) as client:
            round_trip_ms(client)

    def test_frozen_bytes_come_after_the_thaw(self):
        relay = self.relay()
        with connect(relay.ports[0]) as client:
            round_trip_ms(client)
            relay.ask("freeze")
            client.sendall(b"later")
            client.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                client.recv(1)
            client.settimeout(30)
            relay.ask("thaw")
            self.assertEqual(receive(client, 5), b"later")

    def test_a_reset_goes_through(self):
        relay = self.relay()
        client = connect(relay.ports[0])
        round_trip_ms(client)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        with connect(relay.ports[0]) as other:
            round_trip_ms(other)

    def test_nonsense_is_refused_and_changes_nothing(self):
        relay = self.relay()
        for command in ["delay", "delay -1", "delay x", "delay 1 2", "delay nan", "stop", ""]:
            with self.assertRaises(RuntimeError):
                relay.ask(command)
        with connect(relay.ports[0]) as client:
            round_trip_ms(client)


if __name__ == "__main__":
    unittest.main(verbosity=2)
