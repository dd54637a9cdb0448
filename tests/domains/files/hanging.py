"""In place of the examining process: one that a file keeps busy for ever."""

import time

while True:
    time.sleep(60)
