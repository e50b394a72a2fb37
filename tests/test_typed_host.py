import os
import subprocess
import sys

from tests.check_typed_host import HOST
from tests.helpers import ROOT


def test_project_with_types_passes_its_own_tests():
    command = [sys.executable, "-W", "error", "-m", "django", "test", "--settings=shop.settings", "--pythonpath=."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=HOST, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "Ran 18 tests" in run.stderr
