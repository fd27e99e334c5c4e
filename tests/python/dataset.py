"""A finished LeRobot v3.0 dataset, read with pyarrow and PyAV."""
import hashlib
import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


class Dataset:
    def __init__(self, root):
        self.root = Path(root)
        self.info = json.loads((self.root / "meta/info.json").read_text("utf-8"))
        self.fps = self.info["fps"]
        read = lambda pattern: [pq.ParquetFile(f).read() for f in sorted(self.root.glob(pattern))]
        self.table = pa.concat_tables(read("data/*/*.parquet"))
        self.episodes = pa.concat_tables(read("meta/episodes/*/*.parquet")).to_pylist()
        self.cameras = [k for k, f in self.info["features"].items() if f["dtype"] == "video"]

    def rows_of(self, episode):
        e = self.episodes[episode]
        return range(e["dataset_from_index"], e["dataset_to_index"])

    def values(self, feature, episode):
        """float32 [rows, width]"""
        rows = self.rows_of(episode)
        cells = self.table[feature].slice(rows.start, len(rows)).to_pylist()
        return np.array(cells, np.float32).reshape(len(rows), -1)

    def video_path(self, camera, episode):
        e = self.episodes[episode]
        return self.root / self.info["video_path"].format(video_key=camera, chunk_index=e[f"videos/{camera}/chunk_index"], file_index=e[f"videos/{camera}/file_index"])

    def _span(self, camera, episode):
        e = self.episodes[episode]
        first = round(e[f"videos/{camera}/from_timestamp"] * self.fps)
        return first, first + e["length"]

    def pictures(self, camera, episode):
        """The episode's pictures as RGB arrays, in row order. Their times in the file must be exactly k / fps."""
        first, end = self._span(camera, episode)
        with av.open(str(self.video_path(camera, episode))) as box:
            stream = box.streams.video[0]
            stream.thread_type = "AUTO"
            for number, frame in enumerate(box.decode(stream)):
                assert frame.pts * frame.time_base == Fraction(number, self.fps), f"{camera}: picture {number} stands at {frame.pts * frame.time_base} s"
                if first <= number < end:
                    yield frame.to_ndarray(format="rgb24")
                if number + 1 >= end:
                    return

    def packets(self, camera, episode):
        """The episode's packets as bytes, in row order."""
        first, end = self._span(camera, episode)
        with av.open(str(self.video_path(camera, episode))) as box:
            found = [bytes(p) for p in box.demux(box.streams.video[0]) if p.size]
        return found[first:end]


def fingerprint(root):
    """{path: sha256} of everything but meta/bagloom."""
    root = Path(root)
    return {
        str(f.relative_to(root)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(root.rglob("*"))
        if f.is_file() and f.relative_to(root).parts[:2] != ("meta", "bagloom")
    }
