"""What a dataset should hold, computed from a recording and a recipe by the rules of docs/alignment.md alone. Shares no code with bagloom:
messages are found by bag_walk.py, decoded by rosbags, and every rule is written again here, as plainly as possible."""
import bisect
from dataclasses import dataclass, field as dataclass_field

import numpy as np
from ruamel.yaml import YAML

from bag_walk import by_topic, walk
from decode import decode, field

SECOND = 10**9


@dataclass
class Part:
    """One topic's contribution to a feature."""
    topic: str
    field: str = ""  # empty: a picture
    select: list = None
    width: int = 1  # numbers, by the names given
    scale: float = 1.0
    offset: float = 0.0
    match: str = "nearest"
    tolerance: object = None  # "period", "state", "none", or ns


@dataclass
class Feature:
    name: str
    camera: bool
    parts: list


@dataclass
class Recipe:
    fps: int
    timeline: str = ""  # topic; empty: uniform
    every: int = 1
    drop_start: int = 0
    drop_end: int = 0
    features: list = dataclass_field(default_factory=list)
    hold: int = 200_000_000
    longer: str = "reject"
    min_rows: int = 2
    non_finite: str = "gap"


@dataclass
class Episode:
    """`rows`: for each row {(feature, topic): message}; `values`: {feature: float32 [rows, width]}."""
    times: list
    rows: list
    held: int
    values: dict


@dataclass
class Outcome:
    episodes: list
    rejected: bool
    excluded: list  # unusable messages, each once


class Rejected(Exception):
    pass


def nanoseconds(value):
    """0.2 (seconds), "200ms", "0.2 s", ... as an integer."""
    text = str(value).replace(" ", "")
    for unit, factor in (("ns", 1), ("us", 10**3), ("ms", 10**6), ("s", SECOND)):
        if text.endswith(unit):
            return round(float(text[: -len(unit)]) * factor)
    return round(float(text) * SECOND)


def load_recipe(text):
    """The parts of a recipe that decide about rows and values, from its YAML."""
    y = YAML(typ="safe").load(text)
    recipe = Recipe(fps=y["fps"])
    timeline = y.get("timeline", "uniform")
    if isinstance(timeline, dict):
        recipe.timeline, recipe.every = timeline.get("topic", ""), timeline.get("every", 1)  # no topic: `uniform: true`
        recipe.drop_start, recipe.drop_end = (nanoseconds(timeline.get(k, 0)) for k in ("drop_start", "drop_end"))
    gaps = y.get("gaps", {})
    recipe.hold, recipe.longer, recipe.min_rows = nanoseconds(gaps.get("hold", 0.2)), gaps.get("longer", "reject"), gaps.get("min_rows", 2)
    recipe.non_finite = y.get("non_finite", "gap")
    for name, f in y["features"].items():
        camera, parts = "camera" in f, []
        for p in [f] if camera else f["vector"]:
            match = p.get("match", "hold" if name.startswith("action") and not camera else "nearest")
            tolerance = p.get("tolerance", "period" if camera else "none" if match == "hold" else "state")
            if tolerance not in ("period", "state", "none"):
                tolerance = nanoseconds(tolerance)
            topic = p["camera"] if camera else p["topic"]
            parts.append(Part(topic, p.get("field", ""), p.get("select"), len(p.get("names") or "1"), float(p.get("scale", 1)), float(p.get("offset", 0)), match, tolerance))
        recipe.features.append(Feature(name, camera, parts))
    return recipe


def leading_digits(value):
    cut = max(0, value.bit_length() - 11)
    return value >> cut << cut


