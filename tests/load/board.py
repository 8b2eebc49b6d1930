#!/usr/bin/python3
"""A board under load: OWNERS at once, each with a long poll that waits and a message of BYTES, sent in one PUT.

    BOARD_SERVER=build/tests/board_server /usr/bin/python3 tests/load/board.py [OWNERS [BYTES]]

All must be acknowledged, be heard of, and come back as they were sent. Prints the time and the board's peak memory.
"""

import asyncio
import json
import os
import resource
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from boards import Board, message_id  # noqa: E402


async def request(address, text, body=b""):
    """(code, body): one request on a connection of its own."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(text.encode() + b"\r\nHost: b\r\nConnection: close\r\n\r\n")
        for at in range(0, len(body), 1 << 16):
            writer.write(body[at:at + (1 << 16)])
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ")[1]), await reader.read()
    finally:
        writer.close()


async def put(board, message, counts):
    """A machine that is busy may starve a connection until the board cuts it; owners try again."""
    head = f"PUT /v1/messages/{message_id(message)} HTTP/1.1\r\nContent-Length: {len(message)}"
    while True:
        try:
            return (await request(board.address, head, message))[0]
        except (OSError, asyncio.IncompleteReadError):
            counts["again"] = counts.get("again", 0) + 1


async def owner(board, number, counts):
    path = os.path.join(board.folder, f"owner-{number}.vsm")
    poll = asyncio.create_task(request(board.address, f"GET /v1/feed?after=0&wait=60 HTTP/1.1"))
    await asyncio.sleep(1)
    with open(path, "rb") as file:
        message = file.read()
    name = message_id(message)
    code = await put(board, message, counts)
    counts[code] = counts.get(code, 0) + 1
    code, frames = await poll
    counts["heard"] = counts.get("heard", 0) + (code == 200 and len(frames) >= 49)


async def everybody(board, owners, counts):
    await asyncio.gather(*(owner(board, number, counts) for number in range(owners)))


def peak_of(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) // 1024


def main():
    owners = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * owners), hard), hard))
    board = Board(owners, size)
    try:
        board.start("rate=1000000", *os.environ.get("BOARD_OPTIONS", "").split(), f"connections={3 * owners + 100}", f"each={3 * owners + 100}")
        counts = {}
        began = time.monotonic()
        asyncio.run(everybody(board, owners, counts))
        lasted = time.monotonic() - began - 1
        peak = peak_of(board.process.pid)
        messages = [board.message(f"owner-{number}") for number in range(0, owners, max(1, owners // 50))]
        good = all(board.get("/v1/messages/" + message_id(m))[2] == m for m in messages)
        stored = json.loads(board.get("/v1/status")[2])["traffic"]["messages"]
        print(f"{owners} owners, {size} bytes each: {counts}, {stored} stored, {'all' if good else 'NOT ALL'} come back")
        print(f"{lasted:.1f} s, {owners * size / lasted / 1e6:.0f} MB/s, peak memory of the board {peak} MB")
        counts.pop("again", None)
        acknowledged = counts.pop(201, 0) + counts.pop(200, 0)
        return 0 if acknowledged == owners == stored and counts == {"heard": owners} and good else 1
    finally:
        board.close()


if __name__ == "__main__":
    sys.exit(main())
