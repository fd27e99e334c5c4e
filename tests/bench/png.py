"""Reads the PNGs that a browser's screenshot makes: 8 bits a channel, not interlaced."""
import struct
import zlib


def rows_of(data):
    """(width, height, bytes a pixel, [bytes of each row])."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if depth != 8 or colour not in (2, 6) or interlaced:
                raise ValueError("a PNG of another kind")
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    step = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(packed), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + width * step])
        if kind == 1:
            for i in range(step, len(row)):
                row[i] = (row[i] + row[i - step]) & 255
        elif kind == 2:
            for i in range(len(row)):
                row[i] = (row[i] + above[i]) & 255
        elif kind == 3:
            for i in range(len(row)):
                row[i] = (row[i] + ((row[i - step] if i >= step else 0) + above[i]) // 2) & 255
        elif kind == 4:
            for i in range(len(row)):
                left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
                guess = left + above[i] - corner
                a, b, c = abs(guess - left), abs(guess - above[i]), abs(guess - corner)
                row[i] = (row[i] + (left if a <= b and a <= c else above[i] if b <= c else corner)) & 255
        rows.append(row)
        above = row
    return width, height, step, rows


def count_near(data, colours, tolerance=24):
    """How many pixels are close to each of the colours, given as "#rrggbb"."""
    wanted = [tuple(int(c[i:i + 2], 16) for i in (1, 3, 5)) for c in colours]
    width, _, step, rows = rows_of(data)
    seen = {}
    for row in rows:
        for i in range(0, width * step, step):
            pixel = (row[i], row[i + 1], row[i + 2])
            seen[pixel] = seen.get(pixel, 0) + 1
    return [sum(n for pixel, n in seen.items() if all(abs(p - w) <= tolerance for p, w in zip(pixel, colour))) for colour in wanted]
