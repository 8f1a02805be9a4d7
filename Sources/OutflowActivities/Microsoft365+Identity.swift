// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Microsoft365 {
    /// Sign-ins (`UserLoggedIn`, `UserLoginFailed`) and consents (`Consent to application.`, `Add delegated permission
    /// grant.`, `Add app role assignment to service principal.`), for detectors: nothing left by them.
    ///
    /// Source: learn.microsoft.com/purview/audit-log-activities, "Directory administration activities" and "Application
    /// administration activities"; the device stands in `DeviceProperties` (Office 365 Management Activity API schema).
    static func readIdentity(_ record: AuditRecord) {
        let operation = record.operation
        let kind: IdentityEvent.Kind
        if operation == "UserLoggedIn" {
            kind = record.isFailure ? .refused : .signIn
        } else if operation == "UserLoginFailed" {
            kind = .refused
        } else if !record.isFailure,
            operation == "Consent to application." || operation == "Add delegated permission grant."
                || operation == "Add app role assignment to service principal."
        {
            kind = .consent
        } else {
            return
        }
        var (name, system, browser) = (Bytes.empty, Bytes.empty, Bytes.empty)
        record.forEachProperty(of: "DeviceProperties") { key, value in
            if key == "DisplayName" { name = record.keep(value) }
            if key == "OS" { system = record.keep(value) }
            if key == "BrowserType" { browser = record.keep(value) }
        }
        if name.isEmpty, !system.isEmpty || !browser.isEmpty {
            name = record.batch.arena.join(system, Bytes(" "), browser)
        }
        let application = record.text("ObjectId", "ApplicationId", "AppId")
        record.batch.identities.append(
            IdentityEvent(
                mark: record.mark, kind: kind, account: record.keepLower(record.user),
                address: record.address ?? .empty, device: name, application: record.keepLower(application)))
    }
}
