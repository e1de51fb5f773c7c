/** Lists of readings as people and spreadsheets write them. */
import { BridgeError } from '../../bridge-error.js'
import { type CsvRow, readCsvRows } from '../phones/csv-rows.js'
import type { AwaitedFile } from './migration-text.js'

export interface PhoneReading {
  readonly device: string
  readonly model?: string
  readonly took: 'accepted' | 'refused' | 'unread'
  readonly checksum?: string
  readonly note?: string
}

interface Columns {
  readonly device: number
  readonly model: number
  readonly took: number
  readonly checksum: number
}

/** A list without a head: the device, accepted or refused (or the model, as `phones --devices` reads it), the checksum. */
const plainColumns: Columns = { device: 0, model: 1, took: 1, checksum: 2 }

const heads: Readonly<Record<keyof Columns, readonly string[]>> = {
  device: ['device name', 'device', 'name'],
  model: ['device type', 'device model', 'model', 'type', 'product'],
  took: ['took', 'result', 'answer', 'accepted'],
  checksum: ['ctl checksum', 'ctl', 'checksum'],
}

/**
 * A row that says accepted or refused is one reading; a row with the awaited checksum alone is `accepted`. What a phone
 * with another checksum will take nobody knows: those rows are counted as unclear. Rejects with LIST_INVALID.
 */
export async function readReadings(
  file: string,
  awaited: readonly AwaitedFile[],
  note: string | undefined,
): Promise<{ readonly readings: readonly PhoneReading[]; readonly unclear: number }> {
  const readings: PhoneReading[] = []
  let columns: Columns | undefined
  let unclear = 0
  for await (const rows of readCsvRows(file)) {
    for (const row of rows) {
      if (columns === undefined) {
        columns = readHead(row)
        if (columns !== plainColumns) continue
      }
      const reading = readingOf(row, columns, awaited, file)
      if (reading === undefined) unclear += 1
      else readings.push({ ...reading, ...(note !== undefined && { note }) })
    }
  }
  return { readings, unclear }
}

function readHead({ cells }: CsvRow): Columns {
  const labels = cells.map((cell) => cell.toLowerCase().replaceAll('_', ' '))
  const at = (name: keyof Columns) => labels.findIndex((label) => heads[name].includes(label))
  return at('device') < 0
    ? plainColumns
    : { device: at('device'), model: at('model'), took: at('took'), checksum: at('checksum') }
}

export const isTook = (text: string | undefined): text is PhoneReading['took'] =>
  text === 'accepted' || text === 'refused' || text === 'unread'

function readingOf(
  { cells, line }: CsvRow,
  columns: Columns,
  awaited: readonly AwaitedFile[],
  file: string,
): PhoneReading | undefined {
  const device = cells[columns.device] ?? ''
  const said = (cells[columns.took] ?? '').toLowerCase()
  const checksum = (cells[columns.checksum] ?? '').replace(/[\s:-]/g, '').toLowerCase()
  if (!/^[\x21-\x7e]{1,128}$/.test(device)) {
    throw new BridgeError('LIST_INVALID', `${JSON.stringify(device)} is not the name of a device.`, {
      file,
      line,
    })
  }
  if (checksum !== '' && !/^(?:[0-9a-f]{32}|[0-9a-f]{40})$/.test(checksum)) {
    throw new BridgeError('LIST_INVALID', `${JSON.stringify(checksum)} is neither MD5 nor SHA-1 in hex.`, {
      file,
      line,
    })
  }
  const isAwaited = awaited.some(({ md5, sha1 }) => checksum === md5 || checksum === sha1)
  const took = isTook(said) ? said : isAwaited ? 'accepted' : undefined
  // Without a head the second column is one or the other.
  const named = cells[columns.model] ?? ''
  const model = named === '' || named.toLowerCase() === took ? undefined : named
  return took && { device, ...(model !== undefined && { model }), took, ...(checksum !== '' && { checksum }) }
}
