"""The wire to Reddit under praw, without its waiting: imported only when Reddit is asked something.

praw tries a failed request three times and sleeps before the limit is reached, all in the worker. So it
gets a requestor that hands it only good answers, without the headers that it would wait for.
"""

import logging
from typing import Any

import praw
import prawcore
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

# It writes what is sent to its log at level DEBUG.
logging.getLogger("prawcore").setLevel(logging.INFO)

TIME_OUT_S = (5.0, 20.0)  # to connect, between two bytes
LIMIT_HEADERS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")


class Unanswered(Exception):
    """No answer came; `is_sure`: nothing was sent either."""

    def __init__(self, *, is_sure: bool) -> None:
        super().__init__(is_sure)
        self.is_sure = is_sure


class Denied(Exception):
    """Reddit answered anything but a success."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Requestor(prawcore.Requestor):
    """Sends each request once. `limits` takes what the last good answer said is left."""

    def __init__(self, *, limits: dict[str, str], **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits

    def request(self, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = TIME_OUT_S
        try:
            response = self._http.request(*args, **options)
            len(response.content)  # read here: a body can break off
        except requests.exceptions.ConnectTimeout:
            raise Unanswered(is_sure=True) from None
        except requests.RequestException:
            raise Unanswered(is_sure=False) from None
        if response.status_code not in (200, 201, 202):
            raise Denied(response)
        found = {name: response.headers.pop(name, "") for name in LIMIT_HEADERS}
        self._limits |= {name: value for name, value in found.items() if value}
        return response


def connected(transport: BaseAdapter | None, limits: dict[str, str], **keys: Any) -> praw.Reddit:
    """praw for these keys; it asks nothing yet."""
    session = requests.Session()
    session.trust_env = False  # no .netrc: it would replace our keys
    session.mount("https://", transport or HTTPAdapter())
    return praw.Reddit(
        requestor_class=Requestor,
        requestor_kwargs={"session": session, "limits": limits},
        check_for_updates=False,
        check_for_async=False,
        **keys,
    )


# What praw raises for bodies and sign-ins that it does not expect.
FAILURES = (praw.exceptions.PRAWException, prawcore.PrawcoreException)
SIGN_IN_FAILURES = (prawcore.OAuthException, prawcore.InvalidInvocation)
