import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { asSignature, insertSignature, takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../../daemon/trust/compose-token-ctl.js'
import { realFile } from '../vectors/real-file.js'
import * as tac from './tac-cluster.js'

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

/** What `openssl dgst -verify` says of a file and a certificate. */
function opensslSays(file: Uint8Array, der: Uint8Array, digest: string): string {
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

for (const bits of [1024, 2048, 4096]) {
  for (const digest of ['sha1', 'sha512'] as const) {
    test(`a file signed with RSA-${bits} and ${digest} verifies with openssl alone`, (t) => {
      const token = tac.sastToken(`SAST-ADN0000${bits}`, '0102030405060708090a', bits)
      const draft = composeCtl({
        profile: 'ctl-client',
        digest,
        timestamp: 1,
        signer: token.der,
        records: [{ certificate: token.der, kind: 'token', function: 0 }],
      })
      const signature = sign(digest, takeToBeSigned(draft), token.key.privateKey)
      const file = insertSignature(draft, asSignature(signature))
      t.is(opensslSays(file, token.der, digest), 'Verified OK')
      const changed = Uint8Array.from(file)
      changed[changed.length - 1] = 1
      t.is(opensslSays(changed, token.der, digest), 'Verification failure')
    })
  }
}

test('the file from the field verifies with openssl through the same few lines', (t) => {
  const file = realFile()
  t.is(opensslSays(file, file.subarray(388 + 1484 - 868, 388 + 1484), 'sha1'), 'Verified OK')
})
