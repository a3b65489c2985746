"""Names under which the Windows registry, macOS and consoles list what schools install, each with its product.

The forms are those of the vendors' installers, in several versions. `-` marks names that resemble a product and
are none: helpers, viewers, language packs, parts, and programs of another maker. Versions and people are invented.
"""

from __future__ import annotations

WINDOWS_NAMES = """
7-zip: 7-Zip 23.01 (x64) | 7-Zip 19.00 | 7-Zip 24.08 (x64 edition)
activinspire: ActivInspire v3
adobe-acrobat: Adobe Acrobat DC (64-bit) | Adobe Acrobat (64-bit) | Adobe Acrobat XI Pro
adobe-acrobat-reader: Adobe Acrobat Reader DC | Adobe Acrobat Reader | Adobe Reader XI (11.0.10)
adobe-after-effects: Adobe After Effects 2024
adobe-creative-cloud: Adobe Creative Cloud
adobe-illustrator: Adobe Illustrator 2023
adobe-indesign: Adobe InDesign 2024
adobe-lightroom-cc: Adobe Lightroom | Adobe Lightroom CC
adobe-lightroom: Adobe Lightroom Classic | Adobe Lightroom Classic 2024 | Adobe Photoshop Lightroom Classic CC
adobe-photoshop: Adobe Photoshop 2024 | Adobe Photoshop CC 2019
adobe-premiere-pro: Adobe Premiere Pro 2023 | Adobe Premiere Pro CC 2018
android-studio: Android Studio
anydesk: AnyDesk
arduino-ide: Arduino IDE | Arduino | Arduino IDE 2.3.2
audacity: Audacity 3.4.2 | Audacity® 2.3.3 | Audacity 2.4.2
autocad: AutoCAD 2024 - English | Autodesk AutoCAD 2022 - English | AutoCAD LT 2023 - English
blender: Blender | blender
bluej: BlueJ | BlueJ 5.2.1
bonjour: Bonjour
cutepdf-writer: CutePDF Writer 3.2 | CutePDF Writer 4.0 | CutePDF Writer
docker-desktop: Docker Desktop
dotnet-runtime: Microsoft Windows Desktop Runtime - 6.0.6 (x64) | Microsoft .NET Runtime - 7.0.20 (x86)
dotnet-runtime: Microsoft ASP.NET Core 6.0.36 - Shared Framework (x64) | Microsoft .NET Core Runtime - 3.1.32 (x64)
dotnet-runtime: Microsoft ASP.NET Core 8.0.10 Shared Framework (x64) | Microsoft .NET 6.0.20 - Windows Server Hosting
dotnet-runtime: Microsoft .NET Core 3.1.10 - Windows Server Hosting | Microsoft .NET Runtime - 9.0.0 Preview 7 (x64)
dotnet-sdk: Microsoft .NET SDK 6.0.412 (x64) | Microsoft .NET SDK 8.0.100 (x64) from Visual Studio
filezilla: FileZilla 3.66.5 | FileZilla Client 3.55.1 | FileZilla 3.67.0 (64-bit)
geogebra: GeoGebra Classic | GeoGebra Classic 6 | GeoGebra 5
gimp: GIMP 2.10.36 | GIMP 2.10.36-1 | GIMP 3.0.4-1
git: Git | Git version 2.35.1.2
goguardian-teacher: GoGuardian Teacher
google-drive: Google Drive
google-earth: Google Earth Pro
greenfoot: Greenfoot | Greenfoot 3.8.2
impero: Impero Client | Impero Education Pro | Impero Education Pro Client | Impero Classroom | Impero Console
inkscape: Inkscape | Inkscape 0.92.4 | Inkscape 1.3.2
intellij-idea: IntelliJ IDEA Community Edition 2023.2.1 | IntelliJ IDEA 2024.1 | IntelliJ IDEA Ultimate 2022.3.3
itunes: iTunes
java-8: Java 8 Update 361 (64-bit) | Java 8 Update 401
keepass: KeePass Password Safe 2.55
lanschool: LanSchool Student | LanSchool Teacher | LanSchool Air
libreoffice: LibreOffice 7.6.4.1 | LibreOffice 24.2.0.3
lockdown-browser: Respondus LockDown Browser | LockDown Browser OEM | Respondus LockDown Browser OEM
logger-pro: Logger Pro 3.16.2 | Logger Pro 3
matlab: MATLAB R2023b | MATLAB R2019a
minecraft-education: Minecraft Education | Minecraft Education Edition
musescore: MuseScore 3 | MuseScore 4 | MuseScore Studio 4 | MuseScore 2
netsupport-school: NetSupport School
nodejs: Node.js
notepad-plus-plus: Notepad++ (64-bit x64) | Notepad++ (32-bit x86) | Notepad++
obs-studio: OBS Studio
openvpn: OpenVPN 2.6.8-I001 amd64 | OpenVPN 2.4.9-I601-Win10 | OpenVPN 2.5.0-I601 amd64 | OpenVPN 2.6.14-I003 arm64
openvpn-connect: OpenVPN Connect
paint-net: paint.net | Paint.NET v3.5.11 | paint.net 5.0.13
pdfcreator: PDFCreator | PDFCreator Free | PDFCreator Professional | PDFCreator 5.1.1
putty: PuTTY release 0.78 (64-bit) | PuTTY release 0.81
pycharm: PyCharm Community Edition 2023.2.1 | PyCharm 2023.3.2 | PyCharm Professional Edition 2022.1
python: Python 3.11.4 (64-bit) | Python 3.12.1 (32-bit)
r: R for Windows 4.3.2 | R for Windows 3.6.1
roblox: Roblox Player for User | Roblox Player | Roblox Player for C:\\Users\\Student
roblox-studio: Roblox Studio for User | Roblox Studio
rstudio: RStudio | RStudio 2023.12.1+402
scratch: Scratch 3 | Scratch 3.29.1 | Scratch Desktop 3.6.0
sketchup: SketchUp 2023 | SketchUp Pro 2022
slack: Slack | Slack (Machine - MSI)
smart-notebook: SMART Notebook 22 | SMART Notebook
spotify: Spotify
sql-server-management-studio: Microsoft SQL Server Management Studio - 18.12.1 | SQL Server Management Studio 21
steam: Steam
teamviewer: TeamViewer | TeamViewer 14 Host
ti-nspire: TI-Nspire CX Premium Teacher Software | TI-Nspire CX Student Software | TI-Nspire CX CAS Student Software
veyon: Veyon
virtualbox: Oracle VM VirtualBox 7.0.14 | Oracle VirtualBox 7.1.4
visio: Microsoft Visio Professional 2019 - en-us | Microsoft Visio - en-us | Microsoft Visio LTSC Professional 2024 - en-us
visio: Microsoft Visio Professional 2013 | Microsoft Office Visio Professional 2007 | Microsoft Visio Standard 2021 - es-es
visual-studio-code: Microsoft Visual Studio Code | Microsoft Visual Studio Code (User)
vlc: VLC media player | VLC media player 2.2.8
vmware-workstation: VMware Workstation | VMware Player | VMware Workstation Pro
webex: Webex | Cisco Webex Meetings
winrar: WinRAR 6.24 (64-bit) | WinRAR archiver
winscp: WinSCP 6.1.2 | WinSCP 5.21.3
zoom: Zoom | Zoom Workplace (64-bit) | Zoom(64bit)
anaconda: Anaconda3 2023.07-2 (Python 3.11.4 64-bit) | Anaconda3 2021.05 (Python 3.8.8 64-bit)
balenaetcher: balenaEtcher 1.18.11 | balenaEtcher
camtasia: Camtasia 2023 | Camtasia Studio 8 | Camtasia 9
capstone: PASCO Capstone | PASCO Capstone 2.6.2
fusion: Autodesk Fusion 360 | Autodesk Fusion
github-desktop: GitHub Desktop | GitHub Desktop Machine-Wide Installer
graphical-analysis: Vernier Graphical Analysis | Vernier Graphical Analysis 5.19.0
jaws: JAWS 2023 | Freedom Scientific JAWS 2021
kurzweil-3000: Kurzweil 3000 | Kurzweil 3000 v.20
nvda: NVDA
postman: Postman | Postman x86_64 10.17.4
prusaslicer: PrusaSlicer | PrusaSlicer version 2.7.1
read-and-write: Read&Write | Read&Write 12
rufus: Rufus 4.3
snagit: Snagit 2023 | TechSmith Snagit 13 | Snagit 12
solidworks: SOLIDWORKS 2023 SP05 | SOLIDWORKS 2022 x64 Edition
sparkvue: SPARKvue | PASCO SPARKvue
sublime-text: Sublime Text | Sublime Text 3 | Sublime Text Build 3211
thonny: Thonny 4.1.4 | Thonny
ultimaker-cura: UltiMaker Cura 5.4.0 | Ultimaker Cura 4.13.1
unity-hub: Unity Hub 3.4.1 | Unity Hub
-: Steam Link | SteamVR | Steamworks Common Redistributables | Spotify for Artists | Spotify Web Helper
-: Microsoft Visio Viewer 2016 | Microsoft Visio MUI (English) 2010 | Bonjour Print Services | Bonjour Browser
-: SQL Server Management Studio for Reporting Services | SQL Server 2016 Management Studio Extensions
-: SSMS Post Install Tasks | Microsoft SQL Server Management Studio Language Pack - English
-: Arduino USB Driver | Arduino Create Agent | Android SDK Tools | Android Studio Emulator Hypervisor Driver
-: PDFCreator Server | PDF Architect 9 | CutePDF Form Filler | paint.net plugins | PyCharm Docs | Roblox Account Manager
-: Adobe Lightroom Helper | Adobe Lightroom Classic Language Pack | IntelliJ IDEA Plugin Installer | JetBrains Toolbox
-: Microsoft .NET Host FX Resolver - 6.0.36 (x64) | Microsoft Windows Desktop Targeting Pack - 6.0.6 (x64)
-: Microsoft ASP.NET Core 6.0.6 Targeting Pack (x64) | Microsoft ASP.NET Core Module V2 | Microsoft .NET Toolset 6.0.406
-: OpenVPN Access Server Client | TAP-Windows 9.24.2 | MATLAB Runtime R2020a | MuseScore Download Manager | RStudio Server
-: Audacity LAME Plugin | GIMP Help (English) | BlueJ Extensions | Impero Server | Impero Backdrop | Logger Lite 1.9.4
-: TI-Nspire Computer Link | Blender Launcher | Zoom Outlook Plugin | Docker Desktop Extension
-: VLC Remote | Git LFS version 3.0.2 | Git Extensions 3.5.4 | OBS Virtual Camera | Java Auto Updater | Slack Deployment Tool
-: Miniconda3 py311_23.5.2-0 (Python 3.11.4 64-bit) | Snagit Stamps | Sublime Merge | Unity 2022.3.10f1 | Rufus Scripts
-: SOLIDWORKS eDrawings 2023 | JAWS Training Table | NVDA Remote | GitHub CLI | Camtasia Rev | Kurzweil 3000 Voices
"""

