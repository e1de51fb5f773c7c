/** CTL and ITL files with real keys for the tests of phones, made as the files of CUCM are. */
import { sign } from 'node:crypto'
import {
  asSignature,
  insertSignature,
  type SignedCtl,
  takeToBeSigned,
} from '../../../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../../../daemon/trust/compose/compose-ctl.js'
import { makeServerCertificate, type ServerCertificate } from '../../../demo/server-certificate.js'

export const ROLE = { sast: 0, ccmTftp: 2, tftp: 3, capf: 4, tvs: 21 } as const

export interface Entry {
  readonly role: number
  readonly holder: ServerCertificate
}

export interface Cast {
  readonly callManager: ServerCertificate
  readonly newCallManager: ServerCertificate
  readonly itlRecovery: ServerCertificate
  readonly tvs: ServerCertificate
  readonly token1: ServerCertificate
  readonly token2: ServerCertificate
  readonly stranger: ServerCertificate
}

export async function makeCast(): Promise<Cast> {
  const make = (name: string) => makeServerCertificate(name)
  const [callManager, newCallManager, itlRecovery, tvs, token1, token2, stranger] = await Promise.all([
    make('cucm-pub'),
    make('cucm-pub'),
    make('ITLRECOVERY_cucm-pub'),
    make('cucm-pub-tvs'),
    make('SAST-ADN008580ef'),
    make('SAST-ADN008580f0'),
    make('stranger'),
  ])
  return { callManager, newCallManager, itlRecovery, tvs, token1, token2, stranger }
}

export interface FileOptions {
  readonly timestamp?: number
  /** Signs in the place of the signer that the header names. */
  readonly key?: ServerCertificate
  readonly fileName?: string
}

/** The first entry is the SAST that signs. */
export function makeFile(entries: readonly Entry[], options: FileOptions = {}): SignedCtl {
  const signer = entries[0]?.holder
  if (signer === undefined) throw new Error('a file needs a signer')
  const draft = composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: options.timestamp ?? 1_425_675_365,
    fileName: options.fileName ?? 'CTLFile.tlv',
    signer: signer.der,
    records: entries.map(({ role, holder }) => ({
      certificate: holder.der,
      kind: 'server',
      function: role,
      dnsName: holder.commonName,
      ipAddress: Uint8Array.of(127, 0, 0, 1),
    })),
  })
  const { privateKey } = options.key ?? signer
  return insertSignature(draft, asSignature(new Uint8Array(sign('sha1', takeToBeSigned(draft), privateKey))))
}

export const tokenlessCtl = (
  { callManager, itlRecovery }: Pick<Cast, 'callManager' | 'itlRecovery'>,
  options: FileOptions = {},
): SignedCtl =>
  makeFile(
    [
      { role: ROLE.sast, holder: callManager },
      { role: ROLE.ccmTftp, holder: callManager },
      { role: ROLE.sast, holder: itlRecovery },
    ],
    options,
  )

export const tokenCtl = ({ callManager, token1, token2 }: Cast, options: FileOptions = {}): SignedCtl =>
  makeFile(
    [
      { role: ROLE.sast, holder: token2 },
      { role: ROLE.ccmTftp, holder: callManager },
      { role: ROLE.sast, holder: token1 },
    ],
    options,
  )

export const itl = (
  { callManager, tvs }: Pick<Cast, 'callManager' | 'tvs'>,
  options: FileOptions = {},
): SignedCtl =>
  makeFile(
    [
      { role: ROLE.sast, holder: callManager },
      { role: ROLE.ccmTftp, holder: callManager },
      { role: ROLE.tvs, holder: tvs },
    ],
    { fileName: 'ITLFile.tlv', ...options },
  )
