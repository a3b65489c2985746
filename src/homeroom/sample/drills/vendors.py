"""Networks and programs of vendors that look at mail or filter the web, as they publish them.

Sources, looked up on 2026-11-28 (lists of networks partly as public firewall rules quote them):

- Exchange Online Protection: Microsoft's endpoints of Microsoft 365 worldwide, identifier 10
  (https://endpoints.office.com/endpoints/worldwide, https://learn.microsoft.com/microsoft-365/enterprise/).
- Safe Links looks from 40.107.0.0/16 with an old Chrome at delivery (https://github.com/gophish/gophish/issues/973),
  with few versions of Chrome on Windows 10 (https://github.com/gophish/gophish/issues/2446), and from 40.94.0.0/16,
  which no list of endpoints contains (https://github.com/gophish/gophish/issues/2646).
- Google: SPF record _netblocks.google.com; the image proxy's agent: https://darkvisitors.com/agents/googleimageproxy.
- Barracuda Email Gateway Defense: https://campus.barracuda.com/product/emailgatewaydefense/doc/96023004/.
- Zscaler: https://config.zscaler.com/zscaler.net/cenr.
- Amazon EC2, us-east-1: https://ip-ranges.amazonaws.com/ip-ranges.json.
- Azure, South Central US: Microsoft's "Azure IP Ranges and Service Tags".
- Chrome 153 came on 2026-09-08, then a version every two weeks, Extended Stable every eight
  (https://www.prismnews.com/news/google-will-speed-chrome-stable-releases-from-four-weeks-to-two).

No vendor publishes with which agents its gateway or filter looks: those here are old browsers as in the issues above.

Schools, homes and phones have addresses for documentation and measurement (RFC 5737, RFC 2544, RFC 3849).
"""

from __future__ import annotations

import ipaddress
from random import Random
from typing import Final

from homeroom.sample.drills.events import DrillBrowser

EXCHANGE: Final = ("40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17")
SAFE_LINKS: Final = ("40.94.0.0/16",)
GOOGLE_IMAGES: Final = ("66.249.80.0/20", "66.102.0.0/20", "74.125.208.0/20")
BARRACUDA: Final = ("209.222.80.0/21",)
ZSCALER: Final = ("165.225.0.0/17", "136.226.0.0/16", "147.161.128.0/17", "104.129.192.0/20")
EC2: Final = ("3.80.0.0/12", "54.144.0.0/14")
AZURE: Final = ("13.84.0.0/15",)
HOMES: Final = ("198.18.0.0/16",)
PHONES: Final = ("198.19.0.0/22",)
HOMES_V6: Final = "2001:db8:4000::/36"

_CHROMIUM: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"


def build_chrome(
    version: str, *, system: str = "Windows NT 10.0; Win64; x64", name: str = "Windows 10"
) -> DrillBrowser:
    """Return Chrome of that version."""
    agent = f"Mozilla/5.0 ({system}) {_CHROMIUM}/{version} Safari/537.36"
    return DrillBrowser(agent=agent, name="Chrome", version=version, system=name)


def build_edge(version: str) -> DrillBrowser:
    """Return Edge of that major version on Windows."""
    agent = f"{build_chrome(f'{version}.0.0.0').agent} Edg/{version}.0.0.0"
    return DrillBrowser(agent=agent, name="Edge", version=f"{version}.0.0.0", system="Windows 10")


def build_firefox(
    version: str, *, system: str = "Windows NT 10.0; Win64; x64", name: str = "Windows 10"
) -> DrillBrowser:
    """Return Firefox of that major version."""
    agent = f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    return DrillBrowser(agent=agent, name="Firefox", version=f"{version}.0", system=name)


def build_safari(version: str) -> DrillBrowser:
    """Return Safari of that version on a Mac."""
    agent = (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        f"Version/{version} Safari/605.1.15"
    )
    return DrillBrowser(agent=agent, name="Safari", version=version, system="Mac OS X 10.15.7")


