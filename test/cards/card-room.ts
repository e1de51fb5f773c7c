/**
 * A room of its own for virtual cards: a mount and a network namespace in which the unpacked pcscd runs with
 * the reader of vpcd, so that nothing here meets the machine's own pcscd, readers or network.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { eventually } from '../drivers/temporary-softhsm.js'
import { setup } from '../setup/setup-modules.js'
import { buildCardProgram, type Card, type CardParts, makeCacCard } from './cac-card.js'

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

/** `folder` is empty and its path short; it holds the room's files until the test removes it. */
export async function openCardRoom(folder: string): Promise<CardRoom> {
  const parts = join(folder, 'parts')
  // pcscd's settings file takes no blanks in a path.
  await symlink(virtualCardParts(), parts)
  const card = await cardParts(parts)
  const { environment } = card
  const program = await buildCardProgram(card, 'cards/virtual-card.c')
  const library = join(dirname(card.libcacard), 'opensc-pkcs11.so')
  const readers = join(folder, 'reader.conf')
  await writeFile(readers, readerSettings(parts))
  const holder = await enterRoom(program, environment)
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
      const card = start([program, 'insert', ...place, ...certificates])
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
async function enterRoom(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const args = ['--mount', '--net', ...AS_ROOT, 'sh', '-c', FURNISH, program]
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

async function cardParts(parts: string): Promise<CardParts> {
  const libraries = await libraryFolders(parts)
  return {
    certutil: join(parts, 'usr/bin/certutil'),
    libcacard: join(libraries[0] ?? '', 'libcacard.so.0'),
    environment: { LD_LIBRARY_PATH: libraries.join(':') },
  }
}

/** For a room; `number`, from 0 to 255, tells the card from others. */
export async function makeCard(folder: string, label: string, number: number): Promise<Card> {
  const serial = `58bd002c19${number.toString(16).padStart(2, '0')}`.padStart(16, '0')
  return await makeCacCard(await cardParts(virtualCardParts()), folder, label, serial)
}
