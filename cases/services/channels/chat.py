"""Letters to a chat or as a text message, by Apprise: a short list of services, and nothing else it can do.

Apprise opens its own connections. So a service with an address of its own (Slack, Teams, an SMS gateway)
may be used as it is; one on a host that somebody names only when the installation allows that host
(CHAT_HOSTS). No other option of an address is passed on: some of them read files.
"""

import logging
from urllib.parse import parse_qsl, urlsplit

import apprise
from django.conf import settings
from django.utils.translation import gettext as _

from cases.services.channels import Letter, NotSent

FIXED = {
    "slack": "Slack",
    "msteams": "Microsoft Teams",
    "discord": "Discord",
    "tgram": "Telegram",
    "wxteams": "Webex",
    "twilio": "Twilio",
    "msgbird": "MessageBird",
    "vonage": "Vonage",
    "clicksend": "ClickSend",
    "d7sms": "D7 Networks",
    "pover": "Pushover",
}
"""Services that live at an address of their own, whatever somebody fills in."""

ON_A_HOST = {
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "signal": "Signal",
    "signals": "Signal",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "nctalk": "Nextcloud Talk",
    "nctalks": "Nextcloud Talk",
    "workflows": "Microsoft Teams",
}
"""Services on a host that somebody names: only hosts of CHAT_HOSTS."""

OPTIONS = frozenset({"to", "from", "channel", "mode", "priority"})

# Their words may hold the address, which is a secret.
for _name in ("apprise", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def service_of(address: str) -> str:
    """The name of the service an address is of. Raises ValueError with a sentence for any other."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        raise ValueError(_("This is no address of a chat or SMS service.")) from None
    schema = parts.scheme.lower()
    if schema not in FIXED and schema not in ON_A_HOST:
        raise ValueError(_("This service is not one of those that can be used."))
    if {name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)} - OPTIONS:
        raise ValueError(_("This address has options that are not allowed."))
    if schema in ON_A_HOST and host not in settings.CHAT_HOSTS:
        raise ValueError(_("The administrator has not allowed this host for messages (CHAT_HOSTS)."))
    if _made(address) is None:
        raise ValueError(_("This address is not complete."))
    return FIXED.get(schema) or ON_A_HOST[schema]


def send(letter: Letter, address: str) -> None:
    """Send a letter to a chat or phone number. Raises NotSent."""
    try:
        service = service_of(address)
    except ValueError as refusal:
        raise NotSent(str(refusal)) from None
    made = _made(address)
    try:
        is_sent = made is not None and made.notify(
            title=letter.title, body=f"{letter.text}\n{letter.link}", body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as error:  # a plugin of somebody else's; its words may hold the address
        raise NotSent(f"{type(error).__name__}: {service}") from None
    if not is_sent:
        raise NotSent(_("%(service)s did not take the message.") % {"service": service})


def _made(address: str) -> apprise.NotifyBase | None:
    asset = apprise.AppriseAsset(secure_logging=True, async_mode=False)
    made = apprise.Apprise.instantiate(address.strip(), asset=asset, suppress_exceptions=True)
    return made if isinstance(made, apprise.NotifyBase) else None
