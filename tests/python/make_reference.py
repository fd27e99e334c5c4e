#!/usr/bin/env python3
"""make_reference.py --recipe RECIPE.yaml -o FILE.npz BAG...: the truth for scripts/accept-lerobot.sh --reference. Vectors exactly; pictures
decoded from the recording by PyAV and reduced by averaging, both without bagloom."""
import argparse
import io
from pathlib import Path

import av
import numpy as np

from decode import decode
from oracle import load_recipe, plan


def rgb_of(message):
    decoded = decode(message)
    data = bytes(decoded.data)
    if hasattr(decoded, "step"):
        rows = np.frombuffer(data, np.uint8)[: decoded.step * decoded.height].reshape(decoded.height, decoded.step)
        if decoded.encoding == "mono8":
            return np.repeat(rows[:, : decoded.width, None], 3, 2)
        picture = rows[:, : decoded.width * 3].reshape(decoded.height, decoded.width, 3)
        return picture[..., ::-1] if decoded.encoding == "bgr8" else picture
    with av.open(io.BytesIO(data), format="mjpeg") as box:
        return next(box.decode(video=0)).to_ndarray(format="rgb24")


def averaged(picture, height, width):
    """Area averages at [height, width], for sizes that divide the picture's; else the nearest that do."""
    h, w = picture.shape[0] // height, picture.shape[1] // width
    return picture[: h * height, : w * width].reshape(height, h, width, w, 3).mean((1, 3)).round().astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bags", nargs="+")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("-o", dest="out", required=True)
    parser.add_argument("--every", type=int, default=1, help="every n-th row's pictures")
    parser.add_argument("--divide", type=int, default=4, help="pictures at 1/n of the recording's size")
    a = parser.parse_args()
    recipe = load_recipe(Path(a.recipe).read_text("utf-8"))
    values, rows, frames, first = {}, {}, {}, 0
    for bag in a.bags:
        for episode in plan(bag, recipe).episodes:
            for name, table in episode.values.items():
                values.setdefault(name, []).append(table)
            for feature in recipe.features:
                for k in range(0, len(episode.rows) if feature.camera else 0, a.every):
                    picture = rgb_of(episode.rows[k][feature.name, feature.parts[0].topic])
                    rows.setdefault(feature.name, []).append(first + k)
                    frames.setdefault(feature.name, []).append(averaged(picture, picture.shape[0] // a.divide, picture.shape[1] // a.divide))
            first += len(episode.rows)
    arrays = {name: np.concatenate(tables) for name, tables in values.items()}
    for camera in rows:
        arrays["rows/" + camera], arrays["frames/" + camera] = np.array(rows[camera]), np.stack(frames[camera])
    np.savez_compressed(a.out, **arrays)
    print(f"{a.out}: {first} rows, {sum(map(len, rows.values()))} pictures of {len(rows)} cameras, vectors {sorted(values)}")


if __name__ == "__main__":
    main()
