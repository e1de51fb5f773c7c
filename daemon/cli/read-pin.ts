/**
 * Where the PIN comes from: a file, a file descriptor, or the terminal. Never an argument or the
 * environment, which other processes can read.
 */
import { closeSync, createReadStream, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { ReadStream } from 'node:tty'
import { BridgeError } from '../bridge-error.js'
import type { Terminal } from './command.js'

export interface PinSource {
  readonly file: string | undefined
  readonly descriptor: string | undefined
}

const PIN_LIMIT = 256

/** As `readPin`, but an empty PIN where the token's reader has keys of its own to type it on. */
export async function readTokenPin(
  { pin: { onReader } }: { readonly pin: { readonly onReader: boolean } },
  source: PinSource,
  question: string,
  terminal: Terminal,
): Promise<string> {
  if (!onReader) return readPin(source, question, terminal)
  terminal.note('ctl-bridge: type the PIN on the reader when it asks.\n')
  return ''
}

export async function readPin(source: PinSource, question: string, terminal: Terminal): Promise<string> {
  if (source.file !== undefined) {
    await warnOfOpenFile(source.file, terminal)
    return firstLine(createReadStream(source.file), source.file)
  }
  if (source.descriptor !== undefined)
    return firstLine(descriptorStream(source.descriptor), `fd ${source.descriptor}`)
  return askOnTerminal(question)
}

async function warnOfOpenFile(file: string, terminal: Terminal): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() && (found.mode & 0o077) !== 0) {
    terminal.note('ctl-bridge: the PIN file can be read by others; chmod 600 it.\n')
  }
}

function descriptorStream(descriptor: string): NodeJS.ReadableStream {
  const fd = Number(descriptor)
  if (!/^\d+$/.test(descriptor))
    throw unavailable(`A file descriptor is a number, not ${JSON.stringify(descriptor)}.`)
  return createReadStream('', { fd, autoClose: false })
}

async function firstLine(stream: NodeJS.ReadableStream, name: string): Promise<string> {
  let text = ''
  try {
    for await (const part of stream) {
      text += part.toString('utf8')
      if (text.includes('\n') || text.length > PIN_LIMIT) break
    }
  } catch (error) {
    throw unavailable(`The PIN cannot be read from ${name} (${(error as NodeJS.ErrnoException).code}).`)
  }
  return checked(text.split(/\r?\n/)[0] ?? '', name)
}

function checked(pin: string, name: string): string {
  if (pin === '') throw unavailable(`There is no PIN in ${name}.`)
  if (pin.length > PIN_LIMIT) throw unavailable(`The first line of ${name} is too long for a PIN.`)
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
    input.destroy()
    process.stderr.write('\n')
    closeQuietly(fd)
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd)
  } catch {
    // The stream closed it.
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

const unavailable = (detail: string): BridgeError => new BridgeError('PIN_UNAVAILABLE', detail)
