// SPDX-License-Identifier: Apache-2.0

extension LogSourceMapping {
    /// The mapping that is used when the user gives none.
    public static let standard: LogSourceMapping = {
        do { return try LogSourceMapping(standardText) } catch { preconditionFailure("standard mapping: \(error)") }
    }()

    /// The text of ``standard``, for users to begin their own from.
    public static let standardText = #"""
        # Which records are of which log source, and how their fields are called there.
        #
        # keys:        fields whose values choose among the rules before anything else is looked at
        # names:       a field's name in rules, and other names that records have for it
        # transparent: objects that are looked through: winlog.event_data.Image is Image; X.* looks through X's objects
        # embedded:    fields whose text may be JSON: it is looked at as if it stood there without quotes
        # named lists: lists of objects with a member that is a name, and one that is the value of that name: beside Parameters.Name and
        #              Parameters.Value, which do not tell which value belongs to which name, there is Parameters.Identity.
        #              Without a value, the whole element: Statement.Allow.Principal
        # times:       fields that hold a record's time, first choice first
        # entities:    fields in which hosts, accounts, addresses, domains, files and hashes are named
        # common accounts: accounts that are on every machine, and tell nothing
        # sources:     a record for which all of `when` holds is of that log source; rules for it, or for a part of it, run on
        #              it. `unless` says which of them are not all the same. `format` limits that to logs of these formats (see `outflow sources`; all that are JSON
        #              count as one, since kinds may be mixed in a stream: tell them apart in `when`); `fields` says what the rules'
        #              fields are called in such records, and may give names to values there. In `when`, values are as in rules: * stands for anything.
        # closed formats: formats of logs whose records are only what sources say that name the format
        keys: [Channel, EventID, Provider_Name]
        closed formats:
          - zeek-tsv
          - vpc-flow
          - s3-access
          - ezproxy
          - squid
          - combined
          - linux-audit
          - linux-syslog
        names:
          Channel: [winlog.channel, winlog.log_name, log_name]
          EventID: [winlog.event_id, EventID.#text, event_id]
          Provider_Name: [winlog.provider_name, Provider.#attributes.Name, SourceName, ProviderName]
          Data: [Data.#text]
          Computer: [winlog.computer_name, Hostname, computer_name]
          ComputerName: [winlog.computer_name, Computer, Hostname, computer_name]
          Level: [winlog.level]
          Keywords: [winlog.keywords]
          Message: [message]
          EventRecordID: [winlog.record_id, RecordNumber]
          Execution_ProcessID: [winlog.process.pid, Execution.#attributes.ProcessID, ExecutionProcessID]
          Execution_ThreadID: [winlog.process.thread.id, Execution.#attributes.ThreadID]
          Security_UserID: [winlog.user.identifier, Security.#attributes.UserID]
          TimeCreated: [TimeCreated.#attributes.SystemTime, TimeCreated_attributes.SystemTime]
          Workload: [OfficeWorkload]
          category: [category.value]
          operationName: [operationName.value]
          _path: ['@stream']
          id.orig_h: [id_orig_h]
          id.orig_p: [id_orig_p]
          id.resp_h: [id_resp_h]
          id.resp_p: [id_resp_p]
        transparent:
          - winlog.event_data
          - winlog.user_data
          - winlog.user_data.*
          - Event.System
          - Event.EventData
          - Event.UserData
          - Event.UserData.*
          - EventData
          # Rows around records of Microsoft 365: Search-UnifiedAuditLog and Purview, Microsoft Graph, Defender.
          - AuditData
          - auditData
          - RawEventData
        embedded:
          - AuditData
          - auditData
          - RawEventData
          # Sentinel writes lists as text.
          - Parameters
          - OperationProperties
          - ExtendedProperties
          - ModifiedProperties
          - requestParameters.bucketPolicy
          - requestParameters.policy
          - requestParameters.policyText
        named lists:
          Parameters: [Name, Value]
          OperationProperties: [Name, Value]
          ExtendedProperties: [Name, Value]
          ModifiedProperties: [Name, NewValue]
          targetResources.modifiedProperties: [displayName, newValue]
          properties.targetResources.modifiedProperties: [displayName, newValue]
          requestParameters.bucketPolicy.Statement: [Effect]
          requestParameters.policy.Statement: [Effect]
          requestParameters.policyText.Statement: [Effect]
          protoPayload.serviceData.policyDelta.bindingDeltas: [action, member]
        times:
          - TimeCreated
          - SystemTime
          - '@timestamp'
          - eventTime
          - CreationTime
          - ts
          - UtcTime
          - EventTime
          - TimeGenerated
          - published
          - requestReceivedTimestamp
          - createdDateTime
          - activityDateTime
          - eventTimestamp
          - timestamp
          - time
          - created_at
          - __REALTIME_TIMESTAMP
        entities:
          host: [Computer, Hostname, host.name, RemoteHost, node, hostname, _HOSTNAME]
          account:
            - User
            - SubjectUserName
            - TargetUserName
            - AccountName
            - userIdentity.arn
            - UserId
            - UserPrincipalName
            - userPrincipalName
            - properties.userPrincipalName
            - actor.alternateId
            - actor
            - user.username
            - protoPayload.authenticationInfo.principalEmail
            - cs-username
            - AUID
            - acct
            - caller
            - initiatedBy.user.userPrincipalName
            - properties.initiatedBy.user.userPrincipalName
          address:
            - SourceIp
            - DestinationIp
            - IpAddress
            - sourceIPAddress
            - ClientIP
            - ClientIPAddress
            - id.orig_h
            - id.resp_h
            - src_ip
            - dst_ip
            - c-ip
            - client.ipAddress
            - callerIpAddress
            - dest_ip
            - ipAddress
          domain: [QueryName, DestinationHostname, query, cs-host, server_name, host, dns.rrname, http.hostname, tls.sni]
          file: [TargetFilename, filename]
          hash: [Hashes, md5, sha1, sha256]
          store:
            - requestParameters.bucketName
            - requestParameters.imageId
            - requestParameters.snapshotId
            - requestParameters.dBSnapshotIdentifier
            - requestParameters.dBClusterSnapshotIdentifier
          # Who was let in. A finding is about who acted, so these are no `account`.
          principal:
            - requestParameters.launchPermission.add.items.userId
            - requestParameters.createVolumePermission.add.items.userId
            - requestParameters.valuesToAdd
        common accounts:
          - '*\SYSTEM'
          - '*\LOCAL SERVICE'
          - '*\NETWORK SERVICE'
          - SYSTEM
          - LOCAL SERVICE
          - NETWORK SERVICE
          - ANONYMOUS LOGON
          - 'Window Manager\*'
          - 'Font Driver Host\*'
        sources:
          # Windows: every event has a channel, an id, a provider and a computer, of which shippers may drop one of the last two; services
          # are channels. Sigma Taxonomy Appendix 2.1. Sysmon for Linux writes such events too.
          - product: windows
            when: {Channel: '*', EventID: '*', Provider_Name: '*'}
            unless: {Channel: Linux-Sysmon/*}
          - product: windows
            when: {Channel: '*', EventID: '*', Computer: '*'}
            unless: {Channel: Linux-Sysmon/*}
          - product: windows
            service: application
            when: {Channel: Application, EventID: '*'}
          - product: windows
            service: application-experience
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-Application-Experience/Program-Telemetry
                - Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant
          - product: windows
            service: applocker
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-AppLocker/MSI and Script
                - Microsoft-Windows-AppLocker/EXE and DLL
                - Microsoft-Windows-AppLocker/Packaged app-Deployment
                - Microsoft-Windows-AppLocker/Packaged app-Execution
          - product: windows
            service: appmodel-runtime
            when: {Channel: Microsoft-Windows-AppModel-Runtime/Admin, EventID: '*'}
          - product: windows
            service: appxdeployment-server
            when: {Channel: Microsoft-Windows-AppXDeploymentServer/Operational, EventID: '*'}
          - product: windows
            service: appxpackaging-om
            when: {Channel: Microsoft-Windows-AppxPackaging/Operational, EventID: '*'}
          - product: windows
            service: bitlocker
            when: {Channel: Microsoft-Windows-BitLocker/BitLocker Management, EventID: '*'}
          - product: windows
            service: bits-client
            when: {Channel: Microsoft-Windows-Bits-Client/Operational, EventID: '*'}
          - product: windows
            service: capi2
            when: {Channel: Microsoft-Windows-CAPI2/Operational, EventID: '*'}
          - product: windows
            service: certificateservicesclient-lifecycle-system
            when: {Channel: Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational, EventID: '*'}
          - product: windows
            service: codeintegrity-operational
            when: {Channel: Microsoft-Windows-CodeIntegrity/Operational, EventID: '*'}
          - product: windows
            service: dhcp
            when: {Channel: Microsoft-Windows-DHCP-Server/Operational, EventID: '*'}
          - product: windows
            service: diagnosis-scripted
            when: {Channel: Microsoft-Windows-Diagnosis-Scripted/Operational, EventID: '*'}
          - product: windows
            service: dns-client
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-DNS Client Events/Operational
                - Microsoft-Windows-DNS-Client/Operational
          - product: windows
            service: dns-server
            when: {Channel: DNS Server, EventID: '*'}
          - product: windows
            service: dns-server-analytic
            when: {Channel: Microsoft-Windows-DNS-Server/Analytical, EventID: '*'}
          - product: windows
            service: dns-server-audit
            when: {Channel: Microsoft-Windows-DNS-Server/Audit, EventID: '*'}
          - product: windows
            service: driver-framework
            when: {Channel: Microsoft-Windows-DriverFrameworks-UserMode/Operational, EventID: '*'}
          - product: windows
            service: firewall-as
            when: {Channel: Microsoft-Windows-Windows Firewall With Advanced Security/Firewall, EventID: '*'}
          - product: windows
            service: hyper-v-worker
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-Hyper-V-Worker
                - Microsoft-Windows-Hyper-V-Worker-Admin
          - product: windows
            service: iis-configuration
            when: {Channel: Microsoft-IIS-Configuration/Operational, EventID: '*'}
          - product: windows
            service: kernel-event-tracing
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-Kernel-EventTracing
                - Microsoft-Windows-Kernel-EventTracing/Admin
          - product: windows
            service: kernel-shimengine
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-Kernel-ShimEngine/Operational
                - Microsoft-Windows-Kernel-ShimEngine/Diagnostic
          - product: windows
            service: ldap
            when: {Channel: Microsoft-Windows-LDAP-Client/Debug, EventID: '*'}
          - product: windows
            service: lsa-server
            when: {Channel: Microsoft-Windows-LSA/Operational, EventID: '*'}
          - product: windows
            service: msexchange-management
            when: {Channel: MSExchange Management, EventID: '*'}
          - product: windows
            service: ntfs
            when: {Channel: Microsoft-Windows-Ntfs/Operational, EventID: '*'}
          - product: windows
            service: ntlm
            when: {Channel: Microsoft-Windows-NTLM/Operational, EventID: '*'}
          - product: windows
            service: openssh
            when: {Channel: OpenSSH/Operational, EventID: '*'}
          - product: windows
            service: powershell
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-PowerShell/Operational
                - PowerShellCore/Operational
          - product: windows
            service: powershell-classic
            when: {Channel: Windows PowerShell, EventID: '*'}
          - product: windows
            service: printservice-admin
            when: {Channel: Microsoft-Windows-PrintService/Admin, EventID: '*'}
          - product: windows
            service: printservice-operational
            when: {Channel: Microsoft-Windows-PrintService/Operational, EventID: '*'}
          - product: windows
            service: security
            when: {Channel: Security, EventID: '*'}
          - product: windows
            service: security-mitigations
            when:
              EventID: '*'
              Channel:
                - Microsoft-Windows-Security-Mitigations/Kernel Mode
                - Microsoft-Windows-Security-Mitigations/User Mode
                - Microsoft-Windows-Security-Mitigations/KernelMode
                - Microsoft-Windows-Security-Mitigations/UserMode
          - product: windows
            service: sense
            when: {Channel: Microsoft-Windows-SENSE/Operational, EventID: '*'}
          - product: windows
            service: servicebus-client
            when:
              EventID: '*'
              Channel:
                - Microsoft-ServiceBus-Client/Operational
                - Microsoft-ServiceBus-Client/Admin
          - product: windows
            service: microsoft-servicebus-client
            when:
              EventID: '*'
              Channel:
                - Microsoft-ServiceBus-Client/Operational
                - Microsoft-ServiceBus-Client/Admin
          - product: windows
            service: shell-core
            when: {Channel: Microsoft-Windows-Shell-Core/Operational, EventID: '*'}
          - product: windows
            service: smbclient-connectivity
            when: {Channel: Microsoft-Windows-SmbClient/Connectivity, EventID: '*'}
          - product: windows
            service: smbclient-security
            when: {Channel: Microsoft-Windows-SmbClient/Security, EventID: '*'}
          - product: windows
            service: smbserver-connectivity
            when: {Channel: Microsoft-Windows-SMBServer/Connectivity, EventID: '*'}
          - product: windows
            service: sysmon
            when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: '*'}
          - product: windows
            service: system
            when: {Channel: System, EventID: '*'}
          - product: windows
            service: taskscheduler
            when: {Channel: Microsoft-Windows-TaskScheduler/Operational, EventID: '*'}
          - product: windows
            service: terminalservices-localsessionmanager
            when: {Channel: Microsoft-Windows-TerminalServices-LocalSessionManager/Operational, EventID: '*'}
          - product: windows
            service: vhdmp
            when: {Channel: Microsoft-Windows-VHDMP/Operational, EventID: '*'}
          - product: windows
            service: windefend
            when: {Channel: Microsoft-Windows-Windows Defender/Operational, EventID: '*'}
          - product: windows
            service: wmi
            when: {Channel: Microsoft-Windows-WMI-Activity/Operational, EventID: '*'}
          # Windows: categories are events of Sysmon. Sigma Taxonomy Appendix 2.1.
          - {product: windows, service: sysmon, category: process_creation, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 1}}
          - {product: windows, service: sysmon, category: file_change, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 2}}
          - {product: windows, service: sysmon, category: network_connection, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 3}}
          - {product: windows, service: sysmon, category: sysmon_status, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: [4, 16]}}
          - {product: windows, service: sysmon, category: process_termination, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 5}}
          - {product: windows, service: sysmon, category: driver_load, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 6}}
          - {product: windows, service: sysmon, category: image_load, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 7}}
          - {product: windows, service: sysmon, category: create_remote_thread, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 8}}
          - {product: windows, service: sysmon, category: raw_access_thread, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 9}}
          - {product: windows, service: sysmon, category: process_access, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 10}}
          - {product: windows, service: sysmon, category: file_event, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 11}}
          - {product: windows, service: sysmon, category: registry_event, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: [12, 13, 14]}}
          - {product: windows, service: sysmon, category: registry_add, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 12}}
          - {product: windows, service: sysmon, category: registry_delete, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 12}}
          - {product: windows, service: sysmon, category: registry_set, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 13}}
          - {product: windows, service: sysmon, category: registry_rename, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 14}}
          - {product: windows, service: sysmon, category: create_stream_hash, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 15}}
          - {product: windows, service: sysmon, category: pipe_created, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: [17, 18]}}
          - {product: windows, service: sysmon, category: wmi_event, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: [19, 20, 21]}}
          - {product: windows, service: sysmon, category: dns_query, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 22}}
          - {product: windows, service: sysmon, category: file_delete, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 23}}
          - {product: windows, service: sysmon, category: clipboard_capture, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 24}}
          - {product: windows, service: sysmon, category: process_tampering, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 25}}
          - {product: windows, service: sysmon, category: file_delete_detected, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 26}}
          - {product: windows, service: sysmon, category: file_block_executable, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 27}}
          - {product: windows, service: sysmon, category: file_block_shredding, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 28}}
          - {product: windows, service: sysmon, category: file_executable_detected, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 29}}
          - {product: windows, service: sysmon, category: sysmon_error, when: {Channel: Microsoft-Windows-Sysmon/Operational, EventID: 255}}
          # A process that Security names: its fields are called otherwise than Sysmon's. Sigma Rules Specification 2.1, "Field Usage".
          - product: windows
            service: security
            category: process_creation
            when: {Channel: Security, EventID: 4688}
            fields:
              Image: NewProcessName
              ParentImage: ParentProcessName
              CommandLine: ProcessCommandLine
              User: SubjectUserName
              LogonId: SubjectLogonId
              ParentProcessId: ProcessId
              ProcessId: NewProcessId
              # MS-DTYP 2.4.2.4, "Well-Known SID Structures": mandatory labels.
              IntegrityLevel:
                MandatoryLabel:
                  S-1-16-0: Untrusted
                  S-1-16-4096: Low
                  S-1-16-8192: Medium
                  S-1-16-8448: MediumPlus
                  S-1-16-12288: High
                  S-1-16-16384: System
          - {product: windows, service: powershell-classic, category: ps_classic_start, when: {Channel: Windows PowerShell, EventID: 400}}
          - {product: windows, service: powershell-classic, category: ps_classic_provider_start, when: {Channel: Windows PowerShell, EventID: 600}}
          - {product: windows, service: powershell-classic, category: ps_classic_script, when: {Channel: Windows PowerShell, EventID: 800}}
          - product: windows
            service: powershell
            category: ps_module
            when: {Channel: [Microsoft-Windows-PowerShell/Operational, PowerShellCore/Operational], EventID: 4103}
          - product: windows
            service: powershell
            category: ps_script
            when: {Channel: [Microsoft-Windows-PowerShell/Operational, PowerShellCore/Operational], EventID: 4104}
          - {product: windows, category: file_access, when: {Provider_Name: Microsoft-Windows-Kernel-File, EventID: 12}}
          - {product: windows, category: file_rename, when: {Provider_Name: Microsoft-Windows-Kernel-File, EventID: [19, 27, 29]}}
          # Sysmon for Linux.
          - {product: linux, service: sysmon, category: process_creation, when: {Channel: Linux-Sysmon/Operational, EventID: 1}}
          - {product: linux, service: sysmon, category: network_connection, when: {Channel: Linux-Sysmon/Operational, EventID: 3}}
          - {product: linux, service: sysmon, category: process_termination, when: {Channel: Linux-Sysmon/Operational, EventID: 5}}
          - {product: linux, service: sysmon, category: file_event, when: {Channel: Linux-Sysmon/Operational, EventID: 11}}
          - {product: linux, service: sysmon, category: file_delete, when: {Channel: Linux-Sysmon/Operational, EventID: 23}}
          # Syslog of Linux: services are programs.
          - {product: linux, service: syslog, format: linux-syslog}
          - {product: linux, service: sshd, format: linux-syslog, when: {programname: [sshd, sshd-session, sshd-auth]}}
          - {product: linux, service: sudo, format: linux-syslog, when: {programname: sudo}}
          - {product: linux, service: cron, format: linux-syslog, when: {programname: [cron, crond, CRON, anacron, crontab]}}
          - {product: linux, service: vsftpd, format: linux-syslog, when: {programname: vsftpd}}
          - {product: linux, service: clamav, format: linux-syslog, when: {programname: [clamd, clamav, freshclam, clamav-daemon]}}
          - {product: linux, service: guacamole, format: linux-syslog, when: {programname: guacd}}
          - product: linux
            service: auth
            format: linux-syslog
            when: {syslogfacility-text: [auth, authpriv]}
          # Files do not name the facility: these programs write to auth and authpriv.
          - product: linux
            service: auth
            format: linux-syslog
            when:
              programname: &auth
                - sshd
                - sshd-session
                - sshd-auth
                - sudo
                - su
                - login
                - systemd-logind
                - polkitd
                - pkexec
                - passwd
                - chpasswd
                - chage
                - useradd
                - userdel
                - usermod
                - groupadd
                - groupdel
                - groupmod
                - gpasswd
          # The journal of systemd as JSON (journalctl -o json).
          - {product: linux, service: syslog, format: json-lines, when: {SYSLOG_IDENTIFIER: '*', MESSAGE: '*'}}
          - {product: linux, service: sshd, format: json-lines, when: {SYSLOG_IDENTIFIER: [sshd, sshd-session, sshd-auth], MESSAGE: '*'}}
          - {product: linux, service: sudo, format: json-lines, when: {SYSLOG_IDENTIFIER: sudo, MESSAGE: '*'}}
          - {product: linux, service: cron, format: json-lines, when: {SYSLOG_IDENTIFIER: [cron, crond, CRON, anacron, crontab], MESSAGE: '*'}}
          - {product: linux, service: auth, format: json-lines, when: {SYSLOG_IDENTIFIER: *auth, MESSAGE: '*'}}
          # The Linux audit daemon's own log; the start of a process is an EXECVE record.
          - {product: linux, service: auditd, format: linux-audit}
          - product: linux
            category: process_creation
            format: linux-audit
            when: {type: EXECVE}
            fields: {Image: [exe, a0], CommandLine: cmdline, ProcessId: pid, ParentProcessId: ppid, User: [UID, uid], LogonId: ses}
          # Records of the Linux audit daemon as JSON, with the names of linux-audit's record types and fields. Others have such types, too:
          # each needs a field that only these records have.
          - product: linux
            service: auditd
            when:
              type: [ADD_USER, BPF, CONFIG_CHANGE, CWD, DAEMON_*, DEL_USER, EXECVE, KERN_MODULE, PATH, PROCTITLE, SERVICE_*, SOCKADDR, SYSCALL, TTY, USER_*]
              auid: '*'
          - product: linux
            service: auditd
            when:
              type: [ADD_USER, BPF, CONFIG_CHANGE, CWD, DAEMON_*, DEL_USER, EXECVE, KERN_MODULE, PATH, PROCTITLE, SERVICE_*, SOCKADDR, SYSCALL, TTY, USER_*]
              ses: '*'
          - product: linux
            service: auditd
            when:
              type: [ADD_USER, BPF, CONFIG_CHANGE, CWD, DAEMON_*, DEL_USER, EXECVE, KERN_MODULE, PATH, PROCTITLE, SERVICE_*, SOCKADDR, SYSCALL, TTY, USER_*]
              msg: '*audit(*'
          - {product: linux, service: auditd, when: {type: SYSCALL, syscall: '*'}}
          - {product: linux, service: auditd, when: {type: EXECVE, a0: '*'}}
          - {product: linux, service: auditd, when: {type: PROCTITLE, proctitle: '*'}}
          - {product: linux, service: auditd, when: {type: SOCKADDR, saddr: '*'}}
          - {product: linux, service: auditd, when: {type: PATH, nametype: '*'}}
          - {product: linux, service: auditd, when: {type: PATH, inode: '*'}}
          - {product: linux, service: auditd, when: {type: CWD, cwd: '*'}}
          # Zeek: services are logs. Sigma Taxonomy Appendix 2.1.
          - {product: zeek, service: conn, format: [zeek-tsv, zeek-json], when: {_path: conn}}
          - {product: zeek, service: dce_rpc, format: [zeek-tsv, zeek-json], when: {_path: dce_rpc}}
          - {product: zeek, service: dns, format: [zeek-tsv, zeek-json], when: {_path: dns}}
          - {product: zeek, service: files, format: [zeek-tsv, zeek-json], when: {_path: files}}
          - {product: zeek, service: http, format: [zeek-tsv, zeek-json], when: {_path: http}}
          - {product: zeek, service: kerberos, format: [zeek-tsv, zeek-json], when: {_path: kerberos}}
          - {product: zeek, service: notice, format: [zeek-tsv, zeek-json], when: {_path: notice}}
          - {product: zeek, service: ntlm, format: [zeek-tsv, zeek-json], when: {_path: ntlm}}
          - {product: zeek, service: rdp, format: [zeek-tsv, zeek-json], when: {_path: rdp}}
          - {product: zeek, service: smb_files, format: [zeek-tsv, zeek-json], when: {_path: smb_files}}
          - {product: zeek, service: smb_mapping, format: [zeek-tsv, zeek-json], when: {_path: smb_mapping}}
          - {product: zeek, service: smtp, format: [zeek-tsv, zeek-json], when: {_path: smtp}}
          - {product: zeek, service: ssh, format: [zeek-tsv, zeek-json], when: {_path: ssh}}
          - {product: zeek, service: ssl, format: [zeek-tsv, zeek-json], when: {_path: ssl}}
          - {product: zeek, service: software, format: [zeek-tsv, zeek-json], when: {_path: software}}
          - {product: zeek, service: weird, format: [zeek-tsv, zeek-json], when: {_path: weird}}
          - {product: zeek, service: x509, format: [zeek-tsv, zeek-json], when: {_path: x509}}
          - {product: zeek, service: ftp, format: [zeek-tsv, zeek-json], when: {_path: ftp}}
          - {product: zeek, service: dhcp, format: [zeek-tsv, zeek-json], when: {_path: dhcp}}
          - {product: zeek, service: tunnel, format: [zeek-tsv, zeek-json], when: {_path: tunnel}}
          - {product: zeek, service: snmp, format: [zeek-tsv, zeek-json], when: {_path: snmp}}
          - {product: zeek, service: radius, format: [zeek-tsv, zeek-json], when: {_path: radius}}
          # JSON rows need not name their log: then their members do.
          - {product: zeek, service: conn, format: zeek-json, when: {id.orig_h: '*', conn_state: '*'}}
          - {product: zeek, service: dce_rpc, format: zeek-json, when: {id.orig_h: '*', endpoint: '*', operation: '*'}}
          - {product: zeek, service: dns, format: zeek-json, when: {id.orig_h: '*', query: '*', qtype_name: '*'}}
          - {product: zeek, service: files, format: zeek-json, when: {fuid: '*', seen_bytes: '*'}}
          - {product: zeek, service: ftp, format: zeek-json, when: {id.orig_h: '*', command: '*', user: '*'}}
          - {product: zeek, service: http, format: zeek-json, when: {id.orig_h: '*', trans_depth: '*', uri: '*'}}
          - {product: zeek, service: kerberos, format: zeek-json, when: {id.orig_h: '*', request_type: '*', client: '*'}}
          - {product: zeek, service: smb_files, format: zeek-json, when: {id.orig_h: '*', action: SMB::*}}
          - {product: zeek, service: ssl, format: zeek-json, when: {id.orig_h: '*', established: '*', cipher: '*'}}
          - {product: zeek, service: rdp, format: zeek-json, when: {id.orig_h: '*', cookie: '*', security_protocol: '*'}}
          - {product: zeek, service: rdp, format: zeek-json, when: {id.orig_h: '*', security_protocol: '*', cert_count: '*'}}
          - {product: zeek, service: smb_mapping, format: zeek-json, when: {id.orig_h: '*', path: '*', share_type: '*'}}
          - {product: zeek, service: x509, format: zeek-json, when: {certificate.serial: '*', certificate.subject: '*'}}
          - {product: zeek, service: ssh, format: zeek-json, when: {id.orig_h: '*', auth_attempts: '*'}}
          - {product: zeek, service: smtp, format: zeek-json, when: {id.orig_h: '*', trans_depth: '*', helo: '*'}}
          - {product: zeek, service: smtp, format: zeek-json, when: {id.orig_h: '*', trans_depth: '*', mailfrom: '*'}}
          - {product: zeek, service: ntlm, format: zeek-json, when: {id.orig_h: '*', server_nb_computer_name: '*'}}
          - {product: zeek, service: dhcp, format: zeek-json, when: {uids: '*', mac: '*', msg_types: '*'}}
          - {product: zeek, service: tunnel, format: zeek-json, when: {id.orig_h: '*', tunnel_type: '*'}}
          - {product: zeek, service: snmp, format: zeek-json, when: {id.orig_h: '*', get_responses: '*'}}
          - {product: zeek, service: software, format: zeek-json, when: {host: '*', software_type: '*'}}
          - {product: zeek, service: notice, format: zeek-json, when: {note: '*::*', msg: '*', actions: Notice::*}}
          - {product: zeek, service: weird, format: zeek-json, when: {id.orig_h: '*', name: '*', notice: '*', peer: '*'}}
          - category: dns
            format: [zeek-tsv, zeek-json]
            when: {_path: dns}
            fields: &dns
              record_type: qtype_name
              answer: answers
              QueryName: query
              src_ip: id.orig_h
              dst_ip: id.resp_h
          - category: network
            service: dns
            format: [zeek-tsv, zeek-json]
            when: {_path: dns}
            fields: &network-dns
              source.ip: id.orig_h
              source.port: id.orig_p
              destination.ip: id.resp_h
              destination.port: id.resp_p
              dns.id: trans_id
              dns.question.name: query
              dns.question.type: qtype_name
              dns.question.class: qclass_name
              dns.answers.data: answers
              dns.answers.ttl: TTLs
              dns.response.code: rcode_name
              network.community_id: community_id
          - category: network
            service: connection
            format: [zeek-tsv, zeek-json]
            when: {_path: conn}
            fields: &network-connection
              source.ip: id.orig_h
              source.port: id.orig_p
              source.bytes: orig_bytes
              source.packets: orig_pkts
              destination.ip: id.resp_h
              destination.port: id.resp_p
              destination.bytes: resp_bytes
              destination.packets: resp_pkts
              event.duration: duration
              network.transport: proto
              network.protocol: service
              network.state: conn_state
              network.history: history
              network.community_id: community_id
          - category: firewall
            format: [zeek-tsv, zeek-json]
            when: {_path: conn}
            fields: &firewall {src_ip: id.orig_h, src_port: id.orig_p, dst_ip: id.resp_h, dst_port: id.resp_p}
          - {category: dns, format: zeek-json, when: {id.orig_h: '*', query: '*', qtype_name: '*'}, fields: *dns}
          - {category: network, service: dns, format: zeek-json, when: {id.orig_h: '*', query: '*', qtype_name: '*'}, fields: *network-dns}
          - {category: network, service: connection, format: zeek-json, when: {id.orig_h: '*', conn_state: '*'}, fields: *network-connection}
          - {category: firewall, format: zeek-json, when: {id.orig_h: '*', conn_state: '*'}, fields: *firewall}
          # Suricata: records say which protocol they are about. Names: docs.suricata.io, "EVE JSON Format".
          - {product: suricata, service: alert, format: suricata-eve, when: {event_type: alert, src_ip: '*'}}
          - {product: suricata, service: tls, format: suricata-eve, when: {event_type: tls, src_ip: '*'}}
          - {product: suricata, service: dns, format: suricata-eve, when: {event_type: dns, src_ip: '*'}}
          - {product: suricata, service: http, format: suricata-eve, when: {event_type: http, src_ip: '*'}}
          - {product: suricata, service: flow, format: suricata-eve, when: {event_type: flow, src_ip: '*'}}
          - category: dns
            format: suricata-eve
            when: {event_type: dns, src_ip: '*'}
            fields:
              query: [dns.rrname, dns.queries.rrname, dns.query.rrname]
              QueryName: [dns.rrname, dns.queries.rrname, dns.query.rrname]
              record_type: [dns.rrtype, dns.queries.rrtype, dns.query.rrtype]
              answer: [dns.answers.rdata, dns.answer.rdata, dns.rdata]
              dst_ip: dest_ip
          - category: network
            service: dns
            format: suricata-eve
            when: {event_type: dns, src_ip: '*'}
            fields:
              source.ip: src_ip
              source.port: src_port
              destination.ip: dest_ip
              destination.port: dest_port
              dns.question.name: [dns.rrname, dns.queries.rrname, dns.query.rrname]
              dns.question.type: [dns.rrtype, dns.queries.rrtype, dns.query.rrtype]
              dns.answers.data: [dns.answers.rdata, dns.answer.rdata, dns.rdata]
              dns.response.code: dns.rcode
          - category: network
            service: connection
            format: suricata-eve
            when: {event_type: flow, src_ip: '*'}
            fields:
              source.ip: src_ip
              source.port: src_port
              source.bytes: flow.bytes_toserver
              source.packets: flow.pkts_toserver
              destination.ip: dest_ip
              destination.port: dest_port
              destination.bytes: flow.bytes_toclient
              destination.packets: flow.pkts_toclient
              network.transport: proto
              network.protocol: app_proto
              network.community_id: community_id
          - category: firewall
            format: suricata-eve
            when: {event_type: flow, src_ip: '*'}
            fields: {dst_ip: dest_ip, dst_port: dest_port}
          - category: proxy
            format: suricata-eve
            when: {event_type: http, src_ip: '*'}
            fields: &eve-http
              c-uri: http.url
              cs-uri: http.url
              c-uri-stem: http.url
              cs-uri-stem: http.url
              c-uri-query: http.url
              cs-uri-query: http.url
              c-useragent: http.http_user_agent
              cs-user-agent: http.http_user_agent
              cs-method: http.http_method
              cs-host: http.hostname
              r-dns: http.hostname
              cs-referrer: http.http_refer
              cs-referer: http.http_refer
              cs-version: http.protocol
              sc-status: http.status
              c-ip: src_ip
              dst_ip: dest_ip
          - {category: webserver, format: suricata-eve, when: {event_type: http, src_ip: '*'}, fields: *eve-http}
          # Proxies and web servers: names are those of W3C's extended log format.
          - category: proxy
            format: [squid, ezproxy]
            fields:
              c-uri: cs-uri
              c-uri-stem: cs-uri-stem
              c-uri-query: cs-uri-query
              c-uri-extension: cs-uri-extension
              c-useragent: cs-user-agent
              cs-referrer: cs-referer
              r-dns: cs-host
              src_ip: c-ip
          - category: webserver
            format: combined
            fields:
              c-uri: cs-uri
              c-uri-stem: cs-uri-stem
              c-uri-query: cs-uri-query
              c-useragent: cs-user-agent
              cs-referrer: cs-referer
              src_ip: c-ip
          # Zeek's http tells of both; its uri is path and query in one, and stands for either.
          - category: proxy
            format: [zeek-tsv, zeek-json]
            when: {_path: http}
            fields: &http
              c-uri: uri
              cs-uri: uri
              c-uri-stem: uri
              cs-uri-stem: uri
              c-uri-query: uri
              cs-uri-query: uri
              c-useragent: user_agent
              cs-user-agent: user_agent
              cs-method: method
              cs-host: host
              r-dns: host
              cs-referrer: referrer
              cs-referer: referrer
              cs-version: version
              cs-username: username
              cs-bytes: request_body_len
              sc-bytes: response_body_len
              sc-status: status_code
              c-ip: id.orig_h
              src_ip: id.orig_h
              dst_ip: id.resp_h
          - category: webserver
            format: [zeek-tsv, zeek-json]
            when: {_path: http}
            fields: *http
          - {category: proxy, format: zeek-json, when: {id.orig_h: '*', trans_depth: '*', uri: '*'}, fields: *http}
          - {category: webserver, format: zeek-json, when: {id.orig_h: '*', trans_depth: '*', uri: '*'}, fields: *http}
          - {product: apache, service: access, format: combined}
          - {product: nginx, service: access, format: combined}
          # Clouds and services: names are those of the source.
          - product: aws
            service: cloudtrail
            when: {eventSource: '*.amazonaws.com', eventName: '*'}
          - {product: m365, service: audit, when: {Workload: '*', Operation: '*'}}
          - {product: m365, service: exchange, when: {Workload: Exchange, Operation: '*'}}
          - {product: m365, service: threat_management, when: {Workload: [SecurityComplianceCenter, ThreatIntelligence], Operation: '*'}}
          - {product: m365, service: threat_detection, when: {Workload: [SecurityComplianceCenter, ThreatIntelligence], Operation: '*'}}
          # Azure and Entra ID: diagnostic settings (category), tables of Log Analytics and Sentinel (Type), and what the interfaces of
          # Azure Monitor (az monitor activity-log) and Microsoft Graph (auditLogs) give. One name stands for the others'.
          - product: azure
            service: signinlogs
            when: {category: [SignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs, ManagedIdentitySignInLogs]}
            fields: &sign-ins
              ResultType: [resultType, properties.status.errorCode, status.errorCode]
              resultType: [ResultType, properties.status.errorCode, status.errorCode]
              ResultDescription: [resultDescription, properties.status.failureReason, status.failureReason]
              AuthenticationRequirement: [properties.authenticationRequirement, authenticationRequirement]
              properties.authenticationRequirement: [AuthenticationRequirement, authenticationRequirement]
              userAgent: [properties.userAgent, UserAgent]
              callerIpAddress: [properties.ipAddress, ipAddress, IPAddress]
              properties.appId: [appId, AppId]
              properties.userPrincipalName: [userPrincipalName, UserPrincipalName]
              Username: [properties.userPrincipalName, userPrincipalName, UserPrincipalName]
              ResourceDisplayName: [properties.resourceDisplayName, resourceDisplayName]
              ClientApp: [properties.clientAppUsed, clientAppUsed, ClientAppUsed]
              RiskState: [properties.riskState, riskState]
              conditionalAccessStatus: [properties.conditionalAccessStatus, ConditionalAccessStatus]
              homeTenantId: [properties.homeTenantId, HomeTenantId]
              resourceTenantId: [properties.resourceTenantId, ResourceTenantId]
              properties.deviceDetail.deviceId: [deviceDetail.deviceId, DeviceDetail.deviceId]
              DeviceDetail.deviceId: [properties.deviceDetail.deviceId, deviceDetail.deviceId]
              DeviceDetail.isCompliant: [properties.deviceDetail.isCompliant, deviceDetail.isCompliant]
              DeviceDetail.trusttype: [properties.deviceDetail.trustType, deviceDetail.trustType, DeviceDetail.trustType]
          - product: azure
            service: signinlogs
            when: {Type: [SigninLogs, AADNonInteractiveUserSignInLogs, AADServicePrincipalSignInLogs, AADManagedIdentitySignInLogs]}
            fields: *sign-ins
          - product: azure
            service: signinlogs
            when: {userPrincipalName: '*', appDisplayName: '*', ipAddress: '*', conditionalAccessStatus: '*'}
            fields: *sign-ins
          - product: azure
            service: auditlogs
            when: {category: AuditLogs}
            fields: &directory
              operationName: [OperationName, activityDisplayName]
              OperationName: [operationName, activityDisplayName]
              ActivityDisplayName: [properties.activityDisplayName, activityDisplayName, operationName]
              properties.message: [properties.activityDisplayName, activityDisplayName, operationName, OperationName]
              properties.result: [result, Result]
              Status: [properties.result, result, Result]
              LoggedByService: [properties.loggedByService, loggedByService]
              Category: [properties.category, category]
              activityType: [properties.operationType, operationType]
              ActivityType: [properties.operationType, operationType]
              properties.initiatedBy: initiatedBy
              properties.targetResources: targetResources
              TargetResources: [properties.targetResources, targetResources]
              targetResources.type: [properties.targetResources.type, TargetResources.type]
              properties.targetResources.modifiedProperties.displayName: targetResources.modifiedProperties.displayName
              properties.targetResources.modifiedProperties.newValue: targetResources.modifiedProperties.newValue
              TargetResources.ModifiedProperties.DisplayName: [properties.targetResources.modifiedProperties.displayName, targetResources.modifiedProperties.displayName]
              TargetResources.ModifiedProperties.NewValue: [properties.targetResources.modifiedProperties.newValue, targetResources.modifiedProperties.newValue]
              TargetResources.modifiedProperties.newValue: [properties.targetResources.modifiedProperties.newValue, targetResources.modifiedProperties.newValue]
              ConsentContext.IsAdminConsent: [properties.targetResources.modifiedProperties.ConsentContext.IsAdminConsent, targetResources.modifiedProperties.ConsentContext.IsAdminConsent]
          - {product: azure, service: auditlogs, when: {Type: AuditLogs}, fields: *directory}
          - product: azure
            service: auditlogs
            when: {activityDisplayName: '*', activityDateTime: '*', loggedByService: '*'}
            fields: *directory
          - {product: azure, service: pim, when: {category: AuditLogs, properties.loggedByService: PIM}}
          - {product: azure, service: pim, when: {Type: AuditLogs, LoggedByService: PIM}}
          - {product: azure, service: pim, when: {activityDisplayName: '*', loggedByService: PIM}}
          - {product: azure, service: riskdetection, when: {category: [UserRiskEvents, RiskyUsers, ServicePrincipalRiskEvents]}, fields: {riskEventType: properties.riskEventType}}
          - {product: azure, service: riskdetection, when: {Type: [AADUserRiskEvents, AADRiskyUsers, AADServicePrincipalRiskEvents]}, fields: {riskEventType: RiskEventType}}
          - {product: azure, service: riskdetection, when: {riskEventType: '*', riskLevel: '*'}}
          - product: azure
            service: activitylogs
            when: {category: [Administrative, Security, Policy, ServiceHealth, Alert, Recommendation, Autoscale, ResourceHealth], resourceId: '*'}
            fields: &azure-activity
              operationName: [OperationNameValue, OperationName]
              OperationNameValue: [operationName, OperationName]
              CategoryValue: [category, Category]
              ResourceProviderValue: [resourceProviderName.value, ResourceProvider]
              ResourceId: [resourceId, _ResourceId]
              resultType: [status.value, ActivityStatusValue, ActivityStatus]
              properties.message: [operationName.localizedValue, OperationName]
              callerIpAddress: [httpRequest.clientIpAddress, CallerIpAddress]
              caller: Caller
          - {product: azure, service: activitylogs, when: {Type: AzureActivity}, fields: *azure-activity}
          - {product: okta, service: okta, when: {eventType: '*', published: '*', actor.alternateId: '*'}}
          - {product: github, service: audit, when: {action: '*.*', actor: '*', _document_id: '*'}}
          - {product: github, service: audit, when: {action: '*.*', actor: '*', org: '*', created_at: '*'}}
          - {product: kubernetes, category: application, service: audit, when: {kind: Event, apiVersion: audit.k8s.io/*}}
          - product: gcp
            service: gcp.audit
            when: {protoPayload.@type: type.googleapis.com/google.cloud.audit.AuditLog}
            fields: {gcp.audit.method_name: protoPayload.methodName, data.protoPayload.methodName: protoPayload.methodName}
          - {product: gcp, service: google_workspace.admin, when: {protoPayload.serviceName: admin.googleapis.com}, fields: {eventService: protoPayload.serviceName, eventName: protoPayload.metadata.event.eventName}}
          - {product: gcp, service: google_workspace.login, when: {protoPayload.serviceName: login.googleapis.com}, fields: {eventService: protoPayload.serviceName, eventName: protoPayload.metadata.event.eventName}}
          - {product: gcp, service: google_workspace.admin, when: {id.applicationName: admin}, fields: {eventService: id.applicationName, eventName: events.name}}
          - {product: gcp, service: google_workspace.login, when: {id.applicationName: login}, fields: {eventService: id.applicationName, eventName: events.name}}
          - {product: bitbucket, service: audit, when: {auditType.action: '*'}}
          - {product: onelogin, service: onelogin.events, when: {event_type_id: '*', account_id: '*'}}
          - {product: opencanary, category: application, when: {logtype: '*', node_id: '*'}}
        """#
}
