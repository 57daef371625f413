"""`python -m tests.bench` lists every benchmark there is."""

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent


def test_every_module_that_can_be_run_as_a_benchmark_is_listed():
    runnable = {
        path.stem
        for path in BENCH.glob("*.py")
        if re.search(r"python -m tests\.bench\." + path.stem, path.read_text()) and path.stem != "__main__"
    }
    done = subprocess.run([sys.executable, "-m", "tests.bench"], capture_output=True, text=True, cwd=BENCH.parents[1])
    assert set(re.findall(r"^python -m tests\.bench\.(\w+) ", done.stdout, re.MULTILINE)) == runnable
    assert runnable
