#!/usr/bin/env python3
"""Reads Arrow IPC files and streams, and Parquet files, with pyarrow, checks them in full, and prints what is in each as a line of JSON:
{"rows": [...], "schema": {...}}, values as values.ts has them.

  read.py FILE...

SPDX-License-Identifier: Apache-2.0
"""
import json
import math
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def exact(value, kind):
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(k).name: exact(value[kind.field(k).name], kind.field(k).type) for k in range(kind.num_fields)}
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return [exact(item, kind.value_type) for item in value]
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if pa.types.is_floating(kind):
        return "nan" if math.isnan(value) else struct.pack(">d", value).hex()
    return str(value)


def described(field):
    kind = field.type
    inner = [kind.field(k) for k in range(kind.num_fields)] if pa.types.is_nested(kind) else []
    said = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
    return {"name": field.name, "type": str(kind), "nullable": field.nullable, "metadata": said,
            "children": [described(child) for child in inner]}


def table_of(path):
    with pa.memory_map(path) as source:
        magic = source.read(6)
        source.seek(0)
        if magic[:4] == b"PAR1":
            return pq.ParquetFile(path, page_checksum_verification=False).read()
        return (pa.ipc.open_file(source) if magic == b"ARROW1" else pa.ipc.open_stream(source)).read_all()


for path in sys.argv[1:]:
    table = table_of(path)
    table.validate(full=True)
    kinds = [(field.name, field.type) for field in table.schema]
    rows = [{name: exact(row[name], kind) for name, kind in kinds} for row in table.to_pylist()]
    said = {key.decode(): text.decode() for key, text in (table.schema.metadata or {}).items()}
    schema = {"metadata": said, "fields": [described(field) for field in table.schema]}
    print(json.dumps({"rows": rows, "schema": schema}))
