/** What CUCM's commands print, read into values; undefined for what is not understood. Pure. */
import type { ShownCtl } from '../ports.js'
import type { CliPrinted } from './cli-command.js'

/**
 * `show ctl`. Terminals wrap lines, in the middle of a checksum too, so spaces count for nothing; `text` keeps them.
 */
export function readShownCtl({ lines, text }: CliPrinted): ShownCtl | undefined {
  const solid = text.replaceAll(' ', '')
  const length = /LengthofCTLfile:(\d{1,9})(?!\d)/i.exec(solid)?.[1]
  const whole = lines.join('\n').trim()
  if (/CTLFilenotfound/i.test(solid) || length === '0') {
    return { md5: undefined, sha1: undefined, length: 0, isVerified: false, text: whole }
  }
  const [, md5, sha1] =
    /checksumvalueoftheCTLfile:([0-9a-f]{32})\(MD5\)([0-9a-f]{40})\(SHA1\)/i.exec(solid) ?? []
  if (md5 === undefined || sha1 === undefined || length === undefined) return undefined
  return {
    md5: md5.toLowerCase(),
    sha1: sha1.toLowerCase(),
    length: Number(length),
    isVerified: /TheCTLfilewasverifiedsuccessfully/i.test(solid),
    text: whole,
  }
}

/** The table of `run sql`: names, a rule of `=` under each, rows. */
export function readSqlTable({ lines }: CliPrinted): readonly Readonly<Record<string, string>>[] | undefined {
  const rule = lines.findIndex((line) => /^\s*=+(?:\s+=+)*\s*$/.test(line))
  const head = lines[rule - 1]
  if (head === undefined) return undefined
  const columns = [...(lines[rule] ?? '').matchAll(/=+/g)].map(({ index }) => index)
  const cellsOf = (line: string) =>
    columns.map((start, column) => line.slice(start, columns[column + 1]).trim())
  const names = cellsOf(head)
  return lines
    .slice(rule + 1)
    .filter((line) => line.trim() !== '')
    .map((line) => Object.fromEntries(cellsOf(line).map((cell, column) => [names[column] ?? '', cell])))
}

/**
 * `file list tftp`: names in one or more columns, folders marked `<dir>`, and a count at the end that must agree. A
 * name may hold single spaces, so columns are told by two.
 */
export function readFileList({ lines, text }: CliPrinted): readonly string[] | undefined {
  if (/\bno such file\b|\bno files? (?:was|were )?found\b/i.test(text)) return []
  const count = lines.findIndex((line) => /dir count = \d+, file count = \d+/.test(line))
  const said = /file count = (\d+)/.exec(lines[count] ?? '')?.[1]
  if (said === undefined) return undefined
  const names = lines
    .slice(0, count)
    .flatMap((line) => line.replace(/<dir>\s+\S+/g, '').split(/\s{2,}|\t/))
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names.length === Number(said) ? names : undefined
}

/** `file delete`: how many files were deleted. */
export function readDeletedCount({ text }: CliPrinted): number | undefined {
  const deleted = /files: found = \d+, deleted = (\d{1,6})/.exec(text)?.[1]
  if (deleted !== undefined) return Number(deleted)
  return /\bno such file\b/i.test(text) ? 0 : undefined
}
