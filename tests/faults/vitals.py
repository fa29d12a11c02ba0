"""What the suite's processes tell of themselves to whoever watches them: their numbers, and their memory."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from chassis.config import METRICS_ABOVE, SERVICES
from tests.e2e.suite import Suite
from tests.faults import processes


def number(suite: Suite, service: str, name: str, **labels: str) -> float:
    """One of its metrics, summed up over all other labels; 0 if it does not tell it."""
    host, _, port = processes.address_of(suite, service).rpartition(":")
    answer = httpx.get(f"http://{host}:{int(port) + METRICS_ABOVE}/metrics", trust_env=False, timeout=10)
    samples = [one for family in text_string_to_metric_families(answer.text) for one in family.samples]
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def memory_megabytes(suite: Suite) -> dict[str, int]:
    """What each service holds now."""
    return {name: _resident(processes.pid_of(suite, name)) for name in SERVICES}


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024
