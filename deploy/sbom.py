"""The bill of materials of an image: a lock file as CycloneDX 1.6, on standard output."""

import json
import re
import sys
from pathlib import Path

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill_of(lock: str, service: str) -> dict[str, object]:
    components: list[dict[str, object]] = []
    hashes: list[dict[str, str]] = []
    for line in lock.splitlines():
        if found := PINNED.match(line):
            name, version = found[1].lower(), found[2]
            hashes = []
            purl = f"pkg:pypi/{name}@{version}"
            components.append(
                {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl, "hashes": hashes}
            )
        hashes += [{"alg": "SHA-256", "content": digest} for digest in HASH.findall(line)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": f"kith-{service}"}},
        "components": components,
    }


if __name__ == "__main__":
    lock, service = sys.argv[1:]
    json.dump(bill_of(Path(lock).read_text(encoding="utf-8"), service), sys.stdout, indent=1)
