"""Our own commands, run as an operator runs them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import free_port, wait_for

SPLIT = "sources:\n  - {title: All, path: articles, split_by: author, timezone: Asia/Shanghai, every: 1 hour}\n"
_AGGREGATOR = [sys.executable, "-m", "aggregator"]


def configure(root: Path, rest: str = SPLIT, workers: int = 2) -> str:
    """Write a config for the articles below `root`; returns the address of its site."""
    port = free_port()
    (root / "articles").mkdir(parents=True, exist_ok=True)
    site = f"site: {{title: Bench, url: 'http://127.0.0.1:{port}', language: zh-CN}}\n"
    server = f"server: {{port: {port}, workers: {workers}}}\n"
    (root / "config.yaml").write_text(site + server + rest, encoding="utf-8")
    return f"http://127.0.0.1:{port}"


def python(module: str, *words: object) -> float:
    """Run a module to its end; how many seconds that takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", module, *map(str, words)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak_memory(module: str, *words: object) -> float:
    """Run a module to its end: the peak of memory over all of its processes together, in MiB.

    To look at that takes time, so such a run is not timed.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *map(str, words)], stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(memory, family(process.pid))))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{module} failed")
    return peak


@contextmanager
def service(root: Path, address: str, name: str = "serve") -> Iterator[int]:
    """Run `serve` or `run` until the block ends; yields the number of its main process."""
    words = [*_AGGREGATOR, name, "--config", str(root / "config.yaml")]
    process = subprocess.Popen(words, env=os.environ, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{address}/readyz", 300)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def family(parent: int) -> list[int]:
    """A process with all that it started."""
    found = [parent]
    for number in found:
        try:
            tasks = list(Path(f"/proc/{number}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it ended just now
            continue
    return found


def memory(process: int) -> float:
    """What a process holds alone of the machine's memory, and its part of what it shares, in MiB."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), 0.0)