def median_interval(times):
    differences = sorted(b - a for a, b in zip(times, times[1:]))
    return leading_digits(differences[(len(differences) - 1) // 2])


def topic_ticks(times, recipe):
    first, last, n, fps = times[0] + recipe.drop_start, times[-1] - recipe.drop_end, recipe.every, recipe.fps
    times = [t for t in times if first <= t <= last]
    if not times:
        return []
    step, ticks, at = SECOND * (2 * n - 1) // (2 * n * fps), [times[0]], 0
    while True:
        a = ticks[-1]
        at = bisect.bisect_left(times, a + step)
        if at == len(times):
            return ticks
        d = times[at] - a
        if 2 * d * fps > 3 * SECOND:
            m = min((2 * d * fps + SECOND) // (2 * SECOND) - 1, held_rows(recipe) + 1)
            ticks += [a + d * j // (m + 1) for j in range(1, m + 1)]
        ticks.append(times[at])


def held_rows(recipe):
    return recipe.hold * recipe.fps // SECOND


def ticks_of(topics, recipe):
    if recipe.timeline:
        return topic_ticks([m.time for m in topics.get(recipe.timeline, [])], recipe)
    used = {p.topic for f in recipe.features for p in f.parts}
    times = [m.time for topic in used for m in topics.get(topic, [])]
    if not times:
        return []
    first, last, ticks = min(times) + recipe.drop_start, max(times) - recipe.drop_end, []
    while first + len(ticks) * SECOND // recipe.fps <= last:
        ticks.append(first + len(ticks) * SECOND // recipe.fps)
    return ticks


def tolerance_of(part, messages):
    if part.tolerance in ("period", "state"):
        median = median_interval([m.time for m in messages]) if len(messages) > 1 else 0
        return median if part.tolerance == "period" else max(2 * median, 20_000_000)
    return None if part.tolerance == "none" else part.tolerance


def cells_of(ticks, part, messages):
    """For each tick the message, or None."""
    tolerance, cells = tolerance_of(part, messages), []
    times = [m.time for m in messages]
    for tick in ticks:
        after = bisect.bisect_right(times, tick)  # the first later than the tick
        before = after - 1
        chosen = None
        if before >= 0:
            chosen = messages[before]
            if part.match == "nearest":  # of several at one time the first in the file
                chosen = messages[bisect.bisect_left(times, chosen.time)]
        if part.match == "nearest" and after < len(messages):
            if chosen is None or times[after] - tick < tick - chosen.time:
                chosen = messages[after]
        if chosen is not None and tolerance is not None and abs(chosen.time - tick) > tolerance:
            chosen = None
        cells.append(chosen)
    return cells


def runs(flags):
    """Half-open ranges where flags are true."""
    found, start = [], None
    for i, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = i
        elif not flag and start is not None:
            found.append((start, i))
            start = None
    return found


def trimmed(whole, begin, end):
    while begin < end and not whole[begin]:
        begin += 1
    while end > begin and not whole[end - 1]:
        end -= 1
    return begin, end


def cut(columns, recipe):
    """columns: list of lists of cells. Gives the episodes as lists of ticks and fills held cells in; raises Rejected."""
    n = len(columns[0])
    whole = [all(c[i] is not None for c in columns) for i in range(n)]
    begin, end = trimmed(whole, 0, n)
    if begin == end:
        raise Rejected("no row has everything")
    gone = [False] * n
    for cells in columns:
        for a, b in runs([begin <= i < end and cells[i] is None for i in range(n)]):
            if b - a > held_rows(recipe):
                gone[a:b] = [True] * (b - a)
            else:
                cells[a:b] = [cells[a - 1]] * (b - a)
    if any(gone) and recipe.longer == "reject":
        raise Rejected("a long gap")
    pieces = [(a, b) for a, b in runs([begin <= i < end and not gone[i] for i in range(n)])]
    if recipe.longer == "drop":
        episodes = [[i for a, b in pieces for i in range(a, b)]]
        least = 2
    else:
        episodes = [list(range(*trimmed(whole, a, b))) for a, b in pieces]
        least = max(2, recipe.min_rows) if any(gone) else 2
    episodes = [e for e in episodes if len(e) >= least]
    if not episodes:
        raise Rejected("too few rows")
    return episodes, whole


def values_of(part, message, recipe):
    """float32 values, or None where the message is unusable."""
    try:
        decoded = decode(message)
        values = field(decoded, part.field)
        if part.select:
            names = list(decoded.name)
            values = values[[names.index(s) for s in part.select]]
        elif "[" not in part.field and len(values) != part.width:
            return None
    except Exception:  # noqa: BLE001: whatever a broken message does to the library, it is unusable
        return None
    if recipe.non_finite == "gap" and not np.isfinite(values).all():
        return None
    with np.errstate(over="ignore"):
        return (values * part.scale + part.offset).astype(np.float32)


def picture_is_usable(message):
    """A JPEG must end with its end marker; a raw picture must have all its bytes."""
    decoded = decode(message)
    data = bytes(decoded.data)
    if hasattr(decoded, "step"):
        return len(data) >= decoded.step * decoded.height
    return data[:2] == b"\xff\xd8" and data.rstrip(b"\0")[-2:] == b"\xff\xd9"


def plan(bag, recipe, rounds=3):
    """The whole calculation for one recording."""
    messages, excluded = walk(bag), []
    for _ in range(rounds + 1):
        places = {m.place for m in excluded}
        topics = by_topic([m for m in messages if m.place not in places])
        ticks = ticks_of(topics, recipe)
        keys, columns = [], []
        for feature in recipe.features:
            for part in feature.parts:
                if (feature.name, part.topic) not in keys:
                    keys.append((feature.name, part.topic))
                    columns.append(cells_of(ticks, part, topics.get(part.topic, [])))
        try:
            if not ticks:
                raise Rejected("no ticks")
            chosen, whole = cut(columns, recipe)
        except Rejected:
            return Outcome([], True, excluded)
        bad, episodes = {}, []
        for rows in chosen:
            episode = Episode([ticks[i] for i in rows], [{k: c[i] for k, c in zip(keys, columns)} for i in rows], sum(not whole[i] for i in rows), {})
            for feature in recipe.features:
                table = []
                for row in episode.rows:
                    vector = []
                    for part in feature.parts:
                        message = row[feature.name, part.topic]
                        if feature.camera:
                            if not picture_is_usable(message):
                                bad[message.place] = message
                            continue
                        numbers = values_of(part, message, recipe)
                        if numbers is None:
                            bad[message.place] = message
                        else:
                            vector.append(numbers)
                    table.append(vector)
                if not feature.camera and not bad:
                    episode.values[feature.name] = np.stack([np.concatenate(v) for v in table])
            episodes.append(episode)
        if not bad:
            return Outcome(episodes, False, excluded)
        excluded += bad.values()
    return Outcome([], True, excluded)
