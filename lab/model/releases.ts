/** What differs between releases, as data. Sources: TAC 118893 and the Security Guides 9.1 to 12.5. */
import type { LabRelease } from './lab-cluster.js'

/** Whose certificate a SAST record holds, where it is not a token's. */
export type ServerSast = 'call-manager' | 'itl-recovery'

export interface ReleaseTraits {
  readonly version: string
  /** SAST records of a tokenless CTL; the first signs. Undefined: the release has no `utils ctl`. */
  readonly tokenless: readonly ServerSast[] | undefined
  /** SAST records of a token CTL beside the tokens. Undefined: the release takes no tokens. */
  readonly besideTokens: readonly ServerSast[] | undefined
  /** Who signs the ITL file. That of 10.0 to 11.5 is inferred from who signs the CTL. */
  readonly itlSigner: ServerSast
  readonly hasItlRecovery: boolean
  /** Bits of CallManager's and CAPF's first keys; TAC 118893 prints 1024, and 2048 after a regeneration. */
  readonly firstKeyBits: 1024 | 2048
  readonly certificateDigest: 'sha1' | 'sha256'
  /** Whether mixed mode asks for the encryption licence or a registration with Cisco (from 11.5(1)SU3). */
  readonly asksLicence: boolean
}

const tenFive = {
  besideTokens: [],
  itlSigner: 'call-manager',
  hasItlRecovery: true,
  firstKeyBits: 1024,
  certificateDigest: 'sha1',
  asksLicence: false,
} as const

const fromTwelve = {
  tokenless: ['itl-recovery', 'call-manager'],
  itlSigner: 'itl-recovery',
  hasItlRecovery: true,
  firstKeyBits: 2048,
  certificateDigest: 'sha256',
  asksLicence: true,
} as const

export const releaseTraits: Readonly<Record<LabRelease, ReleaseTraits>> = {
  '9.1': { ...tenFive, version: '9.1.2.10000-28', tokenless: undefined, hasItlRecovery: false },
  '10.5.1': { ...tenFive, version: '10.5.1.10000-7', tokenless: ['call-manager'] },
  '10.5.2': { ...tenFive, version: '10.5.2.10000-5', tokenless: ['call-manager', 'itl-recovery'] },
  '11.5': {
    version: '11.5.1.10000-6',
    tokenless: ['call-manager', 'itl-recovery'],
    besideTokens: ['itl-recovery', 'call-manager'],
    itlSigner: 'call-manager',
    hasItlRecovery: true,
    firstKeyBits: 2048,
    certificateDigest: 'sha256',
    asksLicence: true,
  },
  '12.5': { ...fromTwelve, version: '12.5.1.10000-22', besideTokens: ['itl-recovery', 'call-manager'] },
  // The CTL Client ends with CUCM 14.
  '14': { ...fromTwelve, version: '14.0.1.10000-20', besideTokens: undefined },
}
