// SPDX-License-Identifier: Apache-2.0

extension AttackTechnique {
    /// Id, tactics in the order of ``Tactic``, and name of each technique, a line each, in order of id.
    ///
    /// Techniques that the rules of SigmaHQ name, and all of the tactics that a theft passes through: initial access,
    /// credential access, lateral movement, collection, command and control, exfiltration. Ids, names and tactics are
    /// those of MITRE ATT&CK for Enterprise, version 19 (April 2026), https://attack.mitre.org/techniques/enterprise/.
    /// © 2026 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE
    /// Corporation (https://attack.mitre.org/resources/legal-and-branding/terms-of-use/).
    static let table: StaticString = """
        T1001 cc Data Obfuscation
        T1001.001 cc Junk Data
        T1001.002 cc Steganography
        T1001.003 cc Protocol or Service Impersonation
        T1003 ca OS Credential Dumping
        T1003.001 ca LSASS Memory
        T1003.002 ca Security Account Manager
        T1003.003 ca NTDS
        T1003.004 ca LSA Secrets
        T1003.005 ca Cached Domain Credentials
        T1003.006 ca DCSync
        T1003.007 ca Proc Filesystem
        T1003.008 ca /etc/passwd and /etc/shadow
        T1005 co Data from Local System
        T1006 st Direct Volume Access
        T1007 ds System Service Discovery
        T1008 cc Fallback Channels
        T1010 ds Application Window Discovery
        T1011 ef Exfiltration Over Other Network Medium
        T1011.001 ef Exfiltration Over Bluetooth
        T1012 ds Query Registry
        T1014 st Rootkit
        T1016 ds System Network Configuration Discovery
        T1018 ds Remote System Discovery
        T1020 ef Automated Exfiltration
        T1020.001 ef Traffic Duplication
        T1021 lm Remote Services
        T1021.001 lm Remote Desktop Protocol
        T1021.002 lm SMB/Windows Admin Shares
        T1021.003 lm Distributed Component Object Model
        T1021.004 lm SSH
        T1021.005 lm VNC
        T1021.006 lm Windows Remote Management
        T1021.007 lm Cloud Services
        T1021.008 lm Direct Cloud VM Connections
        T1025 co Data from Removable Media
        T1027 st Obfuscated Files or Information
        T1027.001 st Binary Padding
        T1027.002 st Software Packing
        T1027.003 st Steganography
        T1027.004 st Compile After Delivery
        T1027.005 st Indicator Removal from Tools
        T1027.009 st Embedded Payloads
        T1027.010 st Command Obfuscation
        T1027.011 st Fileless Storage
        T1029 ef Scheduled Transfer
        T1030 ef Data Transfer Size Limits
        T1033 ds System Owner/User Discovery
        T1036 st Masquerading
        T1036.002 st Right-to-Left Override
        T1036.003 st Rename Legitimate Utilities
        T1036.004 st Masquerade Task or Service
        T1036.005 st Match Legitimate Resource Name or Location
        T1036.006 st Space after Filename
        T1036.007 st Double File Extension
        T1036.008 st Masquerade File Type
        T1037 pe,pr Boot or Logon Initialization Scripts
        T1037.001 pe,pr Logon Script (Windows)
        T1037.005 pe,pr Startup Items
        T1039 co Data from Network Shared Drive
        T1040 ca,ds Network Sniffing
        T1041 ef Exfiltration Over C2 Channel
        T1046 ds Network Service Discovery
        T1047 ex Windows Management Instrumentation
        T1048 ef Exfiltration Over Alternative Protocol
        T1048.001 ef Exfiltration Over Symmetric Encrypted Non-C2 Protocol
        T1048.002 ef Exfiltration Over Asymmetric Encrypted Non-C2 Protocol
        T1048.003 ef Exfiltration Over Unencrypted Non-C2 Protocol
        T1049 ds System Network Connections Discovery
        T1052 ef Exfiltration Over Physical Medium
        T1052.001 ef Exfiltration over USB
        T1053 ex,pe,pr Scheduled Task/Job
        T1053.002 ex,pe,pr At
        T1053.003 ex,pe,pr Cron
        T1053.005 ex,pe,pr Scheduled Task
        T1055 pr,st Process Injection
        T1055.001 pr,st Dynamic-link Library Injection
        T1055.003 pr,st Thread Execution Hijacking
        T1055.009 pr,st Proc Memory
        T1055.011 pr,st Extra Window Memory Injection
        T1055.012 pr,st Process Hollowing
        T1056 ca,co Input Capture
        T1056.001 ca,co Keylogging
        T1056.002 ca,co GUI Input Capture
        T1056.003 ca,co Web Portal Capture
        T1056.004 ca,co Credential API Hooking
        T1057 ds Process Discovery
        T1059 ex Command and Scripting Interpreter
        T1059.001 ex PowerShell
        T1059.002 ex AppleScript
        T1059.003 ex Windows Command Shell
        T1059.004 ex Unix Shell
        T1059.005 ex Visual Basic
        T1059.006 ex Python
        T1059.007 ex JavaScript
        T1059.009 ex Cloud API
        T1059.012 ex Hypervisor CLI
        T1068 pr Exploitation for Privilege Escalation
        T1069 ds Permission Groups Discovery
        T1069.001 ds Local Groups
        T1069.002 ds Domain Groups
        T1069.003 ds Cloud Groups
        T1070 st Indicator Removal
        T1070.003 st Clear Command History
        T1070.004 st File Deletion
        T1070.005 st Network Share Connection Removal
        T1070.006 st Timestomp
        T1070.008 st Clear Mailbox Data
        T1071 cc Application Layer Protocol
        T1071.001 cc Web Protocols
        T1071.002 cc File Transfer Protocols
        T1071.003 cc Mail Protocols
        T1071.004 cc DNS
        T1071.005 cc Publish/Subscribe Protocols
        T1072 ex,lm Software Deployment Tools
        T1074 co Data Staged
        T1074.001 co Local Data Staging
        T1074.002 co Remote Data Staging
        T1078 ia,pe,pr,st Valid Accounts
        T1078.001 ia,pe,pr,st Default Accounts
        T1078.002 ia,pe,pr,st Domain Accounts
        T1078.003 ia,pe,pr,st Local Accounts
        T1078.004 ia,pe,pr,st Cloud Accounts
        T1080 lm Taint Shared Content
        T1082 ds System Information Discovery
        T1083 ds File and Directory Discovery
        T1087 ds Account Discovery
        T1087.001 ds Local Account
        T1087.002 ds Domain Account
        T1087.004 ds Cloud Account
        T1090 cc Proxy
        T1090.001 cc Internal Proxy
        T1090.002 cc External Proxy
        T1090.003 cc Multi-hop Proxy
        T1090.004 cc Domain Fronting
        T1091 ia,lm Replication Through Removable Media
        T1092 cc Communication Through Removable Media
        T1095 cc Non-Application Layer Protocol
        T1098 pe,pr Account Manipulation
        T1098.001 pe,pr Additional Cloud Credentials
        T1098.003 pe,pr Additional Cloud Roles
        T1098.005 pe,pr Device Registration
        T1098.007 pe,pr Additional Local or Domain Groups
        T1102 cc Web Service
        T1102.001 cc Dead Drop Resolver
        T1102.002 cc Bidirectional Communication
        T1102.003 cc One-Way Communication
        T1104 cc Multi-Stage Channels
        T1105 cc Ingress Tool Transfer
        T1106 ex Native API
        T1110 ca Brute Force
        T1110.001 ca Password Guessing
        T1110.002 ca Password Cracking
        T1110.003 ca Password Spraying
        T1110.004 ca Credential Stuffing
        T1111 ca Multi-Factor Authentication Interception
        T1112 pe,di Modify Registry
        T1113 co Screen Capture
        T1114 co Email Collection
        T1114.001 co Local Email Collection
        T1114.002 co Remote Email Collection
        T1114.003 co Email Forwarding Rule
        T1115 co Clipboard Data
        T1119 co Automated Collection
        T1120 ds Peripheral Device Discovery
        T1123 co Audio Capture
        T1124 ds System Time Discovery
        T1125 co Video Capture
        T1127 ex,st Trusted Developer Utilities Proxy Execution
        T1127.001 ex,st MSBuild
        T1129 ex Shared Modules
        T1132 cc Data Encoding
        T1132.001 cc Standard Encoding
        T1132.002 cc Non-Standard Encoding
        T1133 ia,pe External Remote Services
        T1134 pr,st Access Token Manipulation
        T1134.001 pr,st Token Impersonation/Theft
        T1134.002 pr,st Create Process with Token
        T1134.003 pr,st Make and Impersonate Token
        T1134.004 pr,st Parent PID Spoofing
        T1134.005 pr,st SID-History Injection
        T1135 ds Network Share Discovery
        T1136 pe Create Account
        T1136.001 pe Local Account
        T1136.002 pe Domain Account
        T1136.003 pe Cloud Account
        T1137 pe Office Application Startup
        T1137.002 pe Office Test
        T1137.003 pe Outlook Forms
        T1137.006 pe Add-ins
        T1140 st Deobfuscate/Decode Files or Information
        T1176 pe Software Extensions
        T1176.001 pe Browser Extensions
        T1185 co Browser Session Hijacking
        T1187 ca Forced Authentication
        T1189 ia Drive-by Compromise
        T1190 ia Exploit Public-Facing Application
        T1195 ia Supply Chain Compromise
        T1195.001 ia Compromise Software Dependencies and Development Tools
        T1195.002 ia Compromise Software Supply Chain
        T1195.003 ia Compromise Hardware Supply Chain
        T1197 ex,pe,st BITS Jobs
        T1199 ia Trusted Relationship
        T1200 ia Hardware Additions
        T1201 ds Password Policy Discovery
        T1202 st Indirect Command Execution
        T1203 ex Exploitation for Client Execution
        T1204 ex User Execution
        T1204.001 ex Malicious Link
        T1204.002 ex Malicious File
        T1204.004 ex Malicious Copy and Paste
        T1205 pe,st,cc Traffic Signaling
        T1205.001 pe,st,cc Port Knocking
        T1205.002 pe,st,cc Socket Filters
        T1207 di Rogue Domain Controller
        T1210 lm Exploitation of Remote Services
        T1211 st Exploitation for Stealth
        T1212 ca Exploitation for Credential Access
        T1213 co Data from Information Repositories
        T1213.001 co Confluence
        T1213.002 co Sharepoint
        T1213.003 co Code Repositories
        T1213.004 co Customer Relationship Management Software
        T1213.005 co Messaging Applications
        T1213.006 co Databases
        T1216 st System Script Proxy Execution
        T1216.001 st PubPrn
        T1217 ds Browser Information Discovery
        T1218 st System Binary Proxy Execution
        T1218.001 st Compiled HTML File
        T1218.002 st Control Panel
        T1218.003 st CMSTP
        T1218.005 st Mshta
        T1218.007 st Msiexec
        T1218.008 st Odbcconf
        T1218.009 st Regsvcs/Regasm
        T1218.010 st Regsvr32
        T1218.011 st Rundll32
        T1218.013 st Mavinject
        T1218.014 st MMC
        T1219 cc Remote Access Tools
        T1219.001 cc IDE Tunneling
        T1219.002 cc Remote Desktop Software
        T1219.003 cc Remote Access Hardware
        T1220 st XSL Script Processing
        T1221 st Template Injection
        T1222 di File and Directory Permissions Modification
        T1222.001 di Windows Permissions
        T1222.002 di Linux and Mac Permissions
        T1482 ds Domain Trust Discovery
        T1484 pr,di Domain or Tenant Policy Modification
        T1484.001 pr,di Group Policy Modification
        T1484.002 pr,di Trust Modification
        T1485 im Data Destruction
        T1486 im Data Encrypted for Impact
        T1489 im Service Stop
        T1490 im Inhibit System Recovery
        T1491 im Defacement
        T1491.001 im Internal Defacement
        T1495 im Firmware Corruption
        T1496 im Resource Hijacking
        T1497 st,ds Virtualization/Sandbox Evasion
        T1497.001 st,ds System Checks
        T1498 im Network Denial of Service
        T1499 im Endpoint Denial of Service
        T1499.001 im OS Exhaustion Flood
        T1499.004 im Application or System Exploitation
        T1505 pe Server Software Component
        T1505.001 pe SQL Stored Procedures
        T1505.002 pe Transport Agent
        T1505.003 pe Web Shell
        T1505.004 pe IIS Components
        T1505.005 pe Terminal Services DLL
        T1518 ds Software Discovery
        T1518.001 ds Security Software Discovery
        T1525 pe Implant Internal Image
        T1526 ds Cloud Service Discovery
        T1528 ca Steal Application Access Token
        T1529 im System Shutdown/Reboot
        T1530 co Data from Cloud Storage
        T1531 im Account Access Removal
        T1534 lm Internal Spearphishing
        T1537 ef Transfer Data to Cloud Account
        T1539 ca Steal Web Session Cookie
        T1542 pe,st Pre-OS Boot
        T1542.001 pe,st System Firmware
        T1542.003 pe,st Bootkit
        T1543 pe,pr Create or Modify System Process
        T1543.001 pe,pr Launch Agent
        T1543.002 pe,pr Systemd Service
        T1543.003 pe,pr Windows Service
        T1543.004 pe,pr Launch Daemon
        T1546 pe,pr Event Triggered Execution
        T1546.001 pe,pr Change Default File Association
        T1546.002 pe,pr Screensaver
        T1546.003 pe,pr Windows Management Instrumentation Event Subscription
        T1546.004 pe,pr Unix Shell Configuration Modification
        T1546.007 pe,pr Netsh Helper DLL
        T1546.008 pe,pr Accessibility Features
        T1546.009 pe,pr AppCert DLLs
        T1546.010 pe,pr AppInit DLLs
        T1546.011 pe,pr Application Shimming
        T1546.012 pe,pr Image File Execution Options Injection
        T1546.013 pe,pr PowerShell Profile
        T1546.014 pe,pr Emond
        T1546.015 pe,pr Component Object Model Hijacking
        T1547 pe,pr Boot or Logon Autostart Execution
        T1547.001 pe,pr Registry Run Keys / Startup Folder
        T1547.002 pe,pr Authentication Package
        T1547.003 pe,pr Time Providers
        T1547.004 pe,pr Winlogon Helper DLL
        T1547.005 pe,pr Security Support Provider
        T1547.006 pe,pr Kernel Modules and Extensions
        T1547.008 pe,pr LSASS Driver
        T1547.009 pe,pr Shortcut Modification
        T1547.010 pe,pr Port Monitors
        T1547.014 pe,pr Active Setup
        T1547.015 pe,pr Login Items
        T1548 pr Abuse Elevation Control Mechanism
        T1548.001 pr Setuid and Setgid
        T1548.002 pr Bypass User Account Control
        T1548.003 pr Sudo and Sudo Caching
        T1550 lm Use Alternate Authentication Material
        T1550.001 lm Application Access Token
        T1550.002 lm Pass the Hash
        T1550.003 lm Pass the Ticket
        T1550.004 lm Web Session Cookie
        T1552 ca Unsecured Credentials
        T1552.001 ca Credentials In Files
        T1552.002 ca Credentials in Registry
        T1552.003 ca Shell History
        T1552.004 ca Private Keys
        T1552.005 ca Cloud Instance Metadata API
        T1552.006 ca Group Policy Preferences
        T1552.007 ca Container API
        T1552.008 ca Chat Messages
        T1553 di Subvert Trust Controls
        T1553.001 di Gatekeeper Bypass
        T1553.002 di Code Signing
        T1553.003 di SIP and Trust Provider Hijacking
        T1553.004 di Install Root Certificate
        T1553.005 di Mark-of-the-Web Bypass
        T1554 pe Compromise Host Software Binary
        T1555 ca Credentials from Password Stores
        T1555.001 ca Keychain
        T1555.002 ca Securityd Memory
        T1555.003 ca Credentials from Web Browsers
        T1555.004 ca Windows Credential Manager
        T1555.005 ca Password Managers
        T1555.006 ca Cloud Secrets Management Stores
        T1556 pe,di,ca Modify Authentication Process
        T1556.001 pe,di,ca Domain Controller Authentication
        T1556.002 pe,di,ca Password Filter DLL
        T1556.003 pe,di,ca Pluggable Authentication Modules
        T1556.004 pe,di,ca Network Device Authentication
        T1556.005 pe,di,ca Reversible Encryption
        T1556.006 pe,di,ca Multi-Factor Authentication
        T1556.007 pe,di,ca Hybrid Identity
        T1556.008 pe,di,ca Network Provider DLL
        T1556.009 pe,di,ca Conditional Access Policies
        T1557 ca,co Adversary-in-the-Middle
        T1557.001 ca,co Name Resolution Poisoning and SMB Relay
        T1557.002 ca,co ARP Cache Poisoning
        T1557.003 ca,co DHCP Spoofing
        T1557.004 ca,co Evil Twin
        T1558 ca Steal or Forge Kerberos Tickets
        T1558.001 ca Golden Ticket
        T1558.002 ca Silver Ticket
        T1558.003 ca Kerberoasting
        T1558.004 ca AS-REP Roasting
        T1558.005 ca Ccache Files
        T1559 ex Inter-Process Communication
        T1559.001 ex Component Object Model
        T1559.002 ex Dynamic Data Exchange
        T1560 co Archive Collected Data
        T1560.001 co Archive via Utility
        T1560.002 co Archive via Library
        T1560.003 co Archive via Custom Method
        T1561 im Disk Wipe
        T1561.001 im Disk Content Wipe
        T1561.002 im Disk Structure Wipe
        T1563 lm Remote Service Session Hijacking
        T1563.001 lm SSH Hijacking
        T1563.002 lm RDP Hijacking
        T1564 st Hide Artifacts
        T1564.001 st Hidden Files and Directories
        T1564.002 st Hidden Users
        T1564.003 st Hidden Window
        T1564.004 st NTFS File Attributes
        T1564.006 st Run Virtual Instance
        T1564.008 st Email Hiding Rules
        T1565 im Data Manipulation
        T1565.001 im Stored Data Manipulation
        T1565.002 im Transmitted Data Manipulation
        T1566 ia Phishing
        T1566.001 ia Spearphishing Attachment
        T1566.002 ia Spearphishing Link
        T1566.003 ia Spearphishing via Service
        T1566.004 ia Spearphishing Voice
        T1567 ef Exfiltration Over Web Service
        T1567.001 ef Exfiltration to Code Repository
        T1567.002 ef Exfiltration to Cloud Storage
        T1567.003 ef Exfiltration to Text Storage Sites
        T1567.004 ef Exfiltration Over Webhook
        T1568 cc Dynamic Resolution
        T1568.001 cc Fast Flux DNS
        T1568.002 cc Domain Generation Algorithms
        T1568.003 cc DNS Calculation
        T1569 ex System Services
        T1569.001 ex Launchctl
        T1569.002 ex Service Execution
        T1570 lm Lateral Tool Transfer
        T1571 cc Non-Standard Port
        T1572 cc Protocol Tunneling
        T1573 cc Encrypted Channel
        T1573.001 cc Symmetric Cryptography
        T1573.002 cc Asymmetric Cryptography
        T1574 ex,st Hijack Execution Flow
        T1574.001 ex,st DLL
        T1574.005 ex,st Executable Installer File Permissions Weakness
        T1574.006 ex,st Dynamic Linker Hijacking
        T1574.007 ex,st Path Interception by PATH Environment Variable
        T1574.008 ex,st Path Interception by Search Order Hijacking
        T1574.011 ex,st Services Registry Permissions Weakness
        T1574.012 ex,st COR_PROFILER
        T1578 di Modify Cloud Compute Infrastructure
        T1578.003 di Delete Cloud Instance
        T1580 ds Cloud Infrastructure Discovery
        T1584 rd Compromise Infrastructure
        T1586 rd Compromise Accounts
        T1586.003 rd Cloud Accounts
        T1587 rd Develop Capabilities
        T1587.001 rd Malware
        T1588 rd Obtain Capabilities
        T1588.001 rd Malware
        T1588.002 rd Tool
        T1589 re Gather Victim Identity Information
        T1589.002 re Email Addresses
        T1590 re Gather Victim Network Information
        T1590.001 re Domain Properties
        T1590.002 re DNS
        T1591 re Gather Victim Org Information
        T1591.004 re Identify Roles
        T1592 re Gather Victim Host Information
        T1592.004 re Client Configurations
        T1593 re Search Open Websites/Domains
        T1593.003 re Code Repositories
        T1595 re Active Scanning
        T1595.001 re Scanning IP Blocks
        T1595.002 re Vulnerability Scanning
        T1598 re Phishing for Information
        T1598.002 re Spearphishing Attachment
        T1599 di Network Boundary Bridging
        T1599.001 di Network Address Translation Traversal
        T1602 co Data from Configuration Repository
        T1602.001 co SNMP (MIB Dump)
        T1602.002 co Network Device Configuration Dump
        T1606 ca Forge Web Credentials
        T1606.001 ca Web Cookies
        T1606.002 ca SAML Tokens
        T1608 rd Stage Capabilities
        T1608.003 rd Install Digital Certificate
        T1609 ex Container Administration Command
        T1611 pr Escape to Host
        T1613 ds Container and Resource Discovery
        T1614 ds System Location Discovery
        T1614.001 ds System Language Discovery
        T1615 ds Group Policy Discovery
        T1619 ds Cloud Storage Object Discovery
        T1620 st Reflective Code Loading
        T1621 ca Multi-Factor Authentication Request Generation
        T1622 st,ds Debugger Evasion
        T1649 ca Steal or Forge Authentication Certificates
        T1653 pe Power Settings
        T1659 ia,cc Content Injection
        T1665 cc Hide Infrastructure
        T1669 ia Wi-Fi Networks
        T1685 di Disable or Modify Tools
        T1685.001 di Disable or Modify Windows Event Log
        T1685.002 di Disable or Modify Cloud Log
        T1685.004 di Disable or Modify Linux Audit System Log
        T1685.005 di Clear Windows Event Logs
        T1685.006 di Clear Linux or Mac System Logs
        T1686 di Disable or Modify System Firewall
        T1686.001 di Cloud Firewall
        T1686.002 di Network Device Firewall
        T1686.003 di Windows Host Firewall
        T1689 di Downgrade Attack
        T1690 di Prevent Command History Logging
        """
}
