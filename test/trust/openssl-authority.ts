import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPair } from './make-certificate.js'
import type { Holder } from './tac-cluster.js'

/** Certificates made by openssl, so that no code of the product issued what the product judges. */

export interface Wish {
  readonly subject: string
  readonly authority?: boolean
  readonly hash?: 'md5' | 'sha1' | 'sha256'
  /** A new one if left out. */
  readonly key?: KeyPair
  /** Of the new key; 2048 if left out. */
  readonly bits?: number
  /** Such as `DNS:cucm-pub` and `IP:127.0.0.1`. */
  readonly names?: readonly string[]
  /** From now on; below zero it has expired. */
  readonly days?: number
}

export const pemOf = ({ der }: Holder): string => new X509Certificate(der).toString()

export const keyPemOf = ({ key }: Holder): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** SHA-256 as lower-case hex, by openssl. */
export function fingerprintOf({ der }: Holder): string {
  const args = ['x509', '-inform', 'DER', '-noout', '-fingerprint', '-sha256']
  const said = execFileSync('openssl', args, { input: der, encoding: 'utf8' })
  return said
    .slice(said.indexOf('=') + 1)
    .trim()
    .replaceAll(':', '')
    .toLowerCase()
}

/** Self-signed without an issuer. */
export function issue(
  { subject, authority = false, hash = 'sha256', key, bits = 2048, names = [], days = 3650 }: Wish,
  issuer?: Holder,
): Holder {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-authority-'))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  try {
    const constraints = `basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}`
    const extensions = names.length === 0 ? constraints : `${constraints}\nsubjectAltName=${names.join(',')}`
    if (key === undefined) run('genrsa', '-out', 'key.pem', `${bits}`)
    else writeFileSync(join(folder, 'key.pem'), key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    run('req', '-new', '-key', 'key.pem', '-out', 'request.pem', '-subj', subject)
    writeFileSync(join(folder, 'extensions'), extensions)
    const common = ['-req', '-in', 'request.pem', `-${hash}`, '-days', `${days}`, '-extfile', 'extensions']
    if (issuer === undefined)
      run('x509', ...common, '-signkey', 'key.pem', '-outform', 'DER', '-out', 'certificate')
    else {
      writeFileSync(join(folder, 'issuer'), issuer.der)
      writeFileSync(
        join(folder, 'issuer.pem'),
        issuer.key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      )
      run('x509', '-inform', 'DER', '-in', 'issuer', '-out', 'issuer.crt')
      const by = ['-CA', 'issuer.crt', '-CAkey', 'issuer.pem', '-CAcreateserial']
      run('x509', ...common, ...by, '-outform', 'DER', '-out', 'certificate')
    }
    const privateKey = createPrivateKey(readFileSync(join(folder, 'key.pem')))
    const der = new Uint8Array(readFileSync(join(folder, 'certificate')))
    return { der, key: { privateKey, publicKey: createPublicKey(privateKey) } }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
