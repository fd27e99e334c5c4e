"""The mutations of verify_mutations.py: each breaks one thing of a correct dataset, and says which checks must report it."""
import fractions
import json
import os
import shutil

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import verify_make_dataset as maker

HEAD, WRIST = maker.CAMERAS
DATA = "data/chunk-000/file-000.parquet"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"
MUTATIONS = []   # (name, function, expected checks, exactly these)


def mutation(*checks, least=False):
    """The function breaks `root`, a copy of the correct dataset; `m` is a copy of its Maker. `least`: other checks may fail besides."""
    def add(function):
        MUTATIONS.append((function.__name__, function, set(checks), least))
        return function
    return add


def info(root, change):
    path = root / "meta/info.json"
    value = json.loads(path.read_text("utf-8"))
    value = change(value) or value
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def stats(root, change):
    path = root / "meta/stats.json"
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def rewrite(root, path, change, groups=None):
    """Changes a table, keeping the row groups."""
    file = pq.ParquetFile(root / path)
    sizes = groups or [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    table = change(file.read())
    with pq.ParquetWriter(root / path, table.schema) as writer:
        start = 0
        for size in sizes:
            writer.write_table(table.slice(start, size))
            start += size


def with_column(table, name, values, kind=None):
    place = table.column_names.index(name)
    return table.set_column(place, name, pa.array(values, kind or table.schema.field(name).type))


def column(root, name, change, path=DATA, kind=None):
    rewrite(root, path, lambda t: with_column(t, name, change(t[name].to_pylist()), kind))


def put(row, value):
    return lambda values: values[:row] + [value] + values[row + 1:]


def episode(m, root, e, **values):
    """Changes columns of an episode's row (names with / as keyword dictionaries)."""
    m.episodes[e] |= values.pop("columns", {}) | values
    m.write_episodes(root)


def video(camera, number):
    return maker.VIDEO_PATH.format(video_key=camera, chunk_index=0, file_index=number)


# ---- layout
@mutation("V01")
def info_is_no_json(root, m): (root / "meta/info.json").write_text("{")
@mutation("V01")
def info_has_a_byte_order_mark(root, m): (root / "meta/info.json").write_bytes(b"\xef\xbb\xbf" + (root / "meta/info.json").read_bytes())
@mutation("V01")
def info_is_deep(root, m): (root / "meta/info.json").write_text("[" * 200000 + "]" * 200000)
@mutation("V02")
def no_tasks(root, m): (root / "meta/tasks.parquet").unlink()
@mutation("V02")
def no_episodes(root, m): shutil.rmtree(root / "meta/episodes")
@mutation("V03")
def no_stats(root, m): (root / "meta/stats.json").unlink()
@mutation("V04")
def truncated_data(root, m): os.truncate(root / DATA, 5000)
@mutation("V04")
def truncated_episodes(root, m): os.truncate(root / EPISODES, 5000)
@mutation("V04")
def data_is_text(root, m): (root / DATA).write_text("hello")
@mutation("V04")
def data_is_empty(root, m): (root / DATA).write_bytes(b"")
@mutation("V04")
def tasks_are_text(root, m): (root / "meta/tasks.parquet").write_text("PAR1 hello PAR1")
@mutation("V04", least=True)
def a_damaged_page(root, m):
    data = bytearray((root / DATA).read_bytes())
    data[4:600] = b"\xff" * 596
    (root / DATA).write_bytes(data)
@mutation("V04", "V07")
def no_data(root, m): shutil.rmtree(root / "data")
@mutation("V04", "V07")
def a_pipe_for_a_table(root, m): os.mkfifo(root / "data/chunk-000/file-002.parquet")
@mutation("V05")
def stray_parquet(root, m): shutil.copy(root / DATA, root / "data/chunk-000/extra.parquet")
@mutation("V05", "V06", least=True)
def four_digits_sort_wrongly(root, m):
    (root / DATA).rename(root / "data/chunk-000/file-999.parquet")
    (root / "data/chunk-000/file-001.parquet").rename(root / "data/chunk-000/file-1000.parquet")
@mutation("V07")
def unnamed_mp4(root, m): shutil.copy(root / video(HEAD, 0), root / video(HEAD, 7))
@mutation("V07")
def unknown_camera(root, m):
    (root / "videos/other/chunk-000").mkdir(parents=True)
    shutil.copy(root / video(HEAD, 0), root / "videos/other/chunk-000/file-000.mp4")
@mutation("V07")
def data_file_not_there(root, m): episode(m, root, 2, columns={"data/file_index": 7})
@mutation("V08")
def images_left(root, m):
    (root / "images/cam").mkdir(parents=True)
    (root / "images/cam/frame-000000.png").write_bytes(b"x")
@mutation()
def empty_images_folder(root, m): (root / "images/cam").mkdir(parents=True)
@mutation("V08")
def temporary_left(root, m): (root / "meta/info.json.tmp").write_text("{}")
@mutation("V09")
def chunks_size_too_small(root, m): info(root, lambda i: i | {"chunks_size": 1})
@mutation()
def links_are_fine(root, m):
    (root / DATA).rename(root / "elsewhere")
    (root / DATA).symlink_to(root / "elsewhere")
    (root / "videos").rename(root / "moved")
    (root / "videos").symlink_to("moved")


# ---- info.json
@mutation("V10")
def version_3_1(root, m): info(root, lambda i: i | {"codebase_version": "v3.1"})
@mutation("V11")
def unknown_key(root, m): info(root, lambda i: i | {"total_videos": 2})
@mutation("V11")
def missing_key(root, m): info(root, lambda i: i.pop("robot_type") and i)
@mutation("V12")
def fps_zero(root, m): info(root, lambda i: i | {"fps": 0})
@mutation("V12")
def fps_fraction(root, m): info(root, lambda i: i | {"fps": 10.0})
@mutation("V12")
def fps_text(root, m): info(root, lambda i: i | {"fps": "10"})
@mutation("V12")
def size_negative(root, m): info(root, lambda i: i | {"data_files_size_in_mb": -1})
@mutation("V13")
def empty_shape(root, m): info(root, lambda i: i["features"]["action"].update(shape=[]))
@mutation("V13")
def absurd_shape(root, m): info(root, lambda i: i["features"]["action"].update(shape=[1 << 62]))
@mutation("V13")
def no_names(root, m): info(root, lambda i: i["features"]["gripper"].pop("names") and i)
@mutation("V13")
def unknown_dtype(root, m): info(root, lambda i: i["features"]["action"].update(dtype="float31"))
@mutation("V14")
def default_with_names(root, m): info(root, lambda i: i["features"]["index"].update(names=["index"]))
@mutation("V14", "V40")
def default_missing(root, m): info(root, lambda i: i["features"].pop("frame_index") and i)
def renamed(root, m, old, new):
    m.features = {new if n == old else n: f for n, f in m.features.items()}
    m.info["features"] = m.features
    for row in m.rows:
        row[new] = row.pop(old)
    m.compute_stats()
    m.make_episodes()
    m.write_data(root), m.write_json(root), m.write_episodes(root)
@mutation("V15")
def image_in_a_vectors_name(root, m): renamed(root, m, "action", "image_action")
@mutation()
def another_vectors_name(root, m): renamed(root, m, "action", "action \x01 \"odd\" ☃")
@mutation("V16")
def camera_without_names(root, m): info(root, lambda i: i["features"][HEAD].update(names=None))
@mutation("V16")
def camera_axes_swapped(root, m): info(root, lambda i: i["features"][HEAD].update(names=["width", "height", "channels"]))
@mutation("V16")
def two_dimensions(root, m): info(root, lambda i: i["features"][HEAD].update(shape=[64, 96]))
@mutation("V16")
def four_channels(root, m): info(root, lambda i: i["features"][HEAD].update(shape=[64, 96, 4]))
@mutation("V17")
def wrong_shape(root, m): info(root, lambda i: i["features"][HEAD].update(shape=[64, 98, 3]))
@mutation()
def channels_first(root, m): info(root, lambda i: i["features"][HEAD].update(shape=[3, 64, 96], names=["channels", "height", "width"]))
@mutation("V18")
def equal_names(root, m): info(root, lambda i: i["features"]["action"].update(names=["a", "a", "b"]))
@mutation("V19")
def other_video_path(root, m): info(root, lambda i: i | {"video_path": "videos/{video_key}.mp4"})
@mutation("V20")
def wrong_split(root, m): info(root, lambda i: i | {"splits": {"train": "0:2"}})
@mutation("V21")
def info_block_width(root, m): info(root, lambda i: i["features"][HEAD]["info"].update({"video.width": 98}))
@mutation("V21")
def info_block_codec(root, m): info(root, lambda i: i["features"][HEAD]["info"].update({"video.codec": "av1"}))
@mutation("V22")
def grey_without_depth(root, m): info(root, lambda i: i["features"][HEAD].update(shape=[64, 96, 1]))
@mutation("V23")
def total_episodes(root, m): info(root, lambda i: i | {"total_episodes": 4, "splits": {"train": "0:4"}})
@mutation("V24")
def total_frames(root, m): info(root, lambda i: i | {"total_frames": 172})
@mutation("V23", "V24", "V25")
def absurd_totals(root, m):
    info(root, lambda i: i | {"total_frames": 1 << 62, "total_episodes": 1 << 61, "total_tasks": 1 << 60, "splits": {"train": f"0:{1 << 61}"}})
@mutation("V25")
def total_tasks(root, m): info(root, lambda i: i | {"total_tasks": 3})


# ---- tasks
def tasks(root, change): rewrite(root, "meta/tasks.parquet", change)
@mutation("V30")
def no_pandas_metadata(root, m): m.write_tasks(root, metadata=False)
@mutation("V30")
def index_is_a_range(root, m):
    tasks(root, lambda t: t.replace_schema_metadata({"pandas": json.dumps({"index_columns": [{"kind": "range"}]})}))
@mutation("V31")
def task_index_text(root, m): tasks(root, lambda t: with_column(t, "task_index", ["0", "1"], pa.string()))
@mutation("V32")
def task_rows_swapped(root, m): tasks(root, lambda t: with_column(t, "task_index", [1, 0]))
@mutation("V33", "V66")
def task_twice(root, m): tasks(root, lambda t: with_column(t, "task", [maker.TASKS[0]] * 2))
@mutation("V33", "V66")
def task_null(root, m): tasks(root, lambda t: with_column(t, "task", [maker.TASKS[0], None]))


# ---- data
@mutation("V40")
def extra_column(root, m): rewrite(root, DATA, lambda t: t.append_column("__index_level_0__", pa.array(range(len(t)))))
@mutation("V40")
def missing_column(root, m): rewrite(root, DATA, lambda t: t.drop_columns(["action"]))
@mutation("V40")
def column_order(root, m): rewrite(root, DATA, lambda t: t.select(t.column_names[::-1]))
@mutation("V41")
def vector_of_text(root, m): column(root, "action", lambda v: [[str(x) for x in r] for r in v], kind=pa.list_(pa.string()))
@mutation("V41")
def scalar_for_vector(root, m): column(root, "action", lambda v: [r[0] for r in v], kind=pa.float32())
@mutation("V41")
def float_for_integer(root, m): column(root, "frame_index", lambda v: [float(x) for x in v], kind=pa.float64())
@mutation()
def plain_lists(root, m): column(root, "action", lambda v: v, kind=pa.list_(pa.float32()))
@mutation("V41")
def double_for_float(root, m): column(root, "action", lambda v: v, kind=pa.list_(pa.float64()))
@mutation("V42")
def wrong_length(root, m): column(root, "action", put(50, [1.0, 2.0]), kind=pa.list_(pa.float32()))
@mutation("V42")
def null_vector(root, m): column(root, "action", put(3, None))
@mutation("V42")
def null_element(root, m): column(root, "action", put(3, [1.0, None, 2.0]))
@mutation("V42")
def null_index(root, m): column(root, "index", put(3, None))
@mutation("V42")
def null_timestamp(root, m): column(root, "timestamp", put(3, None))
@mutation("V42", least=True)
def null_episode_index(root, m): column(root, "episode_index", put(3, None))
@mutation("V43")
def index_off_by_one(root, m): column(root, "index", lambda v: [x + 1 for x in v])
@mutation("V44")
def episode_index_jumps(root, m): column(root, "episode_index", put(5, 2))
@mutation("V45")
def frame_index_goes_on(root, m): column(root, "frame_index", lambda v: list(range(len(v))))
@mutation("V46")
def timestamp_of_a_sensor(root, m): column(root, "timestamp", lambda v: [x + 0.004 for x in v])
@mutation("V46")
def timestamp_since_1970(root, m): column(root, "timestamp", lambda v: [x + 1.7e9 for x in v])
@mutation("V46")
def timestamp_nan(root, m): column(root, "timestamp", put(9, float("nan")))
@mutation("V47")
def task_out_of_range(root, m): column(root, "task_index", put(30, 2))
@mutation("V47")
def task_negative(root, m): column(root, "task_index", put(30, -1))
@mutation("V48", "V93", "V96")   # the statistics were made with the number
def not_a_number(root, m): column(root, "action", put(30, [1.0, float("nan"), 1.0]))
@mutation("V49")
def episode_in_two_files(root, m):
    tables = [pq.read_table(root / f"data/chunk-000/file-00{i}.parquet") for i in (0, 1)]
    whole = pa.concat_tables(tables)
    for i, (start, sizes) in enumerate([(0, [24, 100]), (124, [30, 17])]):
        with pq.ParquetWriter(root / f"data/chunk-000/file-00{i}.parquet", whole.schema) as writer:
            for size in sizes:
                writer.write_table(whole.slice(start, size))
                start += size
@mutation("V50")
def one_row_group(root, m): rewrite(root, DATA, lambda t: t, groups=[154])
@mutation()
def more_row_groups(root, m): rewrite(root, DATA, lambda t: t, groups=[24, 64, 64, 2])


# ---- episodes
def episodes(root, change, path=EPISODES): rewrite(root, path, change)
@mutation("V60")
def no_length(root, m):
    for path in (EPISODES, EPISODES.replace("000.p", "001.p")):
        episodes(root, lambda t: t.drop_columns(["length"]), path)
@mutation("V60")
def other_columns_in_second_file(root, m): episodes(root, lambda t: t.append_column("more", pa.array([1])), EPISODES.replace("000.p", "001.p"))
@mutation("V60", least=True)
def timestamps_are_text(root, m): column(root, f"videos/{HEAD}/from_timestamp", lambda v: [str(x) for x in v], EPISODES, pa.string())
@mutation("V60")
def null_from_index(root, m): episode(m, root, 1, dataset_from_index=None)
@mutation("V61")
def episode_numbers_jump(root, m): episode(m, root, 1, episode_index=5)
@mutation("V61", least=True)
def episodes_out_of_order(root, m):
    m.episodes[0], m.episodes[1] = m.episodes[1], m.episodes[0]
    m.write_episodes(root)
@mutation("V62", least=True)
def wrong_episode_length(root, m): episode(m, root, 1, length=131)
@mutation("V62", "V63")
def episodes_overlap(root, m): episode(m, root, 1, dataset_from_index=23)
@mutation("V64")
def wrong_data_file(root, m): episode(m, root, 1, columns={"data/file_index": 1})
@mutation("V65")
def wrong_own_file(root, m): episode(m, root, 2, columns={"meta/episodes/file_index": 0})
@mutation("V66")
def wrong_tasks(root, m): episode(m, root, 1, tasks=[maker.TASKS[0]])
@mutation("V66")
def unknown_task(root, m): episode(m, root, 1, tasks=[*maker.TASKS, "dance"])
@mutation()
def tasks_in_another_order(root, m): episode(m, root, 1, tasks=maker.TASKS[::-1])
@mutation("V67", "V64")
def data_files_go_back(root, m): episode(m, root, 0, columns={"data/file_index": 1})
@mutation("V68")
def stats_of_wrong_length(root, m): episode(m, root, 1, columns={"stats/action/mean": [0.0, 0.0]})
@mutation("V68")
def stats_null(root, m): episode(m, root, 1, columns={"stats/action/mean": None})
@mutation("V68")
def count_zero(root, m): episode(m, root, 1, columns={"stats/action/count": [0]})
@mutation("V68")
def bare_numbers(root, m):
    for path in (EPISODES, EPISODES.replace("000.p", "001.p")):
        column(root, "stats/timestamp/mean", lambda v: [x[0] for x in v], path, pa.float64())
@mutation("V69")
def no_quantile(root, m):
    for path in (EPISODES, EPISODES.replace("000.p", "001.p")):
        episodes(root, lambda t: t.drop_columns([f"stats/{HEAD}/q10"]), path)


# ---- videos
@mutation("V70")
def missing_mp4(root, m): (root / video(HEAD, 1)).unlink()
@mutation("V70")
def mp4_is_text(root, m): (root / video(HEAD, 1)).write_text("not a video")
@mutation("V70")
def mp4_cut(root, m): os.truncate(root / video(HEAD, 1), 300)
@mutation("V71")
def from_timestamp_off_by_0_3_ms(root, m): episode(m, root, 1, columns={f"videos/{HEAD}/from_timestamp": 2.4003})
@mutation("V72")
def from_timestamp_off_by_one_frame(root, m):
    episode(m, root, 1, columns={f"videos/{HEAD}/from_timestamp": 2.5, f"videos/{HEAD}/to_timestamp": 15.5})
@mutation("V71", "V72")
def from_timestamp_nan(root, m): episode(m, root, 1, columns={f"videos/{HEAD}/from_timestamp": float("nan")})
def frames(m, camera, number): return [p for e in maker.VIDEO_FILES[camera][number] for p in m.pictures[camera][e]]
@mutation("V73")
def frame_missing_at_the_end(root, m): m.write_video(root, HEAD, 0, pictures=frames(m, HEAD, 0)[:-1])
@mutation("V73")
def a_frame_too_many(root, m): m.write_video(root, WRIST, 1, pictures=frames(m, WRIST, 1) + [m.pictures[WRIST][0][0]])
@mutation("V21", "V74", "V75", "V81")
def wrong_fps(root, m): m.write_video(root, HEAD, 0, fps=20)
@mutation("V75", "V76", least=True)
def gap_at_a_join(root, m): m.write_video(root, HEAD, 0, gap_at=24)
@mutation("V76", "V75", least=True)
def timescale_without_a_grid(root, m): m.write_video(root, HEAD, 0, timescale=10007)
@mutation("V77", least=True)
def fragmented(root, m): m.write_video(root, HEAD, 0, container_options={"movflags": "frag_keyframe+empty_moov+default_base_moof"})
@mutation("V78")
def b_frames_in_closed_gops(root, m):
    m.write_video(root, HEAD, 0, options={"g": "8", "bf": "2", "b_strategy": "0", "preset": "veryfast", "forced-idr": "1"})
@mutation("V78", "V83", least=True)
def open_gop(root, m):
    m.write_video(root, HEAD, 0, options={"g": "8", "bf": "3", "b_strategy": "0", "preset": "veryfast", "x264-params": "open-gop=1:scenecut=0"})
@mutation("V79")
def keyframes_far_apart(root, m): m.write_video(root, HEAD, 0, options={"g": "60", "bf": "0", "preset": "veryfast", "forced-idr": "1"})
@mutation("V79")
def no_keyframe_at_an_episode(root, m):
    maker.write_mp4(root / video(WRIST, 1), frames(m, WRIST, 1), options={"g": "8", "bf": "0", "preset": "veryfast", "sc_threshold": "0"})
@mutation("V82")
def other_pixel_format(root, m): m.write_video(root, HEAD, 1, pix_fmt="yuv444p")
@mutation("V82", "V86")
def other_codec(root, m): m.write_video(root, HEAD, 1, codec="mjpeg", pix_fmt="yuvj420p", options={"q": "5"})
@mutation("V17", "V82")
def other_size(root, m): m.write_video(root, HEAD, 1, pictures=[p[:, :80] for p in frames(m, HEAD, 1)])
@mutation("V83", least=True)
def damaged_pictures(root, m):
    data = bytearray((root / video(HEAD, 0)).read_bytes())
    middle = data.find(b"mdat") + 20000
    data[middle:middle + 4000] = b"\0" * 4000
    (root / video(HEAD, 0)).write_bytes(data)


# ---- statistics
@mutation("V90")
def stats_is_no_json(root, m): (root / "meta/stats.json").write_text("NaN,")
@mutation("V90")
def stats_nan(root, m): stats(root, lambda s: s["action"].update(mean=[float("nan")] * 3))
@mutation("V90")
def stats_without_feature(root, m): stats(root, lambda s: s.pop("timestamp"))
@mutation("V90")
def stats_without_quantile(root, m): stats(root, lambda s: s["action"].pop("q01"))
@mutation("V90")
def stats_flat_camera(root, m): stats(root, lambda s: s[HEAD].update(mean=[0.5, 0.5, 0.5]))
@mutation("V91", "V96")
def quantiles_crossed(root, m):
    stats(root, lambda s: s["action"].update(q10=s["action"]["q90"], q90=s["action"]["q10"]))
@mutation("V92", "V93")
def std_too_large(root, m): stats(root, lambda s: s["action"].update(std=[99.0] * 3))
@mutation("V92", "V93")
def mean_outside(root, m): stats(root, lambda s: s["action"].update(mean=[99.0] * 3))
@mutation("V93")
def min_too_low(root, m): stats(root, lambda s: s["action"].update(min=[x - 0.001 for x in s["action"]["min"]]))
@mutation("V93")
def mean_a_little_off(root, m): stats(root, lambda s: s["action"].update(mean=[x + 0.001 for x in s["action"]["mean"]]))
@mutation("V93")
def std_of_a_sample(root, m): stats(root, lambda s: s["action"].update(std=[x * (171 / 170) ** 0.5 for x in s["action"]["std"]]))
@mutation("V93")
def episode_min(root, m): episode(m, root, 1, columns={"stats/action/min": [x - 0.001 for x in m.episodes[1]["stats/action/min"]]})
@mutation("V93")
def episode_std(root, m): episode(m, root, 1, columns={"stats/action/std": [x * 1.01 for x in m.episodes[1]["stats/action/std"]]})
@mutation("V93")
def episode_quantile(root, m): episode(m, root, 1, columns={"stats/action/q50": [x + 0.1 for x in m.episodes[1]["stats/action/q50"]]})
@mutation("V94")
def wrong_count(root, m): stats(root, lambda s: s["action"].update(count=[170]))
@mutation("V94")
def wrong_episode_count(root, m): episode(m, root, 2, columns={"stats/gripper/count": [16]})
@mutation("V94", "V96", least=True)
def wrong_camera_count(root, m): episode(m, root, 1, columns={f"stats/{HEAD}/count": [12]})
@mutation("V92")
def camera_std_overflown(root, m):
    """As LeRobot 0.4 writes it: squares of 8-bit pixels in 8 bits."""
    def flat(s): return {k: [[[0.0]] for _ in v] if k == "std" else v for k, v in s.items()}
    for e in range(3):
        m.episode_stats[e][HEAD] = flat(m.episode_stats[e][HEAD])
    m.make_episodes()
    m.write_episodes(root)
    means = np.array([[m.episode_stats[e][HEAD]["mean"][c][0][0] for c in range(3)] for e in range(3)])
    counts = np.array([m.episode_stats[e][HEAD]["count"][0] for e in range(3)])
    whole = np.average(means, axis=0, weights=counts)
    between = np.sqrt(np.average((means - whole) ** 2, axis=0, weights=counts))   # all that is left of it, where there are several episodes
    stats(root, lambda s: s[HEAD].update(std=[[[float(x)]] for x in between]))
@mutation("V95")
def camera_not_scaled(root, m):
    def scaled(s): return {k: v if k == "count" else [[[x[0][0] * 255]] for x in v] for k, v in s.items()}
    stats(root, lambda s: s.update({HEAD: scaled(s[HEAD])}))
    for e in range(3):
        m.episode_stats[e][HEAD] = scaled(m.episode_stats[e][HEAD])
    m.make_episodes()
    m.write_episodes(root)
@mutation("V96")
def camera_mean_off(root, m): stats(root, lambda s: s[HEAD].update(mean=[[[x[0][0] + 0.01]] for x in s[HEAD]["mean"]]))
@mutation("V96")
def median_off(root, m): stats(root, lambda s: s["action"].update(q50=[x + 0.02 for x in s["action"]["q50"]]))
@mutation()
def quantiles_averaged(root, m):
    n = [e["stats/action/count"][0] for e in m.episodes]
    def change(s):
        for q in ("q01", "q10", "q50", "q90", "q99"):
            s["action"][q] = np.average([e[f"stats/action/{q}"] for e in m.episodes], axis=0, weights=n).tolist()
    stats(root, change)
@mutation()
def quantiles_as_an_envelope(root, m):
    def change(s):
        for q in ("q01", "q10", "q50", "q90", "q99"):
            s["action"][q] = (np.max if q > "q50" else np.min)([e[f"stats/action/{q}"] for e in m.episodes], axis=0).tolist()
    stats(root, change)
@mutation("V97")
def index_maximum(root, m): stats(root, lambda s: s["index"].update(max=[171.0]))


# ---- pictures in the data files
def to_images(root, m, broken=None, metadata=True):
    """Makes the wrist camera an image feature."""
    feature = m.features[WRIST]
    feature["dtype"] = "image"
    feature.pop("info")
    m.info["features"] = m.features
    def png(rgb):
        encoder = av.CodecContext.create("png", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = rgb.shape[1], rgb.shape[0], "rgb24", fractions.Fraction(1, 10)
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
        return b"".join(bytes(p) for p in encoder.encode(frame) + encoder.encode(None))
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    order = [n for n in m.features if n != HEAD]
    hf = {n: {"_type": "Image"} if n == WRIST else {"dtype": f["dtype"], "_type": "Value"} for n, f in m.features.items() if n != HEAD}
    for number, numbers in enumerate(maker.DATA_FILES):
        tables = []
        for e in numbers:
            cells = [{"bytes": png(p), "path": f"frame-{k:06d}.png"} for k, p in enumerate(m.pictures[WRIST][e])]
            if broken and e == 1:
                cells[5] = broken(m, png)
            table = m.data_table(e).append_column(WRIST, pa.array(cells, kind)).select(order)
            tables.append(table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": hf}})} if metadata else None))
        with pq.ParquetWriter(root / f"data/chunk-000/file-{number:03d}.parquet", tables[0].schema) as writer:
            for table in tables:
                writer.write_table(table)
    for row in m.episodes:
        for key in [k for k in row if k.startswith(f"videos/{WRIST}/")]:
            row.pop(key)
    shutil.rmtree(root / f"videos/{WRIST}")
    m.write_episodes(root), m.write_json(root)
@mutation()
def images(root, m): to_images(root, m)
@mutation("V51")
def image_of_another_size(root, m): to_images(root, m, lambda m, png: {"bytes": png(m.pictures[HEAD][0][0]), "path": "x.png"})
@mutation("V51")
def image_cut(root, m): to_images(root, m, lambda m, png: {"bytes": png(m.pictures[WRIST][0][0])[:-20], "path": "x.png"})
@mutation("V51")
def image_null(root, m): to_images(root, m, lambda m, png: {"bytes": None, "path": "x.png"})
@mutation("V52")
def image_without_metadata(root, m): to_images(root, m, metadata=False)
