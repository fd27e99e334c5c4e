"""Reads the pattern in a picture of `bagloom synth`, written from docs/synth.md."""
import math

import numpy as np

COLUMNS, ROWS = 40, 30


def checksum(camera, frame):
    crc = 0
    for bit in range(19, -1, -1):
        top = (crc >> 11) ^ ((camera << 16 | frame) >> bit & 1)
        crc = (crc << 1) & 0xFFF
        if top & 1:
            crc ^= 0x80F
    return crc ^ 0xA5A


def read_pattern(rgb):
    """(camera, frame) of a picture [h, w, 3] uint8, or None where it has no valid pattern."""
    height, width = rgb.shape[:2]
    part = rgb[: height // 4 + 1, : width // 3 + 1].astype(np.float64)
    luma = (77 * part[..., 0] + 150 * part[..., 1] + 29 * part[..., 2]) / 256

    def cell(row, column):
        y0, y1 = int((row + 0.25) * height / ROWS), math.ceil((row + 0.75) * height / ROWS)
        x0, x1 = int((column + 0.25) * width / COLUMNS), math.ceil((column + 0.75) * width / COLUMNS)
        return luma[y0:y1, x0:x1].mean()

    cells = np.array([[cell(row, column) for column in range(10)] for row in range(6)])
    whites = np.concatenate([cells[0, :], cells[1:, 0]])
    blacks = np.concatenate([cells[5, 1:], cells[1:5, 9]])
    white, black = whites.mean(), blacks.mean()
    middle = (white + black) / 2
    if white - black < 64 or (whites <= middle).any() or (blacks >= middle).any():
        return None
    number = 0
    for bit in (cells[1:5, 1:9] > middle).ravel():
        number = number << 1 | int(bit)
    camera, frame, check = number >> 28, number >> 12 & 0xFFFF, number & 0xFFF
    return (camera, frame) if check == checksum(camera, frame) else None
