import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { TokenProvisioning } from '../../daemon/tokens/token-provisioning.js'
import type { ProvisioningPort } from '../../drivers/provisioning.js'
import { ANNA, oneToken, refused } from './one-token.js'
import { PIN, snapshotOf } from './token-doubles.js'

/** A token onto which keys are made: `story` is what was asked of it. */
async function provisionable(t: ExecutionContext, onMade: () => void) {
  const setting = await oneToken(t)
  // The double's certificate is one of Cisco's, onto whose tokens nothing is written.
  setting.module.tokens = [snapshotOf('T1', [])]
  await setting.tokens.rescan()
  const { key } = setting.identity
  const story: string[] = []
  const provisioner = { open: async () => portOf(key, story, onMade), close: async () => undefined }
  const provisioning = new TokenProvisioning({
    tokens: setting.tokens,
    provisioners: new Map([['double', provisioner]]),
    now: () => new Date('2026-01-01T00:00:00Z'),
  })
  return { setting, story, provisioning }
}

function portOf(key: KeyObject, story: string[], onMade: () => void): ProvisioningPort {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const tell = async (what: string): Promise<void> => {
    story.push(what)
  }
  return {
    login: (pin) => tell(`login ${pin}`),
    makeKey: async () => {
      await tell('make')
      onMade()
      return { publicKey: new Uint8Array(spki) }
    },
    findKey: async () => undefined,
    sign: async (_keyId, _algorithm, message) => new Uint8Array(sign('sha256', message, key)),
    writeCertificate: () => tell('certificate'),
    removeKey: () => tell('remove'),
    close: () => tell('close'),
  }
}

const REQUEST = { pin: PIN, bits: 1024, label: 'SAST', commonName: 'x', days: 1 } as const

test('A key for a request is removed again when its client left while it was made', async (t) => {
  let left = false
  const { setting, story, provisioning } = await provisionable(t, () => {
    left = true
  })
  const caller = { ...ANNA, hasLeft: () => left }
  await refused(t, provisioning.makeKey(caller, 'T1', { ...REQUEST, want: 'request' }), 'CLIENT_LEFT')
  t.deepEqual(story, [`login ${PIN}`, 'make', 'remove', 'close'])
  t.is(setting.audit.phases().at(-1), 'token.provision outcome CLIENT_LEFT')
})

test('A key with its certificate stays although its client left: both are on the token', async (t) => {
  let left = false
  const { story, provisioning } = await provisionable(t, () => {
    left = true
  })
  await provisioning.makeKey({ ...ANNA, hasLeft: () => left }, 'T1', { ...REQUEST, want: 'self-signed' })
  t.deepEqual(story, [`login ${PIN}`, 'make', 'certificate', 'close'])
})
