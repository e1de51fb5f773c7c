/** A daemon with OpenSC in front of a virtual card, over pcscd and vpcd. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { stringify } from 'smol-toml'
import { type DaemonProcess, startDaemonWith } from '../../demo/daemon-process.js'
import { eventually } from '../drivers/temporary-softhsm.js'
import { type Answer, ask } from '../flow/bench.js'
import type { Card } from './cac-card.js'
import { type CardRoom, makeCard, openCardRoom } from './card-room.js'

export interface CardBench {
  /** For further cards. */
  readonly folder: string
  readonly room: CardRoom
  readonly card: Card
  readonly daemon: DaemonProcess
  /** The one token that the daemon shows, as soon as it is in such a state. */
  token(state: string): Promise<ShownToken>
  unlock(serial: string, pin: string, more?: Readonly<Record<string, unknown>>): Promise<Answer>
  /** A whole CTL composed for the token's certificate that may sign, and signed with it. */
  sign(token: ShownToken): Promise<Answer>
  /** PINs that the card was sent so far. */
  pinsSent(): Promise<number>
  close(): Promise<void>
}

export interface ShownToken {
  readonly serial: string
  readonly slot: string
  readonly label: string
  readonly state: string
  readonly pin: { readonly finalTry: boolean; readonly locked: boolean }
  readonly lease: unknown
  readonly certificates: readonly { readonly sha256: string; readonly maySign: boolean }[]
}

/** A room, a card that is not in it, and a daemon; all gone when the test is over. */
export async function setUpCardBench(t: ExecutionContext): Promise<CardBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-cards-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'room'))
  const [room, card] = await Promise.all([openCardRoom(join(folder, 'room')), makeCard(folder, 'virtual', 1)])
  const daemon = await startDaemonWith(await writeSettings(folder, room))
  const bench = drive(folder, room, card, daemon, async () => {
    await daemon.stop()
    await room.close()
  })
  t.teardown(() => bench.close())
  return bench
}

async function writeSettings(folder: string, { opensc }: CardRoom): Promise<string> {
  const file = join(folder, 'config.toml')
  const { path, environment } = opensc
  const table = {
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    log: { level: 'error' },
    // What is noticed was told by slot events: a look without a hint never comes.
    modules: [{ name: 'opensc', path, environment, rescan_seconds: 3600 }],
  }
  await writeFile(file, stringify(table), { mode: 0o600 })
  return file
}

function drive(
  folder: string,
  room: CardRoom,
  card: Card,
  daemon: DaemonProcess,
  close: () => Promise<void>,
): CardBench {
  const { key, url } = daemon
  const post = (path: string, json: unknown) => ask(url, path, { method: 'POST', key, json })
  return {
    folder,
    room,
    card,
    daemon,
    close,
    token: (state) =>
      eventually(async () => {
        const { json } = await ask(url, '/v1/tokens', { key })
        return json.tokens.find((token: ShownToken) => token.state === state)
      }),
    unlock: (serial, pin, more = {}) => post(`/v1/tokens/${serial}/unlock`, { pin, ...more }),
    sign: async ({ serial, certificates }) => {
      const certificate = certificates.find(({ maySign }) => maySign)?.sha256
      const signer = { token: serial, certificate }
      const draft = await post('/v1/ctl/compose', { signer, records: [{ from: 'token', ...signer }] })
      if (draft.status !== 200) return draft
      return await ask(url, `/v1/ctl/sign?token=${serial}`, {
        method: 'POST',
        key,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: draft.bytes,
      })
    },
    pinsSent: async () => (await readFile(join(card.memory, 'verifies'), 'utf8').catch(() => '')).length,
  }
}

/** The certificate that signs, as DER. */
export async function signerOf({ daemon }: CardBench, token: ShownToken): Promise<Uint8Array> {
  const sha256 = token.certificates.find(({ maySign }) => maySign)?.sha256
  const path = `/v1/tokens/${token.serial}/certificates/${sha256}`
  return (await ask(daemon.url, path, { key: daemon.key, headers: { Accept: 'application/pkix-cert' } }))
    .bytes
}
