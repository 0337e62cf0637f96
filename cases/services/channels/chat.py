"""Letters to a chat or as a text message, by Apprise: a short list of services, and nothing else it can do.

Apprise opens its own connections. So a service with an address of its own (Slack, Teams, an SMS gateway)
may be used as it is; one on a host that somebody names only when the installation allows that host
(CHAT_HOSTS). No other option of an address is passed on: some of them read files.
"""

import logging
from importlib import import_module
from urllib.parse import parse_qsl, urlsplit

import apprise
from django.conf import settings
from django.utils.translation import gettext as _

from cases.outcomes import Outcome
from cases.services.channels import Kept, Letter, NotSent
from monitoring import border

FIXED = {
    "slack": ("Slack", "slack.NotifySlack"),
    "discord": ("Discord", "discord.NotifyDiscord"),
    "tgram": ("Telegram", "telegram.NotifyTelegram"),
    "wxteams": ("Webex", "webexteams.NotifyWebexTeams"),
    "twilio": ("Twilio", "twilio.NotifyTwilio"),
    "msgbird": ("MessageBird", "messagebird.NotifyMessageBird"),
    "vonage": ("Vonage", "vonage.NotifyVonage"),
    "clicksend": ("ClickSend", "clicksend.NotifyClickSend"),
    "d7sms": ("D7 Networks", "d7networks.NotifyD7Networks"),
    "pover": ("Pushover", "pushover.NotifyPushover"),
}
"""Services that live at an address of their own, whatever somebody fills in: their name, and where they are
in Apprise. Loading only the one that is used spares a worker the hundred others."""

ON_A_HOST = {
    **dict.fromkeys(("mmost", "mmosts"), ("Mattermost", "mattermost.NotifyMattermost")),
    **dict.fromkeys(("matrix", "matrixs"), ("Matrix", "matrix.NotifyMatrix")),
    **dict.fromkeys(("rocket", "rockets"), ("Rocket.Chat", "rocketchat.NotifyRocketChat")),
    **dict.fromkeys(("signal", "signals"), ("Signal", "signal_api.NotifySignalAPI")),
    **dict.fromkeys(("ntfy", "ntfys"), ("ntfy", "ntfy.NotifyNtfy")),
    **dict.fromkeys(("gotify", "gotifys"), ("Gotify", "gotify.NotifyGotify")),
    **dict.fromkeys(("nctalk", "nctalks"), ("Nextcloud Talk", "nextcloudtalk.NotifyNextcloudTalk")),
    "workflows": ("Microsoft Teams", "workflows.NotifyWorkflows"),
}
"""Services on a host that somebody names: only hosts of CHAT_HOSTS."""

TEAMS = (".logic.azure.com", ".api.powerplatform.com")
"""Where Microsoft runs the workflows that write in a channel of Teams."""

KNOWN = FIXED | ON_A_HOST

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
    if schema not in KNOWN:
        raise ValueError(_("This service is not one of those that can be used."))
    if {name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)} - OPTIONS:
        raise ValueError(_("This address has options that are not allowed."))
    is_teams = schema == "workflows" and host.endswith(TEAMS)
    if schema in ON_A_HOST and host not in settings.CHAT_HOSTS and not is_teams:
        raise ValueError(_("The administrator has not allowed this host for messages (CHAT_HOSTS)."))
    if _made(address) is None:
        raise ValueError(_("This address is not complete."))
    return KNOWN[schema][0]


def send(letter: Letter, address: str) -> None:
    """Send a letter to a chat or phone number. Raises NotSent, and Kept in an exercise."""
    if border.stops("chat", f"{letter.title} ({letter.key[:8]})"):
        raise Kept
    try:
        service = service_of(address)
    except ValueError:
        raise NotSent(Outcome.NOT_ALLOWED) from None
    made = _made(address)
    try:
        is_sent = made is not None and made.notify(
            title=letter.title, body=f"{letter.text}\n{letter.link}", body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as error:  # a plugin of somebody else's; its words may hold the address
        raise NotSent(Outcome.CHAT_REFUSED(f"{service} ({type(error).__name__})")) from None
    if not is_sent:
        raise NotSent(Outcome.CHAT_REFUSED(service))


def names() -> list[str]:
    """The services that can be used here."""
    usable = KNOWN if settings.CHAT_HOSTS else FIXED | {"workflows": KNOWN["workflows"]}
    return sorted({name for name, _where in usable.values()})


def _made(address: str) -> apprise.NotifyBase | None:
    """The service, ready to send; None when its address is not complete."""
    where, _dot, kind = KNOWN[urlsplit(address.strip()).scheme.lower()][1].partition(".")
    service = getattr(import_module(f"apprise.plugins.{where}"), kind)
    try:
        parsed = service.parse_url(address.strip())
        asset = apprise.AppriseAsset(secure_logging=True, async_mode=False)
        made: apprise.NotifyBase | None = service(asset=asset, **parsed) if parsed else None
    except TypeError:
        return None
    return made
