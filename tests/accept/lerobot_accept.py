#!/usr/bin/env python3
"""lerobot_accept.py DATASET_ROOT [--reference FILE.npz] [--no-tools] [--max-rows N] [--psnr DB]
Acceptance test of a LeRobot v3.0 dataset directory with the real `lerobot` library. No network; the dataset is only read
(work files go to a temporary directory). One PASS/FAIL line per check; exit status 1 on any FAIL.
Needs Python >= 3.12, pip install 'lerobot[dataset]' (0.6.1 or newer; 5.4 GB with CUDA torch; 0.4 on 3.10 and 3.11) and, for torchcodec, FFmpeg
shared libraries (Debian: apt install ffmpeg). Written against lerobot 0.6.1 and 0.6.2-dev, torch 2.11.0, torchcodec 0.11.1.
--reference FILE.npz  the truth to compare with (np.savez); any of these arrays, all optional:
    <feature>         [total_frames, ...]  exact values of a numeric data column
    rows/<camera>, frames/<camera>  [M] row numbers and [M, h, w, 3] uint8 RGB pictures of them (smaller than the video is
                      fine: area-averaged); depth camera: [M, h, w] in millimetres, 0 = unknown, not compared
    A picture must fit its row better than the rows before and after it, with PSNR >= --psnr (default 22 dB).
--no-tools            skip split / delete / merge (they re-encode video: slow on large datasets)
--max-rows N          decode at most N rows plus the first and last of each episode (default 0: all)"""
import argparse, json, logging, os, re, shutil, sys, tempfile
from functools import partial
from importlib.metadata import version
from pathlib import Path
TMP = tempfile.mkdtemp(prefix="lerobot_accept_")
os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=TMP, HF_DATASETS_CACHE=TMP + "/ds", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
import av, numpy as np, pyarrow as pa, pyarrow.parquet as pq, torch
try:
    from lerobot.configs.video import is_depth_map
    from lerobot.datasets import LeRobotDataset, StreamingLeRobotDataset, delete_episodes, merge_datasets, split_dataset
except ImportError:  # lerobot 0.4 (Python 3.10 and 3.11): the same things at other places, no depth
    from lerobot.datasets.dataset_tools import delete_episodes, merge_datasets, split_dataset
    from lerobot.datasets.lerobot_dataset import LeRobotDataset
    from lerobot.datasets.streaming_dataset import StreamingLeRobotDataset
    def is_depth_map(feature): return bool((feature.get("info") or {}).get("is_depth_map"))
STATS = "min max mean std count q01 q10 q50 q90 q99".split()
DEFAULTS = "timestamp frame_index episode_index index task_index".split()
passed, failed, warnings = [], [], []
def check(name, function, *args):
    """Runs one check: it fails by raising (assert), what it returns is printed."""
    try:
        note = function(*args)
        passed.append(name)
        print(f"PASS {name}" + (f": {note}" if note else ""), flush=True)
    except Exception as error:  # one broken thing must not hide the others
        lines = [x for x in str(error).splitlines() if "Error: " in x] or str(error).splitlines() or [""]
        failed.append(name)
        print(f"FAIL {name}: {'' if isinstance(error, AssertionError) else type(error).__name__ + ': '}{lines[0][:300]}", flush=True)
def close(name, got, want, tolerance):
    got = np.array(got, float)
    assert got.shape == want.shape and (np.abs(got - want) <= tolerance).all(), f"{name}: is {got.tolist()}, data gives {want.tolist()}"
def compare_stats(name, got, x, parts=()):
    """got: the ten stats of a feature; x: all its values, one row per frame; parts: per-episode stats, for aggregates."""
    frames, x = len(x), x.astype(np.float64).reshape(-1, x.shape[-1] if x.ndim > 1 else 1)
    top = max(np.abs(x).max(), 1e-3)  # float32 sums inside lerobot make mean and std a little inexact
    close(f"{name} count", got["count"], np.array([frames]), 0)
    for s, tolerance in (("min", 1e-6), ("max", 1e-6), ("mean", 2e-5), ("std", 5e-4)):
        close(f"{name} {s}", got[s], getattr(x, s)(0), tolerance * top)
    step, order = (x.max(0) - x.min(0)) / 5000 + 1e-6 * top, np.sort(x, 0)
    for s in STATS[5:]:  # right if exact, or (aggregated) between the values of the episodes
        k, g = int(np.ceil(int(s[1:]) / 100 * len(x))) - 1, np.array(got[s], float)
        ranges = [(order[max(k - 1, 0)], order[min(k + 1, len(x) - 1)])]
        if parts:
            ranges.append((np.min([p[s] for p in parts], 0), np.max([p[s] for p in parts], 0)))
        assert any(((g >= lo - step) & (g <= hi + step)).all() for lo, hi in ranges), f"{name} {s}: is {g.tolist()}, data gives {order[k].tolist()}"
