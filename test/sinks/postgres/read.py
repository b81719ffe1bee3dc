"""
Tables of PostgreSQL as psycopg reads them, in its binary format: a line of JSON a row, each column exactly: text, digits of
integers and decimals, the bits of a double, lists, what jsonb holds.
    python read.py URL < names of tables, a line each

SPDX-License-Identifier: Apache-2.0
"""
import decimal
import json
import math
import struct
import sys

import psycopg


def exact(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [exact(one) for one in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return {"json": json.dumps(value)}


with psycopg.connect(sys.argv[1]) as connection:
    psycopg.types.json.set_json_loads(lambda text: {"json": text.decode()}, connection)
    for line in sys.stdin:
        with connection.cursor(binary=True) as cursor:
            cursor.execute(f"SELECT * FROM {line.strip()}")
            rows = [[one if isinstance(one, dict) else exact(one) for one in row] for row in cursor]
        print(json.dumps(rows))
