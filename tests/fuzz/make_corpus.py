#!/usr/bin/env python3
"""Make the seed corpora of the fuzz targets: real inputs and hostile ones, all small.

    VEILSUM=build/veilsum python3 tests/fuzz/make_corpus.py

Plans, tables and vectors are written here, by hand; receipts and a signed contribution are test vectors, altered; keys, containers and pools come from the program, at 2048 bits, and are then
cut and altered. What a fuzzer finds later is added beside the seeds under a name of its own.
"""
import base64
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))
import make_part as parts_of  # noqa: E402

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


def put(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def full_plan():
    return {
        "veilsum": 1,
        "title": "Salaries by district and sex",
        "columns": {
            "District": {"values": ["01", "02", "a,b"], "other": "drop", "empty": "group"},
            "Sex": {"values": ["f", "m"], "other": "group"},
            "Salary": {"scale": 2, "min": -1000, "max": "500000.00", "round": "half-even"},
            "Age": {"scale": 0, "min": 0, "max": 120, "other": "group"},
        },
        "by": ["District", "Sex"],
        "measures": [
            {"count": "rows"}, {"sum": "Salary"}, {"mean": "Salary"}, {"variance": "Salary"},
            {"mean": "Salary", "weight": "Age"}, {"histogram": "Sex"},
            {"histogram": "Age", "edges": [None, 18, "65", None]},
            {"covariance": ["Age", "Salary"]}, {"regression": "Salary", "on": "Age"},
        ],
        "groups": {"min_rows": 5, "min_contributors": 3},
        "rows": {"max": 1048576},
        "contributors": {"min": 3, "max": 1000},
        "opening": {"key": KEY},
    }


def changed(path, value):
    """The full plan with one place changed; path is a list of keys."""
    plan = full_plan()
    at = plan
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(plan)


def make_plans():
    put("plan", "full", json.dumps(full_plan(), indent=2))
    put("plan", "bom-crlf", b"\xef\xbb\xbf" + json.dumps(full_plan(), indent=1).replace("\n", "\r\n").encode())
    vector = {"veilsum": 1, "vector": {"length": 100000, "scale": 6, "min": -1, "max": 1}, "opening": {"key": KEY}}
    put("plan", "vector", json.dumps(vector))
    small = {"veilsum": 1, "columns": {"x": {"scale": 0, "min": 0, "max": 1}}, "measures": [{"sum": "x"}],
             "opening": {"key": KEY}}
    put("plan", "small", json.dumps(small))
    put("plan", "escapes", json.dumps(small).replace('"x"', '"\\u00e9\\ud83d\\ude00"'))
    put("plan", "nul-escape", json.dumps(small).replace('"x"', '"\\u0000"'))
    put("plan", "duplicate-key", json.dumps(small).replace('"veilsum": 1', '"veilsum": 1, "veilsum": 1'))
    put("plan", "trailing", json.dumps(small) + " 1")
    put("plan", "real", changed(["columns", "Age", "max"], 1.5))
    put("plan", "huge-number", json.dumps(small).replace('"max": 1', '"max": 1' + "0" * 400))
    put("plan", "beyond-2-53", json.dumps(small).replace('"max": 1', '"max": 9007199254740993'))
    put("plan", "min-above-max", changed(["columns", "Age", "min"], 121))
    put("plan", "scale-40", changed(["columns", "Salary", "scale"], 40))
    put("plan", "wide-slot", changed(["columns", "Salary", "max"], "40000000000000000"))
    put("plan", "edges-overlap", changed(["measures", 6, "edges"], [0, 10, 5]))
    put("plan", "edges-null-inside", changed(["measures", 6, "edges"], [0, None, 5]))
    put("plan", "duplicate-value", changed(["columns", "Sex", "values"], ["f", "f"]))
    put("plan", "duplicate-measure", changed(["measures", 1], {"count": "rows"}))
    put("plan", "threshold", changed(["opening"], {"threshold": KEY}))
    put("plan", "short-fingerprint", changed(["opening", "key"], KEY[:-1]))
    put("plan", "unknown-key", changed(["colums"], {}))
    put("plan", "version-2", changed(["veilsum"], 2))
    put("plan", "nested", "[" * 3000)
    columns = {f"c{i}": {"values": [str(v) for v in range(32)]} for i in range(6)}
    huge = dict(small, columns=columns, by=sorted(columns), measures=[{"count": "rows"}])
    put("plan", "huge-domain", json.dumps(huge))
    put("plan", "huge-vector", json.dumps(vector).replace("100000", "9007199254740991"))
    put("plan", "empty", "")
    put("plan", "not-utf8", b'{"veilsum": 1, "title": "\xff\xfe"}')


def make_tables():
    head = "District,Sex,Salary,Age,Note\n"
    put("csv", "plain", head + "01,f,1200.50,33,\n02,m,-3,70,x\n,f,,18,\na,m,1e3,0,\n")
    put("csv", "quotes", head + '"a,b","f","12.005",33,"say ""hi""\nand more"\r\n')
    put("csv", "crlf-bom", b"\xef\xbb\xbf" + (head + "01,f,1,2,\n").replace("\n", "\r\n").encode())
    put("csv", "semicolons", "District;Sex;Salary;Age\n01;f;1200,50;NA\n")
    put("csv", "latin-1", "District;Sex;Salary;Age\n\u00e9;f;1,5;2\n".encode("latin-1"))
    put("csv", "no-rows", head)
    put("csv", "no-final-newline", head + "01,f,1,2,z")
    put("csv", "empty", "")
    put("csv", "blank-lines", head + "\n\n01,f,1,2,\n\n")
    put("csv", "ragged", head + "01,f,1\n")
    put("csv", "too-long", head + "01,f,1,2,,,\n")
    put("csv", "nul", head + "01,f,1\x002,2,\n")
    put("csv", "utf-16", (head + "01,f,1,2,\n").encode("utf-16"))
    put("csv", "open-quote", head + '01,f,"1,2,\n' * 3)
    put("csv", "quote-inside", head + '01,f,1"2,2,\n')
    put("csv", "doubled-column", "District,Sex,Salary,Age,Age\n01,f,1,2,3\n")
    put("csv", "missing-column", "District,Sex,Salary\n01,f,1\n")
    for name, number in {"nan": "NaN", "inf": "inf", "1e400": "1e400", "1e-400": "1e-400", "10-30": "1" + "0" * 30,
                         "exponent": "1e999999999999999999999", "euro": "\u20ac1", "percent": "12%", "grouped": '"1,200"',
                         "many-digits": "0." + "3" * 2000, "bounds": "500000.005", "hex": "0x10", "spaces": " 12 ",
                         "minus-zero": "-0", "only-point": "."}.items():
        put("csv", "number-" + name, head + f"01,f,{number},2,\n")
    put("csv", "rows-101", head + "01,f,1,2,\n" * 101)
    put("csv", "sample", "District,Sex,Salary,Age\n01,f,0.001,0\n02,m,-99999999999,1e2\n")


def npy(descr, shape, body, fortran=False, version=1, extra=""):
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, {extra}}}"
    size = 10 if version == 1 else 12
    text += " " * (-(size + len(text) + 1) % 64) + "\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode("latin-1") + body


