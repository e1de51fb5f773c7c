/** CAC cards made of files, and the programs that put them into readers. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cc, compiledFrom, compileOnce } from '../drivers/compile-c.js'

/** Of the unpacked packages. */
export interface CardParts {
  readonly certutil: string
  readonly libcacard: string
  /** With which both find what they need. */
  readonly environment: Readonly<Record<string, string>>
}

/** A card that is not in a reader. */
export interface Card {
  /** NSS database with its keys and certificates. */
  readonly database: string
  /** A folder; `cac-card.h` says what is in it. */
  readonly memory: string
  readonly pin: string
  readonly certificates: readonly string[]
}

/** Gives the program made of `source`, which is below `test/`, and the card that is compiled into it. */
export async function buildCardProgram({ libcacard }: CardParts, source: string): Promise<string> {
  const card = ['cards/cac-card.c', 'cards/cac-card.h']
  return await compileOnce(
    compiledFrom([source, ...card], source.replace(/\.c$/, '')),
    async (sources, output) =>
      await cc(['-Wl,--allow-shlib-undefined', '-o', output, ...sources, libcacard, '-pthread']),
  )
}

/** The card that `makeCacCard` made, or will make. */
export function cardIn(folder: string, label: string): Card {
  return {
    database: join(folder, `${label}-keys`),
    memory: join(folder, `${label}-memory`),
    pin: '12345678',
    certificates: ['id', 'sign', 'encrypt'].map((use) => `${label}-${use}`),
  }
}

/**
 * A card with three RSA-2048 keys, as a CAC has them, and self-signed certificates. `serial` has 16 hex digits.
 * Everything is written below `folder`, under names that begin with `label`.
 */
export async function makeCacCard(
  { certutil, environment }: CardParts,
  folder: string,
  label: string,
  serial: string,
): Promise<Card> {
  const card = cardIn(folder, label)
  const pinFile = join(folder, `${label}-pin`)
  const noise = join(folder, `${label}-noise`)
  await Promise.all([mkdir(card.database), mkdir(card.memory)])
  await Promise.all([
    writeFile(pinFile, card.pin, { mode: 0o600 }),
    writeFile(join(card.memory, 'serial'), serial),
    writeFile(noise, Buffer.from(crypto.getRandomValues(new Uint8Array(64)))),
  ])
  const run = (args: readonly string[]) =>
    promisify(execFile)(certutil, args, { env: { ...process.env, ...environment } })
  const database = ['-d', `sql:${card.database}`, '-f', pinFile]
  await run(['-N', ...database])
  for (const [index, nickname] of card.certificates.entries()) {
    const subject = `CN=${nickname},OU=IPCBU,O=Cisco Systems`
    const names = ['-n', nickname, '-s', subject, '-m', String(index + 1), '-v', '120']
    const key = ['-k', 'rsa', '-g', '2048', '-z', noise]
    await run(['-S', ...database, '-x', '-t', ',,', ...names, ...key])
  }
  return card
}
