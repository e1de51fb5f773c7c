/**
 * Where the PIN comes from: a file, a file descriptor, or the terminal. Never an argument or the
 * environment, which other processes can read.
 */
import { openSync, read } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { setTimeout as later } from 'node:timers/promises'
import { ReadStream } from 'node:tty'
import { promisify } from 'node:util'
import { BridgeError } from '../../bridge-error.js'
import type { Terminal } from '../command.js'

export interface PinSource {
  readonly file: string | undefined
  readonly descriptor: string | undefined
}

/** Bytes. */
const PIN_LIMIT = 255
const NEWLINE = 10

/**
 * As `readPin`, but an empty PIN where the token's reader has keys of its own to type it on. A PIN from a file
 * goes to the token all the same, and where the library does not let the reader ask it is asked here.
 */
export async function readTokenPin(
  {
    pin: { onReader },
    readerRefuses,
  }: { readonly pin: { readonly onReader: boolean }; readonly readerRefuses: boolean },
  source: PinSource,
  question: string,
  terminal: Terminal,
): Promise<string> {
  const given = source.file !== undefined || source.descriptor !== undefined
  if (!onReader || readerRefuses || given) return readPin(source, question, terminal)
  terminal.note('ctl-bridge: type the PIN on the reader when it asks.\n')
  return ''
}

export async function readPin(source: PinSource, question: string, terminal: Terminal): Promise<string> {
  if (source.file !== undefined && source.descriptor !== undefined)
    throw new BridgeError('USAGE', '--pin-file and --pin-fd are two places for one PIN.')
  if (source.file !== undefined) {
    await warnOfOpenFile(source.file, terminal)
    return fromFile(source.file)
  }
  if (source.descriptor !== undefined)
    return firstLine(descriptorOf(source.descriptor), `fd ${source.descriptor}`)
  return askOnTerminal(question)
}

async function warnOfOpenFile(file: string, terminal: Terminal): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() && (found.mode & 0o077) !== 0) {
    terminal.note('ctl-bridge: the PIN file can be read by others; chmod 600 it.\n')
  }
}

function descriptorOf(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw unavailable(`A file descriptor is a number, not ${JSON.stringify(text)}.`)
  return Number(text)
}

async function fromFile(name: string): Promise<string> {
  const file = await open(name, 'r').catch((error: unknown) => {
    throw unreadable(name, error)
  })
  try {
    return await firstLine(file.fd, name)
  } finally {
    await file.close()
  }
}

const readSome = promisify(read)

/** Byte by byte: a read ahead would wait for a pipe that its writer keeps open. */
async function firstLine(fd: number, name: string): Promise<string> {
  const line: number[] = []
  const byte = Buffer.alloc(1)
  while (line.length <= PIN_LIMIT) {
    try {
      const { bytesRead } = await readSome(fd, byte, 0, 1, null)
      if (bytesRead === 0 || byte[0] === NEWLINE) break
      line.push(byte[0] ?? 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw unreadable(name, error)
      await later(20)
    }
  }
  return checked(textOf(Buffer.from(line), name).replace(/\r$/, ''), name)
}

/** A byte order mark is no part of a PIN; bytes that are no UTF-8 would be sent as other ones. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unavailable(`The PIN in ${name} is not UTF-8.`)
  }
}

function checked(pin: string, name: string): string {
  if (pin === '') throw unavailable(`There is no PIN in ${name}.`)
  if (Buffer.byteLength(pin) > PIN_LIMIT)
    throw unavailable(`The first line of ${name} is too long for a PIN.`)
  // An arrow key, or a file in UTF-16: surely not what was meant, and it would spend a try.
  if (/\p{Cc}/u.test(pin)) throw unavailable(`The PIN from ${name} holds a control character.`)
  return pin
}

/** Reads from the controlling terminal even when standard input is a file, and shows nothing of what is typed. */
async function askOnTerminal(question: string): Promise<string> {
  let fd: number
  try {
    fd = openSync('/dev/tty', 'r+')
  } catch {
    throw unavailable('There is no terminal.')
  }
  const input = new ReadStream(fd)
  try {
    input.setRawMode(true)
    process.stderr.write(question)
    return checked(await typedLine(input), 'the terminal')
  } finally {
    input.setRawMode(false)
    // Closes the descriptor, later; closing it here as well could hit one that was opened meanwhile.
    input.destroy()
    process.stderr.write('\n')
  }
}

function typedLine(input: ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    input.setEncoding('utf8')
    input.on('data', (part) => {
      for (const key of String(part)) {
        if (key === '\r' || key === '\n') return resolve(typed)
        if (key === '\u0003' || key === '\u0004') return reject(unavailable('The PIN was not given.'))
        if (key === '\u007f' || key === '\b') typed = [...typed].slice(0, -1).join('')
        else if (key === '\u0015') typed = ''
        else typed += key
      }
    })
    input.on('error', () => reject(unavailable('The terminal cannot be read.')))
    input.on('end', () => reject(unavailable('The PIN was not given.')))
  })
}

const unreadable = (name: string, error: unknown): BridgeError =>
  unavailable(`The PIN cannot be read from ${name} (${(error as NodeJS.ErrnoException).code}).`)

const unavailable = (detail: string): BridgeError => new BridgeError('PIN_UNAVAILABLE', detail)
