/**
 * Everything preflight can find: severity, meaning, remedy. The one table behind the findings and
 * docs/preflight.md. An error stops; a warning needs an acknowledgement by its code; an info is worth knowing.
 */
export interface PreflightEntry {
  readonly severity: 'error' | 'warning' | 'info'
  /** One sentence, true of every occurrence. */
  readonly meaning: string
  readonly remedy: string
}

const error = (meaning: string, remedy: string): PreflightEntry => ({ severity: 'error', meaning, remedy })
const warning = (meaning: string, remedy: string): PreflightEntry => ({
  severity: 'warning',
  meaning,
  remedy,
})

export const preflightTable = {
  BACKUP_MISSING: error(
    'Nobody has said that the backups were taken: DRS, and from 10.0 on ITLRecovery.p12.',
    'Take both (file get tftp ITLRecovery.p12), keep them off the cluster, then say so: ctl-bridge migrate say BACKUP_TAKEN, or --said BACKUP_TAKEN at the start.',
  ),
  CERTIFICATE_EXPIRED: warning(
    'A certificate of the plan has expired. Phones are known to go on with such SAST certificates; their upload may be refused.',
    'Before the window upload it once as Phone-SAST-trust. Where the page refuses it, plan with another token.',
  ),
  CERTIFICATE_EXPIRES_SOON: warning(
    'A certificate of the plan ends within 90 days.',
    'Use another token, or plan the next change before that day.',
  ),
  CERTIFICATE_NOT_YET_VALID: warning(
    'The time of a certificate of the plan has not begun.',
    'Check the clock of this machine and of the one that made it.',
  ),
  CERTIFICATE_WEAK: warning(
    'A key of the plan is RSA of less than 1024 bits, or its certificate is signed with MD5 or older.',
    'Use another token, or regenerate the certificate of the server.',
  ),
  CLI_NOT_USABLE: error(
    'The plan types commands on the publisher, and its command line does not answer.',
    'Mend what the detail says (address, user, password, host key), or take cli out of the settings of the cluster: then a person types them.',
  ),
  CONTROL_CENTER_SILENT: error(
    'The plan restarts services through Control Center of this node, and it does not answer.',
    'Mend what the detail says (Cisco Tomcat there, the AXL user and its role Standard SERVICEABILITY), or take axl out of the settings of the cluster: then a person restarts them.',
  ),
  CONSUMERS_NOT_INFORMED: warning(
    'JTAPI and TSP applications and the port groups of Unity Connection hold a CTL of their own.',
    'Tell those who run them: they must take the new file, too.',
  ),
  DEVICES_UNKNOWN: warning(
    'Of these devices it is not known whether they can ask TVS, or no device was counted.',
    'Look in Unified Reporting, Unified CM Phone Feature List, Security By Default. A pilot of each such model tells it; if it refuses, enter that: the plan goes on, and those phones keep the old file.',
  ),
  DEVICES_WITHOUT_SBD: warning(
    'These devices cannot ask TVS. After a change of signer they keep the old CTL until somebody deletes it on the device.',
    'Go by a file that their installed CTL allows to sign first, or plan a visit to each.',
  ),
  DRAFT_REFUSED: error(
    'The new file cannot be composed from what is known.',
    'Do what the detail asks for, then plan again.',
  ),
  FILE_NOT_VERIFIED: error(
    'The file that a node serves does not verify.',
    'Find out who made it. ctl-bridge show and verify tell what is wrong.',
  ),
  FILE_TOO_LARGE: error(
    'The new file has more than 64 KiB, which phones are known to fail to load.',
    'Leave out servers that phones do not need.',
  ),
  FIPS_NOT_EXCLUDED: warning(
    'Whether the cluster runs in FIPS or Common Criteria mode was not seen. What CTL files are taken there is not known.',
    'Look with utils fips status on each node, then say so: ctl-bridge migrate say NOT_FIPS.',
  ),
  FIRST_CTL_UNKNOWN: warning(
    'Phones hold an ITL and no CTL. Whether they trust a first CTL signed by a token, or ask TVS, is stated nowhere.',
    'Upload the token certificates first, as the plan does, and look at the pilots.',
  ),
  ITL_WITHOUT_TVS: error(
    'The ITL of this node is blank, missing or lists no TVS: phones that have it cannot ask TVS, and keep the old file.',
    'Find out why (“Prepare Cluster for Rollback to pre 8.0” blanks it), restart TVS and TFTP, reset the phones, and look again.',
  ),
  LICENCE_NOT_SEEN: warning(
    'From 11.5(1)SU3 on utils ctl needs the encryption licence. Whether it is there was not seen.',
    'Look at the licence page, then say so: ctl-bridge migrate say LICENCE_PRESENT. The command refuses without it, and nothing changes.',
  ),
  MODE_UNEXPECTED: error(
    'ClusterSecurityMode is not the one that the plan begins with.',
    'Choose the plan that begins with the mode observed. Where it was not seen: give cli or axl in the settings of the cluster.',
  ),
  NODES_DIFFER: error(
    'The nodes do not serve the same CTL.',
    'Restart Cisco Tftp on those that are behind, or publish the file that is meant on all, then look again.',
  ),
  NODE_UNREACHABLE: error(
    'A node does not answer.',
    'Bring it back, or take it out of the cluster’s settings if it no longer exists.',
  ),
  ONE_TOKEN_LEFT: warning(
    'After this change one token only may sign the next file. If it is lost, every phone must be cleared by hand.',
    'Add a second one in the same change: --token.',
  ),
  PHONES_MUST_FETCH_FIRST: warning(
    'Phones must hold another file before this change (Security Guide 12.0).',
    'See that every phone has fetched the file named, then acknowledge.',
  ),
  PROBE_FAILED: error(
    'The last probe of publishing failed on this node.',
    'Mend what ctl-bridge clusters show NAME says of it, then: ctl-bridge clusters probe NAME --node NODE.',
  ),
  PROBE_NOT_DONE: error(
    'Whether publishing works on this cluster was never tried.',
    'Run ctl-bridge clusters probe NAME --node NODE: it publishes the file that is there already, or gives it to you to upload.',
  ),
  PROBE_NOT_POSSIBLE: warning(
    'No node serves a CTL that could be published over itself, so publishing cannot be tried without risk.',
    'Go on with one thing in mind: if the file does not come back from every node, restart nothing and go back.',
  ),
  RELEASE_TOO_NEW: error(
    'From CUCM 14 on Cisco does not support token CTLs.',
    'Stay with tokenless. Show, verify and rehearse work.',
  ),
  RELEASE_TOO_OLD: error(
    'The release has no utils ctl, and this plan needs it.',
    'The plan says what can be done instead.',
  ),
  RELEASE_UNKNOWN: error(
    'The release of the cluster is not known, and what is right depends on it.',
    'Give release in the cluster’s settings, or the AXL user.',
  ),
  REPLICATION_NOT_SEEN: warning(
    'Whether database replication is healthy was not seen. Uploads and files reach subscribers by it.',
    'Look with utils dbreplication runtimestate (2 on every node), then say so: ctl-bridge migrate say REPLICATION_HEALTHY.',
  ),
  ROLLBACK_PARAMETER_NOT_SEEN: warning(
    'Whether “Prepare Cluster for Rollback to pre 8.0” is set was not seen. It blanks the ITL, and then phones cannot ask TVS.',
    'Look among the enterprise parameters, then say so: ctl-bridge migrate say ROLLBACK_PARAMETER_OFF.',
  ),
  ROLLBACK_PARAMETER_SET: error(
    '“Prepare Cluster for Rollback to pre 8.0” is set: phones have a blank ITL and cannot ask TVS.',
    'Set it to False, restart TVS and TFTP, reset the phones, and look again.',
  ),
  SERVER_NOT_LISTED: warning(
    'This server shows another certificate in its ITL than the file to come lists for it: phones will refuse TLS to it.',
    'Put the new certificate in place of the old one in this change, or add the server. On a way back: update the file right after it, or stay.',
  ),
  SERVICE_NOT_STARTED: error(
    'The plan restarts this service, and Control Center says that it does not run: the restart would be refused, or begin what was stopped on purpose.',
    'Start it (Cisco Unified Serviceability → Control Center), or take it out of what the node runs in the settings of the cluster; then look again, or plan again.',
  ),
  SHA512_SET: warning(
    'TFTP File Signature Algorithm is SHA-512. It is documented for configuration files; its effect on the CTL is not known.',
    'Set it to SHA-1 unless you know.',
  ),
  SIGNATURE_ALGORITHM_NOT_SEEN: warning(
    'Whether TFTP File Signature Algorithm is SHA-1 was not seen.',
    'Look among the enterprise parameters, then say so: ctl-bridge migrate say SIGNATURE_ALGORITHM_USUAL.',
  ),
  SIGNER_NOT_TRUSTED: warning(
    'Phones hold no file that lists the new signer: they take the new file only if TVS vouches for it.',
    'Where tokens sign, the plan uploads their certificates and asks TVS on every node first. Of a certificate that is regenerated on the way it is asked once that exists, before the pilots. The pilots are the proof.',
  ),
  STATE_UNEXPECTED: error(
    'The file that the nodes serve is not of the kind that the plan begins with.',
    'Choose the plan that begins with what is served.',
  ),
  TOKENS_TOO_FEW: error(
    'Cisco asks for at least two tokens in a file, kept apart.',
    'Name a second one: --token. Plug it in once, so that it is known; it need not stay.',
  ),
  TOKEN_NOT_CISCOS: warning(
    'The token was not made by Cisco. TVS treats the names of Cisco’s tokens in a way of its own; another one is unproven on CUCM.',
    'Try it on the lab and on one phone first.',
  ),
  TVS_FILE_MISSING: warning(
    'TVS on this node has no CTL of its own to look into, because no file is put there: it knows the new signer by the upload alone.',
    'Rehearse with ctl-bridge lab up --tvs db and --tvs cache, and choose pilots whose CallManager group names this node.',
  ),
  TVS_LACKS_UPLOAD: warning(
    'TVS on this node does not vouch for a certificate yet: Phone-SAST-trust lacks it there.',
    'The plan has it uploaded and goes on only when every node answers. Where other nodes have it: wait for replication, or restart Cisco Trust Verification Service there.',
  ),
  TVS_NONE: error(
    'The plan needs TVS, and the settings name no node that runs it.',
    'Add tvs to what the nodes run in the settings, or go by a file that phones trust already.',
  ),
  TVS_ROLE_MISSING: warning(
    'TVS on this node knows the certificate, and not as SAST: phones would not take what it signs.',
    'Upload it as Phone-SAST-trust: with another purpose it has another role.',
  ),
  TVS_SILENT: warning(
    'TVS on this node does not answer. This plan does not need it; a way back may.',
    'Start Cisco Trust Verification Service there.',
  ),
  TVS_UNREACHABLE: error(
    'TVS on this node does not answer: phones of its group could not check the new file.',
    'Start Cisco Trust Verification Service there, then look again.',
  ),
  WAY_BACK_REFUSED: warning(
    'Phones of this model that hold the file named do not take the one from before: going back leaves them behind.',
    'Go on with the migration if it can be finished, or plan a visit to each.',
  ),
  WAY_BACK_UNPROVEN: warning(
    'Whether phones that hold the file named take the one from before is not known.',
    'Reset one phone of each model first, as the plan does, and look what it holds.',
  ),
} as const satisfies Record<string, PreflightEntry>

export type PreflightCode = keyof typeof preflightTable
