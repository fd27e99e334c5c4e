"""Small LeRobot datasets for the harness `dataset`, with pyarrow (the Python in .deps/python has it)."""
import io
import json
import struct

import pyarrow as pa
import pyarrow.parquet as pq

from seed_pictures import mp4

ROWS, FPS = 4, 10
DEFAULTS = {"timestamp": "float32", "frame_index": "int64", "episode_index": "int64", "index": "int64", "task_index": "int64"}
STATS = "min max mean std count q01 q10 q50 q90 q99".split()


def parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out, compression="none", use_dictionary=False, write_statistics=False, store_schema=False)
    return out.getvalue()


def info(video):
    features = {"observation.state": {"dtype": "float32", "shape": [2], "names": ["a", "b"]}}
    if video:
        features["observation.images.head"] = {"dtype": "video", "shape": [16, 24, 3], "names": ["height", "width", "channels"], "info": {}}
    features |= {n: {"dtype": d, "shape": [1], "names": None} for n, d in DEFAULTS.items()}
    return {"codebase_version": "v3.0", "fps": FPS, "features": features, "total_episodes": 1, "total_frames": ROWS, "total_tasks": 1,
            "chunks_size": 1000, "data_files_size_in_mb": 100, "video_files_size_in_mb": 200,
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4" if video else None,
            "robot_type": "arm", "splits": {"train": "0:1"}}


def files(video):
    n = list(range(ROWS))
    state = pa.FixedSizeListArray.from_arrays(pa.array([x / 2 for x in range(2 * ROWS)], pa.float32()), 2)
    data = {"observation.state": state, "timestamp": pa.array([x / FPS for x in n], pa.float32()), "frame_index": pa.array(n, pa.int64()),
            "episode_index": pa.array([0] * ROWS, pa.int64()), "index": pa.array(n, pa.int64()), "task_index": pa.array([0] * ROWS, pa.int64())}
    numbers = {"min": [0.0, 0.5], "max": [3.0, 3.5], "mean": [1.5, 2.0], "std": [1.118034, 1.118034], "count": [ROWS]}
    numbers |= {s: [1.0, 1.5] for s in STATS[5:]}
    episode = {"episode_index": 0, "length": ROWS, "data/chunk_index": 0, "data/file_index": 0, "dataset_from_index": 0,
               "dataset_to_index": ROWS, "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
    if video:
        key = "videos/observation.images.head/"
        episode |= {key + "chunk_index": 0, key + "file_index": 0, key + "from_timestamp": 0.0, key + "to_timestamp": ROWS / FPS}
    columns = {k: pa.array([v]) for k, v in episode.items()} | {"tasks": pa.array([["pick"]])}
    columns |= {f"stats/observation.state/{s}": pa.array([numbers[s]]) for s in STATS}
    tasks = pa.table({"task_index": pa.array([0], pa.int64()), "__index_level_0__": pa.array(["pick"])})
    made = [json.dumps(info(video)).encode(), json.dumps({"observation.state": numbers}).encode(), parquet(tasks), parquet(pa.table(columns)),
            parquet(pa.table(data))]
    return made + ([mp4()] if video else [])


def datasets():
    def packed(made):
        return b"".join(struct.pack("<BI", number, len(content)) + content for number, content in enumerate(made))
    for name, video in (("numbers", False), ("video", True)):
        made = files(video)
        yield name, packed(made)
        if video:
            yield "cut-data", packed(made[:4] + [made[4][:-20]] + made[5:])
            yield "wrong-json", packed([made[0].replace(b'"shape": [2]', b'"shape": [-2, 99999999999]')] + made[1:])
    yield "no-tables", packed(files(False)[:1])
