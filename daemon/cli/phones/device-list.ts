/** Lists of devices and the table of models, as people and call managers write them. */
import { BridgeError } from '../../bridge-error.js'
import type { Device } from '../../trust/phones/fleet-acceptance.js'
import type { DeviceClass } from '../../trust/phones/phone-acceptance.js'
import type { PhoneModel } from '../../trust/phones/phone-models.js'
import { type CsvRow, csvLine, readCsvRows } from './csv-rows.js'

interface Columns {
  readonly name: number
  readonly model: number
  readonly checksum: number
}

/** A list without a head: name, model, CTL checksum. */
const plainColumns: Columns = { name: 0, model: 1, checksum: 2 }

/** Heads of the exports of call managers and of our own output. */
const heads: Readonly<Record<keyof Columns, readonly string[]>> = {
  name: ['device name', 'device', 'name'],
  model: ['device type', 'device model', 'model', 'type', 'product'],
  checksum: ['ctl checksum', 'ctl', 'checksum'],
}

/**
 * The devices of a file, or of standard input for `-`, in batches as they are read. A first row with a column
 * `Device Name` is a head and says which column is which. Rejects with FILE_UNREADABLE or LIST_INVALID.
 */
export async function* readDevices(file: string): AsyncGenerator<readonly Device[]> {
  let columns: Columns | undefined
  for await (const rows of readCsvRows(file)) {
    const found = columns ?? readHead(rows[0], file)
    const devices = rows.slice(columns === undefined && found !== undefined && isHead(rows[0]) ? 1 : 0)
    columns = found
    yield devices.map((row) => deviceOf(row, columns ?? plainColumns))
  }
}

const labelsOf = (row: CsvRow): string[] => row.cells.map((cell) => cell.toLowerCase().replaceAll('_', ' '))

function isHead(row: CsvRow | undefined): boolean {
  return row !== undefined && labelsOf(row).some((label) => heads.name.includes(label))
}

/** Undefined while no row was read. */
function readHead(row: CsvRow | undefined, file: string): Columns | undefined {
  if (row === undefined) return undefined
  if (!isHead(row)) return plainColumns
  const labels = labelsOf(row)
  const at = (wanted: readonly string[]) =>
    wanted.map((label) => labels.indexOf(label)).find((index) => index >= 0) ?? -1
  const columns = { name: at(heads.name), model: at(heads.model), checksum: at(heads.checksum) }
  if (columns.model >= 0) return columns
  const detail = `The head names no column for the model, for example “Device Type”.`
  throw new BridgeError('LIST_INVALID', detail, { file, line: row.line })
}

function deviceOf({ cells }: CsvRow, columns: Columns): Device {
  const cell = (index: number) => cells[index] ?? ''
  return { name: cell(columns.name), model: cell(columns.model), checksum: cell(columns.checksum) }
}

const classTexts: Readonly<Record<DeviceClass, string>> = {
  'security-by-default': 'yes',
  'no-security-by-default': 'no',
  unknown: 'unknown',
}

const classByText = new Map(
  Object.entries(classTexts).map(([deviceClass, text]) => [text, deviceClass as DeviceClass]),
)

/** The table that `--models` reads. */
export function modelTableText(models: readonly PhoneModel[]): string {
  return [
    '# Which models have Security By Default: yes, no or unknown. A * at the end of a model stands for any ending.\n',
    '# Your cluster knows: Unified Reporting, Unified CM Phone Feature List, feature Security By Default.\n',
    csvLine(['model', 'security by default', 'sure', 'source']),
    ...models.map(({ model, deviceClass, sure, source }) =>
      csvLine([model, classTexts[deviceClass], sure, source]),
    ),
  ].join('')
}

/** Reads a table that replaces the shipped one. Rejects with FILE_UNREADABLE or LIST_INVALID. */
export async function readModelTable(file: string): Promise<PhoneModel[]> {
  const models: PhoneModel[] = []
  for await (const rows of readCsvRows(file)) {
    for (const row of rows) models.push(...modelOf(row, file))
  }
  if (models.length === 0) throw new BridgeError('LIST_INVALID', 'The table names no model.', { file })
  return models
}

function modelOf({ cells, line }: CsvRow, file: string): PhoneModel[] {
  const [model = '', text = '', sure = '', source = ''] = cells
  if (model.toLowerCase() === 'model') return []
  const deviceClass = classByText.get(text.toLowerCase())
  if (model !== '' && model !== '*' && deviceClass !== undefined) {
    return [{ model, deviceClass, sure: sure || 'operator', source: source || file }]
  }
  const detail = `A row is a model, then yes, no or unknown, not ${JSON.stringify(cells.slice(0, 2).join(','))}.`
  throw new BridgeError('LIST_INVALID', detail, { file, line })
}
