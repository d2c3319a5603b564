"""The back-file command: classifies an office's documents offline, with the same engine as the service."""

import os

# One thread a process, where the operator did not say otherwise: two processes whose matrix products use both cores
# each take twice as long. It must be said before numpy is loaded, so here.
os.environ.setdefault("OMP_NUM_THREADS", "1")  # noqa: TID251 - it sets a variable for a library that reads no other way
