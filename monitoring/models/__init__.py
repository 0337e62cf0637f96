"""What is listened to (sources, queries) and what was heard (posts)."""

from monitoring.models.posts import Author, Post, PostIdentity, PostMatch, PostVersion
from monitoring.models.sources import Query, RejectedMention, Source

__all__ = [
    "Author",
    "Post",
    "PostIdentity",
    "PostMatch",
    "PostVersion",
    "Query",
    "RejectedMention",
    "Source",
]
