"""Reads the sample dataset (tests/dataset/sample.cc) with pyarrow, PyAV and numpy and checks it against the sample's formulas and
lerobot-format.md. Shares no code with what wrote it.

dataset_sample_test.py TEST_DATASET_SAMPLE [FOLDER]
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

try:
    import av
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

FPS = 10
SIZE = 64
STATS = ["min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99"]
QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
DEFAULTS = ["timestamp", "frame_index", "episode_index", "index", "task_index"]
TASKS = ["Pick the cube", "Nimm den Würfel", "Pick the cube"]


def sample_vector(row, width):
    values = ((row * 31 + np.arange(width) * 17) % 1000) / 8 - 50
    values[0] = 1e6 + (row % 3) * 0.0625
    return values.astype(np.float32)


def sample_picture(row, camera):
    y, x, c = np.meshgrid(np.arange(SIZE), np.arange(SIZE), np.arange(3), indexing="ij")
    noise = ((x * 7919 + y * 104729 + row * 1299709 + c * 15485863) % 2**32) >> 3
    picture = np.minimum(40 + 10 * c + x + noise % 64, 255)
    bits = row | camera << 16
    cell = y // 8 * 8 + x // 8
    marked = (x < 64) & (y < 24)
    bit = (bits >> np.where(marked, cell, 0)) & 1
    return np.where(marked, np.where(bit == 1, 230, 25), picture).astype(np.uint8)


def read_mark(picture):
    blocks = picture[:24, :64].mean(axis=2).reshape(3, 8, 8, 8).mean(axis=(1, 3)).ravel()
    return sum(1 << i for i, value in enumerate(blocks) if value > 127)


def library_stats(samples):
    """lerobot-format.md 5.2 for an (N, D) array of float64."""
    result = {"min": samples.min(0), "max": samples.max(0), "mean": samples.mean(0), "std": samples.std(0)}
    for name, p in QUANTILES.items():
        column = []
        for d in range(samples.shape[1]):
            x = samples[:, d]
            if x.min() == x.max():
                column.append(x.min())
                continue
            edges = np.linspace(x.min() - 1e-10, x.max() + 1e-10, 5001)
            counts, _ = np.histogram(x, bins=edges)
            cumulative = np.cumsum(counts)
            i = int(np.searchsorted(cumulative, p * len(x)))
            if i == 0:
                column.append(edges[0])
            else:
                column.append(edges[i] + (p * len(x) - cumulative[i - 1]) / counts[i] * (edges[i + 1] - edges[i]))
        result[name] = np.array(column)
    return result


def check_stats(found, samples, scale, where):
    chosen = np.arange(samples.shape[1]) if samples.shape[1] <= 8 else np.array([0, 1, 2, samples.shape[1] // 2, samples.shape[1] - 1])
    expected = library_stats(samples[:, chosen])
    for name, values in expected.items():
        got = np.asarray(found[name], dtype=np.float64).ravel()
        assert len(got) == samples.shape[1], where
        got = got[chosen]
        np.testing.assert_allclose(got * scale, values, rtol=1e-9, atol=1e-9 * max(1, np.abs(values).max()), err_msg=f"{where} {name}")
    order = [np.asarray(found[name], dtype=np.float64).ravel() for name in ["min", "q01", "q10", "q50", "q90", "q99", "max"]]
    for low, high in zip(order, order[1:]):
        assert (low <= high + 1e-9).all(), where


def list_type(type_):
    return type_.value_type if pa.types.is_list(type_) else None


def check_episode_schema(schema, features):
    names = ["episode_index", "tasks", "length", "data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index"]
    videos = [name for name, feature in features.items() if feature["dtype"] == "video"]
    for name in videos:
        names += [f"videos/{name}/{part}" for part in ["chunk_index", "file_index", "from_timestamp", "to_timestamp"]]
    names += [f"stats/{name}/{stat}" for name in features for stat in STATS]
    names += ["meta/episodes/chunk_index", "meta/episodes/file_index"]
    assert schema.names == names
    for field in schema:
        kind = field.type
        if field.name == "tasks":
            assert list_type(kind) == pa.string(), field
        elif field.name.startswith("stats/"):
            feature, stat = field.name[len("stats/"):].rsplit("/", 1)
            depth, inner = 0, kind
            while pa.types.is_list(inner):
                depth, inner = depth + 1, inner.value_type
            visual = features[feature]["dtype"] == "video" and stat != "count"
            assert depth == (3 if visual else 1), field
            assert inner == (pa.int64() if stat == "count" else pa.float64()), field
        elif field.name.endswith("timestamp"):
            assert kind == pa.float64(), field
        else:
            assert kind == pa.int64(), field


def check_data_schema(schema, features):
    names = [name for name, feature in features.items() if feature["dtype"] != "video"]
    assert schema.names == names
    expected = {"info": {"features": {}}}
    for name in names:
        feature = features[name]
        number = {"float32": pa.float32(), "int64": pa.int64()}[feature["dtype"]]
        kind = schema.field(name).type
        value = {"dtype": feature["dtype"], "_type": "Value"}
        if feature["shape"] == [1]:
            assert kind == number, (name, kind)
        else:
            assert pa.types.is_fixed_size_list(kind) and kind.list_size == feature["shape"][0] and kind.value_type == number, (name, kind)
            value = {"feature": value, "length": feature["shape"][0], "_type": "List"}
        expected["info"]["features"][name] = value
    assert json.loads(schema.metadata[b"huggingface"]) == expected
    assert list(json.loads(schema.metadata[b"huggingface"])["info"]["features"]) == names


def decode(path):
    with av.open(str(path)) as container:
        assert len(container.streams) == 1
        stream = container.streams.video[0]
        assert stream.average_rate == FPS and stream.base_rate == FPS
        assert stream.start_time in (0, None)
        pictures = []
        for n, frame in enumerate(container.decode(stream)):
            assert frame.pts * stream.time_base == n * (1 / stream.average_rate), (path, n, frame.pts)
            pictures.append(frame.to_ndarray(format="rgb24"))
        assert stream.frames == len(pictures)
        assert stream.duration * stream.time_base * FPS == len(pictures)
        return pictures


def no_nan(value):
    raise ValueError(f"{value} in JSON")


def check(root, width, lengths, codec, several):
    rows = sum(lengths)
    info = json.loads((root / "meta/info.json").read_text(encoding="utf-8"), parse_constant=no_nan)
    stats = json.loads((root / "meta/stats.json").read_text(encoding="utf-8"), parse_constant=no_nan)
    features = info["features"]
    assert list(features)[-5:] == DEFAULTS
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (len(lengths), rows, len(set(TASKS[:len(lengths)])))
    if codec == "copy":
        block = features["observation.images.cam0"]["info"]
        assert "video.codec" not in block and "video.pix_fmt" not in block

    tasks = pq.read_table(root / "meta/tasks.parquet")
    assert tasks.schema.names == ["task_index", "task"]
    assert tasks.schema.types == [pa.int64(), pa.string()]
    pandas = json.loads(pq.read_metadata(root / "meta/tasks.parquet").metadata[b"pandas"])
    assert pandas["index_columns"] == ["task"]
    assert [column["name"] for column in pandas["columns"]] == ["task_index", "task"]
    texts = tasks["task"].to_pylist()
    assert tasks["task_index"].to_pylist() == list(range(len(texts)))
    assert texts == list(dict.fromkeys(TASKS[e % 3] for e in range(len(lengths))))

    # Data: rows, columns, values.
    data_files = sorted(root.glob("data/*/*.parquet"), key=str)
    tables, owner = [], {}
    for path in data_files:
        file = pq.ParquetFile(path)
        check_data_schema(file.schema_arrow, features)
        assert file.metadata.created_by == "bagloom"
        for g in range(file.metadata.num_row_groups):
            group = file.read_row_group(g)
            assert 0 < group.num_rows <= 4096
            episodes = set(group["episode_index"].to_pylist())
            assert len(episodes) == 1, "a row group holds one episode"
            owner.setdefault(episodes.pop(), set()).add(path)
            assert file.metadata.row_group(g).column(0).compression == "SNAPPY"
        tables.append(file.read())
    table = pa.concat_tables(tables)
    for column in table.columns:
        assert column.null_count == 0
    assert table.num_rows == rows
    episode_of = np.repeat(np.arange(len(lengths)), lengths)
    frame_of = np.concatenate([np.arange(n) for n in lengths])
    assert table["index"].to_pylist() == list(range(rows))
    assert table["episode_index"].to_pylist() == episode_of.tolist()
    assert table["frame_index"].to_pylist() == frame_of.tolist()
    assert table["task_index"].to_pylist() == [texts.index(TASKS[e % 3]) for e in episode_of]
    np.testing.assert_array_equal(table["timestamp"].to_numpy(), (frame_of / FPS).astype(np.float32))
    columns = {name: np.array(table[name].to_pylist(), dtype=np.float64).reshape(rows, -1) for name in table.schema.names}
    for row in range(rows):
        np.testing.assert_array_equal(columns["observation.state"][row], sample_vector(row, width))
        np.testing.assert_array_equal(columns["action"][row], -sample_vector(row + 1, width))
        assert columns["observation.gripper"][row] == row % 5

    # Pictures before encoding, for statistics; and decoded ones, by file.
    cameras = [name for name, feature in features.items() if feature["dtype"] == "video"]
    sources = {name: np.stack([sample_picture(row, int(name[-1])) for row in range(rows)]) for name in cameras}
    decoded = {path: decode(path) for name in cameras for path in sorted((root / "videos" / name).glob("*/*.mp4"))}
    used = set()

    # Episodes.
    episode_files = sorted(root.glob("meta/episodes/*/*.parquet"), key=str)
    e = 0
    for path in episode_files:
        file = pq.ParquetFile(path)
        check_episode_schema(file.schema_arrow, features)
        for g in range(file.metadata.num_row_groups):
            assert 0 < file.metadata.row_group(g).num_rows <= 10
        for episode in file.read().to_pylist():
            start = sum(lengths[:e])
            assert episode["episode_index"] == e
            assert episode["tasks"] == [TASKS[e % 3]]
            assert episode["length"] == lengths[e]
            assert (episode["dataset_from_index"], episode["dataset_to_index"]) == (start, start + lengths[e])
            data = root / info["data_path"].format(chunk_index=episode["data/chunk_index"], file_index=episode["data/file_index"])
            assert owner[e] == {data}
            named = "chunk-{:03d}/file-{:03d}".format(episode["meta/episodes/chunk_index"], episode["meta/episodes/file_index"])
            assert str(path).endswith(f"meta/episodes/{named}.parquet")
            for name in cameras:
                video = root / info["video_path"].format(video_key=name, chunk_index=episode[f"videos/{name}/chunk_index"],
                                                         file_index=episode[f"videos/{name}/file_index"])
                used.add(video)
                first = episode[f"videos/{name}/from_timestamp"] * FPS
                assert abs(first - round(first)) < 1e-9
                assert episode[f"videos/{name}/to_timestamp"] == (round(first) + lengths[e]) / FPS
                for k in range(lengths[e]):
                    picture = decoded[video][round(first) + k]
                    assert picture.shape == (SIZE, SIZE, 3)
                    assert read_mark(picture) == (start + k | int(name[-1]) << 16), (name, e, k)
            for name in features:
                found = {stat: episode[f"stats/{name}/{stat}"] for stat in STATS}
                assert found["count"] == [lengths[e]]
                part = slice(start, start + lengths[e])
                if name in cameras:
                    assert np.asarray(found["mean"]).shape == (3, 1, 1)
                    check_stats(found, sources[name][part].reshape(-1, 3).astype(np.float64), 255, f"episode {e} {name}")
                else:
                    check_stats(found, columns[name][part], 1, f"episode {e} {name}")
            e += 1
    assert e == len(lengths)
    assert used == set(decoded)

    # Dataset-wide statistics are exact, not averages.
    assert list(stats) == list(features)
    for name in features:
        assert list(stats[name]) == STATS
        assert stats[name]["count"] == [rows]
        if name in cameras:
            assert np.asarray(stats[name]["q99"]).shape == (3, 1, 1)
            check_stats(stats[name], sources[name].reshape(-1, 3).astype(np.float64), 255, name)
        else:
            assert np.asarray(stats[name]["q99"]).shape == (features[name]["shape"][0],)
            check_stats(stats[name], columns[name], 1, name)

    provenance = pq.read_table(root / "meta/bagloom/episodes.parquet").to_pylist()
    assert [p["episode_index"] for p in provenance] == list(range(len(lengths)))
    assert provenance[1] == {"episode_index": 1, "recording": "run_1.bag", "start_ns": 1700000001000000000,
                             "end_ns": 1700000002000000000, "rows": lengths[1], "held": 1, "task": TASKS[1]}

    left = [path for path in root.rglob("*") if path.suffix == ".tmp"]
    assert not left, left
    if several:
        assert len(data_files) >= 3 and len(episode_files) >= 3 and len(decoded) >= 3 * len(cameras), (data_files, episode_files, len(decoded))
    print(f"{codec}: {rows} rows, {len(lengths)} episodes; files: {len(data_files)} data, {len(episode_files)} episodes, {len(decoded)} mp4")


def same_bytes(one, two):
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(two)) for path in two.rglob("*") if path.is_file())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def main():
    binary = sys.argv[1]
    keep = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or pathlib.Path(temporary)

        def make(name, codec, width, lengths):
            root = folder / name
            code = subprocess.run([binary, str(root), codec, str(width), *map(str, lengths)]).returncode
            return None if code == 77 else (root, code)

        for name, codec, width, lengths, several in [
            ("small", "h264", 8, [25, 2, 70], False),
            ("copy", "copy", 8, [25, 2, 70], False),
            ("av1", "av1", 8, [12, 3, 66], False),
            ("several", "h264", 400, [20 + e % 7 for e in range(44)], True),
        ]:
            made = make(name, codec, width, lengths)
            if made is None:
                print(f"{name}: this FFmpeg cannot encode {codec}")
                continue
            root, code = made
            assert code == 0, f"{name}: exit {code}"
            check(root, width, lengths, codec, several)
        again, code = make("again", "h264", 8, [25, 2, 70])
        assert code == 0
        same_bytes(folder / "small", again)
    return 0


if __name__ == "__main__":
    sys.exit(main())
