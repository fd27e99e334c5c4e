"""Small JPEGs, mp4s and headers of still pictures, written byte by byte, so that the seeds are the same on every machine."""
import struct
import zlib


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


class Bits:
    def __init__(self):
        self.text = ""

    def put(self, value, width):
        self.text += format(value, f"0{width}b") if width else ""

    def exp_golomb(self, value):
        self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def bytes(self, fill="1"):
        text = self.text + fill * (-len(self.text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


# DC categories 0, 3 and 6 have the codes 00, 01 and 10; of the AC symbols there are the end of a block, 0, and "one of size 2", 10.
DC_CATEGORIES = [0, 3, 6]
TABLES = (segment(0xC4, bytes([0x00, 0, 3] + [0] * 14 + DC_CATEGORIES)) + segment(0xC4, bytes([0x10, 1, 1] + [0] * 14 + [0x00, 0x02])))


def scan(blocks, restart, progressive):
    """Blocks of differing grey, with one AC number in every third where the scan has them."""
    bits, out, marker = Bits(), b"", 0
    for number in range(blocks):
        if restart and number and number % restart == 0:
            out += bits.bytes().replace(b"\xff", b"\xff\0") + bytes([0xFF, 0xD0 + marker])
            bits, marker = Bits(), (marker + 1) % 8
        category = DC_CATEGORIES[number % 3]
        bits.put(DC_CATEGORIES.index(category), 2)
        bits.put((number * 5) % (1 << category), category)
        if not progressive:
            if number % 3 == 0:
                bits.put(0b10, 2)
                bits.put(number % 4, 2)
            bits.put(0, 1)
    return out + bits.bytes().replace(b"\xff", b"\xff\0")


def jpeg(width=24, height=16, samplings=((2, 2), (1, 1), (1, 1)), progressive=False, restart=0, adobe=None):
    h, v = max(s[0] for s in samplings), max(s[1] for s in samplings)
    if len(samplings) == 1:
        units, a_unit = -(-width // 8) * -(-height // 8), 1
    else:
        units, a_unit = -(-width // (8 * h)) * -(-height // (8 * v)), sum(a * b for a, b in samplings)
    out = b"\xff\xd8"
    if adobe is not None:
        out += segment(0xEE, b"Adobe\0d\0\0\0\0" + bytes([adobe]))
    else:
        out += segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    out += segment(0xDB, b"\0" + bytes([3] * 64))
    out += segment(0xC2 if progressive else 0xC0, struct.pack(">BHHB", 8, height, width, len(samplings))
                   + b"".join(bytes([i + 1, a << 4 | b, 0]) for i, (a, b) in enumerate(samplings)))
    out += TABLES + (segment(0xDD, struct.pack(">H", restart)) if restart else b"")
    chosen = b"".join(bytes([i + 1, 0]) for i in range(len(samplings)))
    out += segment(0xDA, bytes([len(samplings)]) + chosen + (b"\0\0\0" if progressive else b"\0\x3f\0"))
    # restart counts units, the scan blocks
    return out + scan(units * a_unit, restart * a_unit, progressive) + b"\xff\xd9"


SAMPLINGS = {"420": ((2, 2), (1, 1), (1, 1)), "422": ((2, 1), (1, 1), (1, 1)), "444": ((1, 1),) * 3, "440": ((1, 2), (1, 1), (1, 1)),
             "411": ((4, 1), (1, 1), (1, 1)), "grey": ((1, 1),), "cmyk": ((1, 1),) * 4, "odd": ((2, 2), (2, 1), (1, 2))}


def jpegs():
    for name, samplings in SAMPLINGS.items():
        yield "jpeg-" + name, jpeg(samplings=samplings)
    whole = jpeg(progressive=True)
    yield "jpeg-progressive", whole
    yield "jpeg-progressive-cut", whole[:-6]
    yield "jpeg-restarts", jpeg(restart=1)
    yield "jpeg-rgb", jpeg(samplings=((1, 1),) * 3, adobe=0)
    whole = jpeg()
    yield "jpeg-cut", whole[:-8]
    yield "jpeg-cut-in-header", whole[:150]
    yield "jpeg-junk-in-scan", whole[:-6] + b"\xff\xd3" + whole[-6:]
    yield "jpeg-rest-behind", whole + b"rest"
    yield "jpeg-huge", jpeg()[:].replace(struct.pack(">HH", 16, 24), struct.pack(">HH", 65535, 65535))


def box(kind, *content):
    data = b"".join(content)
    return struct.pack(">I", 8 + len(data)) + kind + data


def full(kind, *content):
    return box(kind, bytes(4), *content)


def h264_stream(frames):
    """Parameter sets and pictures of one macroblock, its samples stored as they are (I_PCM)."""
    sps = Bits()
    for value, width in ((66, 8), (0xC0, 8), (10, 8)):
        sps.put(value, width)
    for value in (0, 0, 2, 1):  # id, log2 of frame numbers, order type 2, references
        sps.exp_golomb(value)
    sps.put(0, 1)
    sps.exp_golomb(0)
    sps.exp_golomb(0)  # one macroblock wide and high
    sps.put(0b1100, 4)  # frames only, direct 8x8, no cropping, no VUI
    sps.put(1, 1)
    pps = Bits()
    pps.exp_golomb(0)
    pps.exp_golomb(0)
    pps.put(0, 2)
    for value in (0, 0, 0):
        pps.exp_golomb(value)
    pps.put(0, 3)
    for value in (0, 0, 0):
        pps.exp_golomb(value)
    pps.put(0, 3)
    pps.put(1, 1)
    pictures = []
    for number in range(frames):
        head = Bits()
        for value in (0, 7, 0):  # first macroblock, an I slice, parameter set
            head.exp_golomb(value)
        head.put(0, 4)
        head.exp_golomb(number % 2)
        head.put(0, 2)
        head.exp_golomb(0)  # quantiser as it is
        head.exp_golomb(25)  # I_PCM
        data = head.bytes("0") + bytes([40 + 50 * number] * 256 + [128] * 128) + b"\x80"
        pictures.append(struct.pack(">I", len(data) + 1) + b"\x65" + data)
    return b"\x67" + sps.bytes("0"), b"\x68" + pps.bytes("0"), pictures


def streams():
    """Packets of a video topic, each with its length before it; the first byte names the codec."""
    sps, pps, pictures = h264_stream(3)
    start = b"\0\0\0\1"
    packets = [start + sps + start + pps + start + p[4:] for p in pictures]
    join = lambda kind, parts: bytes([kind]) + b"".join(struct.pack("<H", len(p)) + p for p in parts)
    yield "h264", join(0, packets)
    yield "h264-cut", join(0, [packets[0], packets[1][:200], packets[2]])
    yield "h264-no-keyframe", join(0, [start + b"\x41" + packets[0][-300:]])
    yield "h264-sets-apart", join(0, [start + sps + start + pps, start + pictures[0][4:]])
    yield "h264-empty", join(0, [b"", start])
    # Parameter sets and a picture's beginning, as x265 and libaom write them.
    vps = bytes.fromhex("40010c01ffff016000000300900000030000030001959809")
    yield "hevc-head", join(1, [start + vps + start + b"\x42\1\1\1\x60" + bytes(20) + start + b"\x26\1\xaf\x80"])
    yield "av1-head", join(6, [bytes.fromhex("12000a0a000000024cff7ff90820"), bytes.fromhex("1200320410001234")])


def mp4(codec="jpeg", frames=4, fps=10, timescale=10240, gap=0, rotated=False, fragmented=False, size=(24, 16)):
    if codec == "avc1":
        sps, pps, samples = h264_stream(frames)
        size = (16, 16)
        extra = box(b"avcC", b"\1" + sps[1:4] + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps + b"\1" + struct.pack(">H", len(pps)) + pps)
    else:
        samples, extra = [jpeg(*size) for _ in range(frames)], b""
    entry = box(codec.encode(), bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HHIII", *size, 0x480000, 0x480000, 0),
                struct.pack(">H", 1), bytes(32), struct.pack(">Hh", 24, -1), extra)
    tick = timescale // fps
    times = [(frames, tick)] if not gap else [(1, tick + gap), (frames - 1, tick)]
    head = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2mp41")
    start = len(head) + 8
    offsets = [start + sum(map(len, samples[:i])) for i in range(frames)]
    table = box(b"stbl", full(b"stsd", struct.pack(">I", 1), entry),
                full(b"stts", struct.pack(">I", len(times)), *[struct.pack(">II", *t) for t in times]),
                full(b"stss", struct.pack(f">I{frames}I", frames, *range(1, frames + 1))),
                full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
                full(b"stsz", struct.pack(f">II{frames}I", 0, frames, *map(len, samples))),
                full(b"stco", struct.pack(f">I{frames}I", frames, *offsets)))
    turn = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000) if rotated else (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    length = struct.pack(">I", frames * tick)
    track = box(b"trak", box(b"tkhd", b"\0\0\0\3", bytes(8), struct.pack(">II", 1, 0), length, bytes(16), struct.pack(">9i", *turn),
                             struct.pack(">II", size[0] << 16, size[1] << 16)),
                box(b"mdia", full(b"mdhd", bytes(8), struct.pack(">I", timescale), length, b"\x55\xc4\0\0"),
                    full(b"hdlr", bytes(4), b"vide", bytes(12), b"v\0"),
                    box(b"minf", box(b"vmhd", b"\0\0\0\1", bytes(8)),
                        box(b"dinf", full(b"dref", struct.pack(">I", 1), box(b"url ", b"\0\0\0\1"))), table)))
    movie = box(b"moov", full(b"mvhd", bytes(8), struct.pack(">I", timescale), length, struct.pack(">IH", 0x10000, 0x100), bytes(10),
                              struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000), bytes(24), struct.pack(">I", 2)), track)
    return head + box(b"mdat", *samples) + movie + (box(b"moof", full(b"mfhd", bytes(4))) if fragmented else b"")


def mp4s():
    whole = mp4("avc1")
    yield "h264", whole
    yield "mjpeg", mp4()
    yield "late", mp4(gap=7)
    yield "turned", mp4(rotated=True)
    yield "fragmented", mp4(fragmented=True)
    yield "no-grid", mp4(timescale=1001, fps=3)
    yield "cut", whole[:-60]
    yield "only-data", whole[:whole.index(b"moov") - 4]


def still_headers():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    yield "png", (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 2, 8, 2, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(bytes(26), 9)) + chunk(b"IEND", b""))
    for order, mark in (("<", b"II"), (">", b"MM")):
        entries = [(256, 3, 1, 4 if order == "<" else 4 << 16), (257, 4, 1, 2), (277, 3, 1, 3 if order == "<" else 3 << 16)]
        yield "tiff-" + mark.decode(), mark + struct.pack(order + "HIH", 42, 8, len(entries)) + b"".join(
            struct.pack(order + "HHII", *e) for e in entries) + bytes(4)
    yield "jpeg", jpeg()


def png(width, height, bits, colour, row_bytes, interlace=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    palette = chunk(b"PLTE", bytes(range(12))) if colour == 3 else b""
    rows = b"".join(b"\0" + bytes((7 * x + 31 * y) % 256 for x in range(row_bytes)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace)) + palette
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def tiff(order, bits, samples):
    """One strip of 2x2 that is not compressed."""
    data = bytes(range(1, 4 * samples * bits // 8 + 1))
    start = 8 + 2 + 9 * 12 + 4
    entries = [(256, 2), (257, 2), (258, bits), (259, 1), (262, 2 if samples == 3 else 1), (273, start + 6), (277, samples), (278, 2), (279, len(data))]
    out = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, len(entries))
    for tag, value in entries:
        out += struct.pack(order + "HHII", 258, 3, 3, start) if tag == 258 and samples == 3 else struct.pack(order + "HHII", tag, 4, 1, value)
    return out + bytes(4) + struct.pack(order + "HHH", bits, bits, bits) + data


# 16x16, two colours, by Pillow.
WEBP = {"lossless": "524946462a000000574542505650384c1d0000002f0fc003000f701ef653d09e897bfe830762c164fed2dd1944f43f720100",
        "lossy": "5249464642000000574542505650382036000000d001009d012a1000100000c01225a00274ba01f80003b000fefa287ffee576bff461feec2fe187ffba04fff6a59f3d1fed4b3f0f0000"}


def stills():
    """For still_fuzz.cc: its first byte, then the picture."""
    compressed, depth, big = 32, 128, 64
    for name, kind in (("rgb", (4, 3, 8, 2, 12)), ("grey", (4, 4, 8, 0, 4)), ("alpha", (4, 2, 8, 6, 16)), ("palette", (4, 2, 2, 3, 1)),
                       ("one-bit", (9, 2, 1, 0, 2)), ("wide", (2, 2, 16, 2, 12))):
        yield "png-" + name, bytes([compressed]) + png(*kind)
    yield "png-mosaic", bytes([compressed | 3]) + png(4, 4, 8, 0, 4)
    yield "png-cut", bytes([compressed]) + png(4, 3, 8, 2, 12)[:-20]
    for name, text in WEBP.items():
        yield "webp-" + name, bytes([compressed | 1]) + bytes.fromhex(text)
    for order, name in (("<", "II"), (">", "MM")):
        yield "tiff-" + name, bytes([compressed | 2]) + tiff(order, 8, 3)
        yield "tiff-depth-" + name, bytes([compressed | 2 | depth]) + tiff(order, 16, 1)
    grey = png(4, 2, 16, 0, 8)
    yield "depth-png", bytes([compressed | 6 | depth]) + bytes(12) + grey
    yield "depth-bare", bytes([compressed | 6 | depth]) + grey
    yield "depth-inverse", bytes([compressed | 8 | depth]) + struct.pack("<iff", 0, 10100, -1009) + grey
    for which, name in ((7, "rvl"), (9, "rvl-inverse")):
        yield "depth-" + name, bytes([compressed | which | depth]) + struct.pack("<iff", 0, 10100, -1009) + struct.pack("<III", 3, 2, 0x2411101A) + bytes(8)
    sizes = {0: 16, 1: 32, 2: 24, 3: 8, 4: 8, 5: 4, 6: 4, 7: 4, 8: 4, 9: 4, 10: 8, 11: 8, 12: 4}
    for which, step in sizes.items():
        yield f"raw-{which}", bytes([which | (big if which in (1, 10) else 0)]) + struct.pack("<HHH", 4, 4, step) + bytes(i * 13 % 256 for i in range(3 * 4 * step))
    for which, step in ((13, 8), (14, 8), (15, 16), (16, 32)):
        yield f"raw-depth-{which}", bytes([which | depth]) + struct.pack("<HHH", 4, 2, step) + bytes(i * 13 % 256 for i in range(2 * step))
