"""How large drills are: small in every run, whole where `KITH_DRILLS=whole`."""

import os

WHOLE = os.environ.get("KITH_DRILLS") == "whole"
