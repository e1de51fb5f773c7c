import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'smol-toml'
import { openModule } from '../drivers/pkcs11/pkcs11-client.js'
import { moduleTable } from './module-settings.js'
import { makeSastToken, type SastTokenOptions, TEST_PIN } from './sast-token.js'
import { listUnplugged, makeSofthsm, plug, softhsmModule, unplug } from './tokens-folder.js'

const HELP = `Makes SoftHSM tokens that look like Cisco SAST eTokens, for tests and rehearsals.

softhsm make --folder FOLDER [--label TEXT] [--common-name NAME] [--bits 1024|2048|4096]
             [--pin-file FILE] [--empty]
softhsm list --folder FOLDER
softhsm unplug SERIAL --folder FOLDER
softhsm plug SERIAL --folder FOLDER
softhsm settings --folder FOLDER

make        makes the folder if need be, and a token in it; prints the serial number
list        prints serial number and state of every token, and the label of those plugged in
unplug      pulls a token out: hosts see it go
plug        puts it back
settings    prints the lines that show these tokens to ctl-bridge, for its settings file

--folder       where the tokens live; use SOFTHSM2_CONF=FOLDER/softhsm2.conf to see them elsewhere
--common-name  of the certificate, without the eight blanks that follow it
               (default: SAST-ADN and random digits)
--bits         of the RSA key (default 2048)
--empty        no key and no certificate: a token for ctl-bridge token provision
--pin-file     file whose first line is the PIN; without it the PIN is ${TEST_PIN}, which everybody
               knows
`

class UsageError extends Error {}

const OPTIONS = {
  folder: { type: 'string' },
  label: { type: 'string' },
  'common-name': { type: 'string' },
  bits: { type: 'string' },
  'pin-file': { type: 'string' },
  empty: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read')
  }
}

/** npm runs scripts in the package's folder; what a person typed is relative to his own. */
function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}

type Arguments = ReturnType<typeof readArguments>

function folderOf({ values }: Arguments): string {
  if (!values.folder) throw new UsageError('Say which folder: --folder FOLDER')
  return typedPath(values.folder)
}

function serialOf({ positionals }: Arguments): string {
  const serial = positionals[1]
  if (serial === undefined) throw new UsageError('Say which token: its serial number, as `list` prints it')
  return serial
}

function bitsOf({ values }: Arguments): NonNullable<SastTokenOptions['bits']> {
  const text = values.bits ?? '2048'
  const bits = ([1024, 2048, 4096] as const).find((known) => String(known) === text)
  if (bits === undefined) throw new UsageError('--bits is 1024, 2048 or 4096')
  return bits
}

async function pinOf({ values }: Arguments): Promise<string> {
  const file = values['pin-file']
  if (file === undefined) return TEST_PIN
  const [line = ''] = (await readFile(typedPath(file), 'utf8')).split(/\r?\n/, 1)
  return line
}

async function make(given: Arguments): Promise<string> {
  const commonName = given.values['common-name']
  const bits = bitsOf(given)
  const pin = await pinOf(given)
  const { folder } = await makeSofthsm(folderOf(given))
  const { serial } = await makeSastToken({
    folder,
    label: given.values.label ?? 'SAST token',
    pin,
    bits,
    ...(commonName !== undefined && { commonName }),
    ...(given.values.empty && { fault: 'empty' as const }),
  })
  return `${serial}\n`
}

async function list(given: Arguments): Promise<string> {
  const folder = folderOf(given)
  const module = openModule(softhsmModule(folder))
  const { tokens } = await module.scan().finally(() => module.close())
  const plugged = tokens.map(({ serial, label }) => `${serial}  plugged in  ${label}\n`)
  const unplugged = (await listUnplugged(folder)).map((serial) => `${serial}  pulled out\n`)
  return [...plugged, ...unplugged].join('')
}

async function run(): Promise<string> {
  const given = readArguments()
  if (given.values.help) return HELP
  switch (given.positionals[0]) {
    case 'make':
      return await make(given)
    case 'list':
      return await list(given)
    case 'plug':
      await plug(folderOf(given), serialOf(given))
      return ''
    case 'unplug':
      await unplug(folderOf(given), serialOf(given))
      return ''
    case 'settings':
      return stringify({ modules: [moduleTable(softhsmModule(folderOf(given)))] })
    default:
      throw new UsageError('Say what to do: make, list, plug, unplug or settings')
  }
}

try {
  process.stdout.write(await run())
} catch (error) {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `softhsm: ${text}\n${error instanceof UsageError ? '\nsofthsm --help tells more.\n' : ''}`,
  )
  process.exitCode = error instanceof UsageError ? 2 : 1
}
