"""The ledger outlives whoever writes into it, and knows what was meant and never answered (the rig of all drills)."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.e2e.suite import ROOT, until
from tests.faults.ledger import Step, kept

DRIVER = """
import sys, time
from pathlib import Path
from tests.faults.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), int(sys.argv[2]))
ledger.intend("a", 1, "lead")
ledger.note("a", "ok", "id of a")
ledger.intend("b", 2, "lead")
time.sleep(60)  # in the middle of the call
"""


def test_what_a_driver_meant_is_known_when_it_is_killed_in_the_middle(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with kept(file) as ledger:
        driver = [sys.executable, "-c", DRIVER, str(file), str(ledger.port)]
        with subprocess.Popen(driver, cwd=ROOT) as process:
            until(lambda: len(ledger.steps()) == 2, 30)
            process.send_signal(signal.SIGKILL)
        ledger.intend("c", 3, "win")  # it goes on
    expected = [Step("a", 1, "lead", "ok", "id of a"), Step("b", 2, "lead", "", ""), Step("c", 3, "win", "", "")]
    assert ledger.steps() == expected
    assert ledger.steps("win") == expected[2:]
    assert ledger.count("ok") == 1
