/**
 * The settings file. It names libraries, which is what code runs, and the socket that a PIN goes to: so
 * nobody may be able to write it but root and the user who reads it (as sshd's StrictModes has it).
 */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { userInfo } from 'node:os'
import { parse as parseToml, TomlError } from 'smol-toml'
import type { z } from 'zod'
import { BridgeError } from './bridge-error.js'
import { settingLine } from './setting-line.js'

/** Throws CONFIG_INVALID when it cannot be read, CONFIG_UNTRUSTED when others could have written it. */
export function readSettingsFile(path: string, user = process.getuid?.()): string {
  const descriptor = opened(path)
  try {
    // Of the open file: what is looked at is what is read.
    if (user !== undefined) refuseWritable(fstatSync(descriptor), user, path)
    return readFileSync(descriptor, 'utf8')
  } catch (error) {
    throw error instanceof BridgeError ? error : unreadable(path, error)
  } finally {
    closeSync(descriptor)
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, error)
  }
}

function refuseWritable(file: Stats, user: number, path: string): void {
  // Nobody changes what comes out of /dev/null.
  if (file.isCharacterDevice()) return
  const found = { file: path, owner: file.uid, mode: (file.mode & 0o777).toString(8).padStart(4, '0') }
  if (file.uid !== 0 && file.uid !== user) {
    const who = user === 0 ? 'root' : `root or ${userInfo().username}`
    throw new BridgeError('CONFIG_UNTRUSTED', `The settings do not belong to ${who}.`, found)
  }
  if ((file.mode & 0o022) !== 0) {
    throw new BridgeError('CONFIG_UNTRUSTED', 'Others than their owner may write to the settings.', found)
  }
}

const unreadable = (path: string, error: unknown): BridgeError =>
  new BridgeError('CONFIG_INVALID', `The settings cannot be read: ${(error as Error).message}.`, {
    file: path,
  })

/** Throws CONFIG_INVALID with the setting, and its line where it is found. */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  path: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseTable(text, path))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw settingError(issue?.path ?? [], issue?.message ?? 'wrong', { text, path })
}

function parseTable(text: string, path: string): unknown {
  try {
    return parseToml(text)
  } catch (error) {
    const [first] = (error as Error).message.split('\n')
    const place = error instanceof TomlError ? { file: path, line: error.line } : { file: path }
    throw new BridgeError('CONFIG_INVALID', `The settings are not TOML: ${first}.`, place)
  }
}

/** What is wrong with one setting. */
export function settingError(
  setting: readonly PropertyKey[],
  what: string,
  { text, path }: { readonly text: string; readonly path: string },
): BridgeError {
  const name = setting.map(String).join('.')
  const line = settingLine(text, setting)
  return new BridgeError('CONFIG_INVALID', `Setting ${name || '(top level)'}: ${what}.`, {
    file: path,
    setting: name,
    ...(line !== undefined && { line }),
  })
}