def build_iphone(system: str, version: str) -> DrillBrowser:
    """Return Safari on an iPhone; `system` is its iOS with underscores."""
    agent = (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {system} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        f"Version/{version} Mobile/15E148 Safari/604.1"
    )
    return DrillBrowser(agent=agent, name="Mobile Safari", version=version, system=f"iOS {system.replace('_', '.')}")


def build_android(version: str) -> DrillBrowser:
    """Return Chrome of that major version on an Android phone."""
    agent = f"Mozilla/5.0 (Linux; Android 10; K) {_CHROMIUM}/{version}.0.0.0 Mobile Safari/537.36"
    return DrillBrowser(agent=agent, name="Chrome Mobile", version=f"{version}.0.0.0", system="Android 10")


_CHROME_OS: Final = {"system": "X11; CrOS x86_64 14541.0.0", "name": "Chrome OS"}
_MAC: Final = {"system": "Macintosh; Intel Mac OS X 10_15_7", "name": "Mac OS X 10.15.7"}
WORK_BROWSERS: Final = (
    (build_chrome("154.0.0.0"), 30), (build_edge("154"), 16), (build_chrome("154.0.0.0", **_CHROME_OS), 12),
    (build_chrome("153.0.0.0"), 9), (build_chrome("153.0.0.0", **_CHROME_OS), 7), (build_edge("153"), 5),
    (build_firefox("156"), 4), (build_chrome("154.0.0.0", **_MAC), 6), (build_safari("26.1"), 5),
    (build_chrome("149.0.0.0"), 3), (build_edge("146"), 2), (build_firefox("140"), 1),
)  # fmt: skip
"""Browsers at work with their share: most staff have the current Chrome or Edge, some did not update for months."""
HOME_BROWSERS: Final = (
    (build_chrome("154.0.0.0"), 30), (build_chrome("154.0.0.0", **_MAC), 14), (build_safari("26.1"), 20),
    (build_edge("154"), 20), (build_firefox("156"), 8), (build_safari("18.6"), 8),
)  # fmt: skip
PHONE_BROWSERS: Final = (
    (build_iphone("18_7", "26.1"), 45), (build_iphone("18_7", "26.0"), 12), (build_iphone("17_6_1", "17.6"), 6),
    (build_android("154"), 26), (build_android("153"), 11),
)  # fmt: skip
GOOGLE_IMAGE_PROXY: Final = DrillBrowser(
    agent="Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    name="Firefox", version="11.0", system="Windows XP",
)  # fmt: skip
OLD_CHROMES: Final = (
    build_chrome("80.0.3987.132"), build_chrome("96.0.4664.110"), build_chrome("79.0.3945.136"),
    build_chrome("57.0.2987.133", system="Windows NT 6.1", name="Windows 7"), build_chrome("101.0.4951.54"),
)  # fmt: skip
BAIT_TAKERS: Final = (
    build_chrome("109.0.0.0"),
    DrillBrowser(
        agent="Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)", name="IE", version="9.0", system="Windows 7"
    ),
)
FILTER_LOOKS: Final = (
    build_chrome("88.0.4324.150"),
    DrillBrowser(agent="python-requests/2.32.3", name="Other", version="", system="Other"),
)


def draw_address(random: Random, networks: tuple[str, ...]) -> str:
    """Draw an IPv4 address of one of the networks, never its first or last."""
    network = ipaddress.IPv4Network(random.choice(networks))
    return str(network[random.randint(1, network.num_addresses - 2)])


def draw_home_v6(random: Random) -> str:
    """Draw an IPv6 address of a home."""
    network = ipaddress.IPv6Network(HOMES_V6)
    return str(network[random.getrandbits(92)])


def draw_pool(random: Random, networks: tuple[str, ...], *, count: int, prefix: int) -> list[str]:
    """Draw addresses of two networks of that prefix length inside `networks`, as a vendor serves a customer."""
    parts = [str(ipaddress.IPv4Network(f"{draw_address(random, networks)}/{prefix}", strict=False)) for _ in range(2)]
    return [draw_address(random, tuple(parts)) for _ in range(count)]
