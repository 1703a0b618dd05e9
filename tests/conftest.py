"""What holds for every test."""

import signal

# A shell without job control starts what runs in the background with Ctrl-C ignored, and the
# programs under test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
