"""Names of third parties in texts: who is spoken of has not asked to be in our files."""

import re
from typing import Any

HANDLE = re.compile(r"(?<![\w./])@[\w.\-]+(?:@[\w.\-]+)?")
LEFT_OUT = "@…"


def without_handles(value: Any) -> Any:
    """A text, or whatever holds texts, with every handle left out."""
    if isinstance(value, str):
        return HANDLE.sub(LEFT_OUT, value)
    if isinstance(value, dict):
        return {key: without_handles(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_handles(each) for each in value]
    return value
