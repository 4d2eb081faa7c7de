"""Where the parts are that these tests share with the conformance tests, and how long they last."""

import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

SECONDS = float(os.environ.get("CHAOS_SECONDS", "15"))  # Of one run of faults.
SEED = os.environ.get("DAYBOOK_SEED", "20261121")
if SEED == "random":
    SEED = str(random.SystemRandom().getrandbits(32))
