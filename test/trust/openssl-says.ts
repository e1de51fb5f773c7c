import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSigned } from './read-tlv.js'

type Openssl = (...args: string[]) => Buffer

/** `openssl` in a folder where `certificate` is the DER. */
function withOpenssl<Result>(der: Uint8Array, use: (openssl: Openssl, folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-openssl-'))
  try {
    writeFileSync(join(folder, 'certificate'), der)
    return use((...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' }), folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * What `openssl dgst -verify` says of a file and a certificate. Shares no code with the product, so that it can
 * contradict it.
 */
export function opensslSays(file: Uint8Array, der: Uint8Array, digest: string): string {
  return withOpenssl(der, (openssl, folder) => {
    try {
      const { message, signature } = readSigned(file)
      writeFileSync(join(folder, 'message'), message)
      writeFileSync(join(folder, 'signature'), signature)
      writeFileSync(
        join(folder, 'key'),
        openssl('x509', '-inform', 'DER', '-in', 'certificate', '-noout', '-pubkey'),
      )
      const verdict = openssl('dgst', `-${digest}`, '-verify', 'key', '-signature', 'signature', 'message')
      return verdict.toString('utf8').trim()
    } catch (error) {
      return error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : String(error)
    }
  })
}

export interface CertificateFacts {
  /** `O=Cisco,CN=pub`: in the order of the certificate. */
  readonly subject: string
  readonly issuer: string
  /** Lower-case hex. */
  readonly serial: string
  /** RSAPublicKey of PKCS#1, DER. */
  readonly publicKey: Buffer
}

/** A certificate as `openssl x509` and `openssl rsa` read it. */
export function opensslReads(der: Uint8Array): CertificateFacts {
  return withOpenssl(der, (openssl, folder) => {
    const x509 = (...args: string[]) =>
      openssl('x509', '-inform', 'DER', '-in', 'certificate', '-noout', ...args).toString('utf8')
    const text = x509('-nameopt', 'sname,sep_comma_plus,esc_2253', '-subject', '-issuer', '-serial')
    const line = (name: string) => new RegExp(`^${name}= ?(.*)$`, 'm').exec(text)?.[1] ?? ''
    writeFileSync(join(folder, 'key'), x509('-pubkey'))
    return {
      subject: line('subject'),
      issuer: line('issuer'),
      serial: line('serial').toLowerCase(),
      publicKey: openssl('rsa', '-pubin', '-in', 'key', '-RSAPublicKey_out', '-outform', 'DER'),
    }
  })
}
