/**
 * A room of its own for virtual cards: a mount and a network namespace in which the unpacked pcscd runs with
 * the reader of vpcd, so that nothing here meets the machine's own pcscd, readers or network.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '../drivers/temporary-softhsm.js'
import { setup } from '../setup/setup-modules.js'

const SOURCE = fileURLToPath(new URL('../../../test/cards/virtual-card.c', import.meta.url))
const PROGRAM = fileURLToPath(new URL('./virtual-card', import.meta.url))

/** vpcd's own default; the second slot of the reader has the next port. */
const PORT = 0x8c7b

/** Root of a user namespace of one's own where one is not root already. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ['--map-root-user']

/** Why this machine has no room for virtual cards, in one sentence. */
export function whyNoRoom(): string | undefined {
  const mounting = ['--mount', '--net', ...AS_ROOT, 'mount', '-t', 'tmpfs', 'none', '/run']
  const { status, stderr, error } = spawnSync('unshare', mounting, { encoding: 'utf8' })
  if (status === 0) return undefined
  return `no mount and network namespaces here: ${error?.message ?? stderr.trim()}`
}

/** Where the reader is: a card can be in either of its slots. */
export type ReaderSlot = 0 | 1

export interface CardRoom {
  /** OpenSC, with an environment that leads it to the room's pcscd from outside. */
  readonly opensc: { readonly path: string; readonly environment: Readonly<Record<string, string>> }
  /** Process id of pcscd, while it runs. */
  pcscd(): number | undefined
  /** Puts a card into the reader. It is out when what this gives has resolved. */
  insert(card: Card, slot?: ReaderSlot): () => Promise<void>
  /** Ends pcscd by SIGKILL; a card stays where it is. */
  stopPcscd(): Promise<void>
  startPcscd(): Promise<void>
  close(): Promise<void>
}

/** A card that is not in a reader. */
export interface Card {
  /** NSS database with its keys and certificates. */
  readonly database: string
  /** Its memory; `virtual-card.c` says what is in it. */
  readonly memory: string
  readonly pin: string
  readonly certificates: readonly string[]
}

/** `folder` is empty and its path short; it holds the room's files until the test removes it. */
export async function openCardRoom(folder: string): Promise<CardRoom> {
  const parts = join(folder, 'parts')
  // pcscd's settings file takes no blanks in a path.
  await symlink(virtualCardParts(), parts)
  const libraries = await libraryFolders(parts)
  await buildCard(join(libraries[0] ?? '', 'libcacard.so.0'))
  const environment = { LD_LIBRARY_PATH: libraries.join(':') }
  const library = join(libraries[0] ?? '', 'opensc-pkcs11.so')
  const readers = join(folder, 'reader.conf')
  await writeFile(readers, readerSettings(parts))
  const holder = await enterRoom(environment)
  const inside = ['nsenter', '--target', String(holder.pid), '--mount', '--net', ...sameUser()]
  const start = (command: readonly string[]) => spawnIn(inside, command, environment)
  // pcsc-lite: the variable leads a client to another socket than the compiled-in one.
  const socket = `/proc/${holder.pid}/root/run/pcscd/pcscd.comm`
  const cards = new Set<ChildProcess>()
  let pcscd: ChildProcess | undefined
  const room: CardRoom = {
    opensc: { path: library, environment: { ...environment, PCSCLITE_CSOCK_NAME: socket } },
    pcscd: () => pcscd?.pid,
    insert: ({ database, memory, certificates }, slot = 0) => {
      const place = [`sql:${database}`, String(PORT + slot), memory]
      const card = start([PROGRAM, 'insert', ...place, ...certificates])
      cards.add(card)
      return async () => {
        cards.delete(card)
        await end(card)
      }
    },
    startPcscd: async () => {
      const started = start([join(parts, 'usr/sbin/pcscd'), '--foreground', '--config', readers])
      pcscd = started
      await eventually(() => existsSync(socket) || undefined)
    },
    stopPcscd: async () => {
      if (pcscd !== undefined) await end(pcscd)
      pcscd = undefined
      await rm(socket, { force: true })
    },
    close: async () => {
      await Promise.all([...cards].map(end))
      await room.stopPcscd()
      await end(holder)
    },
  }
  await room.startPcscd()
  return room
}

