#!/usr/bin/env python3
"""The table of scaling.md, from what veilsum-bench measured with one thread.

    veilsum-bench --threads 1 --op combine,encrypt,decrypt --json > one.json
    python3 papers/scaling.py one.json [--hash GB/s] [--read GB/s] [--pack US] [--memory GB/s]

Each line: a size, an operation, and how many ciphertexts a second 1, 16, 64 and 128 cores do by the model of the page,
with the resource that ends it.
"""
import argparse
import json

CORES = (1, 16, 64, 128)
DIGIT_WORDS = {2048: 40, 3072: 60, 4096: 80}  # of 52 bits, as the IFMA backend keeps them
ENCRYPT_BATCH, OPEN_MAX, OPEN_MIN, CHUNK_BYTES = 16384, 64, 16, 1 << 20


def combine(bits, cpu, cores, a):
    length = 2 * bits // 8
    lanes = min(max(cores, OPEN_MIN), OPEN_MAX)
    read = length / a.hash + length / a.read
    accumulator = 2 * 2 * DIGIT_WORDS[bits] * 8
    return {"cores": cpu / cores + read / min(cores, lanes),
            "memory": (4 * length + accumulator / lanes) / a.memory}


def encrypt(bits, cpu, cores, a):
    length = 2 * bits // 8
    chunks = max(1, min(1024 * cores, ENCRYPT_BATCH) * length // CHUNK_BYTES)
    hashing = length / a.hash / min(cores, chunks)
    serial = a.pack * 1e-6 * bits / 2048 + length / a.read
    return {"cores": cpu / cores + hashing + serial, "memory": 5 * length / a.memory}


def decrypt(bits, cpu, cores, a):
    length = 2 * bits // 8
    return {"cores": cpu / cores, "memory": 3 * length / a.memory}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--hash", type=float, default=0.64, help="BLAKE2b, GB/s a core")
    parser.add_argument("--read", type=float, default=10.0, help="copying a file from the page cache, GB/s a core")
    parser.add_argument("--pack", type=float, default=0.53, help="packing a plaintext of 2048 bits, microseconds")
    parser.add_argument("--memory", type=float, default=430.0, help="sustained by one socket, GB/s")
    a = parser.parse_args()
    a.hash, a.read, a.memory = a.hash * 1e9, a.read * 1e9, a.memory * 1e9
    with open(a.rows, encoding="utf-8") as file:
        rows = [row for row in json.load(file)["rows"] if row["threads"] == 1 and row["degree"] == 1]
    print("| bits | operation | kernel, µs | " + " | ".join(f"{c} core{'s' if c > 1 else ''}" for c in CORES) + " | 128 over 1 | ends at |")
    print("| --- " * (len(CORES) + 5) + "|")
    for row in rows:
        model = {"combine": combine, "encrypt": encrypt, "decrypt": decrypt}.get(row["op"])
        if model is None:
            continue
        # two sockets from 128 cores on
        times = [model(row["bits"], row["min_s"], c, a) for c in CORES]
        for c, t in zip(CORES, times):
            t["memory"] /= 2 if c > 64 else 1
        worst = [max(t.values()) for t in times]
        end = max(times[-1], key=times[-1].get)
        rates = " | ".join(f"{1 / t:,.0f}" for t in worst)
        print(f"| {row['bits']} | {row['op']} | {1e6 * row['min_s']:.2f} | {rates} | {worst[0] / worst[-1]:.0f}× | {end} |")


if __name__ == "__main__":
    main()
