import type { WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import type { preflightTable } from '../../../daemon/migration/preflight/finding-table.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { makeCertificate, rsaKey } from '../../trust/make-certificate.js'
import { seen, serials, sha256, unseen, withNode, withNodes } from '../plan/paper-situation.js'

type Change = (situation: Situation) => Situation

export interface Row {
  readonly code: keyof typeof preflightTable
  readonly plan?: WantedPlan
  readonly on?: LabRelease
  readonly from?: LabState
  readonly wishes?: Partial<PlanWishes>
  readonly change: Change
  readonly at?: string
  readonly devices?: number
  readonly says: RegExp
}

export const unsaid =
  (code: string): Change =>
  (situation) => ({ ...situation, said: situation.said.filter((one) => one.code !== code) })
const tvs =
  (isTrusted: boolean, roles: readonly number[]): Change =>
  (situation) =>
    withNode(situation, 'lab-sub1', {
      tvs: Object.fromEntries(
        situation.tokens.map((token) => [token.sha256, seen({ isTrusted, roles, ttl: undefined })]),
      ),
    })

const parameters =
  (values: Record<string, string>): Change =>
  (situation) => ({ ...situation, parameters: seen(values) })

/** The token that does not sign, with another certificate. */
function withCertificate(certificate: Uint8Array): Change {
  return (situation) => {
    const sum = sha256(certificate)
    const answer = seen({ isTrusted: true, roles: [0, 3], ttl: undefined })
    return {
      ...withNodes(situation, (node) => ({ tvs: { ...node.tvs, [sum]: answer } })),
      tokens: situation.tokens.map((token) =>
        token.serial === serials[0] ? { ...token, certificate, sha256: sum } : token,
      ),
    }
  }
}

const day = 24 * 60 * 60 * 1000
const made = (from: number, to: number, bits = 1024) =>
  makeCertificate({
    subject: [['CN', 'SAST-X']],
    key: rsaKey(bits, `preflight ${bits}`),
    serial: '0a0b0c',
    notBefore: new Date(Date.now() + from * day),
    notAfter: new Date(Date.now() + to * day),
  })

export const findingRows: readonly Row[] = [
  {
    code: 'NODE_UNREACHABLE',
    change: (s) => withNode(s, 'lab-sub1', { ctl: unseen('no answer') }),
    at: 'lab-sub1',
    says: /no answer/,
  },
  {
    code: 'NODES_DIFFER',
    change: (s) => withNode(s, 'lab-sub1', { ctl: seen('none' as const) }),
    says: /lab-sub1: no file/,
  },
  {
    code: 'FILE_NOT_VERIFIED',
    change: (s) => withNode(s, 'lab-sub2', { ctl: seen(Uint8Array.of(1, 0, 2)) }),
    at: 'lab-sub2',
    says: /does not verify/,
  },
  {
    code: 'RELEASE_UNKNOWN',
    change: (s) => ({ ...s, release: unseen('AXL is not configured.') }),
    says: /AXL is not configured/,
  },
  {
    code: 'CLI_NOT_USABLE',
    plan: 'first-token-ctl',
    from: 'nonsecure',
    change: (s) => ({ ...s, commandLine: unseen('The login was refused.') }),
    at: 'lab-pub',
    says: /The login was refused/,
  },
  {
    code: 'CONTROL_CENTER_SILENT',
    change: (s) =>
      withNode(s, 'lab-sub2', {
        runs: ['callmanager'],
        services: { 'Cisco CallManager': unseen('refused'), 'Cisco CTIManager': unseen('not asked') },
      }),
    at: 'lab-sub2',
    says: /Control Center of lab-sub2 does not answer: refused/,
  },
  {
    code: 'SERVICE_NOT_STARTED',
    change: (s) => withNode(s, 'lab-sub2', { services: { 'Cisco CallManager': seen('Stopped') } }),
    at: 'lab-sub2',
    says: /Cisco CallManager on lab-sub2: Stopped/,
  },
  {
    code: 'PROBE_NOT_DONE',
    change: (s) => withNode(s, 'lab-sub1', { probe: undefined as never }),
    at: 'lab-sub1',
    says: /never tried on lab-sub1/,
  },
  {
    code: 'PROBE_FAILED',
    change: (s) => withNode(s, 'lab-sub1', { probe: { outcome: 'failed', at: '2026-01-01' } }),
    at: 'lab-sub1',
    says: /2026-01-01/,
  },
  {
    code: 'PROBE_NOT_POSSIBLE',
    plan: 'first-token-ctl',
    from: 'nonsecure',
    change: (s) => s,
    says: /No node serves a CTL yet/,
  },
  { code: 'MODE_UNEXPECTED', change: (s) => ({ ...s, mode: unseen('no CLI') }), says: /no CLI/ },
  {
    code: 'STATE_UNEXPECTED',
    change: (s) => withNodes(s, () => ({ ctl: seen('none' as const) })),
    says: /no CTL/,
  },
  {
    code: 'TVS_UNREACHABLE',
    change: (s) => withNode(s, 'lab-sub2', { tvs: { [s.tokens[0]?.sha256 ?? '']: unseen('refused') } }),
    at: 'lab-sub2',
    says: /refused/,
  },
  {
    code: 'TVS_SILENT',
    plan: 'update-token-ctl',
    from: 'tokens',
    change: (s) => withNode(s, 'lab-sub2', { tvs: { [s.tokens[0]?.sha256 ?? '']: unseen('refused') } }),
    at: 'lab-sub2',
    says: /refused/,
  },
  { code: 'TVS_LACKS_UPLOAD', change: tvs(false, []), at: 'lab-sub1', says: /lab-pub, lab-sub2 have it/ },
  { code: 'TVS_ROLE_MISSING', change: tvs(true, [3]), at: 'lab-sub1', says: /roles 3, not as SAST/ },
  {
    code: 'TVS_FILE_MISSING',
    change: (s) => withNode(s, 'lab-sub2', { runs: ['tvs', 'callmanager'] }),
    at: 'lab-sub2',
    says: /TVS and no TFTP/,
  },
  {
    code: 'TVS_NONE',
    change: (s) => withNodes(s, ({ runs }) => ({ runs: runs.filter((one) => one !== 'tvs') })),
    says: /no node/i,
  },
  {
    code: 'ITL_WITHOUT_TVS',
    change: (s) => withNode(s, 'lab-sub1', { itl: seen('none' as const) }),
    at: 'lab-sub1',
    says: /no ITL/,
  },
  { code: 'TOKENS_TOO_FEW', wishes: { tokens: [serials[1]] }, change: (s) => s, says: /one token/ },
  {
    code: 'TOKEN_NOT_CISCOS',
    change: (s) => ({ ...s, tokens: s.tokens.map((token) => ({ ...token, isCiscos: false })) }),
    at: serials[0],
    says: /Cisco did not issue/,
  },
  {
    code: 'CERTIFICATE_EXPIRED',
    change: withCertificate(made(-400, -30)),
    at: serials[0],
    says: /expired on/,
  },
  {
    code: 'CERTIFICATE_EXPIRES_SOON',
    change: withCertificate(made(-400, 30)),
    at: serials[0],
    says: /ends on/,
  },
  {
    code: 'CERTIFICATE_NOT_YET_VALID',
    change: withCertificate(made(30, 400)),
    at: serials[0],
    says: /begins on/,
  },
  {
    code: 'CERTIFICATE_WEAK',
    change: withCertificate(made(-400, 400, 768)),
    at: serials[0],
    says: /768 bits/,
  },
  {
    code: 'ROLLBACK_PARAMETER_SET',
    change: parameters({ 'RollBackToPre8.0': 'T', TFTPFileSignatureAlgorithm: 'SHA-1' }),
    says: /"T"/,
  },
  {
    code: 'ROLLBACK_PARAMETER_NOT_SEEN',
    change: parameters({ TFTPFileSignatureAlgorithm: 'SHA-1' }),
    says: /no such parameter/,
  },
  {
    code: 'SHA512_SET',
    change: parameters({ 'RollBackToPre8.0': 'F', TFTPFileSignatureAlgorithm: 'SHA-512' }),
    says: /SHA-512/,
  },
  {
    code: 'SIGNATURE_ALGORITHM_NOT_SEEN',
    change: parameters({ 'RollBackToPre8.0': 'F' }),
    says: /no such parameter/,
  },
  { code: 'BACKUP_MISSING', change: unsaid('BACKUP_TAKEN'), says: /BACKUP_TAKEN/ },
  { code: 'FIPS_NOT_EXCLUDED', change: unsaid('NOT_FIPS'), says: /FIPS/ },
  { code: 'REPLICATION_NOT_SEEN', change: unsaid('REPLICATION_HEALTHY'), says: /replication/ },
  { code: 'CONSUMERS_NOT_INFORMED', change: unsaid('CONSUMERS_INFORMED'), says: /holds a CTL/ },
  {
    code: 'LICENCE_NOT_SEEN',
    plan: 'mixed-mode-tokenless',
    on: '11.5',
    from: 'nonsecure',
    change: unsaid('LICENCE_PRESENT'),
    says: /licence/,
  },
  {
    code: 'DRAFT_REFUSED',
    change: (s) => ({
      ...s,
      release: seen('11.5.1'),
      nodes: s.nodes.map((node) => ({ ...node, itl: unseen('late') })),
    }),
    says: /ITLRecovery|CTL_RELEASE_RULE|CallManager/,
  },
]
