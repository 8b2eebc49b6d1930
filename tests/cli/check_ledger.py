#!/usr/bin/python3
"""Read a ledger and a proof as C2SP's specifications have them, with nothing of veilsum's.

    check_ledger.py FOLDER KEEPER.id PROOF

The folder has fewer than 256 entries. Prints the number of entries; fails where anything is not as it should be.
"""
import base64
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors"))

from make_receipt import signature_line


def sha(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def path(index, leaves):
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if index < k:
        return path(index, leaves[:k]) + [root(leaves[k:])]
    return path(index - k, leaves[k:]) + [root(leaves[:k])]


def main():
    folder, identity, proof = sys.argv[1:]
    lines = open(identity, encoding="utf-8").read().split("\n")
    body = base64.b64decode("".join(lines[2:lines.index("end")]))
    seed, name = body[5:37], body[37:].decode()

    note = open(os.path.join(folder, "checkpoint"), encoding="utf-8").read()
    text, signature = note.split("\n\n")
    origin, size, hashed = text.split("\n")
    assert origin == name
    assert signature == signature_line(name, seed, text + "\n") # Ed25519 is deterministic

    bundle = open(os.path.join(folder, "tile/entries/000.p", size), "rb").read()
    leaves = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        leaves.append(sha(b"\0" + bundle[2:2 + length]))
        bundle = bundle[2 + length:]
    assert len(leaves) == int(size)
    assert open(os.path.join(folder, "tile/0/000.p", size), "rb").read() == b"".join(leaves)
    assert base64.b64decode(hashed) == root(leaves)

    head, checkpoint = open(proof, encoding="utf-8").read().split("\n\n", 1)
    title, index, *hashes = head.split("\n")
    assert title == "c2sp.org/tlog-proof@v1" and index.startswith("index ") and checkpoint == note
    assert [base64.b64decode(h) for h in hashes] == path(int(index[6:]), leaves)
    print(size)


main()
