#!/usr/bin/env python3
"""Reads Parquet files with pyarrow and prints the rows of each as a line of JSON: {"rows": [...], "fields": [...]}, values as
test/arrow/values.ts has them.

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
    if pa.types.is_list(kind):
        return [exact(item, kind.value_type) for item in value]
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if pa.types.is_floating(kind):
        return "nan" if math.isnan(value) else struct.pack(">d", value).hex()
    return str(value)


for path in sys.argv[1:]:
    table = pq.ParquetFile(path, page_checksum_verification=False).read()
    table.validate(full=True)
    kinds = [(field.name, field.type) for field in table.schema]
    rows = [{name: exact(row[name], kind) for name, kind in kinds} for row in table.to_pylist()]
    print(json.dumps({"rows": rows, "fields": [str(field.type) for field in table.schema]}))
