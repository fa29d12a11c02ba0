"""Packages of npm for the programs that tests run, fetched once and kept."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def installed(manifest: Path) -> Path:
    """The folder `node_modules` of a package.json, for NODE_PATH. Skips the test where there is no Node.js."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("needs Node.js with npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kith"
    kept = cache / f"node-{hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]}"
    if not kept.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            shutil.copy(manifest, scratch)
            quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            done = subprocess.run([npm, "install", *quiet], cwd=scratch, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            try:
                Path(scratch).rename(kept)
            except OSError:  # somebody else was first
                assert kept.is_dir()
            else:
                Path(scratch).mkdir()  # for who takes it away
    return kept / "node_modules"
