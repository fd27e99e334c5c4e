"""Message bytes to Python objects with the rosbags library. It takes lower-case constants for fields, so constants are taken out of the
definitions first: they are not on the wire."""
import re

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

CONSTANT = re.compile(r"^[ \t]*[a-z0-9]+[ \t]+\w+[ \t]*=.*$", re.MULTILINE)
stores = {}


def decode(message):
    """Fields as attributes. A message type is decoded with the definition of its own connection."""
    connection = message.connection
    key = (connection.type, connection.definition)
    if key not in stores:
        store = get_typestore(Stores.EMPTY)
        package, _, name = connection.type.partition("/")
        full = f"{package}/msg/{name}"
        store.register(get_types_from_msg(CONSTANT.sub("", connection.definition), full))
        stores[key] = store, full
    store, full = stores[key]
    return store.deserialize_ros1(message.data, full)


def field(value, path):
    """The numbers at "joint_data.joint_q[12:26]" as float64; fails with IndexError where there are too few."""
    for step in path.split("."):
        name, bracket, span = step.partition("[")
        value = getattr(value, name)
        if bracket:
            first, _, last = span.rstrip("]").partition(":")
            begin, end = int(first), int(last) if last else int(first) + 1
            if len(value) < end:
                raise IndexError(f"{path}: {len(value)} elements")
            value = value[begin:end]
    return np.atleast_1d(np.asarray(value, dtype=np.float64))
