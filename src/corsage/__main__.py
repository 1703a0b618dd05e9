"""``python -m corsage`` is ``corsage``."""

import sys

from corsage.cli import main

sys.exit(main())