function virtualCardParts(): string {
  const folder = setup.unpack.unpackedVirtualCard()
  if (folder !== undefined) return folder
  throw new Error('The parts of the virtual card are not unpacked: npm test does that.')
}

/** The first is the folder of the packages asked for; NSS keeps some of its own in a folder below. */
async function libraryFolders(parts: string): Promise<string[]> {
  const base = join(parts, 'usr/lib')
  const triplet = (await readdir(base)).find((name) => existsSync(join(base, name, 'libcacard.so.0')))
  const folder = join(base, triplet ?? '')
  const others = [join(parts, 'lib', triplet ?? ''), join(folder, 'nss')]
  return [folder, ...others.filter((other) => existsSync(other))]
}

function readerSettings(parts: string): string {
  const driver = join(parts, 'usr/lib/pcsc/drivers/serial/libifdvpcd.so')
  const port = `0x${PORT.toString(16)}`
  return [
    'FRIENDLYNAME "Virtual PCD"',
    `DEVICENAME /dev/null:${port}`,
    `LIBPATH ${driver}`,
    `CHANNELID ${port}`,
    '',
  ].join('\n')
}

/** Real readers and their drivers are hidden: they belong to the machine's own pcscd. */
const FURNISH = `set -e
mount -t tmpfs none /run
mkdir /run/pcscd
for hidden in /usr/lib/pcsc /dev/bus/usb; do
  if [ -d "$hidden" ]; then mount -t tmpfs none "$hidden"; fi
done
"$0" loopback
echo ready
exec cat`

/** A process that keeps the namespaces; it ends with this one, because its standard input does. */
async function enterRoom(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const args = ['--mount', '--net', ...AS_ROOT, 'sh', '-c', FURNISH, PROGRAM]
  const env = { ...process.env, ...environment }
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const ended = once(holder, 'exit').then(() => {
    throw new Error('The room for virtual cards could not be furnished.')
  })
  await Promise.race([once(holder.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return holder
}

const sameUser = (): string[] => (AS_ROOT.length === 0 ? [] : ['--user', '--preserve-credentials'])

function spawnIn(
  inside: readonly string[],
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const [program = '', ...args] = [...inside, ...command]
  return spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...environment } })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Compiles once per version of the source; several test processes may do so at the same time. */
async function buildCard(libcacard: string): Promise<void> {
  const [source, program] = await Promise.all([SOURCE, PROGRAM].map(changed))
  if ((program ?? 0) > (source ?? 0)) return
  const part = `${PROGRAM}.${process.pid}`
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wl,--allow-shlib-undefined']
  await promisify(execFile)('cc', [...options, '-o', part, SOURCE, libcacard])
  await rename(part, PROGRAM)
}

async function changed(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

/**
 * A card with three RSA-2048 keys, as a CAC has them, and self-signed certificates. Its serial number ends in
 * `number`, from 0 to 255.
 */
export async function makeCard(folder: string, label: string, number: number): Promise<Card> {
  const card = {
    database: join(folder, `${label}-keys`),
    memory: join(folder, `${label}-memory`),
    pin: '12345678',
    certificates: ['id', 'sign', 'encrypt'].map((use) => `${label}-${use}`),
  }
  const pinFile = join(folder, `${label}-pin`)
  const noise = join(folder, `${label}-noise`)
  await Promise.all([mkdir(card.database), mkdir(card.memory)])
  await Promise.all([
    writeFile(pinFile, card.pin, { mode: 0o600 }),
    writeFile(join(card.memory, 'number'), String(number)),
    writeFile(noise, Buffer.from(crypto.getRandomValues(new Uint8Array(64)))),
  ])
  const database = ['-d', `sql:${card.database}`, '-f', pinFile]
  await certutil(['-N', ...database])
  for (const [index, nickname] of card.certificates.entries()) {
    const names = ['-n', nickname, '-s', `CN=${nickname},OU=IPCBU,O=Cisco Systems`, '-m', String(index + 1)]
    const key = ['-k', 'rsa', '-g', '2048', '-z', noise]
    await certutil(['-S', ...database, '-x', '-t', ',,', ...names, ...key])
  }
  return card
}

async function certutil(args: readonly string[]): Promise<void> {
  const parts = virtualCardParts()
  const env = { ...process.env, LD_LIBRARY_PATH: (await libraryFolders(parts)).join(':') }
  await promisify(execFile)(join(parts, 'usr/bin/certutil'), args, { env })
}
