"""What the fault tests run in a process of its own: `python -m tests.faults.inside SCENARIO JSON`.

Times are arguments of the services, so nothing here waits: "later" is a later `now`.
"""

import json
import sys

import django

django.setup()

from tests.faults import scenarios  # noqa: E402  # models exist after the set-up only

if __name__ == "__main__":
    print(json.dumps(scenarios.SCENARIOS[sys.argv[1]](**json.loads(sys.argv[2]))))  # noqa: T201
