"""Totals of the CardDemo files, straight from the bytes and knowing nothing of Overpunch: slices by the published layouts,
Python's cp037 codec, packed and zoned decimals by hand. Prints JSON. Usage: totals.py DIRECTORY"""
import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal


def zoned(field, scale):
    sign = -1 if field[-1] >> 4 in (0xB, 0xD) else 1
    return sign * Decimal("".join(str(b & 15) for b in field)).scaleb(-scale)


def packed(field, scale):
    nibbles = field.hex()
    return (-1 if nibbles[-1] in "bd" else 1) * Decimal(nibbles[:-1]).scaleb(-scale)


def records(name, length):
    data = open(f"{sys.argv[1]}/{name}", "rb").read()
    return [data[i : i + length] for i in range(0, len(data), length)]


totals = defaultdict(Decimal)
counts = Counter()
for r in records("ACCTDATA.PS", 300):
    counts["account"] += 1
    totals["account balance"] += zoned(r[12:24], 2)
    totals["account credit limit"] += zoned(r[24:36], 2)
for r in records("CUSTDATA.PS", 500):
    counts["customer"] += 1
    totals["customer credit score"] += zoned(r[329:332], 0)
for r in records("DALYTRAN.PS", 350):
    kind = r[16:18].decode("cp037")
    counts[f"transaction {kind}"] += 1
    totals[f"transaction {kind} amount"] += zoned(r[132:143], 2)
for r in records("EXPORT.PS", 500):
    kind = r[0:1].decode("cp037")
    body = r[40:]
    counts[f"export {kind}"] += 1
    totals["export sequence"] += int.from_bytes(r[27:31], "big")
    if kind == "C":
        totals["export C credit score"] += packed(body[324:326], 0)
        totals["export C id"] += int.from_bytes(body[0:4], "big")
    if kind == "A":
        totals["export A balance"] += packed(body[12:19], 2)
        totals["export A credit limit"] += zoned(body[19:31], 2)
        totals["export A cycle debit"] += Decimal(int.from_bytes(body[80:88], "big", signed=True)).scaleb(-2)
    if kind == "T":
        totals["export T amount"] += packed(body[132:138], 2)
    if kind == "X":
        totals["export X customer"] += zoned(body[16:25], 0)
    if kind == "D":
        totals["export D cvv"] += int.from_bytes(body[24:26], "big")
print(json.dumps({"counts": counts, "totals": {k: str(v) for k, v in totals.items()}}, indent=2, sort_keys=True))
