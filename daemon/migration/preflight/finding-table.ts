/**
 * Everything preflight can find: severity, meaning, remedy. The one table behind the findings and
 * docs/migrating.md. An error stops; a warning needs an acknowledgement by its code; an info is worth knowing.
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
    'Nobody has said that a DRS backup and ITLRecovery.p12 were taken.',
    'Take both (file get tftp ITLRecovery.p12), keep them off the cluster, then say so: BACKUP_TAKEN.',
  ),
  CERTIFICATE_EXPIRED: warning(
    'A certificate of the plan has expired. Phones are known to go on with such SAST certificates; their upload may be refused.',
    'Try the upload on one node first.',
  ),
  CERTIFICATE_EXPIRES_SOON: warning(
    'A certificate of the plan ends within 90 days.',
    'Use another token, or plan the next change before that day.',
  ),
  CERTIFICATE_WEAK: warning(
    'A key of the plan is RSA of less than 1024 bits, or its certificate is signed with MD5 or older.',
    'Use another token.',
  ),
  CONSUMERS_NOT_INFORMED: warning(
    'JTAPI and TSP applications and the port groups of Unity Connection hold a CTL of their own.',
    'Tell those who run them: they must take the new file, too.',
  ),
  DEVICES_UNKNOWN: warning(
    'How many devices cannot ask TVS is not known.',
    'Look in Unified Reporting, Unified CM Phone Feature List, Security By Default; count those that lack it.',
  ),
  DEVICES_WITHOUT_SBD: warning(
    'These devices cannot ask TVS. After a change of signer they keep the old CTL until somebody deletes it on the device.',
    'Go by a file that their installed CTL allows to sign first, or plan a visit to each.',
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
    'Look with utils fips status on each node, then say so: NOT_FIPS.',
  ),
  FIRST_CTL_UNKNOWN: warning(
    'Phones hold an ITL and no CTL. Whether they trust a first CTL signed by a token, or ask TVS, is stated nowhere.',
    'Upload the token certificates first, as the plan does, and look at the pilots.',
  ),
  LICENCE_NOT_SEEN: warning(
    'From 11.5(1)SU3 on utils ctl needs the encryption licence. Whether it is there was not seen.',
    'Look at the licence page, then say so: LICENCE_PRESENT. The command refuses without it, and nothing changes.',
  ),
  MODE_UNEXPECTED: error(
    'ClusterSecurityMode is not the one that the plan begins with.',
    'Choose the plan that begins with the mode observed.',
  ),
  NODES_DIFFER: error(
    'The nodes do not serve the same CTL.',
    'Restart Cisco Tftp on those that are behind, or publish the file that is meant on all, then look again.',
  ),
  NODE_UNREACHABLE: error(
    'A node does not answer.',
    'Bring it back, or take it out of the cluster’s settings if it no longer exists.',
  ),
  PHONES_MUST_FETCH_FIRST: warning(
    'Phones must hold another file before this change (Security Guide 12.0).',
    'See that every phone has fetched the file named, then acknowledge.',
  ),
  PROBE_FAILED: error(
    'The last probe of publishing failed on this node.',
    'Mend what its evidence says: ctl-bridge clusters probe NAME.',
  ),
  PROBE_NOT_DONE: error(
    'Whether publishing works on this cluster was never tried.',
    'Run ctl-bridge clusters probe NAME: it publishes the file that is there already.',
  ),
  RELEASE_TOO_NEW: error(
    'From CUCM 14 on Cisco does not support token CTLs.',
    'Stay with tokenless. Show, verify and rehearse work.',
  ),
  RELEASE_TOO_OLD: error('The release lacks what the plan needs.', 'See the detail: 9.1 has no utils ctl.'),
  RELEASE_UNKNOWN: error(
    'The release of the cluster is not known, and what is right depends on it.',
    'Give release in the cluster’s settings, or the AXL user.',
  ),
  REPLICATION_NOT_SEEN: warning(
    'Whether database replication is healthy was not seen. Uploads and files reach subscribers by it.',
    'Look with utils dbreplication runtimestate (2 on every node), then say so: REPLICATION_HEALTHY.',
  ),
  ROLLBACK_PARAMETER_NOT_SEEN: warning(
    'Whether “Prepare Cluster for Rollback to pre 8.0” is set was not seen. It blanks the ITL, and then phones cannot ask TVS.',
    'Look among the enterprise parameters, then say so: ROLLBACK_PARAMETER_OFF.',
  ),
  ROLLBACK_PARAMETER_SET: error(
    '“Prepare Cluster for Rollback to pre 8.0” is set: phones have a blank ITL and cannot ask TVS.',
    'Set it to False, restart TVS and TFTP, reset the phones, and look again.',
  ),
  SHA512_SET: warning(
    'TFTP File Signature Algorithm is SHA-512. It is documented for configuration files; its effect on the CTL is not known.',
    'Set it to SHA-1 unless you know.',
  ),
  SIGNER_NOT_TRUSTED: warning(
    'Phones hold no file that lists the new signer: they take the new file only if TVS vouches for it.',
    'The plan uploads the certificates and checks TVS on every node first.',
  ),
  STATE_UNEXPECTED: error(
    'The file that the nodes serve is not of the kind that the plan begins with.',
    'Choose the plan that begins with what is served.',
  ),
  TOKENS_TOO_FEW: error(
    'Cisco asks for at least two tokens, and fewer are known here with a certificate.',
    'Plug the second one in once, so that it is known; it need not stay.',
  ),
  TOKEN_NOT_CISCOS: warning(
    'The token was not made by Cisco. TVS treats the names of Cisco’s tokens in a way of its own; another one is unproven on CUCM.',
    'Try it on the lab and on one phone first.',
  ),
  TVS_LACKS_UPLOAD: warning(
    'TVS on this node does not vouch for a token yet.',
    'The plan uploads it as Phone-SAST-trust and goes on only when every node answers.',
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
