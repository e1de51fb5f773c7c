import { type ChildProcess, fork } from 'node:child_process'
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { certificateNames } from '../daemon/trust/certificate/issue-certificate.js'
import { readManufacturingCa } from './manufacturing-ca.js'
import { newEcKey, newRsaKey } from './new-key.js'
import { type Issuer, issueSastCertificate } from './sast-certificate.js'
import type { Fault, TokenRecipe, WriterAnswer } from './token-recipe.js'
import { softhsmFolder, softhsmLibrary, writeSofthsmConfiguration } from './tokens-folder.js'

/** TAC 118893: the password that SAST tokens are delivered with. */
export const TEST_PIN = 'Cisco123'
const TEST_SO_PIN = 'Cisco123-so'
/** TAC 118893 prints `cn="SAST-ADN008580ef        "`: eight blanks belong to the name. */
const PADDING = ' '.repeat(8)

const WRITER = fileURLToPath(new URL('./token-writer.js', import.meta.url))

export interface SastTokenOptions {
  /** A folder made by `makeSofthsm`. */
  readonly folder: string
  readonly label: string
  readonly pin?: string
  readonly soPin?: string
  /** Without the eight blanks, which are added. Default: `SAST-ADN` and eight random hex digits. */
  readonly commonName?: string
  readonly bits?: 1024 | 2048 | 4096
  /** Key and certificate of the caller, who keeps them: whoever signs without the token needs that. Default: made here. */
  readonly identity?: { readonly privateKey: KeyObject; readonly certificate: Uint8Array }
  /** Default: the folder's own "Cisco Manufacturing CA", made by `makeSofthsm`. */
  readonly issuer?: Issuer
  readonly fault?: Fault
  /** The key asks for the PIN before every signature. */
  readonly alwaysAsks?: boolean
}

export interface SastToken {
  /** Given by SoftHSM: 16 hex digits. */
  readonly serial: string
  readonly label: string
  /** CKA_ID of key and certificate, hex. */
  readonly keyId: string
  /** DER. */
  readonly certificate: Uint8Array
}

/** Makes a token that looks like a SAST eToken and plugs it in once it is whole. */
export async function makeSastToken(options: SastTokenOptions): Promise<SastToken> {
  const { folder, label, pin = TEST_PIN, soPin = TEST_SO_PIN, bits = 2048, fault } = options
  const { privateKey: key, certificate } = options.identity ?? (await newIdentity(options))
  const keyOnToken = fault === 'foreign-key' ? await newRsaKey(bits) : key
  const keyId = randomBytes(8).toString('hex')
  const serial = await writeAndPlug(folder, {
    library: softhsmLibrary(),
    label,
    pin,
    soPin,
    keyId,
    certificate,
    ...certificateNames(certificate),
    privateKey: fault === 'no-key' || fault === 'empty' ? undefined : pkcs8(keyOnToken),
    maySign: fault !== 'not-for-signing',
    alwaysAsks: options.alwaysAsks ?? false,
    empty: fault === 'empty',
  })
  return { serial, label, keyId, certificate }
}

async function newIdentity({ folder, fault, bits = 2048, ...options }: SastTokenOptions) {
  const issuer = options.issuer ?? (await readManufacturingCa(softhsmFolder(folder).folder))
  const commonName = options.commonName ?? `SAST-ADN${randomBytes(4).toString('hex')}`
  const privateKey = fault === 'ec-key' ? await newEcKey() : await newRsaKey(bits)
  const certificate = issueSastCertificate(createPublicKey(privateKey), `${commonName}${PADDING}`, issuer)
  return { privateKey, certificate }
}

/** SoftHSM works in a folder of its own meanwhile: nobody sees half a token, and nobody waits in line. */
async function writeAndPlug(folder: string, recipe: TokenRecipe): Promise<string> {
  const { making, plugged } = softhsmFolder(folder)
  const workplace = await mkdtemp(join(making, 'token-'))
  try {
    const tokens = join(workplace, 'tokens')
    const configuration = join(workplace, 'softhsm2.conf')
    await mkdir(tokens)
    await writeSofthsmConfiguration(configuration, tokens)
    const serial = await runWriter(recipe, configuration)
    for (const name of await readdir(tokens)) await rename(join(tokens, name), join(plugged, name))
    return serial
  } finally {
    await rm(workplace, { recursive: true, force: true })
  }
}

async function runWriter(recipe: TokenRecipe, configuration: string): Promise<string> {
  const writer = fork(WRITER, [], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, SOFTHSM2_CONF: configuration },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const answer = firstAnswer(writer)
  writer.send(recipe)
  const given = await answer
  if ('failure' in given) throw new Error(`The token cannot be made: ${given.failure}`)
  return given.serial
}

function firstAnswer(writer: ChildProcess): Promise<WriterAnswer> {
  return new Promise((resolve, reject) => {
    let given: WriterAnswer = { failure: 'the process that writes it ended without an answer.' }
    writer.once('message', (answer: WriterAnswer) => {
      given = answer
    })
    writer.once('error', reject)
    // Only then has SoftHSM closed its files.
    writer.once('exit', () => resolve(given))
  })
}

function pkcs8(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
}
