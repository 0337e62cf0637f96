"""What is listened to (sources, queries) and what was heard (posts)."""

from monitoring.models.credentials import Credential
from monitoring.models.posts import Author, Post, PostIdentity, PostMatch, PostVersion
from monitoring.models.sources import (
    BlindSpell,
    Delivery,
    Query,
    RejectedMention,
    Source,
    SourceDay,
    Upload,
)

__all__ = [
    "Author",
    "BlindSpell",
    "Credential",
    "Delivery",
    "Post",
    "PostIdentity",
    "PostMatch",
    "PostVersion",
    "Query",
    "RejectedMention",
    "Source",
    "SourceDay",
    "Upload",
]
