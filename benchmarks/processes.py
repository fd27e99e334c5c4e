"""Runs commands and measures them: wall time, or the peak of the resident memory of their whole process tree (VmHWM)."""
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    seconds: float
    peak_bytes: int  # the sum over the tree of each process's own high-water mark; 0 where nobody watched
    code: int
    stdout: str
    stderr: str
    cpu_seconds: float


def high_water(pid, peaks):
    """Notes VmHWM of a process and of all below it. A mark never falls, so the last look before the end is the peak."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = [c for t in os.listdir(f"/proc/{pid}/task") for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            peaks[pid] = int(line.split()[1]) * 1024
    for child in children:
        high_water(int(child), peaks)


def run(*command, cores=None, check=(0,), watch=False):
    """Runs one command to its end. `cores`: taskset list, such as "0,1". `watch` looks for the peak, on the same cores:
    a conversion of 2.1 s took 2.5 s under it, so that a run that is watched is not one to time."""
    command = [*(["taskset", "-c", cores] if cores else []), *map(str, command)]
    began, peaks, times = time.monotonic(), {}, os.times()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    done = threading.Event()

    def look():
        while not done.wait(0.002):
            high_water(process.pid, peaks)

    thread = threading.Thread(target=look)
    if watch:
        thread.start()
    stdout, stderr = process.communicate()
    seconds = time.monotonic() - began
    done.set()
    if watch:
        thread.join()
    after = os.times()
    assert process.returncode in check, f"{' '.join(command)} ended with {process.returncode}: {stdout[-2000:]}{stderr[-2000:]}"
    cpu = after.children_user + after.children_system - times.children_user - times.children_system
    return Run(seconds, sum(peaks.values()), process.returncode, stdout, stderr, cpu)


def run_together(commands, cores=None):
    """Wall seconds of several commands started at once, to the end of the last."""
    began = time.monotonic()
    processes = [subprocess.Popen([*(["taskset", "-c", cores] if cores else []), *map(str, c)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
                 for c in commands]
    for command, process in zip(commands, processes):
        assert process.wait() == 0, f"{command} failed"
    return time.monotonic() - began


def forget(path):
    """Takes a file out of the page cache, as far as one may without being root."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_all(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def write_once(path, size):
    block = os.urandom(1 << 20)
    with open(path, "wb", buffering=0) as file:
        for at in range(0, size, len(block)):
            file.write(block[: min(len(block), size - at)])
        os.fsync(file.fileno())
    os.unlink(path)
