import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
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
}

/** Self-signed without an issuer. */
export function issue({ subject, authority = false, hash = 'sha256', key }: Wish, issuer?: Holder): Holder {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-authority-'))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  try {
    const extensions = `basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}`
    if (key === undefined) run('genrsa', '-out', 'key.pem', '2048')
    else writeFileSync(join(folder, 'key.pem'), key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    run('req', '-new', '-key', 'key.pem', '-out', 'request.pem', '-subj', subject)
    writeFileSync(join(folder, 'extensions'), extensions)
    const common = ['-req', '-in', 'request.pem', `-${hash}`, '-days', '3650', '-extfile', 'extensions']
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
