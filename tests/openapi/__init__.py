"""``docs/openapi.yaml``: the schema of the REST API, with examples of what its endpoints answered when it was made.

python -m tests.openapi           # writes it
python -m tests.openapi --check   # fails when it is not what this writes
"""

from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
COMMAND = "python -m tests.openapi"