def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("root", type=Path), p.add_argument("--reference", type=Path), p.add_argument("--no-tools", action="store_true")
    p.add_argument("--max-rows", type=int, default=0), p.add_argument("--psnr", type=float, default=22.0)
    a = p.parse_args()
    root, ref = a.root.resolve(), dict(np.load(a.reference)) if a.reference else {}
    logging.getLogger().addHandler(listener := logging.Handler(logging.WARNING))
    listener.emit = lambda record: warnings.append(record.getMessage()[:150])
    info = json.loads((root / "meta/info.json").read_text("utf-8"))
    st, fps, feats = json.loads((root / "meta/stats.json").read_text()), info["fps"], info["features"]
    cams = [k for k, f in feats.items() if f["dtype"] in ("video", "image")]
    videos, depth = [k for k in cams if feats[k]["dtype"] == "video"], [k for k in cams if is_depth_map(feats[k])]
    numeric = [k for k, f in feats.items() if k not in cams and f["dtype"] not in ("string", "language")]
    hwc = {k: feats[k]["shape"] if feats[k]["names"][2].startswith("channel") else feats[k]["shape"][1:] + feats[k]["shape"][:1] for k in cams}
    tables = {f: pq.ParquetFile(f).read() for f in sorted(root.glob("data/*/*.parquet"))}
    ep = pa.concat_tables([pq.ParquetFile(f).read() for f in sorted(root.glob("meta/episodes/*/*.parquet"))]).to_pydict()
    E, total = len(ep["episode_index"]), sum(len(t) for t in tables.values())
    lens, starts = np.array(ep["length"]), np.cumsum([0] + ep["length"])
    col = {k: np.concatenate([np.array(t[k].to_pylist()) for t in tables.values()]) for k in numeric if all(k in t.column_names for t in tables.values())}
    rows_of = [np.flatnonzero(col["episode_index"] == e) for e in range(E)]
    some = np.linspace(0, total - 1, min(a.max_rows or total, total)).astype(int)
    rows = sorted({*some.tolist(), *starts[:-1].tolist(), *(starts[1:] - 1).tolist()} & {*range(total)})
    shuffled = np.random.default_rng(0).permutation(rows).tolist()  # in sequential order faults like open GOPs stay hidden
    sums, decoded = {c: np.zeros((2, 3)) for c in cams if c not in depth}, []
    ds = partial(LeRobotDataset, "local/accept", root=root)
    # ---- the files themselves, without lerobot
    def c_info():
        want = dict(codebase_version="v3.0", total_episodes=E, total_frames=total, splits={"train": f"0:{E}"},
                    total_tasks=pq.read_metadata(root / "meta/tasks.parquet").num_rows)
        bad = {k: f"{info.get(k)}, should be {v}" for k, v in want.items() if info.get(k) != v}
        assert not bad and isinstance(fps, int) and list(feats)[-5:] == DEFAULTS, f"fps {fps}, features {list(feats)}, wrong: {bad}"
        return f"{E} episodes, {total} frames, {fps} fps, cameras {cams}"
    def c_columns():
        want = [k for k in feats if k not in videos]
        for f, t in tables.items():
            assert t.column_names == want, f"{f.name}: columns {t.column_names}, info.json says {want}"
            for k in want:
                kind, shape = re.sub(r".*[ <]|[\[>].*", "", str(t[k].type)), feats[k]["shape"]
                assert t[k].null_count == 0, f"{k}: {t[k].null_count} nulls"
                assert k in cams or "extension" in str(t[k].type) or kind == {"float32": "float", "float64": "double"}.get(
                    feats[k]["dtype"], feats[k]["dtype"]), f"{k}: stored as {t[k].type}, declared {feats[k]['dtype']}"
                assert k not in numeric or np.array(t[k].to_pylist()).shape == (len(t), *(shape if shape != [1] else [])), f"{k}: not all cells have shape {shape}"
    def c_rows():
        k = np.concatenate([np.arange(n) for n in lens])
        assert len(k) == total, f"{total} rows, the episode lengths add up to {len(k)}"
        for name, want in (("index", np.arange(total)), ("episode_index", np.repeat(np.arange(E), lens)), ("frame_index", k)):
            assert np.array_equal(col[name], want), f"{name} is wrong, first at row {int(np.argmax(col[name] != want))}"
        off = np.abs(col["timestamp"] - (k / fps).astype(np.float32)).max()
        assert off <= 1e-6 * max(1, k.max() / fps), f"timestamp is not frame_index/fps, off by up to {off:.3g} s"
        assert not (bad := [n for n in numeric if not np.isfinite(col[n].astype(float)).all()]), f"NaN or infinity in {bad}"
    def c_episodes():
        assert ep["episode_index"] == list(range(E)), "rows are not episode 0, 1, 2..."
        for name, want in (("dataset_from_index", starts[:-1]), ("dataset_to_index", starts[1:])):
            assert ep[name] == want.tolist(), f"{name} is {ep[name][:5]}.., should be {want[:5].tolist()}.."
        for e in range(E):
            assert len(rows_of[e]) == lens[e] > 0, f"episode {e}: length {lens[e]}, but {len(rows_of[e])} data rows"
            f = root / "data/chunk-{:03d}/file-{:03d}.parquet".format(ep["data/chunk_index"][e], ep["data/file_index"][e])
            assert np.count_nonzero(tables[f]["episode_index"].to_numpy() == e) == lens[e], f"episode {e} is not wholly in {f.name}"
            f = root / "meta/episodes/chunk-{:03d}/file-{:03d}.parquet".format(ep["meta/episodes/chunk_index"][e], ep["meta/episodes/file_index"][e])
            assert e in pq.ParquetFile(f).read(["episode_index"])["episode_index"].to_pylist(), f"meta/episodes/*_index: episode {e} is not in {f.name}"
    def c_video(cam):
        groups = {}
        for e in range(E):
            groups.setdefault((ep[f"videos/{cam}/chunk_index"][e], ep[f"videos/{cam}/file_index"][e]), []).append(e)
        for (chunk, file), episodes in groups.items():
            path, n = root / info["video_path"].format(video_key=cam, chunk_index=chunk, file_index=file), 0
            for e in episodes:
                lo, hi = ep[f"videos/{cam}/from_timestamp"][e] * fps, ep[f"videos/{cam}/to_timestamp"][e] * fps
                assert abs(lo - n) + abs(hi - n - lens[e]) < 1e-6, f"episode {e}: from/to_timestamp are frames {lo:.3f}..{hi:.3f}, should be {n}..{n + lens[e]}"
                n += int(lens[e])
            with av.open(str(path)) as box:
                s = box.streams.video[0]
                pts = sorted(x.pts for x in box.demux(s) if x.pts is not None)
                off = float(max(abs(t * s.time_base * fps - i) for i, t in enumerate(pts)))
                assert len(pts) == n and off == 0, f"{path.name}: {len(pts)} frames, need {n}; times differ from n/fps by up to {off:.4f} frames"
                assert s.base_rate == s.average_rate == fps, f"{path.name}: frame rates {s.base_rate}, {s.average_rate}"
                real = dict(height=s.height, width=s.width, pix_fmt=s.pix_fmt, fps=fps, codec=s.codec.canonical_name)
                bad = {k: (feats[cam]["info"]["video." + k], v) for k, v in real.items() if feats[cam].get("info", {}).get("video." + k, v) != v}
                assert not bad and hwc[cam][:2] == [s.height, s.width], f"info.json: {bad} shape {hwc[cam]}, file has {s.height}x{s.width}"
                assert n / fps < 1024 or len(episodes) == 1, f"{path.name} is {n / fps:.0f} s long; times are compared in float32: episodes after a file's first need < 1024 s"
        return f"{s.codec.canonical_name} {s.pix_fmt} {s.width}x{s.height}, {len(groups)} file(s)"
    def c_stats():
        for k in numeric + cams:
            assert k in st and not set(STATS) - set(st[k]), f"stats.json {k}: lacks {sorted(set(STATS) - set(st.get(k, [])))}"
            if k in cams:
                bad = [s for s in STATS if np.array(st[k][s]).shape != ((1,) if s == "count" else (hwc[k][2], 1, 1))]
                assert not bad and (k in depth or np.max(st[k]["max"]) <= 1), f"{k}: wrong shape {bad} or not scaled to 0..1"
                continue
            each = [{s: ep[f"stats/{k}/{s}"][e] for s in STATS} for e in range(E)]
            compare_stats(k, st[k], col[k], each)
            for e in range(E):
                compare_stats(f"episode {e} {k}", each[e], col[k][rows_of[e]])
    # ---- with lerobot
    def c_load():
        d = ds()
        assert len(d) == len(d.hf_dataset) == total and d.num_episodes == E and not warnings, f"{len(d)} rows, {d.num_episodes} episodes, warnings {warnings[:2]}"
    def c_tasks():
        t = ds().meta.tasks
        assert list(t["task_index"]) == list(range(len(t))), f"tasks.parquet: task_index by row is {list(t['task_index'])}"
        assert t.index.is_unique and all(isinstance(x, str) for x in t.index), "tasks.parquet: the pandas index is not the unique text"
        for e in range(E):
            used = {*t.index[col["task_index"][rows_of[e]]]}
            assert used == set(ep["tasks"][e]), f"episode {e}: rows resolve to {sorted(used)}, its tasks column says {ep['tasks'][e]}"
    def c_workers():
        seen = [int(i) for b in torch.utils.data.DataLoader(ds(), batch_size=8, num_workers=2, sampler=shuffled) for i in b["index"]]
        assert sorted(seen) == rows, f"{len(set(seen))} different rows of {len(rows)}"
    def c_decode(backend):
        d = ds(video_backend=backend)
        decoded.clear()
        for i in shuffled:
            item, where = d[i], f"row {i} (episode {col['episode_index'][i]} frame {col['frame_index'][i]})"
            assert item["task"] in ep["tasks"][int(item["episode_index"])], f"{where}: task {item['task']!r}"
            for k in numeric:
                kind = {"b": torch.bool, "f": torch.float32}.get(feats[k]["dtype"][0], torch.int64)
                assert item[k].dtype == kind and np.array_equal(item[k].numpy(), col[k][i].astype(item[k].numpy().dtype)), f"{where} {k}: {item[k]}, file has {col[k][i]}"
            for c in cams:
                x, (h, w, ch) = item[c], hwc[c]
                assert tuple(x.shape) == (ch, h, w) and x.dtype == torch.float32 and x.min() >= 0 and (c in depth or x.max() <= 1), \
                    f"{where} {c}: {tuple(x.shape)} {x.dtype} {x.min()}..{x.max()}, info.json says {(ch, h, w)}"
                if backend == "pyav" and c in sums:
                    y = x[:, ::4, ::4].double().numpy()
                    sums[c] += [y.mean((1, 2)), (y**2).mean((1, 2))]
            decoded.append(i)
        return f"{len(shuffled)} rows"
    def c_visual_stats():
        assert len(decoded) == len(rows), "not all pictures were decoded"
        for c in sums:  # wide tolerances: lossy pictures, sampled frames
            m, m2 = sums[c] / len(rows)
            close(f"{c} mean", np.ravel(st[c]["mean"]), m, 0.03)
            close(f"{c} std", np.ravel(st[c]["std"]), np.sqrt(np.maximum(0, m2 - m**2)), 0.05)
    def c_delta(backend):
        dt = {k: [-1 / fps, 0.0, 1 / fps] for k in numeric + cams if k not in DEFAULTS}
        d, plain = ds(video_backend=backend, delta_timestamps=dt), ds(video_backend=backend)
        for e, L in enumerate(lens):
            for k in sorted({0, 1, L // 2, L - 2, L - 1} & set(range(L))):
                item = d[int(starts[e] + k)]
                for j, step in enumerate((-1, 0, 1)):
                    want = plain[int(starts[e] + min(max(k + step, 0), L - 1))]
                    for key in dt:
                        assert bool(item[key + "_is_pad"][j]) != (0 <= k + step < L), f"episode {e} frame {k}: {key}_is_pad"
                        assert torch.equal(item[key][j], want[key]), f"episode {e} frame {k} step {step}: {key} is not that of the neighbour row"
    def c_subset():
        for e in sorted({0, E // 2, E - 1}):
            got = [f(d) for d in [ds(episodes=[e])] for f in (len, lambda d: int(d[0]["index"]), lambda d: int(d[len(d) - 1]["index"]))]
            assert got == [lens[e], starts[e], starts[e + 1] - 1], f"episode {e}: length, first and last index are {got}"
    def c_stream():
        many = [c for c in videos if len({*zip(ep[f"videos/{c}/chunk_index"], ep[f"videos/{c}/file_index"])}) > 1]
        if many:
            return f"NOT CHECKED, {many} have several mp4 files: StreamingLeRobotDataset reads wrong pictures then (lerobot issue 4524)"
        plain, seen = ds(), set()
        for item in StreamingLeRobotDataset("local/accept", root=root, shuffle=False, buffer_size=1):
            seen.add(i := int(item["index"]))
            assert i % 7 or all(torch.equal(item[c], plain[i][c]) for c in videos), f"row {i}: not the picture of the map-style reader"
        assert len(seen) == total, f"{len(seen)} rows of {total}"
    def c_reference():
        d, lowest, n = ds(), 999.0, 0
        for k in set(numeric) & set(ref):
            assert (bad := np.count_nonzero(ref[k].reshape(col[k].shape) != col[k])) == 0, f"{k}: {bad} values differ"
        for c in [c for c in cams if "rows/" + c in ref]:
            for i, want in zip(ref["rows/" + c].tolist(), ref["frames/" + c].astype(np.float64)):
                want = want[None] / max(1, want.max()) if c in depth else want.transpose(2, 0, 1) / 255
                scale, e, error = float(np.max(ref["frames/" + c][ref["rows/" + c] == i])) if c in depth else 1, int(col["episode_index"][i]), {}
                for r in range(max(i - 1, starts[e]), min(i + 2, starts[e + 1])):
                    got = torch.nn.functional.interpolate(d[int(r)][c][None], size=want.shape[1:], mode="area")[0].numpy() / scale
                    error[r] = float(((got - want)[want > 0 if c in depth else ...] ** 2).mean())
                psnr, best, n = -10 * np.log10(max(error[i], 1e-10)), min(error, key=error.get), n + 1
                assert error[i] <= error[best] * 1.02 + 1e-9 and psnr >= a.psnr, f"{c} row {i}: PSNR {psnr:.1f} dB, its picture fits row {best} best"
                lowest = min(lowest, psnr)
        return f"{n} pictures, lowest PSNR {lowest:.1f} dB"
    def c_tool(name):
        out = Path(TMP) / name
        if name == "split":
            sizes, parts = [starts[E - 1], lens[E - 1]], list(split_dataset(ds(), {"a": [*range(E - 1)], "b": [E - 1]}, output_dir=out).values())
        elif name == "delete episode 0":
            sizes, parts = [total - lens[0]], [delete_episodes(ds(), [0], output_dir=out, repo_id="local/cut")]
        else:
            sizes, parts = [2 * total], [merge_datasets([ds(), ds()], "local/double", output_dir=out)]
        for part, size in zip(parts, sizes):
            assert len(part) == size, f"{len(part)} rows, should be {size}"
            for i in {0, int(size) // 2, int(size) - 1}:
                part[i]
                if name == "merge with itself":  # videos are packet copies here, so pictures must be identical
                    assert all(torch.equal(part[i % total][c], part[i % total + total][c]) for c in videos), f"row {i}: the copy has another picture"

    todo = [("info.json and totals", c_info), ("data columns match info.json", c_columns), ("data rows: index, episode, frame, timestamp", c_rows)]
    todo += [("episodes table", c_episodes)] + [(f"video grid {c}", c_video, c) for c in videos]
    todo += [("stats recomputed (numeric)", c_stats), ("LeRobotDataset loads, no warnings", c_load), ("tasks resolve", c_tasks),
             ("DataLoader, 2 workers, shuffled", c_workers)]  # before this process opens a decoder: a fork must not inherit one
    for b in ("torchcodec", "pyav"):
        todo += [(f"every row decodes, shuffled, {b}", c_decode, b), (f"delta_timestamps at episode edges, {b}", c_delta, b)]
    todo += [("visual stats agree with the pictures", c_visual_stats), ("episodes=[...] subset", c_subset), ("StreamingLeRobotDataset", c_stream)]
    todo += [("reference file", c_reference)] if ref else []
    todo += [("lerobot tool: " + t, c_tool, t) for t in ("split", "delete episode 0", "merge with itself") if E > 1 and not a.no_tools]
    [check(*item) for item in todo]
if __name__ == "__main__":
    print(f"with lerobot {version('lerobot')}, torch {torch.__version__}, Python {sys.version.split()[0]}", flush=True)
    if version("lerobot").startswith("0.4."):
        print("lerobot 0.4 knows no depth: depth cameras are checked as pictures", flush=True)
    check("all files were read", main)  # fails only where the dataset is too broken to start
    shutil.rmtree(TMP, ignore_errors=True)
    print(f"{len(passed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)
