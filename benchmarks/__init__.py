"""How good, how fast: measurements over the same engines that serve."""

import os

# One thread, as the services run; it must be said before numpy is loaded, so here.
os.environ.setdefault("OMP_NUM_THREADS", "1")  # noqa: TID251 - it sets a variable for a library that reads no other way
