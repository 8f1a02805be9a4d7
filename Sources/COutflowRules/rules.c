// SPDX-License-Identifier: Apache-2.0
// Written by script/embed-rules.
#include "rules.h"

// #embed is C23; clang knows it in all of its languages.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t rule0[] = {
#embed "../../rules/aws/aws_backup_vault_shared.yml"
};
static const uint8_t rule1[] = {
#embed "../../rules/aws/aws_bucket_acl_foreign_account.yml"
};
static const uint8_t rule2[] = {
#embed "../../rules/aws/aws_bucket_acl_public.yml"
};
static const uint8_t rule3[] = {
#embed "../../rules/aws/aws_bucket_policy_foreign_account.yml"
};
static const uint8_t rule4[] = {
#embed "../../rules/aws/aws_bucket_policy_public.yml"
};
static const uint8_t rule5[] = {
#embed "../../rules/aws/aws_bucket_public_block_removed.yml"
};
static const uint8_t rule6[] = {
#embed "../../rules/aws/aws_bucket_replication_made.yml"
};
static const uint8_t rule7[] = {
#embed "../../rules/aws/aws_bucket_replication_outside.yml"
};
static const uint8_t rule8[] = {
#embed "../../rules/aws/aws_datasync_outside.yml"
};
static const uint8_t rule9[] = {
#embed "../../rules/aws/aws_export_database.yml"
};
static const uint8_t rule10[] = {
#embed "../../rules/aws/aws_export_machine.yml"
};
static const uint8_t rule11[] = {
#embed "../../rules/aws/aws_log_tampering.yml"
};
static const uint8_t rule12[] = {
#embed "../../rules/aws/aws_repository_policy_public.yml"
};
static const uint8_t rule13[] = {
#embed "../../rules/aws/aws_secrets_read_in_bulk.yml"
};
static const uint8_t rule14[] = {
#embed "../../rules/aws/aws_share_db_snapshot.yml"
};
static const uint8_t rule15[] = {
#embed "../../rules/aws/aws_share_ebs_snapshot.yml"
};
static const uint8_t rule16[] = {
#embed "../../rules/aws/aws_share_image.yml"
};
static const uint8_t rule17[] = {
#embed "../../rules/aws/aws_share_redshift.yml"
};
static const uint8_t rule18[] = {
#embed "../../rules/aws/aws_snapshot_blocks_read.yml"
};
static const uint8_t rule19[] = {
#embed "../../rules/aws/aws_snapshot_copied_outside.yml"
};
static const uint8_t rule20[] = {
#embed "../../rules/azure/azure_disk_export.yml"
};
static const uint8_t rule21[] = {
#embed "../../rules/azure/azure_gallery_shared.yml"
};
static const uint8_t rule22[] = {
#embed "../../rules/azure/azure_log_tampering.yml"
};
static const uint8_t rule23[] = {
#embed "../../rules/azure/azure_object_replication.yml"
};
static const uint8_t rule24[] = {
#embed "../../rules/azure/azure_sql_export.yml"
};
static const uint8_t rule25[] = {
#embed "../../rules/azure/azure_storage_keys.yml"
};
static const uint8_t rule26[] = {
#embed "../../rules/azure/azure_storage_public.yml"
};
static const uint8_t rule27[] = {
#embed "../../rules/azure/entra_app_credential_added.yml"
};
static const uint8_t rule28[] = {
#embed "../../rules/azure/entra_app_permission_to_data.yml"
};
static const uint8_t rule29[] = {
#embed "../../rules/azure/entra_consent_to_data.yml"
};
static const uint8_t rule30[] = {
#embed "../../rules/azure/entra_federation_changed.yml"
};
static const uint8_t rule31[] = {
#embed "../../rules/azure/entra_partner_added.yml"
};
static const uint8_t rule32[] = {
#embed "../../rules/gcp/gcp_bucket_public.yml"
};
static const uint8_t rule33[] = {
#embed "../../rules/gcp/gcp_disk_exported.yml"
};
static const uint8_t rule34[] = {
#embed "../../rules/gcp/gcp_log_sink_deleted.yml"
};
static const uint8_t rule35[] = {
#embed "../../rules/github/github_access_restrictions_off.yml"
};
static const uint8_t rule36[] = {
#embed "../../rules/github/github_audit_stream_changed.yml"
};
static const uint8_t rule37[] = {
#embed "../../rules/github/github_clone_by_token.yml"
};
static const uint8_t rule38[] = {
#embed "../../rules/github/github_deploy_key.yml"
};
static const uint8_t rule39[] = {
#embed "../../rules/github/github_repository_moved_out.yml"
};
static const uint8_t rule40[] = {
#embed "../../rules/github/github_repository_public.yml"
};
static const uint8_t rule41[] = {
#embed "../../rules/linux/lnx_auditd_exfil_tools.yml"
};
static const uint8_t rule42[] = {
#embed "../../rules/linux/lnx_auditd_switched_off.yml"
};
static const uint8_t rule43[] = {
#embed "../../rules/linux/lnx_collect_archive_password.yml"
};
static const uint8_t rule44[] = {
#embed "../../rules/linux/lnx_collect_database_dump.yml"
};
static const uint8_t rule45[] = {
#embed "../../rules/linux/lnx_exfil_archive_to_network.yml"
};
static const uint8_t rule46[] = {
#embed "../../rules/linux/lnx_exfil_archive_to_ssh.yml"
};
static const uint8_t rule47[] = {
#embed "../../rules/linux/lnx_exfil_browser_and_key_files.yml"
};
static const uint8_t rule48[] = {
#embed "../../rules/linux/lnx_exfil_cloud_cli.yml"
};
static const uint8_t rule49[] = {
#embed "../../rules/linux/lnx_exfil_copy_archive_out.yml"
};
static const uint8_t rule50[] = {
#embed "../../rules/linux/lnx_exfil_copy_out.yml"
};
static const uint8_t rule51[] = {
#embed "../../rules/linux/lnx_exfil_sync_tools.yml"
};
static const uint8_t rule52[] = {
#embed "../../rules/linux/lnx_exfil_upload.yml"
};
static const uint8_t rule53[] = {
#embed "../../rules/linux/lnx_log_tampering.yml"
};
static const uint8_t rule54[] = {
#embed "../../rules/m365/m365_application_impersonation.yml"
};
static const uint8_t rule55[] = {
#embed "../../rules/m365/m365_audit_off.yml"
};
static const uint8_t rule56[] = {
#embed "../../rules/m365/m365_connector_made.yml"
};
static const uint8_t rule57[] = {
#embed "../../rules/m365/m365_consent.yml"
};
static const uint8_t rule58[] = {
#embed "../../rules/m365/m365_ediscovery_export.yml"
};
static const uint8_t rule59[] = {
#embed "../../rules/m365/m365_inbox_rule_forwards.yml"
};
static const uint8_t rule60[] = {
#embed "../../rules/m365/m365_inbox_rule_outlook_forwards.yml"
};
static const uint8_t rule61[] = {
#embed "../../rules/m365/m365_journal_rule.yml"
};
static const uint8_t rule62[] = {
#embed "../../rules/m365/m365_mailbox_forwarding.yml"
};
static const uint8_t rule63[] = {
#embed "../../rules/m365/m365_mailbox_permission.yml"
};
static const uint8_t rule64[] = {
#embed "../../rules/m365/m365_outbound_policy_allows_forwarding.yml"
};
static const uint8_t rule65[] = {
#embed "../../rules/m365/m365_public_link.yml"
};
static const uint8_t rule66[] = {
#embed "../../rules/m365/m365_sharing_policy_loosened.yml"
};
static const uint8_t rule67[] = {
#embed "../../rules/m365/m365_transport_rule_copies.yml"
};
static const uint8_t rule68[] = {
#embed "../../rules/network/zeek_dns_long_labels.yml"
};
static const uint8_t rule69[] = {
#embed "../../rules/network/zeek_ftp_archive_sent.yml"
};
static const uint8_t rule70[] = {
#embed "../../rules/network/zeek_rpc_backup_key.yml"
};
static const uint8_t rule71[] = {
#embed "../../rules/network/zeek_rpc_directory_replication.yml"
};
static const uint8_t rule72[] = {
#embed "../../rules/network/zeek_smb_directory_database.yml"
};
static const uint8_t rule73[] = {
#embed "../../rules/network/zeek_tls_to_mega.yml"
};
static const uint8_t rule74[] = {
#embed "../../rules/network/zeek_transfer_tool_agent.yml"
};
static const uint8_t rule75[] = {
#embed "../../rules/network/zeek_upload_to_file_host.yml"
};
static const uint8_t rule76[] = {
#embed "../../rules/okta/okta_api_token.yml"
};
static const uint8_t rule77[] = {
#embed "../../rules/okta/okta_application_consent.yml"
};
static const uint8_t rule78[] = {
#embed "../../rules/okta/okta_identity_provider_added.yml"
};
static const uint8_t rule79[] = {
#embed "../../rules/okta/okta_log_stream_stopped.yml"
};
static const uint8_t rule80[] = {
#embed "../../rules/windows/win_collect_archive_password.yml"
};
static const uint8_t rule81[] = {
#embed "../../rules/windows/win_collect_archive_password_only.yml"
};
static const uint8_t rule82[] = {
#embed "../../rules/windows/win_collect_archive_share.yml"
};
static const uint8_t rule83[] = {
#embed "../../rules/windows/win_collect_database_dump.yml"
};
static const uint8_t rule84[] = {
#embed "../../rules/windows/win_collect_directory_snapshot.yml"
};
static const uint8_t rule85[] = {
#embed "../../rules/windows/win_collect_mail_files.yml"
};
static const uint8_t rule86[] = {
#embed "../../rules/windows/win_exfil_bitsadmin_upload.yml"
};
static const uint8_t rule87[] = {
#embed "../../rules/windows/win_exfil_cloud_cli.yml"
};
static const uint8_t rule88[] = {
#embed "../../rules/windows/win_exfil_curl_upload.yml"
};
static const uint8_t rule89[] = {
#embed "../../rules/windows/win_exfil_dns_file_hosts.yml"
};
static const uint8_t rule90[] = {
#embed "../../rules/windows/win_exfil_dns_tools.yml"
};
static const uint8_t rule91[] = {
#embed "../../rules/windows/win_exfil_file_drop_hosts.yml"
};
static const uint8_t rule92[] = {
#embed "../../rules/windows/win_exfil_ftp_script.yml"
};
static const uint8_t rule93[] = {
#embed "../../rules/windows/win_exfil_megatools.yml"
};
static const uint8_t rule94[] = {
#embed "../../rules/windows/win_exfil_openssh_copy.yml"
};
static const uint8_t rule95[] = {
#embed "../../rules/windows/win_exfil_powershell_script_upload.yml"
};
static const uint8_t rule96[] = {
#embed "../../rules/windows/win_exfil_powershell_upload.yml"
};
static const uint8_t rule97[] = {
#embed "../../rules/windows/win_exfil_putty_copy.yml"
};
static const uint8_t rule98[] = {
#embed "../../rules/windows/win_exfil_rclone.yml"
};
static const uint8_t rule99[] = {
#embed "../../rules/windows/win_exfil_rclone_config.yml"
};
static const uint8_t rule100[] = {
#embed "../../rules/windows/win_exfil_restic.yml"
};
static const uint8_t rule101[] = {
#embed "../../rules/windows/win_exfil_winscp.yml"
};
static const uint8_t rule102[] = {
#embed "../../rules/windows/win_keys_adfs_dkm.yml"
};
static const uint8_t rule103[] = {
#embed "../../rules/windows/win_keys_adfs_tools.yml"
};
static const uint8_t rule104[] = {
#embed "../../rules/windows/win_keys_dcsync.yml"
};
static const uint8_t rule105[] = {
#embed "../../rules/windows/win_keys_diskshadow_script.yml"
};
static const uint8_t rule106[] = {
#embed "../../rules/windows/win_keys_dpapi_backup_pipe.yml"
};
static const uint8_t rule107[] = {
#embed "../../rules/windows/win_keys_dpapi_backup_secret.yml"
};
static const uint8_t rule108[] = {
#embed "../../rules/windows/win_keys_dpapi_backup_tool.yml"
};
static const uint8_t rule109[] = {
#embed "../../rules/windows/win_keys_ntds_file.yml"
};
static const uint8_t rule110[] = {
#embed "../../rules/windows/win_keys_ntds_shadow_copy.yml"
};
static const uint8_t rule111[] = {
#embed "../../rules/windows/win_keys_ntdsutil_ifm.yml"
};
static const uint8_t rule112[] = {
#embed "../../rules/windows/win_log_autologger_off.yml"
};
static const uint8_t rule113[] = {
#embed "../../rules/windows/win_log_cleared_other.yml"
};
static const uint8_t rule114[] = {
#embed "../../rules/windows/win_log_cleared_security.yml"
};
static const uint8_t rule115[] = {
#embed "../../rules/windows/win_log_tampering_command.yml"
};
static const uint8_t rule116[] = {
#embed "../../rules/windows/win_log_usn_deleted.yml"
};
static const uint8_t rule117[] = {
#embed "../../rules/windows/win_mailbox_export.yml"
};

