#!/usr/bin/python3
"""A board that is killed in the middle of everything: what it acknowledged is there afterwards, once.

    BOARD_SERVER=build/tests/board_server /usr/bin/python3 tests/cli/test_board_crash.py
"""

import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from boards import Board, message_id  # noqa: E402

ROUNDS = int(os.environ.get("BOARD_ROUNDS", "12"))
OWNERS = 48
LIBRARY = os.path.abspath(os.environ.get("DIE_AT_LIBRARY", "none"))


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        seed = os.environ.get("VEILSUM_SEED") or str(time.time_ns())
        print("# VEILSUM_SEED=" + seed, file=sys.stderr)
        cls.random = random.Random(seed)
        cls.board = Board(OWNERS, 250000)
        cls.addClassCleanup(cls.board.close)
        cls.messages = [cls.board.message(f"owner-{i}") for i in range(OWNERS)]

    def send(self, messages, acknowledged, after_kill):
        """Each in its own way, until the board is gone."""
        for message in messages:
            try:
                if len(message) > 100000 and self.random.random() < 0.5:
                    at = self.board.offset(message)
                    while at < len(message):
                        end = min(at + 60000, len(message))
                        code, headers, _ = self.board.patch(message, at, end)
                        if code not in (200, 201, 204):
                            raise OSError
                        at = int(headers.get("upload-offset", len(message)))
                        if code == 204:
                            acknowledged.setdefault("offsets", {})[message_id(message)] = at
                else:
                    code = self.board.put(message)[0]
                if code in (200, 201):
                    acknowledged["messages"].add(message_id(message))
            except (OSError, ValueError, KeyError):
                after_kill.append(message)

    def put_all(self, messages):
        """How many were acknowledged before the board was gone."""
        for count, message in enumerate(messages):
            try:
                if self.board.put(message)[0] not in (200, 201):
                    return count
            except OSError:
                return count
        return len(messages)

    @unittest.skipUnless(os.path.exists(LIBRARY), "no library to die by")
    def test_killed_at_every_durable_write(self):
        messages = [self.messages[0], self.board.message("receipt"), self.messages[1]]
        for point in range(1, 200):
            self.board.forget()
            acknowledged = 0
            try:
                self.board.start(environment={"LD_PRELOAD": LIBRARY, "DIE_AT": str(point)})
                acknowledged = self.put_all(messages)
            except (RuntimeError, OSError):
                pass
            died = acknowledged < len(messages)
            self.board.kill()
            self.board.start()
            there = [frame[2] for frame in self.board.feed()]
            self.assertEqual(there[:acknowledged], [message_id(m) for m in messages[:acknowledged]], point)
            self.assertEqual(self.put_all(messages), len(messages))
            self.assertEqual([frame[::2] for frame in self.board.feed()],
                             [(i + 1, message_id(m)) for i, m in enumerate(messages)], point)
            self.board.kill()
            if not died:
                print(f"# killed at {point - 1} points", file=sys.stderr)
                self.assertGreater(point, 8, "hardly a point: is the library loaded?")
                return
        self.fail("never at its end")

    def test_kill_in_the_middle(self):
        acknowledged = {"messages": set(), "offsets": {}}
        left = list(self.messages)
        for _ in range(ROUNDS):
            self.board.start("rate=100000")
            there = {frame[2] for frame in self.board.feed()}
            self.assertLessEqual(acknowledged["messages"], there)
            for name, offset in acknowledged["offsets"].items():
                has = int(self.board.ask("HEAD", "/v1/uploads/" + name)[1]["upload-offset"])
                self.assertGreaterEqual(has, offset)
            not_sent = []
            self.random.shuffle(left)
            threads = [threading.Thread(target=self.send, args=(left[i::6], acknowledged, not_sent)) for i in range(6)]
            for thread in threads:
                thread.start()
            time.sleep(self.random.random() * 0.6)
            self.board.kill()
            for thread in threads:
                thread.join()
            left = [m for m in self.messages if message_id(m) not in acknowledged["messages"]]
            left += self.random.sample(self.messages, 3)
        self.board.start("rate=100000")
        for message in self.messages:
            self.assertIn(self.board.put(message)[0], (200, 201))
        frames = self.board.feed()
        self.assertEqual([frame[0] for frame in frames], list(range(1, OWNERS + 1)))
        self.assertEqual({frame[2] for frame in frames}, {message_id(m) for m in self.messages})
        for message in self.messages:
            self.assertEqual(self.board.get("/v1/messages/" + message_id(message))[2], message)
        print(f"# acknowledged before a kill: {len(acknowledged['messages'])} messages, "
              f"{len(acknowledged['offsets'])} offsets", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
