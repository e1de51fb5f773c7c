/** What a module can do, asked through the ports; every ability is a row of docs/tokens.md. */
import { verify, X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import {
  type ModulePort,
  type SignAlgorithm,
  TokenError,
  type TokenPort,
  type TokenSnapshot,
} from '../../drivers/token.js'
import { eventually, HANG_LIMIT } from '../drivers/temporary-softhsm.js'
import type { Subject } from './subject.js'

export interface Ability {
  readonly title: string
  /** Every module must have it; the others are only written down. */
  readonly required: boolean
  /** Throws what stands in the way of an answer. */
  has(module: ModulePort, subject: Subject): Promise<boolean>
}

const PATIENCE = { deadline: HANG_LIMIT }

/** Milliseconds until a token that was plugged in counts as not told of: pcscd looks every 400. */
const SOON = 5_000
const CHANCES = 3
/** Milliseconds without a hint that show that hints are about plugging; what was unplugged is over by then. */
const QUIET = 1_500
const QUIET_TRIES = 5

/** In this order, because the last ones use the token up. */
export const abilities: readonly Ability[] = [
  {
    title: 'shows its certificates without a PIN',
    required: true,
    has: async (module) => (await theToken(module)).certificates.length > 0,
  },
  signing('rsa-sha1', 'sha1'),
  signing('rsa-sha256', 'sha256'),
  signing('rsa-sha512', 'sha512'),
  {
    title: 'signs on after many signatures in one login',
    required: true,
    has: async (module, { pin }) => {
      const token = await theToken(module)
      return await opened(module, token, async (port) => {
        await port.login(pin, { finalTry: false })
        const keyId = await signingKey(port)
        const signatures: Uint8Array[] = []
        for (let count = 0; count < 10; count += 1) {
          signatures.push(await port.sign(keyId, 'rsa-sha1', Buffer.from('ten times'), PATIENCE))
        }
        return signatures.every((signature) => Buffer.compare(signature, signatures[0] ?? signature) === 0)
      })
    },
  },
  {
    title: 'is the same token after it was pulled and plugged in again',
    required: true,
    has: async (module, { plug, unplug }) => {
      const before = await theToken(module)
      await unplug()
      await eventually(async () => (await module.scan()).tokens.length === 0 || undefined)
      await plug()
      const after = await theToken(module)
      return after.serial === before.serial && after.certificates.length === before.certificates.length
    },
  },
  {
    title: 'says of a signature that the token was pulled before',
    required: true,
    has: async (module, { pin, plug, unplug }) => {
      const token = await theToken(module)
      return await opened(module, token, async (port) => {
        await port.login(pin, { finalTry: false })
        const keyId = await signingKey(port)
        await unplug()
        await eventually(async () => (await module.scan()).tokens.length === 0 || undefined)
        const code = await refusal(port.sign(keyId, 'rsa-sha1', Buffer.from('too late'), PATIENCE))
        await plug()
        return code === 'TOKEN_REMOVED'
      })
    },
  },
  {
    title: 'tells by itself that a token was plugged in',
    required: false,
    has: async (module, { settings, plug, unplug }) => {
      await theToken(module)
      const deaf = openModule({ ...settings, name: 'deaf', watchFolders: [], rescanEvery: HANG_LIMIT * 10 })
      try {
        return await tellsOf(deaf, plug, unplug)
      } finally {
        await deaf.close()
      }
    },
  },
  {
    title: 'shows two tokens at once',
    required: false,
    has: async (module, { plugSecond }) => {
      if (plugSecond === undefined) return false
      await plugSecond()
      await eventually(async () => (await module.scan()).tokens.length === 2 || undefined)
      return true
    },
  },
  {
    title: 'refuses a PIN of a wrong length without spending a try',
    required: true,
    has: async (module, { pin }) => {
      const token = await theToken(module)
      const long = 'x'.repeat(300)
      const refused = await opened(module, token, (port) => refusal(port.login(long, { finalTry: false })))
      if (refused !== 'PIN_LENGTH') return false
      return await opened(module, token, async (port) => {
        await port.login(pin, { finalTry: false })
        return true
      })
    },
  },
  {
    title: 'refuses a wrong PIN as such',
    required: true,
    has: async (module) => {
      const token = await theToken(module)
      return (await tryPin(module, token, '87654321', false)) === 'PIN_WRONG'
    },
  },
  {
    title: 'warns before the last try',
    required: false,
    has: async (module) => {
      const token = await theToken(module)
      await tryPin(module, token, '87654322', false)
      return (await theToken(module, token.serial)).pin.finalTry
    },
  },
  {
    title: 'locks its PIN after three wrong ones',
    required: false,
    has: async (module, { pin }) => {
      const token = await theToken(module)
      await tryPin(module, token, '87654323', true)
      return (await tryPin(module, token, pin, true)) === 'PIN_LOCKED'
    },
  },
]

function signing(algorithm: SignAlgorithm, hash: string): Ability {
  return {
    title: `signs with RSA and ${hash.toUpperCase().replace('SHA', 'SHA-')}`,
    required: true,
    has: async (module, { pin }) => {
      const token = await theToken(module)
      const message = Buffer.from('what a token knows nothing about')
      return await opened(module, token, async (port) => {
        await port.login(pin, { finalTry: false })
        const keyId = await signingKey(port)
        const der = token.certificates.find((certificate) => certificate.keyId === keyId)?.der
        if (der === undefined) return false
        const signature = await port.sign(keyId, algorithm, message, PATIENCE)
        return verify(hash, message, new X509Certificate(der).publicKey, signature)
      })
    },
  }
}

/** The only token, or the one with this serial; waits until it is there. */
function theToken(module: ModulePort, serial?: string): Promise<TokenSnapshot> {
  return eventually(async () => {
    const { tokens } = await module.scan()
    return tokens.find((token) => token.fault === undefined && token.serial === (serial ?? token.serial))
  })
}

async function opened<T>(
  module: ModulePort,
  { serial }: TokenSnapshot,
  use: (port: TokenPort) => Promise<T>,
): Promise<T> {
  const port = await module.open(serial)
  try {
    return await use(port)
  } finally {
    await port.logout()
  }
}

async function signingKey(port: TokenPort): Promise<string> {
  const key = (await port.keys()).find(({ whyNot }) => whyNot === undefined)
  if (key === undefined) throw new Error('The token has no key that may sign.')
  return key.keyId
}

function tryPin(module: ModulePort, token: TokenSnapshot, pin: string, finalTry: boolean): Promise<string> {
  return opened(module, token, (port) => refusal(port.login(pin, { finalTry })))
}

/** The code of the error, or `done`. */
async function refusal(answer: Promise<unknown>): Promise<string> {
  try {
    await answer
    return 'done'
  } catch (error) {
    if (error instanceof TokenError) return error.code
    throw error
  }
}

/**
 * Whether hints come when a token is plugged in and only then: a library that fails in its wait gives hints as
 * well. A host that waits in the library takes a while to start, so there is more than one chance.
 */
async function tellsOf(
  module: ModulePort,
  plug: () => Promise<void>,
  unplug: () => Promise<void>,
): Promise<boolean> {
  let hints = 0
  module.watch(() => {
    hints += 1
  })
  await module.scan()
  for (let chance = 0; chance < CHANCES; chance += 1) {
    await unplug()
    await eventually(async () => (await module.scan()).tokens.length === 0 || undefined)
    if (await comesMore(() => hints, QUIET, QUIET_TRIES)) return false
    const before = hints
    await plug()
    if (await until(() => hints > before, SOON)) return true
  }
  return false
}

/** Whether a count goes on growing: in none of so many times was it still for so long. */
async function comesMore(count: () => number, milliseconds: number, times: number): Promise<boolean> {
  for (let time = 0; time < times; time += 1) {
    const before = count()
    await sleep(milliseconds)
    if (count() === before) return false
  }
  return true
}

async function until(holds: () => boolean, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds
  while (!holds() && Date.now() < end) await sleep(10)
  return holds()
}
