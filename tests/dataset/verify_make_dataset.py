"""verify_make_dataset.py ROOT [mjpeg]: a small correct LeRobot v3.0 dataset, made by pyarrow, PyAV and numpy alone, from the format's
description and not from bagloom's code. 3 episodes of 24, 130 and 17 rows, 2 cameras; data, episodes and videos in two files each."""
import fractions
import json
import pathlib
import sys

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FPS = 10
LENGTHS = [24, 130, 17]
TASKS = ["pick the cup", "place it – gently"]
EPISODE_TASKS = [[0], [0, 1], [1]]
CAMERAS = {"observation.images.head": (64, 96), "observation.images.wrist ü": (64, 80)}  # height, width; names may be odd
DATA_FILES = [[0, 1], [2]]          # episodes of each data file
EPISODE_FILES = [[0, 1], [2]]
VIDEO_FILES = {"observation.images.head": [[0, 1], [2]], "observation.images.wrist ü": [[0], [1, 2]]}
VECTORS = {"observation.state": 5, "action": 3}
DEFAULTS = {"timestamp": "float32", "frame_index": "int64", "episode_index": "int64", "index": "int64", "task_index": "int64"}
STATS = "min max mean std count q01 q10 q50 q90 q99".split()
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"


def quantile(x, p):
    """LeRobot's histogram quantile, of one component."""
    low, high = x.min() - 1e-10, x.max() + 1e-10
    edges = np.linspace(low, high, 5001)
    counts = np.histogram(x, edges)[0]
    cumulative = np.cumsum(counts)
    t = p * len(x)
    i = int(np.searchsorted(cumulative, t))
    if i == 0:
        return float(edges[0])
    before = cumulative[i - 1]
    return float(edges[i] + (t - before) / counts[i] * (edges[i + 1] - edges[i]))


def stats_of(x, count):
    """x: samples by components. The ten statistics, each a list of one number a component."""
    x = np.asarray(x, np.float64)
    columns = [x[:, i] for i in range(x.shape[1])]
    made = {"min": x.min(0).tolist(), "max": x.max(0).tolist(), "mean": x.mean(0).tolist(), "std": x.std(0).tolist(), "count": [int(count)]}
    for name in STATS[5:]:
        made[name] = [quantile(c, int(name[1:]) / 100) if c.max() > c.min() else float(c[0]) for c in columns]
    return made


def nest(stats):
    """A camera's numbers have the shape (3, 1, 1)."""
    return {k: v if k == "count" else [[[x]] for x in v] for k, v in stats.items()}


def picture(camera, row, height, width):
    y, x = np.mgrid[0:height, 0:width]
    shift = 7 * row + 31 * list(CAMERAS).index(camera)
    return np.stack([(x * 2 + shift) % 200 + 20, (y * 3 + shift) % 180 + 30, (x + y + 2 * shift) % 160 + 40], -1).astype(np.uint8)


