"""Where a process spends its processor time, sampled from outside by py-spy while it works."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving import ROOT

_FRAME = re.compile(r"(?P<function>.*) \((?P<path>.*):\d+\)")
_PACKAGES = Path(sysconfig.get_path("purelib"))
_OWN = ROOT / "django_ding"


@dataclass
class Profile:
    """Samples by package, and by function of this app's.

    :ivar packages: the innermost package of the stack; what Python's own library does is its caller's.
    :ivar functions: the innermost function of this app's in the stack, with all that it calls elsewhere.
    """

    packages: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)

    def add(self, stack: list[str], samples: int) -> None:
        frames = [match for frame in reversed(stack) if (match := _FRAME.fullmatch(frame))]
        packages = (package for match in frames if (package := _package(Path(match["path"]))))
        self.packages[next(packages, "Python")] += samples
        own = (match for match in frames if Path(match["path"]).is_relative_to(_OWN))
        if match := next(own, None):
            self.functions[f"{Path(match['path']).relative_to(_OWN)}: {match['function']}"] += samples

    def report(self, title: str, microseconds: float, longest: int = 25) -> None:
        """Print what each package and the longest functions take of the processor time of a call."""
        total = self.packages.total() or 1
        for heading, counts in (("package", self.packages), ("own function", self.functions)):
            print(f"\n| {title}, by {heading:<50} |    µs |")
            print(f"|-{'-' * (len(title) + 55)}-|------:|")
            for name, samples in counts.most_common(longest):
                print(f"| {name:<{len(title) + 55}} | {samples / total * microseconds:>5.0f} |")


def profiler() -> str | None:
    """Return the path of py-spy, ``None`` if it is neither in this environment nor elsewhere on the path."""
    return shutil.which("py-spy", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


@contextmanager
def profiled(process: int, *, seconds: int) -> Iterator[Profile]:
    """Sample a process for so long, from now on, and fill the profile in the end. What waits isn't sampled."""
    profile = Profile()
    with tempfile.NamedTemporaryFile() as output:
        command = [str(profiler()), "record", f"--pid={process}", "--format=raw", "--full-filenames", "--nonblocking"]
        command += ["--rate=500", f"--duration={seconds}", f"--output={output.name}"]
        recorder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield profile
        recorder.wait()
        for line in Path(output.name).read_text().splitlines():
            stack, _, samples = line.rpartition(" ")
            profile.add(stack.split(";"), int(samples))


def _package(path: Path) -> str | None:
    for root in (ROOT, _PACKAGES):
        if path.is_relative_to(root):
            return path.relative_to(root).parts[0]
    return None
