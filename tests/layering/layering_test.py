#!/usr/bin/env python3
"""Reads every include line of src/ against the table in src/README.md, and checks what else the tree promises: libraries that neither
print nor exit, a short README a folder, short files, and no test that is not built. usage: layering_test.py REPOSITORY"""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else Path(__file__).parents[2]).resolve()
SRC = ROOT / "src"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# Third-party headers by how their include begins, and the word for them in the table.
THIRD_PARTY = {
    "xxhash": r"xxhash\.h|xxh3\.h",
    "lz4": r"lz4\w*\.h",
    "zstd": r"zstd\w*\.h",
    "bz2": r"bzlib\.h",
    "zlib": r"zlib\.h",
    "sqlite3": r"sqlite3\.h",
    "yaml-cpp": r"yaml-cpp/",
    "libav*": r"lib(av\w+|sw\w+)/",
    "turbojpeg": r"turbojpeg\.h|jpeglib\.h",
    "libpng": r"png\.h",
    "Arrow": r"arrow/",
    "Parquet": r"parquet/",
    "nlohmann-json": r"nlohmann/",
    "libprotobuf": r"google/protobuf/",
    "CLI11": r"CLI/",
}
SYSTEM = re.compile(r"^(sys|linux)/\w+\.h$|^(dirent|dlfcn|errno|fcntl|fenv|malloc|poll|pthread|sched|signal|stdlib|string|time|unistd)\.h$|^[a-z_0-9]+$")
PRINTS = re.compile(r"std::(cout|cerr|clog)\b|(?<![\w.:>])(?:std::)?(printf|puts|putchar|fprintf|abort|exit|_exit|quick_exit)\s*\(")


def code_of(path):
    """The file without comments and string literals, so that words in them do not count."""
    text = path.read_text("utf-8")
    pattern = r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/'
    return re.sub(pattern, lambda m: '""' if m.group().startswith(('"', "R")) else " ", text, flags=re.DOTALL)


def table():
    """{folder: (folders it may include, words of third-party headers)} from src/README.md."""
    rows = {}
    for line in (SRC / "README.md").read_text("utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"[a-z]+", cells[0]) and cells[0] != "folder":
            above = list(rows)
            allowed = above if cells[1] == "all above" else [w for w in re.split(r",\s*", cells[1]) if w != "–"]
            rows[cells[0]] = set(allowed) | {cells[0]}, {w for w in re.split(r",\s*| and ", cells[2]) if w != "–"}
    return rows


def sources(folder):
    return sorted(p for p in (SRC / folder).rglob("*") if p.suffix in (".h", ".cc"))


class Layering(unittest.TestCase):
    maxDiff = None

    def test_the_table_names_every_folder(self):
        folders = {p.name for p in SRC.iterdir() if p.is_dir() and any(p.iterdir())}
        self.assertEqual(folders - set(table()), set(), "folders of src/ that the table in src/README.md lacks")

    def test_includes(self):
        problems = []
        for folder, (allowed, words) in table().items():
            for path in sources(folder):
                for bracket, name in INCLUDE.findall(path.read_text("utf-8")):
                    where = f"{path.relative_to(ROOT)}: {name}"
                    if bracket == '"':
                        first = name.split("/")[0]
                        if "/" not in name or not (SRC / name).exists():
                            problems.append(f"{where}: is no header of src/, written as folder/file.h")
                        elif first not in allowed:
                            problems.append(f"{where}: {folder} may include {sorted(allowed - {folder})}")
                        continue
                    word = next((w for w, p in THIRD_PARTY.items() if re.match(p, name)), None)
                    if word and word not in words:
                        problems.append(f"{where}: {word} is not for {folder}")
                    elif not word and not SYSTEM.match(name):
                        problems.append(f"{where}: a library that the table does not know")
        self.assertEqual(problems, [])

    def test_libraries_neither_print_nor_exit(self):
        problems = []
        for folder in set(table()) - {"cli"}:
            for path in sources(folder):
                for match in PRINTS.finditer(code_of(path)):
                    problems.append(f"{path.relative_to(ROOT)}: {match.group().strip()}")
        self.assertEqual(problems, [])

    def test_each_folder_has_a_short_readme(self):
        problems = []
        for folder in table():
            readme = SRC / folder / "README.md"
            lines = len(readme.read_text("utf-8").splitlines()) if readme.exists() else None
            if sources(folder) and (lines is None or lines > 25):
                problems.append(f"{readme.relative_to(ROOT)}: {'is missing' if lines is None else f'{lines} lines, at most 25'}")
        self.assertEqual(problems, [])

    def test_no_long_file(self):
        long = [f"{p.relative_to(ROOT)}: {n} lines" for top in ("src", "tests", "fuzz", "benchmarks", "scripts") for p in (ROOT / top).rglob("*")
                if p.suffix in (".h", ".cc", ".py", ".sh", ".cmake") and (n := len(p.read_text("utf-8").splitlines())) > 600]
        self.assertEqual(long, [])

    def test_every_source_is_built(self):
        """Sources are listed by name in their folder's CMakeLists.txt: a file that is not there would never be compiled or run."""
        problems = []
        for top in ("src", "tests"):
            for path in sorted((ROOT / top).rglob("*.cc")):
                listed = None
                for folder in path.parents:
                    if (folder / "CMakeLists.txt").exists():
                        listed = str(path.relative_to(folder)) in (folder / "CMakeLists.txt").read_text("utf-8")
                        break
                if not listed:
                    problems.append(f"{path.relative_to(ROOT)} stands in no CMakeLists.txt")
        self.assertEqual(problems, [])

    def test_every_python_test_is_run(self):
        listed = (ROOT / "tests/python/CMakeLists.txt").read_text("utf-8")
        self.assertEqual([p.name for p in (ROOT / "tests/python").glob("test_*.py") if not re.search(rf"\({p.stem[5:]}[ )]", listed)], [])

    def test_nothing_belongs_to_one_machine(self):
        """No absolute path of a developer's machine, and no package index: users have their own."""
        folders = "|".join(["wo" + "rk", "home", "ro" + "ot"])  # in pieces, so that this file does not find itself
        machine = re.compile(rf"(?<![\w.])/({folders})/\w|--(extra-)?index" + "-url")
        problems = []
        for path in sorted(ROOT.rglob("*")):
            parts = path.relative_to(ROOT).parts
            if parts[0] in (".git", "build", ".deps", ".cache") or not path.is_file() or path.resolve() == Path(__file__).resolve():
                continue
            if path.suffix in (".h", ".cc", ".py", ".sh", ".md", ".txt", ".cmake", ".yaml", ".json", "") and path.stat().st_size < 1 << 20:
                text = path.read_bytes().decode("utf-8", "ignore")
                problems += [f"{path.relative_to(ROOT)}: {m.group()}" for m in machine.finditer(text)]
        self.assertEqual(problems, [])


if __name__ == "__main__":
    unittest.main()
