import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A reader of its own: walks the header and parts the signature record from the rest. */
function part(file: Uint8Array): { message: Uint8Array; signature: Uint8Array } {
  let at = 0
  while (file[at] !== 12) at += 3 + ((file[at + 1] ?? 0) << 8) + (file[at + 2] ?? 0)
  const end = at + 3 + ((file[at + 1] ?? 0) << 8) + (file[at + 2] ?? 0)
  return {
    message: Buffer.concat([file.subarray(0, at), file.subarray(end)]),
    signature: file.subarray(at + 3, end),
  }
}

/**
 * What `openssl dgst -verify` says of a file and a certificate. Shares no code with the product, so that it can
 * contradict it.
 */
export function opensslSays(file: Uint8Array, der: Uint8Array, digest: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-openssl-'))
  const run = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  try {
    const { message, signature } = part(file)
    writeFileSync(join(folder, 'message'), message)
    writeFileSync(join(folder, 'signature'), signature)
    writeFileSync(join(folder, 'certificate'), der)
    writeFileSync(
      join(folder, 'key'),
      run('x509', '-inform', 'DER', '-in', 'certificate', '-noout', '-pubkey'),
    )
    return run('dgst', `-${digest}`, '-verify', 'key', '-signature', 'signature', 'message').trim()
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : String(error)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
