"""Reddit through praw: new posts and comments in chosen subreddits, a search, and who names us."""

from monitoring.connectors.reddit.connector import RedditConnector

__all__ = ["RedditConnector"]