EXTENSION_LISTINGS = (
    ("Adobe Acrobat", "15.1.3.15", "chrome_extensions", "efaidnbmnnnibpcajpcglclefindmkaj"),
    ("Adobe Acrobat: PDF edit, convert, sign tools", "25.1.1.0", "chrome_extensions", "efaidnbmnnnibpcajpcglclefindmkaj"),
    ("Zoom", "1.8.27", "Chrome extension", "kgjfgplpablkjnlkjmjdecgdpfankdle"),
    ("Adobe Acrobat", "15.1.3.15", "", "efaidnbmnnnibpcajpcglclefindmkaj"),
    ("Google Drive", "14.5", "chrome_app", "apdfllckaahabafndbhieahigkjlhalf"),
    ("Python", "2024.2.1", "vscode_extensions", "ms-python.python"),
    ("Slack", "1.0", "edge_addons", ""),
    ("Dropbox", "3.0", "safari_extensions", "com.getdropbox.dropbox.safari"),
    ("Bitdefender", "1.2", "firefox_addons", "bdwteffv20@bitdefender.com"),
    ("Grammarly", "8.9", "", "87677a2c52b84ad3a151a4a72f5bd3c4@jetpack"),
    ("Docker", "232.1", "jetbrains_plugins", "Docker"),
)  # fmt: skip
"""Extensions as browsers and editors list them: name, version, listing and identifier."""