static const outflow_rule_file files[] = {
    {"aws/aws_backup_vault_shared.yml", rule0, sizeof rule0},
    {"aws/aws_bucket_acl_foreign_account.yml", rule1, sizeof rule1},
    {"aws/aws_bucket_acl_public.yml", rule2, sizeof rule2},
    {"aws/aws_bucket_policy_foreign_account.yml", rule3, sizeof rule3},
    {"aws/aws_bucket_policy_public.yml", rule4, sizeof rule4},
    {"aws/aws_bucket_public_block_removed.yml", rule5, sizeof rule5},
    {"aws/aws_bucket_replication_made.yml", rule6, sizeof rule6},
    {"aws/aws_bucket_replication_outside.yml", rule7, sizeof rule7},
    {"aws/aws_datasync_outside.yml", rule8, sizeof rule8},
    {"aws/aws_export_database.yml", rule9, sizeof rule9},
    {"aws/aws_export_machine.yml", rule10, sizeof rule10},
    {"aws/aws_log_tampering.yml", rule11, sizeof rule11},
    {"aws/aws_repository_policy_public.yml", rule12, sizeof rule12},
    {"aws/aws_secrets_read_in_bulk.yml", rule13, sizeof rule13},
    {"aws/aws_share_db_snapshot.yml", rule14, sizeof rule14},
    {"aws/aws_share_ebs_snapshot.yml", rule15, sizeof rule15},
    {"aws/aws_share_image.yml", rule16, sizeof rule16},
    {"aws/aws_share_redshift.yml", rule17, sizeof rule17},
    {"aws/aws_snapshot_blocks_read.yml", rule18, sizeof rule18},
    {"aws/aws_snapshot_copied_outside.yml", rule19, sizeof rule19},
    {"azure/azure_disk_export.yml", rule20, sizeof rule20},
    {"azure/azure_gallery_shared.yml", rule21, sizeof rule21},
    {"azure/azure_log_tampering.yml", rule22, sizeof rule22},
    {"azure/azure_object_replication.yml", rule23, sizeof rule23},
    {"azure/azure_sql_export.yml", rule24, sizeof rule24},
    {"azure/azure_storage_keys.yml", rule25, sizeof rule25},
    {"azure/azure_storage_public.yml", rule26, sizeof rule26},
    {"azure/entra_app_credential_added.yml", rule27, sizeof rule27},
    {"azure/entra_app_permission_to_data.yml", rule28, sizeof rule28},
    {"azure/entra_consent_to_data.yml", rule29, sizeof rule29},
    {"azure/entra_federation_changed.yml", rule30, sizeof rule30},
    {"azure/entra_partner_added.yml", rule31, sizeof rule31},
    {"gcp/gcp_bucket_public.yml", rule32, sizeof rule32},
    {"gcp/gcp_disk_exported.yml", rule33, sizeof rule33},
    {"gcp/gcp_log_sink_deleted.yml", rule34, sizeof rule34},
    {"github/github_access_restrictions_off.yml", rule35, sizeof rule35},
    {"github/github_audit_stream_changed.yml", rule36, sizeof rule36},
    {"github/github_clone_by_token.yml", rule37, sizeof rule37},
    {"github/github_deploy_key.yml", rule38, sizeof rule38},
    {"github/github_repository_moved_out.yml", rule39, sizeof rule39},
    {"github/github_repository_public.yml", rule40, sizeof rule40},
    {"linux/lnx_auditd_exfil_tools.yml", rule41, sizeof rule41},
    {"linux/lnx_auditd_switched_off.yml", rule42, sizeof rule42},
    {"linux/lnx_collect_archive_password.yml", rule43, sizeof rule43},
    {"linux/lnx_collect_database_dump.yml", rule44, sizeof rule44},
    {"linux/lnx_exfil_archive_to_network.yml", rule45, sizeof rule45},
    {"linux/lnx_exfil_archive_to_ssh.yml", rule46, sizeof rule46},
    {"linux/lnx_exfil_browser_and_key_files.yml", rule47, sizeof rule47},
    {"linux/lnx_exfil_cloud_cli.yml", rule48, sizeof rule48},
    {"linux/lnx_exfil_copy_archive_out.yml", rule49, sizeof rule49},
    {"linux/lnx_exfil_copy_out.yml", rule50, sizeof rule50},
    {"linux/lnx_exfil_sync_tools.yml", rule51, sizeof rule51},
    {"linux/lnx_exfil_upload.yml", rule52, sizeof rule52},
    {"linux/lnx_log_tampering.yml", rule53, sizeof rule53},
    {"m365/m365_application_impersonation.yml", rule54, sizeof rule54},
    {"m365/m365_audit_off.yml", rule55, sizeof rule55},
    {"m365/m365_connector_made.yml", rule56, sizeof rule56},
    {"m365/m365_consent.yml", rule57, sizeof rule57},
    {"m365/m365_ediscovery_export.yml", rule58, sizeof rule58},
    {"m365/m365_inbox_rule_forwards.yml", rule59, sizeof rule59},
    {"m365/m365_inbox_rule_outlook_forwards.yml", rule60, sizeof rule60},
    {"m365/m365_journal_rule.yml", rule61, sizeof rule61},
    {"m365/m365_mailbox_forwarding.yml", rule62, sizeof rule62},
    {"m365/m365_mailbox_permission.yml", rule63, sizeof rule63},
    {"m365/m365_outbound_policy_allows_forwarding.yml", rule64, sizeof rule64},
    {"m365/m365_public_link.yml", rule65, sizeof rule65},
    {"m365/m365_sharing_policy_loosened.yml", rule66, sizeof rule66},
    {"m365/m365_transport_rule_copies.yml", rule67, sizeof rule67},
    {"network/zeek_dns_long_labels.yml", rule68, sizeof rule68},
    {"network/zeek_ftp_archive_sent.yml", rule69, sizeof rule69},
    {"network/zeek_rpc_backup_key.yml", rule70, sizeof rule70},
    {"network/zeek_rpc_directory_replication.yml", rule71, sizeof rule71},
    {"network/zeek_smb_directory_database.yml", rule72, sizeof rule72},
    {"network/zeek_tls_to_mega.yml", rule73, sizeof rule73},
    {"network/zeek_transfer_tool_agent.yml", rule74, sizeof rule74},
    {"network/zeek_upload_to_file_host.yml", rule75, sizeof rule75},
    {"okta/okta_api_token.yml", rule76, sizeof rule76},
    {"okta/okta_application_consent.yml", rule77, sizeof rule77},
    {"okta/okta_identity_provider_added.yml", rule78, sizeof rule78},
    {"okta/okta_log_stream_stopped.yml", rule79, sizeof rule79},
    {"windows/win_collect_archive_password.yml", rule80, sizeof rule80},
    {"windows/win_collect_archive_password_only.yml", rule81, sizeof rule81},
    {"windows/win_collect_archive_share.yml", rule82, sizeof rule82},
    {"windows/win_collect_database_dump.yml", rule83, sizeof rule83},
    {"windows/win_collect_directory_snapshot.yml", rule84, sizeof rule84},
    {"windows/win_collect_mail_files.yml", rule85, sizeof rule85},
    {"windows/win_exfil_bitsadmin_upload.yml", rule86, sizeof rule86},
    {"windows/win_exfil_cloud_cli.yml", rule87, sizeof rule87},
    {"windows/win_exfil_curl_upload.yml", rule88, sizeof rule88},
    {"windows/win_exfil_dns_file_hosts.yml", rule89, sizeof rule89},
    {"windows/win_exfil_dns_tools.yml", rule90, sizeof rule90},
    {"windows/win_exfil_file_drop_hosts.yml", rule91, sizeof rule91},
    {"windows/win_exfil_ftp_script.yml", rule92, sizeof rule92},
    {"windows/win_exfil_megatools.yml", rule93, sizeof rule93},
    {"windows/win_exfil_openssh_copy.yml", rule94, sizeof rule94},
    {"windows/win_exfil_powershell_script_upload.yml", rule95, sizeof rule95},
    {"windows/win_exfil_powershell_upload.yml", rule96, sizeof rule96},
    {"windows/win_exfil_putty_copy.yml", rule97, sizeof rule97},
    {"windows/win_exfil_rclone.yml", rule98, sizeof rule98},
    {"windows/win_exfil_rclone_config.yml", rule99, sizeof rule99},
    {"windows/win_exfil_restic.yml", rule100, sizeof rule100},
    {"windows/win_exfil_winscp.yml", rule101, sizeof rule101},
    {"windows/win_keys_adfs_dkm.yml", rule102, sizeof rule102},
    {"windows/win_keys_adfs_tools.yml", rule103, sizeof rule103},
    {"windows/win_keys_dcsync.yml", rule104, sizeof rule104},
    {"windows/win_keys_diskshadow_script.yml", rule105, sizeof rule105},
    {"windows/win_keys_dpapi_backup_pipe.yml", rule106, sizeof rule106},
    {"windows/win_keys_dpapi_backup_secret.yml", rule107, sizeof rule107},
    {"windows/win_keys_dpapi_backup_tool.yml", rule108, sizeof rule108},
    {"windows/win_keys_ntds_file.yml", rule109, sizeof rule109},
    {"windows/win_keys_ntds_shadow_copy.yml", rule110, sizeof rule110},
    {"windows/win_keys_ntdsutil_ifm.yml", rule111, sizeof rule111},
    {"windows/win_log_autologger_off.yml", rule112, sizeof rule112},
    {"windows/win_log_cleared_other.yml", rule113, sizeof rule113},
    {"windows/win_log_cleared_security.yml", rule114, sizeof rule114},
    {"windows/win_log_tampering_command.yml", rule115, sizeof rule115},
    {"windows/win_log_usn_deleted.yml", rule116, sizeof rule116},
    {"windows/win_mailbox_export.yml", rule117, sizeof rule117},
};

size_t outflow_rule_file_count(void) { return sizeof files / sizeof *files; }
outflow_rule_file outflow_rule_file_at(size_t number) { return files[number]; }
