"""Look for known vulnerabilities in what is installed: ``python -m tests.audit``.

Where the data can't be reached, say so and skip it; with ``CI=true`` that is a failure.
"""

import json
import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json"]


def main() -> int:
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(done.stderr[-500:])
        print("The audit is skipped: the data on vulnerabilities can't be reached.", flush=True)
        if os.environ.get("CI") != "true":
            return 0
        print("CI=true: an audit that is skipped is a failure.")
        return 1
    vulnerable = [package for package in found if package.get("vulns")]
    for package in vulnerable:
        ids = ", ".join(each["id"] for each in package["vulns"])
        print(f"{package['name']} {package['version']}: {ids}")
    print(f"{len(found)} packages looked at, {len(vulnerable)} with known vulnerabilities.", flush=True)
    return bool(vulnerable)


if __name__ == "__main__":
    sys.exit(main())
