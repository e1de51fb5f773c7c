/** The lab's SAST tokens: as PEM always, for uploads and for whoever has no SoftHSM, and plugged in where there is one. */
import { X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findSofthsm } from '../../drivers/known-modules.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { makeSastToken } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'
import type { LabFolder } from '../lab-folder.js'
import type { KeyAndCertificate } from '../model/lab-cluster.js'

export interface LabTokens {
  readonly tokens: readonly { readonly serial: string | null; readonly certificateFile: string }[]
  /** Undefined without SoftHSM. */
  readonly module: ModuleSettings | undefined
}

export async function plugLabTokens(
  { sast, tokens: folder }: LabFolder,
  identities: readonly KeyAndCertificate[],
): Promise<LabTokens> {
  await mkdir(sast, { recursive: true, mode: 0o700 })
  const files = await Promise.all(identities.map((identity, index) => writePem(sast, index + 1, identity)))
  if (findSofthsm() === undefined) {
    return { tokens: files.map((certificateFile) => ({ serial: null, certificateFile })), module: undefined }
  }
  await makeSofthsm(folder)
  const serials = await Promise.all(
    identities.map((identity, index) =>
      makeSastToken({ folder, label: `Lab SAST ${index + 1}`, identity }).then(({ serial }) => serial),
    ),
  )
  return {
    tokens: files.map((certificateFile, index) => ({ serial: serials[index] ?? null, certificateFile })),
    module: softhsmModule(folder, 'lab'),
  }
}

async function writePem(folder: string, number: number, identity: KeyAndCertificate): Promise<string> {
  const certificateFile = join(folder, `sast-${number}.pem`)
  await writeFile(certificateFile, new X509Certificate(identity.certificate).toString())
  const key = identity.privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(join(folder, `sast-${number}.key`), key, { mode: 0o600 })
  return certificateFile
}
