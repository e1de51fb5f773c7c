import { sign } from 'node:crypto'
import test from 'ava'
import { asSignature, insertSignature, takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { realFile } from '../vectors/real-file.js'
import { opensslSays } from './openssl-says.js'
import * as tac from './tac-cluster.js'

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
