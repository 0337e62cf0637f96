"""Which network addresses are public: the table behind `fetch`. Pure.

Written out from the IANA special-purpose registries, so that it does not change with the Python in use.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_PRIVATE_V4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_PRIVATE_V6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_MAPPED = IPv6Network("::ffff:0:0/96")


def is_public(address: str) -> bool:
    """Whether `address`, an IP address in numbers, belongs to a machine on the public internet.

    An IPv6 address that wraps an IPv4 address (mapped, 6to4, NAT64) is as public as what it wraps.
    """
    try:
        ip = ip_address(address.partition("%")[0])  # a zone means link-local
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _PRIVATE_V4)
    wrapped = _wrapped(ip)
    if wrapped is not None:
        return is_public(str(wrapped))
    return ip in _GLOBAL_V6 and not any(ip in network for network in _PRIVATE_V6)


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one, where the form has one."""
    if ip in _MAPPED or ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _6TO4:
        return IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)
    return None
