"""`python -m mien.cli`."""

import sys

from mien.cli import main

sys.exit(main())
