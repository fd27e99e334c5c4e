"""Packets of a video topic taken apart by hand: parameter sets and the rest."""
import re


def is_set(codec, unit):
    return unit[0] & 31 in (7, 8) if codec == "h264" else unit[0] >> 1 & 63 in (32, 33, 34)


def obus(packet):
    """(type, bytes with header) of each OBU; all have their size in them."""
    at = 0
    while at < len(packet):
        begin, size, shift = at, 0, 0
        kind = packet[at] >> 3 & 15
        assert packet[at] & 6 == 2, packet[at]
        at += 1
        while True:
            size |= (packet[at] & 127) << shift
            shift += 7
            at += 1
            if packet[at - 1] < 128:
                break
        at += size
        yield kind, packet[begin:at]


def apart(codec, packet):
    """(sets, packet without them)."""
    if codec == "av1":
        units = list(obus(packet))
        return b"".join(u for kind, u in units if kind == 1), b"".join(u for kind, u in units if kind != 1)
    units = [u.rstrip(b"\0") for u in re.split(b"\0\0\1", packet)[1:]]
    join = lambda some: b"".join(b"\0\0\0\1" + u for u in some)
    return join([u for u in units if is_set(codec, u)]), join([u for u in units if not is_set(codec, u)])
