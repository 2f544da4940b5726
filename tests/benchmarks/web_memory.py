"""Settings of gunicorn for a benchmark: as it ends, a web process says how large it is and what it loaded.

The environment's `WEB_REPORT` names the file: `{"pss": bytes, "modules": [names]}`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil


def worker_exit(server: Any, worker: Any) -> None:
    """Called by gunicorn in the process that served."""
    told = {"pss": psutil.Process().memory_full_info().pss, "modules": sorted(sys.modules)}
    Path(os.environ["WEB_REPORT"]).write_text(json.dumps(told), encoding="utf-8")
