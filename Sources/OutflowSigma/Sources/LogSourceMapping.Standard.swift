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
        # times:       fields that hold a record's time, first choice first
        # entities:    fields in which hosts, accounts, addresses, domains, files and hashes are named
        # common accounts: accounts that are on every machine, and tell nothing
        # sources:     a record for which all of `when` holds is of that log source; rules for it, or for a part of it, run on
        #              it. `format` limits that to logs of these formats (see `outflow sources`; all that are JSON
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
        names:
          Channel: [winlog.channel, winlog.log_name, log_name]
          EventID: [winlog.event_id, EventID.#text, event_id]
          Provider_Name: [winlog.provider_name, Provider.#attributes.Name, SourceName, ProviderName]
          Computer: [winlog.computer_name, Hostname, computer_name]
          ComputerName: [winlog.computer_name, Computer, Hostname, computer_name]
          Level: [winlog.level]
          Keywords: [winlog.keywords]
          Message: [message]
          EventRecordID: [winlog.record_id, RecordNumber]
          Execution_ProcessID: [winlog.process.pid, Execution.#attributes.ProcessID, ExecutionProcessID]
          Execution_ThreadID: [winlog.process.thread.id, Execution.#attributes.ThreadID]
          Security_UserID: [winlog.user.identifier, Security.#attributes.UserID]
          TimeCreated: [TimeCreated.#attributes.SystemTime]
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
          - timestamp
          - time
          - created_at
        entities:
          host: [Computer, Hostname, host.name, RemoteHost, node]
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
          domain: [QueryName, DestinationHostname, query, cs-host, server_name, host]
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
          # Windows: every event has a channel and an id, and services are channels. Sigma Taxonomy Appendix 2.1.
          - product: windows
            when: {Channel: '*', EventID: '*'}
          - product: windows
            service: application
            when: {Channel: Application}
          - product: windows
            service: application-experience
            when:
              Channel:
                - Microsoft-Windows-Application-Experience/Program-Telemetry
                - Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant
          - product: windows
            service: applocker
            when:
              Channel:
                - Microsoft-Windows-AppLocker/MSI and Script
                - Microsoft-Windows-AppLocker/EXE and DLL
                - Microsoft-Windows-AppLocker/Packaged app-Deployment
                - Microsoft-Windows-AppLocker/Packaged app-Execution
          - product: windows
            service: appmodel-runtime
            when: {Channel: Microsoft-Windows-AppModel-Runtime/Admin}
          - product: windows
            service: appxdeployment-server
            when: {Channel: Microsoft-Windows-AppXDeploymentServer/Operational}
          - product: windows
            service: appxpackaging-om
            when: {Channel: Microsoft-Windows-AppxPackaging/Operational}
          - product: windows
            service: bitlocker
            when: {Channel: Microsoft-Windows-BitLocker/BitLocker Management}
          - product: windows
            service: bits-client
            when: {Channel: Microsoft-Windows-Bits-Client/Operational}
          - product: windows
            service: capi2
            when: {Channel: Microsoft-Windows-CAPI2/Operational}
          - product: windows
            service: certificateservicesclient-lifecycle-system
            when: {Channel: Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational}
          - product: windows
            service: codeintegrity-operational
            when: {Channel: Microsoft-Windows-CodeIntegrity/Operational}
          - product: windows
            service: dhcp
            when: {Channel: Microsoft-Windows-DHCP-Server/Operational}
          - product: windows
            service: diagnosis-scripted
            when: {Channel: Microsoft-Windows-Diagnosis-Scripted/Operational}
          - product: windows
            service: dns-client
            when:
              Channel:
                - Microsoft-Windows-DNS Client Events/Operational
                - Microsoft-Windows-DNS-Client/Operational
          - product: windows
            service: dns-server
            when: {Channel: DNS Server}
          - product: windows
            service: dns-server-analytic
            when: {Channel: Microsoft-Windows-DNS-Server/Analytical}
          - product: windows
            service: dns-server-audit
            when: {Channel: Microsoft-Windows-DNS-Server/Audit}
          - product: windows
            service: driver-framework
            when: {Channel: Microsoft-Windows-DriverFrameworks-UserMode/Operational}
          - product: windows
            service: firewall-as
            when: {Channel: Microsoft-Windows-Windows Firewall With Advanced Security/Firewall}
          - product: windows
            service: hyper-v-worker
            when:
              Channel:
                - Microsoft-Windows-Hyper-V-Worker
                - Microsoft-Windows-Hyper-V-Worker-Admin
          - product: windows
            service: iis-configuration
            when: {Channel: Microsoft-IIS-Configuration/Operational}
          - product: windows
            service: kernel-event-tracing
            when:
              Channel:
                - Microsoft-Windows-Kernel-EventTracing
                - Microsoft-Windows-Kernel-EventTracing/Admin
          - product: windows
            service: kernel-shimengine
            when:
              Channel:
                - Microsoft-Windows-Kernel-ShimEngine/Operational
                - Microsoft-Windows-Kernel-ShimEngine/Diagnostic
          - product: windows
            service: ldap
            when: {Channel: Microsoft-Windows-LDAP-Client/Debug}
          - product: windows
            service: lsa-server
            when: {Channel: Microsoft-Windows-LSA/Operational}
          - product: windows
            service: msexchange-management
            when: {Channel: MSExchange Management}
          - product: windows
            service: ntfs
            when: {Channel: Microsoft-Windows-Ntfs/Operational}
          - product: windows
            service: ntlm
            when: {Channel: Microsoft-Windows-NTLM/Operational}
          - product: windows
            service: openssh
            when: {Channel: OpenSSH/Operational}
          - product: windows
            service: powershell
            when:
              Channel:
                - Microsoft-Windows-PowerShell/Operational
                - PowerShellCore/Operational
          - product: windows
            service: powershell-classic
            when: {Channel: Windows PowerShell}
          - product: windows
            service: printservice-admin
            when: {Channel: Microsoft-Windows-PrintService/Admin}
          - product: windows
            service: printservice-operational
            when: {Channel: Microsoft-Windows-PrintService/Operational}
          - product: windows
            service: security
            when: {Channel: Security}
          - product: windows
            service: security-mitigations
            when:
              Channel:
                - Microsoft-Windows-Security-Mitigations/Kernel Mode
                - Microsoft-Windows-Security-Mitigations/User Mode
                - Microsoft-Windows-Security-Mitigations/KernelMode
                - Microsoft-Windows-Security-Mitigations/UserMode
          - product: windows
            service: sense
            when: {Channel: Microsoft-Windows-SENSE/Operational}
          - product: windows
            service: servicebus-client
            when:
              Channel:
                - Microsoft-ServiceBus-Client/Operational
                - Microsoft-ServiceBus-Client/Admin
          - product: windows
            service: microsoft-servicebus-client
            when:
              Channel:
                - Microsoft-ServiceBus-Client/Operational
                - Microsoft-ServiceBus-Client/Admin
          - product: windows
            service: shell-core
            when: {Channel: Microsoft-Windows-Shell-Core/Operational}
          - product: windows
            service: smbclient-connectivity
            when: {Channel: Microsoft-Windows-SmbClient/Connectivity}
          - product: windows
            service: smbclient-security
            when: {Channel: Microsoft-Windows-SmbClient/Security}
          - product: windows
            service: smbserver-connectivity
            when: {Channel: Microsoft-Windows-SMBServer/Connectivity}
          - product: windows
            service: sysmon
            when: {Channel: Microsoft-Windows-Sysmon/Operational}
          - product: windows
            service: system
            when: {Channel: System}
          - product: windows
            service: taskscheduler
            when: {Channel: Microsoft-Windows-TaskScheduler/Operational}
          - product: windows
            service: terminalservices-localsessionmanager
            when: {Channel: Microsoft-Windows-TerminalServices-LocalSessionManager/Operational}
          - product: windows
            service: vhdmp
            when: {Channel: Microsoft-Windows-VHDMP/Operational}
          - product: windows
            service: windefend
            when: {Channel: Microsoft-Windows-Windows Defender/Operational}
          - product: windows
            service: wmi
            when: {Channel: Microsoft-Windows-WMI-Activity/Operational}
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
          # The Linux audit daemon's own log; the start of a process is an EXECVE record.
          - {product: linux, service: auditd, format: linux-audit}
          - product: linux
            category: process_creation
            format: linux-audit
            when: {type: EXECVE}
            fields: {Image: [exe, a0], CommandLine: cmdline, ProcessId: pid, ParentProcessId: ppid, User: [UID, uid], LogonId: ses}
          # Records of the Linux audit daemon as JSON, with the names of linux-audit's record types and fields.
          - product: linux
            service: auditd
            when:
              type:
                - ADD_USER
                - BPF
                - CONFIG_CHANGE
                - CWD
                - DAEMON_*
                - DEL_USER
                - EXECVE
                - KERN_MODULE
                - PATH
                - PROCTITLE
                - SERVICE_*
                - SOCKADDR
                - SYSCALL
                - TTY
                - USER_*
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
          - {product: azure, service: signinlogs, when: {category: [SignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs, ManagedIdentitySignInLogs]}}
          - {product: azure, service: signinlogs, when: {Type: [SigninLogs, AADNonInteractiveUserSignInLogs, AADServicePrincipalSignInLogs, AADManagedIdentitySignInLogs]}}
          - {product: azure, service: auditlogs, when: {category: AuditLogs}}
          - {product: azure, service: auditlogs, when: {Type: AuditLogs}}
          - {product: azure, service: pim, when: {category: AuditLogs, properties.loggedByService: PIM}}
          - {product: azure, service: pim, when: {Type: AuditLogs, LoggedByService: PIM}}
          - {product: azure, service: riskdetection, when: {category: [UserRiskEvents, RiskyUsers, ServicePrincipalRiskEvents]}}
          - {product: azure, service: riskdetection, when: {Type: [AADUserRiskEvents, AADRiskyUsers, AADServicePrincipalRiskEvents]}}
          - {product: azure, service: riskdetection, when: {riskEventType: '*', riskLevel: '*'}}
          - {product: azure, service: activitylogs, when: {category: [Administrative, Security, Policy, ServiceHealth, Alert, Recommendation, Autoscale, ResourceHealth], resourceId: '*'}}
          - {product: azure, service: activitylogs, when: {Type: AzureActivity}}
          - {product: okta, service: okta, when: {eventType: '*', published: '*', actor.alternateId: '*'}}
          - {product: github, service: audit, when: {action: '*', actor: '*', _document_id: '*'}}
          - {product: github, service: audit, when: {action: '*', actor: '*', org: '*', created_at: '*'}}
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
