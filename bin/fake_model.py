"""The fake model provider, as ``./bin/studio fake-model`` starts it: a stand-in for language models that lives among the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fakes.model_server.command import main

if __name__ == "__main__":
    sys.exit(main())
