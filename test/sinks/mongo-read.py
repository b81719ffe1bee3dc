#!/usr/bin/env python3
"""Documents of collections as JSON, with the type of each value, by pymongo:

  mongo-read.py URL COLLECTION...

A line for each collection: a list of its documents in order of their _id, without it.  Values are
["int32", digits], ["int64", digits], ["decimal", digits with the full scale], ["double", its bits in hex], a string or null.

SPDX-License-Identifier: Apache-2.0
"""
import json
import struct
import sys

from bson import Decimal128, Int64
from pymongo import MongoClient


def shown(value):
    if isinstance(value, dict):
        return {key: shown(own) for key, own in value.items()}
    if isinstance(value, list):
        return [shown(own) for own in value]
    if isinstance(value, Decimal128):
        return ["decimal", format(value.to_decimal(), "f")]
    if isinstance(value, Int64):
        return ["int64", str(int(value))]
    if isinstance(value, float):
        return ["double", "nan" if value != value else struct.pack(">d", value).hex()]
    if isinstance(value, int) and not isinstance(value, bool):
        return ["int32", str(value)]
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{type(value)} was never written")


database = MongoClient(sys.argv[1]).get_default_database()
for name in sys.argv[2:]:
    print(json.dumps([shown({k: v for k, v in document.items() if k != "_id"}) for document in database[name].find().sort("_id", 1)]))
