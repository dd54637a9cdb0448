"""In place of the examining process: one that a file has killed."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
