/** What tests about modules share. */
import { verify, X509Certificate } from 'node:crypto'
import type { ExecutionContext } from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import {
  type ModulePort,
  type ModuleSettings,
  TokenError,
  type TokenErrorCode,
  type TokenPort,
} from '../../drivers/token.js'
import { makeSastToken, type SastToken, type SastTokenOptions } from '../../softhsm/sast-token.js'
import { ReaderModule } from './reader-module.js'
import { HANG_LIMIT, temporarySofthsm } from './temporary-softhsm.js'

export const MESSAGE = Buffer.from('a message that is no CTL')
export const WITHIN = { deadline: HANG_LIMIT }
export const CAUTIOUS = { finalTry: false }

export function openUntilEnd(t: ExecutionContext, settings: ModuleSettings): ModulePort {
  const module = openModule(settings)
  t.teardown(() => module.close())
  return module
}

export async function refusal(
  t: ExecutionContext,
  work: Promise<unknown>,
  code: TokenErrorCode,
): Promise<TokenError> {
  const error = await t.throwsAsync(work, { instanceOf: TokenError })
  t.is(error.code, code, error.message)
  return error
}

export async function signsWell(t: ExecutionContext, token: TokenPort, made: SastToken): Promise<void> {
  const signature = await token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN)
  t.true(verify('sha1', MESSAGE, new X509Certificate(made.certificate).publicKey, signature))
}

export interface Reader {
  readonly folder: string
  readonly reader: ReaderModule
  readonly made: SastToken
}

/** One token behind the module of `reader-module.c`. */
export async function tokenInReader(
  t: ExecutionContext,
  options: Partial<SastTokenOptions> = {},
): Promise<Reader> {
  const folder = await temporarySofthsm(t)
  const reader = await ReaderModule.inFrontOfSofthsm(folder)
  const made = await makeSastToken({ folder, label: 'in a reader', bits: 1024, ...options })
  return { folder, reader, made }
}