def make_vectors():
    values = [1.5, -2.25, 0.0005, 99.9995, -100.0, 0.1]
    f8 = struct.pack("<6d", *values)
    put("npy", "f8", npy("<f8", "(6,)", f8))
    put("npy", "f8-version-2", npy("<f8", "(6,)", f8, version=2))
    put("npy", "f8-version-3", npy("<f8", "(6,)", f8, version=3))
    put("npy", "f8-big-endian", npy(">f8", "(6,)", struct.pack(">6d", *values)))
    put("npy", "f4", npy("<f4", "(6,)", struct.pack("<6f", *values)))
    put("npy", "i4", npy("<i4", "(6,)", struct.pack("<6i", 1, -2, 3, 100, -100, 0)))
    put("npy", "i8", npy("<i8", "(2, 3)", struct.pack("<6q", 1, -2, 3, 100, -100, 0)))
    put("npy", "i8-range", npy("<i8", "(6,)", struct.pack("<6q", 2**63 - 1, -2**63, 0, 0, 0, 0)))
    put("npy", "fortran", npy("<f8", "(2, 3)", f8, fortran=True))
    put("npy", "three-axes", npy("<f8", "(1, 3, 2)", f8, fortran=True))
    put("npy", "nan", npy("<f8", "(6,)", struct.pack("<6d", 0, 0, float("nan"), 0, 0, 0)))
    put("npy", "inf", npy("<f8", "(6,)", struct.pack("<6d", 0, 0, float("-inf"), 0, 0, 0)))
    put("npy", "subnormal", npy("<f8", "(6,)", struct.pack("<6d", 5e-324, -5e-324, 1e308, 0, 0, 0)))
    put("npy", "short", npy("<f8", "(6,)", f8[:-1]))
    put("npy", "long", npy("<f8", "(6,)", f8 + b"\0"))
    put("npy", "shape-overflow", npy("<f8", "(4294967296, 4294967296, 6)", f8))
    put("npy", "shape-zero", npy("<f8", "(0, 6)", b""))
    put("npy", "shape-negative", npy("<f8", "(-6,)", f8))
    put("npy", "shape-deep", npy("<f8", "(" + "1, " * 200 + "6)", f8))
    put("npy", "scalar", npy("<f8", "()", f8[:8]))
    put("npy", "object", npy("|O", "(6,)", f8))
    put("npy", "half", npy("<f2", "(6,)", f8[:12]))
    put("npy", "key-twice", npy("<f8", "(6,)", f8, extra="'shape': (6,)"))
    put("npy", "key-unknown", npy("<f8", "(6,)", f8, extra="'more': 1"))
    put("npy", "header-cut", npy("<f8", "(6,)", f8)[:40])
    put("npy", "header-length", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'")
    put("npy", "version-9", npy("<f8", "(6,)", f8)[:6] + b"\x09\x00" + b"\0" * 20)
    put("npy", "text", "sum\n1.5\n-2.25\n0\n99\n-100\n0.1\n")
    put("npy", "text-long", "1\n" * 7)
    put("npy", "empty", b"")


def run(*words, folder):
    program = os.path.abspath(os.environ.get("VEILSUM", "build/veilsum"))
    subprocess.run([program, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rewrapped(lines, binary):
    """A key's text with another binary form inside."""
    text = base64.b64encode(binary).decode()
    return "\n".join(lines[:2] + [text[i:i + 76] for i in range(0, len(text), 76)] + ["end", ""])


def make_keys(folder):
    run("keygen", "k", "--bits", "2048", "--no-passphrase", folder=folder)
    public = (folder / "k.pub").read_text()
    secret = (folder / "k.key").read_text()
    put("key", "public", public)
    put("key", "secret", secret)
    put("key", "public-crlf", public.replace("\n", "\r\n"))
    put("key", "public-no-newline", public.rstrip("\n"))
    put("key", "public-cut", public[:200])
    put("key", "public-version-2", public.replace("public key 1", "public key 2"))
    put("key", "public-degree-9", public.replace("degree 1", "degree 9"))
    put("key", "public-bits-huge", public.replace("2048", "4294967296"))
    put("key", "public-spaces", public.replace("\n", " \n"))
    put("key", "secret-cut", secret[:-40])
    put("key", "empty", "")
    lines = public.split("\n")
    binary = base64.b64decode("".join(lines[2:-2]))
    make_proofs(lines, binary)
    lines[1], binary = lines[1].replace(" proof gcd", ""), binary[:520]
    put("key", "public-no-proof", rewrapped(lines, binary))
    n, h = binary[8:264], binary[264:]
    put("key", "public-n-even", rewrapped(lines, binary[:8] + bytes([n[0] & 0xFE]) + n[1:] + h))
    put("key", "public-n-zero", rewrapped(lines, binary[:8] + bytes(256) + h))
    put("key", "public-n-ones", rewrapped(lines, binary[:8] + b"\xff" * 256 + h))
    put("key", "public-h-zero", rewrapped(lines, binary[:264] + bytes(256)))
    put("key", "public-h-is-n", rewrapped(lines, binary[:264] + n))
    put("key", "public-short", rewrapped(lines, binary[:-1]))
    make_keys_of_other_types(folder)
    head = b"vs-seal1"
    put("key", "sealed-huge", head + struct.pack("<II", 16, 2**32 - 1) + bytes(100))
    put("key", "sealed-passes", head + struct.pack("<II", 2**32 - 1, 8) + bytes(100))
    put("key", "sealed-cheap", head + struct.pack("<II", 1, 8) + bytes(100))
    put("key", "sealed-zero", head + bytes(108))


def make_proofs(lines, binary):
    """A public key's proof: behind its 520 bytes, 8 for a head and 8 values of 256."""
    key, proof = binary[:520], binary[520:]
    assert proof[:4] == b"VSPF" and len(proof) == 8 + 8 * 256
    for name, changed in {"cut": proof[:-1], "long": proof + b"\0", "head-only": proof[:8], "magic-only": proof[:4],
                          "magic-cut": proof[:3], "version-2": proof[:4] + b"\2" + proof[5:],
                          "kind-9": proof[:5] + b"\x09" + proof[6:], "count-0": proof[:6] + b"\0" + proof[7:8],
                          "count-9": proof[:6] + b"\x09" + proof[7:] + bytes(256), "zeros": proof[:8] + bytes(2048),
                          "ones": proof[:8] + b"\xff" * 2048, "swapped": proof[:8] + proof[264:520] + proof[8:264] + proof[520:],
                          "twice": proof + proof}.items():
        put("key", "proof-" + name, rewrapped(lines, key + changed))
    put("key", "proof-unsaid", rewrapped([lines[0], lines[1].replace(" proof gcd", "")], binary))
    put("key", "proof-missing", rewrapped(lines, key))


def make_keys_of_other_types(folder):
    for kind in ("short", "subgroup"):
        run("keygen", kind, "--bits", "2048", "--degree", "2", "--type", kind, "--no-passphrase", folder=folder)
        public, secret = (folder / (kind + ".pub")).read_text(), (folder / (kind + ".key")).read_text()
        put("key", "type-" + kind + "-public", public)
        put("key", "type-" + kind + "-secret", secret)
        put("key", "type-" + kind + "-unsaid", public.replace(" type " + kind, ""))
    lines = (folder / "subgroup.pub").read_text().replace(" proof gcd", "").split("\n")
    binary = base64.b64decode("".join(lines[2:-2]))[:520]
    put("key", "type-3-public", rewrapped(lines, binary[:5] + b"\x32" + binary[6:]))
    put("key", "public-h-minus-1", rewrapped(lines, binary[:264] + (int.from_bytes(binary[8:264], "little") - 1).to_bytes(
        256, "little")))
    lines = (folder / "subgroup.key").read_text().split("\n")
    binary = base64.b64decode("".join(lines[2:-2]))
    put("key", "type-subgroup-no-orders", rewrapped(lines, binary[:-56]))
    put("key", "type-subgroup-orders-swapped", rewrapped(lines, binary[:-56] + binary[-28:] + binary[-56:-28]))
    put("key", "type-subgroup-orders-zero", rewrapped(lines, binary[:-56] + bytes(56)))


def make_threshold(folder):
    names = ("A", "B", "C")
    for name in names:
        run("identity", "--no-passphrase", name, folder=folder)
    holders = [word for name in names for word in ("--holder", name + ".id.pub")]
    run("keygen", "t", "--bits", "2048", "--threshold", "2/3", *holders, folder=folder)
    key, share = (folder / "t.holders").read_text(), (folder / "t.A.share").read_text()
    put("threshold_key", "good", key)
    put("threshold_key", "crlf", key.replace("\n", "\r\n"))
    put("threshold_key", "empty", "")
    put("threshold_key", "cut", key[:900])
    put("threshold_key", "no-end", key[:-4])
    put("threshold_key", "version-2", key.replace("threshold key 1", "threshold key 2"))
    put("threshold_key", "other-sizes", key.replace("2 of 3", "3 of 3"))
    put("threshold_key", "no-holders", "\n".join(line for line in key.split("\n") if not line.startswith("holder ")))
    put("threshold_key", "holders-many", key.replace("holder B", "holder A+00000000+AA\n" * 40 + "holder B"))
    lines = key.split("\n")
    binary = base64.b64decode("".join(lines[5:-2]))
    commitment = 8 + 8 + 512

    def around(data):
        text = base64.b64encode(data).decode()
        return "\n".join(lines[:5] + [text[i:i + 76] for i in range(0, len(text), 76)] + ["end", ""])

    for name, at, value in (("needed-0", 5, b"\0"), ("needed-1", 5, b"\1"), ("needed-255", 5, b"\xff"), ("holders-1", 6, b"\1"),
                            ("holders-255", 6, b"\xff"), ("bits-huge", 14, b"\xff\xff"), ("type-short", 13, b"\x11"),
                            ("degree-4", 13, b"\x04"), ("commitment-huge", commitment, b"\xff" * 512),
                            ("commitment-zero", commitment, bytes(512)), ("name-empty", commitment + 512, b"\0"),
                            ("name-long", commitment + 512, b"\xff"), ("name-space", commitment + 513, b" ")):
        put("threshold_key", name, around(altered(binary, at, value)))
    put("threshold_key", "bytes-more", around(binary + b"\0"))
    put("threshold_key", "bytes-less", around(binary[:-1]))
    put("threshold_key", "bytes-head", around(binary[:8]))
    put("key_share", "good", share)  # to an identity that the target does not have
    put("key_share", "crlf", share.replace("\n", "\r\n"))
    put("key_share", "empty", "")
    put("key_share", "cut", share[:200])
    put("key_share", "version-2", share.replace("key share 1", "key share 2"))
    put("key_share", "nobody", share.replace("sealed to A", "sealed to "))
    put("key_share", "sealed-short", share.split("\n")[0] + "\n" + share.split("\n")[1] + "\nAAAA\nend\n")
    plain = b"VSKS" + bytes([1, 1, 0, 0]) + bytes(32) + b"\x05" * 511 + b"\0"  # what may be sealed
    put("key_share", "plain", plain)
    for name, at, value in (("plain-magic", 0, b"X"), ("plain-version", 4, b"\2"), ("plain-holder-2", 5, b"\2"),
                            ("plain-holder-0", 5, b"\0"), ("plain-reserved", 7, b"\1"), ("plain-huge", 551, b"\xff")):
        put("key_share", name, altered(plain, at, value))
    put("key_share", "plain-short", plain[:-1])
    put("key_share", "plain-long", plain + b"\0")
    put("key_share", "plain-head", plain[:40])


def altered(data, at, value):
    return data[:at] + value + data[at + len(value):]


def make_containers(folder):
    plan = {"veilsum": 1, "columns": {"x": {"scale": 0, "min": 0, "max": 9}}, "measures": [{"sum": "x"}],
            "contributors": {"min": 1, "max": 3}}
    shown = subprocess.run([os.path.abspath(os.environ.get("VEILSUM", "build/veilsum")), "inspect", "--json", "k.pub"],
                           cwd=folder, check=True, capture_output=True, text=True).stdout
    plan["opening"] = {"key": json.loads(shown)["fingerprint"]}
    (folder / "plan.json").write_text(json.dumps(plan))
    (folder / "t.csv").write_text("x\n1\n2\n")
    for name in "ab":
        run("encrypt", "-p", "plan.json", "-r", "k.pub", "--as", name, "--period", "2026-11", "t.csv", "-o", name + ".vs",
            folder=folder)
    run("combine", "-p", "plan.json", "a.vs", "b.vs", "-o", "total.vs", folder=folder)
    one = (folder / "a.vs").read_bytes()
    total = (folder / "total.vs").read_bytes()
    header = struct.unpack_from("<I", one, 12)[0]
    put("container", "contribution", one)
    put("container", "total", total)
    put("container", "two", one + total)
    put("container", "trailing", one + b"x")
    put("container", "cut-header", one[:100])
    put("container", "cut-chunk", one[:header + 10])
    put("container", "cut-trailer", one[:-1])
    put("container", "header-only", one[:header])
    put("container", "version-2", altered(one, 8, b"\x02"))
    put("container", "kind-9", altered(one, 10, b"\x09"))
    put("container", "opening-2", altered(one, 11, b"\x02"))
    put("container", "length-huge", altered(one, 12, b"\xc0\xff\xff\xff"))
    put("container", "length-zero", altered(one, 12, bytes(4)))
    for name, at in {"cells": 88, "ciphertexts": 96, "min": 104, "max": 112, "bound": 120}.items():
        put("container", name + "-huge", altered(one, at, b"\xff" * 8))
        put("container", name + "-zero", altered(one, at, bytes(8)))
    put("container", "chunk-zero", altered(one, 128, bytes(4)))
    put("container", "contributors-huge", altered(one, 132, b"\xff" * 4))
    put("container", "key-length-huge", altered(one, 136, b"\xff" * 4))
    put("container", "layout-9", altered(one, 140, b"\x09"))
    put("container", "scheme-9", altered(one, 142, b"\x09"))
    put("container", "period-255", altered(one, 143, b"\xff"))
    put("container", "signed", altered(one, len(one) - 100, b"\x01"))
    put("container", "digit-ones", altered(one, header, b"\xff" * 256))
    put("container", "text-mode", one.replace(b"\r\n", b"\n"))
    put("container", "empty", b"")


def make_pools(folder):
    run("pool", "-r", "k.pub", "--count", "2", "-o", "k.pool", folder=folder)
    pool = (folder / "k.pool").read_bytes()
    mark = 4096 if any(pool[4096:4224]) else 8192
    other = 4096 + 8192 - mark
    put("pool", "two-factors", pool)
    put("pool", "marks-twice", altered(pool, other, pool[mark:mark + 128]))
    put("pool", "mark-torn", altered(pool, other, pool[mark:mark + 60]))
    put("pool", "cut-factor", pool[:-1])
    put("pool", "cut-mark", pool[:mark])
    put("pool", "longer", pool + b"x" * 100)
    put("pool", "used", pool[:12288] + bytes(528) + pool[12288 + 528:])
    put("pool", "version-2", altered(pool, 8, b"\x02"))
    put("pool", "degree-9", altered(pool, 10, b"\x09"))
    put("pool", "bits-huge", altered(pool, 12, b"\xff\xff"))
    put("pool", "sequence-zero", altered(pool, mark, bytes(8)))
    put("pool", "next-huge", altered(pool, mark + 8, b"\xff" * 8))
    put("pool", "end-huge", altered(pool, mark + 16, b"\xff" * 8))
    put("pool", "end-large", altered(pool, mark + 16, b"\0\0\0\0\1\0\0\0"))
    put("pool", "text-mode", pool.replace(b"\r\n", b"\n"))
    put("pool", "empty", b"")


def vector_of(file, name):
    lines = (CORPUS.parent.parent / "vectors" / file).read_text().splitlines()
    return bytes.fromhex(next(line for line in lines if line.startswith(name + " = ")).split(" = ")[1])


def make_signed():
    one = vector_of("container.txt", "signed")
    put("container", "signed-whole", one)
    put("container", "signed-otherwise", altered(one, len(one) - 90, b"\x01"))
    put("container", "signer-otherwise", altered(one, len(one) - 120, b"\x01"))


def make_receipts():
    text = vector_of("receipt.txt", "receipt").decode()
    lines = text.splitlines(keepends=True)
    put("receipt", "whole", text)
    put("receipt", "note-alone", text[:text.rindex("\n\n") + 1])
    put("receipt", "no-list", text[:text.rindex("\n\n") + 2])
    put("receipt", "cut", text[:-5])
    put("receipt", "crlf", text.replace("\n", "\r\n"))
    put("receipt", "two-signatures", "".join(lines[:10] + [lines[9]] + lines[10:]))
    put("receipt", "unsigned", "".join(lines[:9] + lines[10:]))
    put("receipt", "twice", "".join(lines[:11] + [lines[11]] + lines[11:]).replace("contributions 3", "contributions 4"))
    put("receipt", "other-order", "".join(lines[:11] + [lines[12], lines[11]] + lines[13:]))
    put("receipt", "other-digest", text[:-200] + text[-200:].replace("ee", "ef", 1))
    for name, old, new in [("count-zero", "contributions 3", "contributions 0"),
                           ("count-huge", "contributions 3", "contributions 18446744073709551615"),
                           ("refused-huge", "refused 2", "refused 18446744073709551614"),
                           ("no-period", "period 2026-11", "period "), ("bad-period", "period 2026-11", "period  x"),
                           ("time", "2026-11-24", "2026-02-30"), ("attempt", "attempt 0", "attempt 00"),
                           ("bytes", " 2056", " 2056 "), ("title", "receipt\n", "opening\n")]:
        assert old in text
        put("receipt", name, text.replace(old, new, 1))
    put("receipt", "empty", "")


def make_identities():
    line = vector_of("plan_signatures.txt", "identity").decode()
    put("identity", "line", line)
    for name, text in [("newline", line + "\n"), ("crlf", line + "\r\n"), ("cut", line[:-1]), ("upper", line[:8] + line[8:].upper()),
                       ("other-name", "P" + line[1:]), ("no-name", line[6:]), ("space", "O RANGE" + line[6:]),
                       ("plus", "O+RANGE" + line[6:]), ("algorithm", line.replace("+AX", "+BX")), ("two", line + "\n" + line)]:
        put("identity", name, text)
    plain = b"VSID\x01" + bytes(range(32))
    for name, data in [("secret", plain + b"ORANGE"), ("secret-no-name", plain), ("secret-bad-name", plain + b"a b"),
                       ("secret-version", b"VSID\x02" + plain[5:] + b"a"), ("secret-short", plain[:20])]:
        text = "veilsum identity 1\nplain\n" + base64.b64encode(data).decode() + "\nend\n"
        put("identity", name, text)
    put("identity", "secret-sealed", "veilsum identity 1\nsealed\n" + base64.b64encode(b"vs-seal1" + bytes(100)).decode() + "\nend\n")
    put("identity", "empty", "")


def make_notes():
    plan = json.loads(vector_of("plan_signatures.txt", "plan"))
    put("plan", "roster", json.dumps(plan, ensure_ascii=False))
    for name, key, value in [("circle", "sets", {"a": ["b"], "b": ["a"]}), ("overlap", "sets", {"a": ["ORANGE", "ROUEN"], "b": ["ROUEN", "\u00c9VREUX"]}),
                             ("same-sets", "sets", {"a": ["ORANGE"], "b": ["a"]}), ("signatures-5", "signatures", 5),
                             ("nobody", "roster", []), ("twice", "roster", plan["roster"][:1] * 2), ("days", "valid", {"from": "2026-02-30"})]:
        put("plan", "roster-" + name, json.dumps({**plan, key: value}, ensure_ascii=False))
    text = vector_of("plan_signatures.txt", "signatures").decode()
    head, lines = text.split("\n\n")
    first = lines.split("\n")[0]
    put("note", "whole", text)
    for name, data in [("unsigned", head + "\n\n"), ("no-border", text.replace("\n\n", "\n")), ("cut", text[:-1]), ("crlf", text.replace("\n", "\r\n")),
                       ("two-borders", text.replace("\n\n", "\n\n\n")), ("twice", text + first + "\n"), ("trailing", text + "\n"),
                       ("other-kind", text + "\u2014 x AAAA\n"), ("bad-base64", text[:-3] + "-=\n"), ("no-dash", text.replace("\u2014", "-", 1)),
                       ("other-text", text.replace("veilsum plan", "veilsum receipt")), ("other-id", text[:16] + "%x" % (15 - int(text[16], 16)) + text[17:]),
                       ("more-text", head + "\nmore\n\n" + lines), ("wrong-signature", text.replace(first[-9:], "AAAAAAAA" + first[-1:]))]:
        put("note", name, data)
    put("note", "nul", text.replace("plan", "pl\0n").encode())
    put("note", "lines", "number 18446744073709551615\nnumber 18446744073709551616\nhash " + KEY + "\ntime 2026-11-24T17:00:00Z\n\n\u2014 x AAAA\n")
    put("note", "empty", "")


def make_parts():
    """Parts with short ciphertexts, which their format does not mind; the altered ones have their hash right."""
    def fields(**changed):
        return dict(parts_of.FIELDS, round_number=1, holder=1, blocks=[0], **changed)

    part = parts_of.part(parts_of.SEED, [b"cipher"] * 3, b"proof", **fields())
    put("part", "first", part)
    put("part", "no-period", parts_of.part(parts_of.SEED, [b"cipher"], b"proof", **dict(fields(), period="")))
    put("part", "empty-round", parts_of.part(parts_of.SEED, [], b"", size=512, **fields()))
    for name, at, value in [("version-2", 8, b"\x02"), ("round-3", 10, b"\x03"), ("holder-0", 11, b"\x00"),
                            ("holder-33", 11, b"\x21"), ("ciphertext-zero", 12, b"\x00\x00"),
                            ("ciphertext-huge", 12, b"\xff\xff"), ("proof-zero", 14, b"\x00\x00"),
                            ("proof-huge", 14, b"\xff\xff"), ("plan", 16, b"\xff"), ("attempt", 80, b"\x01"),
                            ("count-zero", 88, bytes(8)), ("count-huge", 88, b"\xff" * 8),
                            ("count-4", 88, b"\x04"), ("period-255", 192, b"\xff"), ("period-control", 193, b"\x07")]:
        body = part[:at] + value + part[at + len(value):-96]
        put("part", name, parts_of.ended(body, parts_of.SEED))
    put("part", "cut", part[:-1])
    put("part", "cut-header", part[:150])
    put("part", "longer", part + b"\n")
    put("part", "text-mode", part.replace(b"\r\n", b"\n"))
    put("part", "empty", b"")


def make_ledgers(folder):
    """The receipt of the test vectors and an opening in a ledger; its blobs, and proofs. The first byte is the target's
    choice of a parser."""
    receipt = vector_of("receipt.txt", "receipt").decode()
    note = receipt[:receipt.rindex("\n\n") + 1]
    opening = note.replace("veilsum receipt", "veilsum opening").replace("refused", "by key\nrefused", 1)
    opening = "".join(line for line in opening.splitlines(True) if not line.startswith("refused"))
    lines = opening.splitlines(True)
    by = lines.index("by key\n")
    lines[by], lines[by + 1] = lines[by + 1], lines[by] # the total comes first
    (folder / "a.receipt").write_text(receipt)
    (folder / "a.opening").write_text("".join(lines))
    program = os.path.abspath(os.environ.get("VEILSUM", "build/veilsum"))

    def run(*words):
        subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)

    run("identity", "--no-passphrase", "KEEPER")
    run("ledger", "init", "ledger", "-i", "KEEPER.id")
    run("ledger", "add", "ledger", "-i", "KEEPER.id", "a.receipt")
    old = folder / "old"
    old.write_bytes((folder / "ledger" / "checkpoint").read_bytes())
    run("ledger", "add", "ledger", "-i", "KEEPER.id", "a.opening")
    run("ledger", "prove", "-k", "KEEPER.id.pub", "ledger", "1", "-o", "entry")
    run("ledger", "prove", "-k", "KEEPER.id.pub", "ledger", "--since", "old", "-o", "growth")
    checkpoint, entry = (folder / "ledger" / "checkpoint").read_text(), (folder / "entry").read_text()
    growth = (folder / "growth").read_text()
    put("ledger", "checkpoint", "c" + checkpoint)
    put("ledger", "checkpoint-size", "c" + checkpoint.replace("\n2\n", "\n02\n"))
    put("ledger", "checkpoint-huge", "c" + checkpoint.replace("\n2\n", "\n18446744073709551615\n"))
    put("ledger", "checkpoint-extension", "c" + checkpoint.replace("\n\n", "\nmore\n\n"))
    bundle = (folder / "ledger" / "tile" / "entries" / "000.p" / "2").read_bytes()
    put("ledger", "bundle", b"b\x01" + bundle)
    put("ledger", "bundle-cut", b"b\x01" + bundle[:-1])
    put("ledger", "bundle-long", b"b\x00" + bundle)
    put("ledger", "receipt", "n" + note)
    put("ledger", "opening", "n" + "".join(lines))
    put("ledger", "opening-by", "n" + "".join(lines).replace("by key", "by luck"))
    put("ledger", "entry", "e" + entry)
    put("ledger", "entry-index", "e" + entry.replace("index 1", "index 4611686018427387905"))
    put("ledger", "entry-hash", "e" + entry.replace("=\n", "\n", 1))
    put("ledger", "entry-many", "e" + entry.replace("index 1\n", "index 1\n" + 65 * ("A" * 43 + "=\n")))
    contribution = "veilsum contribution proof\ncontribution %s 1000 ORANGE\nposition 0\npath %s=\n" % ("0" * 64, "A" * 43)
    put("ledger", "contribution", "k" + contribution + "\n" + note + "\n" + entry)
    put("ledger", "contribution-cut", "k" + contribution + "\n" + note)
    put("ledger", "contribution-name", "k" + contribution.replace("ORANGE", " ORANGE") + "\n" + note + "\n" + entry)
    put("ledger", "growth", "g" + growth)
    put("ledger", "growth-cut", "g" + growth[:growth.rindex("KEEPER\n")])
    for i in range(6): # one of each blob of a ledger
        put("ledger", "blob-%d" % i, b"x" + bytes([i]) + bundle)
    put("ledger", "empty", "")


def make_phe():
    """From the vectors: k, n or d before a key, encrypted numbers, or a precision and decimals."""
    vectors = json.loads((CORPUS.parent.parent / "vectors" / "phe.json").read_text())
    secret = vectors["secret"]
    text = json.dumps(secret)
    (CORPUS.parent / "phe_key.inc").write_text(
        "\n".join('"' + text[i:i + 110].replace('"', '\\"') + '"' for i in range(0, len(text), 110)) + "\n")
    put("phe", "secret", "k" + text)
    put("phe", "standard", "k" + json.dumps(vectors["standard"]))
    put("phe", "public", "k" + json.dumps(secret["pub"]))
    put("phe", "public-spaces", "k" + json.dumps(secret["pub"], indent=4))
    put("phe", "public-cut", "k" + json.dumps(secret["pub"])[:-3])
    put("phe", "key-twice", "k" + text.replace('"p"', '"q"'))
    put("phe", "old-secret", "k" + text.replace('"p"', '"lambda"').replace('"q"', '"mu"'))
    put("phe", "no-pub", "k" + json.dumps({key: value for key, value in secret.items() if key != "pub"}))
    put("phe", "small-n", "k" + text.replace(secret["pub"]["n"], "AQAB"))
    put("phe", "long-n", "k" + text.replace(secret["pub"]["n"], secret["pub"]["n"] * 3))
    put("phe", "p-is-q", "k" + text.replace(secret["p"], secret["q"]))
    put("phe", "deep", "k" + "[" * 3000)
    numbers = [case["number"] for case in vectors["numbers"][:3]]
    put("phe", "list", "n" + json.dumps(numbers))
    put("phe", "lines", "n" + "\n".join(map(json.dumps, numbers)))
    put("phe", "overflow", "n" + json.dumps(vectors["overflows"][0]))
    for name, value in {"huge-exponent": -10**8, "exponent": 1024, "low-exponent": -1024, "real": -32.0}.items():
        put("phe", "number-" + name, "n" + json.dumps({"v": numbers[0]["v"], "e": value}))
    put("phe", "number-huge", "n" + json.dumps({"v": "9" * 4000, "e": 0}))
    put("phe", "number-endless", "n" + '{"v": "' + "9" * 20000)
    put("phe", "number-zero", "n" + '{"v": "0", "e": 0}')
    put("phe", "list-open", "n" + '[{"v": "1", "e": 0},')
    put("phe", "strings", "n" + '{"v": "}\\"{", "e": 0}')
    put("phe", "decimals", "d\0" + "1\n-0.5\n12e3\r\n")
    put("phe", "decimals-rounded", "d\2" + "0.1\n-3.14")
    put("phe", "decimals-endless", "d\0" + "0.1\n")
    put("phe", "decimals-power", "d\1" + "1e1100\n")
    put("phe", "decimals-places", "d\3" + "1e-1100\n")
    put("phe", "empty", "d")


def make_http():
    for place, text in enumerate(["0", "18446744073709551615", "18446744073709551616", "007", "-1", "bytes=0-0",
                                  "bytes=5-", "bytes=-7", "bytes=-0", "bytes=2-1", "bytes=1-2,4-5",
                                  "bytes=18446744073709551615-", "127.0.0.1:80", "[::1]:0", ":8443", "::1:0", "[x]:1",
                                  "a:65536", KEY, KEY.upper()]):
        put("http", f"text-{place}", text)
    for kind, sender, to, length in [(1, 0, 0xffffffff, 9), (1, 0, 1, 9), (1, 1, 0, 9), (2, 0, 0, 9), (63, 0, 0, 9),
                                     (1, 0, 0, 2**64 - 1), (1, 0, 0, 2**20 - 120), (1, 0, 0, 2**20 - 119)]:
        put("http", f"message-{kind}-{sender}-{to}-{length}",
            b"VSMG\x01" + bytes([kind, 0, 0]) + bytes(range(32)) + struct.pack("<IIQ", sender, to, length))


def message_id(data):
    label = b"veilsum message id"
    whole = struct.pack("<Q", len(label)) + label + struct.pack("<Q", len(data)) + data
    return hashlib.blake2b(whole, digest_size=32).digest()


def frame(sequence, data, length=None, inside=1):
    head = struct.pack("<QQ", sequence, len(data) if length is None else length) + message_id(data) + bytes([inside])
    return head + (data if inside else b"")


def make_feeds():
    put("feed", "two", frame(1, b"one message") + frame(7, b"another"))
    put("feed", "fetched", frame(1, b"long", inside=0) + frame(2, b"short"))
    put("feed", "empty", b"")
    put("feed", "torn", frame(1, b"one message")[:-1])
    put("feed", "stump", frame(1, b"one message") + b"\0" * 20)
    put("feed", "backwards", frame(2, b"x") + frame(1, b"y"))
    put("feed", "altered", frame(1, b"one message")[:-1] + b"!")
    put("feed", "huge", frame(1, b"x", length=2 ** 64 - 1))
    put("feed", "last", frame(2 ** 64 - 1, b"x") + frame(0, b"y"))
    put("feed", "neither", frame(1, b"x", inside=2))


def make_statuses():
    maker = pathlib.Path(__file__).resolve().parent.parent / "cli" / "make_status.py"
    for name, words in {"five": ["5"], "many": ["45"], "hostile": ["5", "hostile"], "done": ["5", "done"], "failed": ["5", "failed"],
                        "no-steps": ["5", "steps=[]"], "nobody": ["0"], "later": ["5", "veilsum_status=2"]}.items():
        put("status", name, subprocess.run([sys.executable, maker, *words], check=True, capture_output=True).stdout)
    about = {"veilsum_board": 1, "version": "0.1.0", "plan": "ab" * 32, "sid": "cd" * 32, "period": "2026-11", "attempt": 0,
             "time": "2026-11-24T20:00:00Z", "max_message_bytes": 1 << 26, "max_wait_s": 60}
    put("status", "about", json.dumps(about))
    put("status", "about-period", json.dumps(dict(about, period="x" * 100)))
    put("status", "deep", "[" * 3000)


def make_masks():
    """Which message (of 31, in the order of sending), then a body in its place, or what is cut off and changed in it."""
    for which in range(31):
        put("masks", f"as-it-is-{which:02}", bytes([which, 1, 0]))
        put("masks", f"cut-{which:02}", bytes([which, 1, 1 + which % 40]))
        put("masks", f"count-{which:02}", bytes([which, 1, 0, 0, 0, 0xff, 3, 0, 0x80]))
        put("masks", f"changed-{which:02}", bytes([which, 1, 0, 40 + which, 0, 1, 200, 0, 0xff]))
    put("masks", "empty", bytes([7, 0]))
    put("masks", "opener", bytes([154, 1, 0]))
    put("masks", "many-shares", bytes([27, 0]) + b"\xff\xff\xff\x7f" + bytes(64))


def event(kind, sender, receiver, body=b""):
    return struct.pack("<BBBH", kind, sender, receiver, len(body)) + body


def listed(*owners):
    return b"".join(struct.pack("<I", owner) + bytes([owner]) * 32 for owner in owners)


def make_shares():
    """Parties 0 and 1 contribute, 2 is the one under test, 3 the other server; 4 is everybody."""
    share, accepted, counts, values, all_of_them = 16, 17, 18, 19, 4
    boxes = bytes(range(160))
    both = event(accepted, 3, all_of_them, listed(0, 1))
    put("shares", "share-carried", event(share, 0, 2, boxes + bytes(8)))
    put("shares", "share-boxes", event(share, 1, 2, boxes))
    put("shares", "share-short", event(share, 0, 2, boxes[:79]))
    put("shares", "share-to-all", event(share, 1, all_of_them, boxes))
    put("shares", "share-elsewhere", event(share, 1, 3, boxes))
    put("shares", "list-both", both)
    put("shares", "list-none", event(accepted, 3, all_of_them))
    put("shares", "list-twice", event(accepted, 3, all_of_them, listed(1, 1)))
    put("shares", "list-backwards", event(accepted, 3, all_of_them, listed(1, 0)))
    put("shares", "list-of-a-server", event(accepted, 3, all_of_them, listed(0, 3)))
    put("shares", "list-of-nobody", event(accepted, 3, all_of_them, listed(0, 200)))
    put("shares", "list-odd", event(accepted, 3, all_of_them, listed(0, 1)[:-1]))
    put("shares", "list-private", event(accepted, 3, 2, listed(0, 1)))
    put("shares", "list-second", both + event(accepted, 3, all_of_them, listed(0)))
    put("shares", "list-own", event(accepted, 2, all_of_them, listed(0, 1)) + both)
    put("shares", "counts-early", event(counts, 3, 2, bytes(96)) + both)
    put("shares", "counts-short", both + event(counts, 3, 2, bytes(31)))
    put("shares", "values", both + event(values, 3, 2, bytes(96)))
    put("shares", "expired", event(share, 0, 2, boxes) + event(0, 0, 0) + both)
    put("shares", "another-role", event(counts, 0, 2, bytes(96)) + event(share, 3, 2, boxes))


def main():
    make_feeds()
    make_statuses()
    make_plans()
    make_masks()
    make_parts()
    make_tables()
    make_vectors()
    make_signed()
    make_receipts()
    make_identities()
    make_notes()
    make_http()
    make_phe()
    make_shares()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_keys(folder)
        make_threshold(folder)
        make_containers(folder)
        make_pools(folder)
        make_ledgers(folder)


if __name__ == "__main__":
    main()