def write_mp4(path, pictures, fps=FPS, codec="libx264", timescale=None, options=None, gap_at=None, pix_fmt="yuv420p", container_options=None,
              audio=False, keyframes=()):
    """pictures: RGB arrays. gap_at: from this frame on the times lie 7 ticks late. keyframes: frames that are forced to be one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    base = {"movflags": "faststart"} if container_options is None else container_options
    if timescale:
        base = dict(base, video_track_timescale=str(timescale))
    with av.open(str(path), "w", format="mp4", options=base) as out:
        stream = out.add_stream(codec, rate=fps, options=options if options is not None else {"g": "2", "bf": "0", "crf": "24", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], pix_fmt
        scale = fractions.Fraction(1, timescale or fps * 1024)
        stream.time_base = scale
        stream.codec_context.time_base = scale
        for number, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)
            frame.pts = round(number / fps / scale) + (7 if gap_at is not None and number >= gap_at else 0)
            frame.time_base = scale
            if number in keyframes:
                frame.pict_type = av.video.frame.PictureType.I
            for packet in stream.encode(frame):
                packet.duration = round(1 / fps / scale)
                out.mux(packet)
        for packet in stream.encode(None):
            packet.duration = round(1 / fps / scale)
            out.mux(packet)


class Maker:
    """Everything that a dataset consists of, in memory, to be broken by a test before `write`."""

    def __init__(self, mjpeg=False):
        rng = np.random.default_rng(3)
        self.mjpeg = mjpeg
        self.tables, self.rows = [], []
        index = 0
        for e, length in enumerate(LENGTHS):
            t = np.arange(length)
            columns = {name: (np.sin(t[:, None] / 9 + np.arange(n)) + rng.normal(0, 0.05, (length, n)) + e).astype(np.float32)
                       for name, n in VECTORS.items()}
            columns["gripper"] = (t % 7 > 3)
            columns["timestamp"] = (t / FPS).astype(np.float32)
            columns["frame_index"] = t.astype(np.int64)
            columns["episode_index"] = np.full(length, e)
            columns["index"] = index + t
            columns["task_index"] = np.array([EPISODE_TASKS[e][i * len(EPISODE_TASKS[e]) // length] for i in t])
            self.rows.append(columns)
            index += length
        self.features = {name: {"dtype": "float32", "shape": [n], "names": [f"j{i}" for i in range(n)]} for name, n in VECTORS.items()}
        self.features["gripper"] = {"dtype": "bool", "shape": [1], "names": None}
        for name, (height, width) in CAMERAS.items():
            block = {"is_depth_map": False, "video.height": height, "video.width": width, "video.fps": FPS, "video.channels": 3, "has_audio": False}
            if not mjpeg:
                block |= {"video.codec": "h264", "video.pix_fmt": "yuv420p", "video.g": 2, "video.crf": 24, "video.preset": "veryfast"}
            self.features[name] = {"dtype": "video", "shape": [height, width, 3], "names": ["height", "width", "channels"], "info": block}
        for name, dtype in DEFAULTS.items():
            self.features[name] = {"dtype": dtype, "shape": [1], "names": None}
        total = sum(LENGTHS)
        self.info = {
            "codebase_version": "v3.0", "fps": FPS, "features": self.features, "total_episodes": len(LENGTHS), "total_frames": total,
            "total_tasks": len(TASKS), "chunks_size": 1000, "data_files_size_in_mb": 100, "video_files_size_in_mb": 200,
            "data_path": DATA_PATH, "video_path": VIDEO_PATH, "robot_type": "maker", "splits": {"train": f"0:{len(LENGTHS)}"}}
        self.pictures = {c: [[picture(c, 1000 * e + k, *CAMERAS[c]) for k in range(n)] for e, n in enumerate(LENGTHS)] for c in CAMERAS}
        self.compute_stats()
        self.make_episodes()

    def compute_stats(self):
        self.episode_stats, self.stats = [dict() for _ in LENGTHS], {}
        for name in self.features:
            if name in CAMERAS:
                chosen = []
                for e, n in enumerate(LENGTHS):
                    many = n if n < 100 else max(100, min(int(n ** 0.75), 10000))
                    numbers = [round(i * (n - 1) / (many - 1)) for i in range(many)]
                    pixels = np.concatenate([self.pictures[name][e][i].reshape(-1, 3) for i in numbers]) / 255.0
                    self.episode_stats[e][name] = nest(stats_of(pixels, many))
                    chosen.append((pixels, many))
                self.stats[name] = nest(stats_of(np.concatenate([p for p, _ in chosen]), sum(m for _, m in chosen)))
            else:
                for e in range(len(LENGTHS)):
                    self.episode_stats[e][name] = stats_of(self.rows[e][name].reshape(LENGTHS[e], -1), LENGTHS[e])
                whole = np.concatenate([r[name].reshape(len(r[name]), -1) for r in self.rows])
                self.stats[name] = stats_of(whole, len(whole))

    def make_episodes(self):
        starts = np.cumsum([0] + LENGTHS).tolist()
        self.episodes = []
        for e, length in enumerate(LENGTHS):
            row = {"episode_index": e, "tasks": [TASKS[t] for t in EPISODE_TASKS[e]], "length": length, "data/chunk_index": 0,
                   "data/file_index": next(i for i, f in enumerate(DATA_FILES) if e in f), "dataset_from_index": starts[e], "dataset_to_index": starts[e + 1]}
            for camera, files in VIDEO_FILES.items():
                number = next(i for i, f in enumerate(files) if e in f)
                before = sum(LENGTHS[x] for x in files[number] if x < e)
                row |= {f"videos/{camera}/chunk_index": 0, f"videos/{camera}/file_index": number,
                        f"videos/{camera}/from_timestamp": before / FPS, f"videos/{camera}/to_timestamp": (before + length) / FPS}
            for name, stats in self.episode_stats[e].items():
                row |= {f"stats/{name}/{s}": stats[s] for s in STATS}
            row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": next(i for i, f in enumerate(EPISODE_FILES) if e in f)}
            self.episodes.append(row)

    def episode_type(self, column):
        if column == "tasks":
            return pa.list_(pa.string())
        if column.startswith("stats/"):
            if column.endswith("/count"):
                return pa.list_(pa.int64())
            kind = pa.list_(pa.float64())
            return pa.list_(pa.list_(kind)) if column.split("/")[1] in CAMERAS else kind
        return pa.float64() if column.endswith("_timestamp") else pa.int64()

    def data_type(self, name):
        feature = self.features[name]
        kind = {"float32": pa.float32(), "int64": pa.int64(), "bool": pa.bool_()}[feature["dtype"]]
        return kind if feature["shape"] == [1] else pa.list_(kind, feature["shape"][0])

    def data_table(self, e):
        arrays = {}
        for name, values in self.rows[e].items():
            arrays[name] = pa.array(values.tolist() if values.ndim > 1 else values, self.data_type(name))
        order = [n for n in self.features if n not in CAMERAS]
        return pa.table({n: arrays[n] for n in order})

    def write_data(self, root, files=None):
        for number, episodes in enumerate(files or DATA_FILES):
            path = root / DATA_PATH.format(chunk_index=0, file_index=number)
            path.parent.mkdir(parents=True, exist_ok=True)
            tables = [self.data_table(e) for e in episodes]
            with pq.ParquetWriter(path, tables[0].schema, compression="snappy") as writer:
                for table in tables:
                    writer.write_table(table)

    def write_episodes(self, root):
        for number, episodes in enumerate(EPISODE_FILES):
            rows = [self.episodes[e] for e in episodes]
            path = root / f"meta/episodes/chunk-000/file-{number:03d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({k: pa.array([r[k] for r in rows], self.episode_type(k)) for k in rows[0]}), path)

    def write_tasks(self, root, metadata=True):
        table = pa.table({"task_index": pa.array(range(len(TASKS)), pa.int64()), "task": pa.array(TASKS)})
        if metadata:
            columns = [{"name": n, "field_name": n, "pandas_type": t, "numpy_type": u, "metadata": None}
                       for n, t, u in (("task_index", "int64", "int64"), ("task", "unicode", "object"))]
            table = table.replace_schema_metadata({"pandas": json.dumps({
                "index_columns": ["task"], "column_indexes": [{"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}],
                "columns": columns, "attributes": {}, "creator": {"library": "pyarrow", "version": pa.__version__}, "pandas_version": "2.3.1"})})
        pq.write_table(table, root / "meta/tasks.parquet")

    def write_json(self, root):
        (root / "meta/info.json").write_text(json.dumps(self.info, indent=4, ensure_ascii=False), "utf-8")
        (root / "meta/stats.json").write_text(json.dumps(self.stats, indent=4, ensure_ascii=False), "utf-8")

    def write_videos(self, root):
        for camera, files in VIDEO_FILES.items():
            for number in range(len(files)):
                self.write_video(root, camera, number)

    def write_video(self, root, camera, number, **how):
        path = root / VIDEO_PATH.format(video_key=camera, chunk_index=0, file_index=number)
        episodes = VIDEO_FILES[camera][number]
        pictures = [p for e in episodes for p in self.pictures[camera][e]]
        if self.mjpeg:
            how = {"codec": "mjpeg", "pix_fmt": "yuvj420p", "options": {"q": "5"}} | how
        first = [sum(LENGTHS[x] for x in episodes if x < e) for e in episodes]
        write_mp4(path, how.pop("pictures", pictures), keyframes=first, **how)

    def write(self, root):
        root = pathlib.Path(root)
        (root / "meta").mkdir(parents=True)
        self.write_data(root)
        self.write_episodes(root)
        self.write_tasks(root)
        self.write_videos(root)
        self.write_json(root)


if __name__ == "__main__":
    Maker(mjpeg="mjpeg" in sys.argv[2:]).write(sys.argv[1])
