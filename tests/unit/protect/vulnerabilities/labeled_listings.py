"""Software and systems as consoles list them, each labeled with its product and its invented vulnerabilities.

The ranges have the form in which feeds publish them. Every vulnerability is invented; the products and the ways in
which sources write their names and versions are those of schools. A row is: name | version | listing | vendor |
identifier | platform | system => product | vulnerabilities. `-` is an empty value; a kind comes before the name if it
is not software: `system:` or `service:`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def _build_range(cve: str, product: str, introduced: str | None, fixed: str | None, **options: Any) -> dict[str, Any]:
    vendor, _, name = product.partition(":")
    return {
        "cve": f"CVE-2099-{cve}",
        "vendor": vendor,
        "product": name,
        "introduced": introduced,
        "fixed": fixed,
        **options,
    }


def _build_package(cve: str, ecosystem: str, name: str, fixed: str, scheme: str) -> dict[str, Any]:
    return {
        "cve": f"CVE-2099-{cve}",
        "ecosystem": ecosystem,
        "product": name,
        "introduced": "0",
        "fixed": fixed,
        "scheme": scheme,
    }


RANGES: tuple[dict[str, Any], ...] = (
    _build_range("1001", "google:chrome", "0", "140.0.7339.80"),
    _build_range("1002", "google:chrome", "0", "141.0.7390.54"),
    _build_range("1003", "google:chrome", "0", "140.0.7339.80", runs_on=["google:android"]),
    _build_range("1004", "microsoft:edge_chromium", "0", "140.0.3485.54"),
    _build_range("1005", "mozilla:firefox", "0", "143.0"),
    _build_range("1005", "mozilla:firefox", "116.0", "140.3", edition="esr"),
    _build_range("1005", "mozilla:firefox", "0", "115.28", edition="esr"),
    _build_range("1006", "mozilla:firefox", "130.0", "143.0"),
    _build_range("1007", "7-zip:7-zip", "0", "24.09"),
    _build_range("1008", "rarlab:winrar", "0", "7.13"),
    _build_range("1009", "adobe:acrobat_reader_dc", "15.008.20082", None, last_affected="25.001.20531"),
    _build_range("1009", "adobe:acrobat_dc", "15.008.20082", None, last_affected="25.001.20531"),
    _build_range("1010", "zoom:workplace_desktop", "0", "6.3.10"),
    _build_range("1011", "zoom:rooms", "0", "6.4.0"),
    _build_range("1012", "oracle:jre", None, None, versions=["1.8.0 update451"]),
    _build_range("1012", "oracle:jdk", None, None, versions=["17.0.15", "21.0.7"]),
    _build_range("1013", "python:python", "0", "3.10.15"),
    _build_range("1013", "python:python", "3.11.0", "3.11.10"),
    _build_range("1013", "python:python", "3.12.0", "3.12.5"),
    _build_range("1014", "nodejs:node.js", "18.0.0", "18.20.4"),
    _build_range("1014", "nodejs:node.js", "20.0.0", "20.15.1"),
    _build_range("1015", "microsoft:.net", "6.0.0", "6.0.35"),
    _build_range("1015", "microsoft:.net", "8.0.0", "8.0.10"),
    _build_range("1016", "apple:macos", "14.0", "14.7"),
    _build_range("1016", "apple:macos", "13.0", "13.7"),
    _build_range("1017", "apple:ipados", "0", "17.7"),
    _build_range("1017", "apple:iphone_os", "0", "17.7"),
    _build_range("1018", "microsoft:windows_10_22h2", "0", "10.0.19045.4894"),
    _build_range("1018", "microsoft:windows_11_23h2", "0", "10.0.22631.4169"),
    _build_range("1018", "microsoft:windows_server_2019", "0", "10.0.17763.6293"),
    _build_range("1019", "Microsoft:Windows 11 Version 24H2", "0", "10.0.26100.1742"),
    _build_range("1020", "google:chrome_os", "0", "128.0.6613.163"),
    _build_range("1021", "videolan:vlc_media_player", "0", "3.0.21"),
    _build_range("1022", "teamviewer:teamviewer", "0", "15.58.4", runs_on=["windows"]),
    _build_range("1023", "anydesk:anydesk", "0", "8.1.0"),
    _build_range("1024", "connectwise:screenconnect", "0", "23.9.8"),
    _build_range("1025", "papercut:papercut_mf", "15.0.0", "22.0.9"),
    _build_range("1026", "notepad-plus-plus:notepad++", "0", "8.8.2"),
    _build_range("1027", "wireshark:wireshark", "4.0.0", "4.0.17"),
    _build_range("1027", "wireshark:wireshark", "4.2.0", "4.2.7"),
    _build_package("1028", "Ubuntu:22.04:LTS", "openssl", "3.0.2-0ubuntu1.18", "deb"),
    _build_package("1028", "Debian:12", "openssl", "3.0.14-1~deb12u2", "deb"),
    _build_package("1028", "Red Hat:enterprise_linux:9::baseos", "openssl", "1:3.0.7-28.el9_4", "rpm"),
    _build_package("1029", "Ubuntu:22.04:LTS", "curl", "7.81.0-1ubuntu1.18", "deb"),
    _build_range("1030", "openssl:openssl", "3.0.0", "3.0.15"),
    _build_package("1031", "PyPI", "Requests", "2.32.0", "python"),
    _build_package("1032", "npm", "lodash", "4.17.21", "semver"),
    _build_range("1033", "veeam:veeam_backup_&_replication", "12.0.0", "12.1.2.172"),
    _build_range("1034", "fortinet:fortios", "7.0.0", "7.0.16"),
    _build_range("1035", "libreoffice:libreoffice", "0", "24.2.5"),
    _build_range("1036", "openbsd:openssh", "8.6", "9.8"),
    _build_range("1037", "git_for_windows_project:git_for_windows", "0", "2.45.1"),
    _build_range("1038", "mozilla:thunderbird", "0", "131.0"),
    _build_range("1038", "mozilla:thunderbird", "0", "128.3", edition="esr"),
    _build_range("1039", "microsoft:365_apps", None, None),
    _build_range("1040", "vmware:tools", "11.0.0", None, last_affected="12.5.1"),
    _build_range("1041", "zoom:zoom", "0", "9.0", runs_on=["wordpress"]),
    _build_range("1042", "google:chrome", "0", "999.0.0.0", rejected=True),
    _build_range("1043", "rarlab:winrar", None, None, versions=["7.10 beta1"]),
    _build_range("1044", "nginx:nginx", "1.21.0", "1.25.3"),
    _build_range("1045", "Foxit:PDF Reader", "0", "2024.3.0.26795"),
    _build_range("1046", "gimp:gimp", "2.10.0", "3.0.4", spared=["2.10.38"]),
    _build_range("1047", "apache:tomcat", "9.0.0", "9.0.98", introduced_after=True),
    _build_range("1048", "microsoft:visual_studio_code", "0", "1.99.1"),
    _build_range("1049", "respondus:lockdown_browser", "0", "2.1.3"),
    _build_range("1050", "promethean:activinspire", "0", "3.5.0"),
    _build_range("1051", "prometheanworld:activinspire", "0", "3.5.0"),
)

ROWS = """
Google Chrome | 139.0.7258.154 | programs | Google LLC | - | windows | - => google-chrome | 1001 1002
Google Chrome | 140.0.7339.80 | programs | Google LLC | - | windows | - => google-chrome | 1002
Google Chrome | 140.0.7339.208 | programs | Google LLC | - | windows | - => google-chrome | 1002
Google Chrome | 141.0.7390.54 | programs | Google LLC | - | windows | - => google-chrome | -
Google Chrome | 141.0.7390.123 | programs | - | - | windows | - => google-chrome | -
Google Chrome.app | 139.0.7258.67 | apps | - | com.google.Chrome | macos | - => google-chrome | 1001 1002
Google Chrome.app | 141.0.7390.77 | apps | - | com.google.Chrome | macos | - => google-chrome | -
google-chrome-stable | 139.0.7258.154-1 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => google-chrome | 1001 1002
google-chrome-stable | 141.0.7390.65-1 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => google-chrome | -
Google Chrome | 139 | programs | - | - | windows | - => google-chrome | -
Google Chrome Helper | 139.0.7258.154 | apps | - | com.google.Chrome.helper | macos | - => - | -
Google Chrome Helper (Renderer) | 139.0.7258.154 | apps | - | com.google.Chrome.helper.renderer | macos | - => - | -
Google Update Helper | 1.3.36.152 | programs | Google LLC | - | windows | - => - | -
Google Chrome | 3.1.5 | chrome_extensions | - | - | windows | - => - | -
Google Chrome Installer | 139.0.7258.154 | programs | - | - | windows | - => - | -
Chrome Remote Desktop Host | 139.0.7258.9 | programs | Google LLC | - | windows | - => - | -
Chrome | 139.0.7258.158 | apps | - | com.android.chrome | android | - => google-chrome | 1001 1002 1003
Microsoft Edge | 139.0.3405.125 | programs | Microsoft Corporation | - | windows | - => edge | 1004
Microsoft Edge | 140.0.3485.54 | programs | Microsoft Corporation | - | windows | - => edge | -
Microsoft Edge | 141.0.3537.57 | programs | - | - | windows | - => edge | -
Microsoft Edge.app | 139.0.3405.86 | apps | - | com.microsoft.edgemac | macos | - => edge | 1004
microsoft-edge-stable | 139.0.3405.125-1 | deb_packages | - | - | linux | Ubuntu 24.04.1 LTS => edge | 1004
Microsoft Edge WebView2 Runtime | 139.0.3405.125 | programs | Microsoft Corporation | - | windows | - => edge-webview2 | -
Microsoft Edge Update | 1.3.195.65 | programs | Microsoft Corporation | - | windows | - => - | -
Microsoft Edge Helper | 139.0.3405.86 | apps | - | com.microsoft.edgemac.helper | macos | - => - | -
Mozilla Firefox (x64 en-US) | 142.0.1 | programs | Mozilla | - | windows | - => firefox | 1005 1006
Mozilla Firefox (x64 en-US) | 129.0.2 | programs | Mozilla | - | windows | - => firefox | 1005
Mozilla Firefox (x64 en-US) | 143.0 | programs | Mozilla | - | windows | - => firefox | -
Mozilla Firefox (x64 en-US) | 143.0b3 | programs | Mozilla | - | windows | - => firefox | 1005 1006
Mozilla Firefox 140.2.0 ESR (x64 en-US) | 140.2.0 | programs | Mozilla | - | windows | - => firefox@esr | 1005
Mozilla Firefox 140.3.0 ESR (x64 en-US) | 140.3.0 | programs | Mozilla | - | windows | - => firefox@esr | -
Mozilla Firefox 115.27.0 ESR (x64 en-US) | 115.27.0 | programs | Mozilla | - | windows | - => firefox@esr | 1005
Mozilla Firefox 115.28.0 ESR (x64 en-US) | 115.28.0 | programs | Mozilla | - | windows | - => firefox@esr | -
Firefox.app | 128.14.0 | apps | - | org.mozilla.firefox | macos | - => firefox@esr | 1005
Firefox.app | 140.3.1 | apps | - | org.mozilla.firefox | macos | - => firefox@esr | -
Firefox.app | 141.0 | apps | - | org.mozilla.firefox | macos | - => firefox | 1005 1006
firefox-esr | 128.14.0esr-1~deb12u1 | deb_packages | - | - | linux | Debian GNU/Linux 12 (bookworm) => pkg:debian:12/firefox-esr | -
firefox | 1:1snap1-0ubuntu2 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/firefox | -
Mozilla Maintenance Service | 142.0.1 | programs | Mozilla | - | windows | - => - | -
uBlock Origin | 1.50.0 | firefox_addons | - | - | windows | - => - | -
7-Zip 22.01 (x64) | 22.01 | programs | Igor Pavlov | - | windows | - => 7-zip | 1007
7-Zip 24.08 (x64) | 24.08 | programs | Igor Pavlov | - | windows | - => 7-zip | 1007
7-Zip 24.09 (x64) | 24.09 | programs | Igor Pavlov | - | windows | - => 7-zip | -
7-Zip 23.01 (x64) | - | programs | Igor Pavlov | - | windows | - => 7-zip | 1007
7-Zip 25.00 (x64) | 25.00 | programs | - | - | windows | - => 7-zip | -
7-Zip ZS 1.5 | 1.5 | programs | - | - | windows | - => - | -
WinRAR 6.22 (64-bit) | 6.22.0 | programs | win.rar GmbH | - | windows | - => winrar | 1008
WinRAR 7.13 (64-bit) | 7.13.0 | programs | win.rar GmbH | - | windows | - => winrar | -
WinRAR 7.10 beta 1 (64-bit) | 7.10 beta 1 | programs | win.rar GmbH | - | windows | - => winrar | 1008 1043
unrar | 1:6.1.5-1ubuntu0.1 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/unrar | -
Adobe Acrobat Reader DC | 24.005.20320 | programs | Adobe Systems Incorporated | - | windows | - => adobe-acrobat-reader | 1009
Adobe Acrobat Reader DC | 25.001.20531 | programs | Adobe | - | windows | - => adobe-acrobat-reader | 1009
Adobe Acrobat Reader DC | 25.001.20577 | programs | Adobe | - | windows | - => adobe-acrobat-reader | -
Adobe Reader XI (11.0.23) | 11.0.23 | programs | Adobe | - | windows | - => adobe-acrobat-reader | -
Adobe Acrobat (64-bit) | 24.005.20320 | programs | Adobe | - | windows | - => adobe-acrobat | 1009
Adobe Acrobat (64-bit) | 25.001.20643 | programs | Adobe | - | windows | - => adobe-acrobat | -
Adobe Acrobat Reader.app | 24.002.20759 | apps | - | com.adobe.Reader | macos | - => adobe-acrobat-reader | 1009
Adobe Refresh Manager | 1.8.0 | programs | Adobe | - | windows | - => - | -
Adobe Acrobat Reader DC MUI Language Pack | 24.005.20320 | programs | Adobe | - | windows | - => - | -
Zoom Workplace (64-bit) | 6.2.11 | programs | Zoom Communications, Inc. | - | windows | - => zoom | 1010
Zoom Workplace (64-bit) | 6.3.10 | programs | Zoom Communications, Inc. | - | windows | - => zoom | -
Zoom(64bit) | 6.2.11 | programs | Zoom | - | windows | - => zoom | 1010
zoom.us.app | 6.1.0 (35886) | apps | - | us.zoom.xos | macos | - => zoom | 1010
zoom.us.app | 6.4.1 (50412) | apps | - | us.zoom.xos | macos | - => zoom | -
Zoom Rooms | 6.3.0 | programs | Zoom | - | windows | - => zoom-rooms | 1011
Zoom Outlook Plugin | 5.17.0 | programs | Zoom | - | windows | - => - | -
ZoomText 2023 | 23.1 | programs | Freedom Scientific | - | windows | - => - | -
Zoom | 17.0 | programs | Inmatrix LTD | - | windows | - => - | -
Java 8 Update 451 (64-bit) | 8.0.4510.10 | programs | Oracle Corporation | - | windows | - => java-8 | 1012
Java 8 Update 461 (64-bit) | 8.0.4610.11 | programs | Oracle Corporation | - | windows | - => java-8 | -
Java(TM) SE Development Kit 17.0.15 (64-bit) | 17.0.15 | programs | Oracle Corporation | - | windows | - => oracle-jdk | 1012
Java(TM) SE Development Kit 17.0.16 (64-bit) | 17.0.16 | programs | Oracle Corporation | - | windows | - => oracle-jdk | -
Java(TM) SE Development Kit 21.0.7 (64-bit) | 21.0.7.0 | programs | Oracle Corporation | - | windows | - => oracle-jdk | 1012
Java Auto Updater | 2.8.451.10 | programs | Oracle Corporation | - | windows | - => - | -
Eclipse Temurin JDK with Hotspot 17.0.15+6 (x64) | 17.0.15.6 | programs | Eclipse Adoptium | - | windows | - => temurin | -
Python 3.11.4 (64-bit) | 3.11.4150.0 | programs | Python Software Foundation | - | windows | - => python | 1013
Python 3.11.9 (64-bit) | 3.11.9 | programs | Python Software Foundation | - | windows | - => python | 1013
Python 3.11.10 (64-bit) | 3.11.10 | programs | Python Software Foundation | - | windows | - => python | -
Python 3.12.5rc1 (64-bit) | 3.12.5rc1 | programs | Python Software Foundation | - | windows | - => python | 1013
Python 3.12.5 (64-bit) | 3.12.5 | programs | Python Software Foundation | - | windows | - => python | -
Python 3.8.10 (32-bit) | 3.8.10 | programs | Python Software Foundation | - | windows | - => python | 1013
Python 3.11.9 pip Bootstrap (64-bit) | 3.11.9 | programs | Python Software Foundation | - | windows | - => - | -
Python Launcher | 3.11.9 | programs | Python Software Foundation | - | windows | - => - | -
Node.js | 18.17.1 | programs | Node.js Foundation | - | windows | - => nodejs | 1014
Node.js | 18.20.4 | programs | Node.js Foundation | - | windows | - => nodejs | -
Node.js | 19.9.0 | programs | Node.js Foundation | - | windows | - => nodejs | -
Node.js | 20.11.0 | programs | Node.js Foundation | - | windows | - => nodejs | 1014
Microsoft .NET Runtime - 8.0.8 (x64) | 8.0.8 | programs | Microsoft Corporation | - | windows | - => dotnet-runtime | 1015
Microsoft Windows Desktop Runtime - 6.0.35 (x64) | 6.0.35 | programs | Microsoft Corporation | - | windows | - => dotnet-runtime | -
Microsoft ASP.NET Core 6.0.21 - Shared Framework (x64) | 6.0.21 | programs | Microsoft Corporation | - | windows | - => dotnet-runtime | 1015
Microsoft .NET Runtime - 7.0.20 (x64) | 7.0.20 | programs | Microsoft Corporation | - | windows | - => dotnet-runtime | -
Microsoft .NET Framework 4.8 | 4.8.04084 | programs | Microsoft Corporation | - | windows | - => dotnet-framework | -
Microsoft .NET Host FX Resolver - 8.0.8 (x64) | 64.32.19 | programs | Microsoft Corporation | - | windows | - => - | -
system:14.6.1 | 14.6.1 | - | - | - | macos | - => macos | 1016
system:macOS 14.7 (23H124) | macOS 14.7 (23H124) | - | - | - | macos | - => macos | -
system:13.6.9 | 13.6.9 | - | - | - | macos | - => macos | 1016
system:15.0 | 15.0 | - | - | - | macos | - => macos | -
system:12.7.6 | 12.7.6 | - | - | - | macos | - => macos | -
system:iPadOS 17.6.1 | 17.6.1 | - | - | - | ios | - => ipados@ipados | 1017
system:17.6.1 | 17.6.1 | - | - | - | ios | - => ipados | 1017
system:17.7 | 17.7 | - | - | - | ios | - => ipados | -
system:10.0.19045.4291 Education | 10.0.19045.4291 | - | - | - | windows | - => windows@19045 | 1018
system:10.0.19045.4894 Education | 10.0.19045.4894 | - | - | - | windows | - => windows@19045 | -
system:10.0.19045 Education | 10.0.19045 | - | - | - | windows | - => windows@19045 | -
system:10.0.22631.3880 Pro | 10.0.22631.3880 | - | - | - | windows | - => windows@22631 | 1018
system:10.0.22631.5000 Pro | 10.0.22631.5000 | - | - | - | windows | - => windows@22631 | -
system:10.0.26100.1500 Enterprise | 10.0.26100.1500 | - | - | - | windows | - => windows@26100 | 1019
system:10.0.26100.2000 Enterprise | 10.0.26100.2000 | - | - | - | windows | - => windows@26100 | -
system:10.0.17763.6200 Windows Server 2019 Standard | 10.0.17763.6200 | - | - | - | windows | - => windows-server@2019 | 1018
system:10.0.17763.6293 Windows Server 2019 Standard | 10.0.17763.6293 | - | - | - | windows | - => windows-server@2019 | -
system:10.0.17763.6200 Enterprise LTSC | 10.0.17763.6200 | - | - | - | windows | - => windows@17763 | -
system:10.0.20348.2700 | 10.0.20348.2700 | - | - | - | windows | - => windows-server@2022 | -
system:127.0.6533.132 | 127.0.6533.132 | - | - | - | chromeos | - => chromeos | 1020
system:128.0.6613.163 | 128.0.6613.163 | - | - | - | chromeos | - => chromeos | -
system:FortiOS v7.0.12 | v7.0.12 | - | - | - | - | - => fortios | 1034
system:FortiGate-60F v7.0.16 | v7.0.16 | - | - | - | - | - => fortios | -
system:FortiOS v7.2.5 | v7.2.5 | - | - | - | - | - => fortios | -
system:Ubuntu 22.04.3 LTS | Ubuntu 22.04.3 LTS | - | - | - | linux | - => ubuntu | -
VLC media player | 3.0.20 | programs | VideoLAN | - | windows | - => vlc | 1021
VLC media player | 3.0.21 | programs | VideoLAN | - | windows | - => vlc | -
VLC.app | 3.0.18 | apps | - | org.videolan.vlc | macos | - => vlc | 1021
vlc | 3.0.16-1build7 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/vlc | -
TeamViewer | 15.57.3 | programs | TeamViewer | - | windows | - => teamviewer | 1022
TeamViewer.app | 15.57.3 | apps | - | com.teamviewer.TeamViewer | macos | - => teamviewer | -
TeamViewer Host | 15.58.4 | programs | TeamViewer | - | windows | - => teamviewer | -
AnyDesk | ad 7.1.13 | programs | AnyDesk Software GmbH | - | windows | - => anydesk | 1023
AnyDesk | 7.1.13 | programs | AnyDesk Software GmbH | - | windows | - => anydesk | 1023
AnyDesk | 9.0.2 | programs | AnyDesk Software GmbH | - | windows | - => anydesk | -
ScreenConnect Client (5f3d2a1b9c8e7d60) | 23.8.5.8707 | programs | ScreenConnect Software | - | windows | - => screenconnect | 1024
ScreenConnect Client (5f3d2a1b9c8e7d60) | 23.9.10.8817 | programs | ScreenConnect Software | - | windows | - => screenconnect | -
PaperCut MF | 22.0.8 | programs | PaperCut Software | - | windows | - => papercut-server | 1025
PaperCut MF | 22.1.3 | programs | PaperCut Software | - | windows | - => papercut-server | -
PaperCut MF Client | 22.0.8 | programs | PaperCut Software | - | windows | - => papercut-client | -
PaperCut Print Deploy Client | 1.7.1000 | programs | PaperCut Software | - | windows | - => papercut-print-deploy | -
Notepad++ (64-bit x64) | 8.8.1 | programs | Notepad++ Team | - | windows | - => notepad-plus-plus | 1026
Notepad++ (64-bit x64) | 8.8.2 | programs | Notepad++ Team | - | windows | - => notepad-plus-plus | -
Notepad++ (64-bit x64) | 8.10 | programs | Notepad++ Team | - | windows | - => notepad-plus-plus | -
Wireshark 4.0.6 (64-bit) | 4.0.6 | programs | The Wireshark developer community | - | windows | - => wireshark | 1027
Wireshark 4.2.7 x64 | 4.2.7 | programs | The Wireshark developer community | - | windows | - => wireshark | -
Wireshark 4.1.0 x64 | 4.1.0rc1 | programs | The Wireshark developer community | - | windows | - => wireshark | -
openssl | 3.0.2-0ubuntu1.15 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/openssl | 1028
openssl | 3.0.2-0ubuntu1.18 | deb_packages | - | - | linux | Ubuntu 22.04.4 LTS => pkg:ubuntu:22.04/openssl | -
openssl | 3.0.2-0ubuntu1.19 | deb_packages | - | - | linux | Ubuntu 22.04.4 LTS => pkg:ubuntu:22.04/openssl | -
openssl | 3.0.13-0ubuntu3.4 | deb_packages | - | - | linux | Ubuntu 24.04.1 LTS => pkg:ubuntu:24.04/openssl | -
openssl | 3.0.13-1~deb12u1 | deb_packages | - | - | linux | Debian GNU/Linux 12 (bookworm) => pkg:debian:12/openssl | 1028
openssl | 3.0.14-1~deb12u2 | deb_packages | - | - | linux | Debian GNU/Linux 12 (bookworm) => pkg:debian:12/openssl | -
openssl | 3.0.7-27.el9 | rpm_packages | - | - | linux | Red Hat Enterprise Linux 9.3 => pkg:redhat:9/openssl | 1028
openssl | 1:3.0.7-27.el9 | rpm_packages | - | - | linux | Red Hat Enterprise Linux 9.3 => pkg:redhat:9/openssl | 1028
openssl | 3.0.7-28.el9_4 | rpm_packages | - | - | linux | Red Hat Enterprise Linux 9.4 => pkg:redhat:9/openssl | -
openssl | 3.2.2-6.el9_5 | rpm_packages | - | - | linux | Rocky Linux 9.5 => pkg:rocky:9/openssl | -
curl | 7.81.0-1ubuntu1.16 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/curl | 1029
curl | 7.81.0-1ubuntu1.20 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:ubuntu:22.04/curl | -
OpenSSL 3.0.14 (64-bit) | 3.0.14 | programs | OpenSSL Win64 Installer Team | - | windows | - => openssl | 1030
OpenSSL 3.0.15 (64-bit) | 3.0.15 | programs | OpenSSL Win64 Installer Team | - | windows | - => openssl | -
OpenSSL 1.1.1w Light (64-bit) | 1.1.1w | programs | - | - | windows | - => openssl | -
requests | 2.31.0 | python_packages | - | - | linux | Ubuntu 22.04.3 LTS => pkg:pypi/requests | 1031
requests | 2.32.0 | python_packages | - | - | windows | - => pkg:pypi/requests | -
requests | 2.32.0rc1 | python_packages | - | - | windows | - => pkg:pypi/requests | 1031
requests | 2.31.0 | npm_packages | - | - | windows | - => pkg:npm/requests | -
lodash | 4.17.20 | npm_packages | - | - | windows | - => pkg:npm/lodash | 1032
lodash | 4.17.21 | npm_packages | - | - | windows | - => pkg:npm/lodash | -
Veeam Backup & Replication Server | 12.0.0.1420 | programs | Veeam Software Group GmbH | - | windows | - => veeam-backup | 1033
Veeam Backup & Replication Server | 12.1.2.172 | programs | Veeam Software Group GmbH | - | windows | - => veeam-backup | -
Veeam Backup & Replication Console | 12.0.0.1420 | programs | Veeam Software Group GmbH | - | windows | - => - | -
LibreOffice 7.5.4.2 | 7.5.4.2 | programs | The Document Foundation | - | windows | - => libreoffice | 1035
LibreOffice 24.8.1 | 24.8.1.2 | programs | The Document Foundation | - | windows | - => libreoffice | -
LibreOffice 7.5 Help Pack (English) | 7.5.4.2 | programs | The Document Foundation | - | windows | - => - | -
service:OpenSSH | 9.6 | - | - | - | linux | - => openssh | 1036
service:OpenSSH | 9.8 | - | - | - | linux | - => openssh | -
service:OpenSSH | 8.9p1 Ubuntu 3ubuntu0.10 | - | - | - | linux | - => - | -
service:OpenSSH | 7.4 | - | - | - | - | - => openssh | -
service:nginx | 1.22.1 | - | - | - | linux | - => nginx | 1044
service:nginx | 1.26.0 | - | - | - | linux | - => nginx | -
Git | 2.41.0 | programs | The Git Development Community | - | windows | - => git | 1037
Git | 2.45.1 | programs | The Git Development Community | - | windows | - => git | -
Mozilla Thunderbird (x64 en-US) | 130.0 | programs | Mozilla | - | windows | - => thunderbird | 1038
Mozilla Thunderbird (x64 en-US) | 131.0 | programs | Mozilla | - | windows | - => thunderbird | -
Microsoft 365 Apps for enterprise - en-us | 16.0.17928.20114 | programs | Microsoft Corporation | - | windows | - => microsoft-365-apps | -
Microsoft Office Proofing Tools 2016 - English | 16.0.4266.1001 | programs | Microsoft Corporation | - | windows | - => - | -
VMware Tools | 12.4.0.23259341 | programs | VMware, Inc. | - | windows | - => vmware-tools | 1040
VMware Tools | 12.5.1.24649672 | programs | VMware, Inc. | - | windows | - => vmware-tools | 1040
VMware Tools | 12.5.2.24697584 | programs | VMware, Inc. | - | windows | - => vmware-tools | -
Foxit PDF Reader | 2024.2.3.25184 | programs | Foxit Software Inc. | - | windows | - => foxit-pdf-reader | 1045
Foxit PDF Reader | 2024.3.0.26795 | programs | Foxit Software Inc. | - | windows | - => foxit-pdf-reader | -
GIMP 2.10.34 | 2.10.34 | programs | The GIMP Team | - | windows | - => gimp | 1046
GIMP 2.10.38 | 2.10.38 | programs | The GIMP Team | - | windows | - => gimp | -
Apache Tomcat 9.0 Tomcat9 | 9.0.73 | programs | The Apache Software Foundation | - | windows | - => tomcat | 1047
Apache Tomcat 9.0 Tomcat9 | 9.0.0 | programs | The Apache Software Foundation | - | windows | - => tomcat | -
Apache Tomcat 9.0 Tomcat9 | 9.0.98 | programs | The Apache Software Foundation | - | windows | - => tomcat | -
Microsoft Visual Studio Code (User) | 1.98.2 | programs | Microsoft Corporation | - | windows | - => visual-studio-code | 1048
Microsoft Visual Studio Code (User) | 1.100.0 | programs | Microsoft Corporation | - | windows | - => visual-studio-code | -
code | 1.98.2-1741788907 | deb_packages | - | - | linux | Ubuntu 22.04.3 LTS => visual-studio-code | 1048
ms-python.python | 2024.1.0 | vscode_extensions | - | - | windows | - => - | -
Respondus LockDown Browser | 2.1.2.05 | programs | Respondus | - | windows | - => lockdown-browser | 1049
LockDown Browser OEM | 2.1.3.09 | programs | Respondus | - | windows | - => lockdown-browser | -
ActivInspire v3 | 3.4.1 | programs | Promethean | - | windows | - => activinspire | 1050 1051
ActivInspire v3 | 3.5.2 | programs | Promethean | - | windows | - => activinspire | -
ActivInspire Core Resources (English) v1 | 1.0.0 | programs | Promethean | - | windows | - => - | -
"""


@dataclass(frozen=True, kw_only=True)
class LabeledListing:
    """One labeled row: how a source lists it, its product (empty if we compare none), and its vulnerabilities."""

    kind: str
    name: str
    version: str
    listing: str
    vendor: str
    identifier: str
    platform: str
    system: str
    product: str
    vulnerabilities: frozenset[str]


def parse_labeled_rows() -> tuple[LabeledListing, ...]:
    """Return the labeled rows."""
    return tuple(_parse_row(line) for line in ROWS.strip().splitlines())


def _parse_row(line: str) -> LabeledListing:
    listing_text, _, label = line.partition(" => ")
    name, version, listing, vendor, identifier, platform, system = (
        _read_cell(cell) for cell in listing_text.split(" | ")
    )
    product, cve_numbers = (_read_cell(cell) for cell in label.split(" | "))
    kind, _, rest = name.partition(":") if name.startswith(("system:", "service:")) else ("software", "", name)
    return LabeledListing(
        kind=kind,
        name=rest,
        version=version,
        listing=listing,
        vendor=vendor,
        identifier=identifier,
        platform=platform,
        system=system,
        product=product,
        vulnerabilities=frozenset(f"CVE-2099-{number}" for number in cve_numbers.split()),
    )


def _read_cell(cell: str) -> str:
    return "" if cell.strip() == "-" else cell.strip()
