/** TVS's cache of the local CTL file. TAC 118893: written 17:07:52, read again 17:10:35. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sameBytes } from '../../daemon/ctl/bytes.js'
import type { CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { functionOf, recordText, recordValue } from '../../daemon/ctl/record-fields.js'
import { recordTag } from '../../daemon/ctl/tags.js'
import { sameIssuer } from './certificate-facts.js'

export class TvsCache {
  readonly #file: string
  readonly #delay: () => number
  readonly #log: (line: string) => void
  #mark = ''
  #records: readonly CtlRecord[] = []

  constructor(folder: string, delay: () => number, log: (line: string) => void) {
    this.#file = join(folder, 'CTLFile.tlv')
    this.#delay = delay
    this.#log = log
  }

  /** As at the start of the service: the file as it is now. */
  reread(): void {
    this.#mark = markOf(this.#file).mark
    this.#records = this.#read()
  }

  /** Roles of all records with this serial, as the bytes stand in the file, and this issuer. */
  rolesOf(serial: Uint8Array, issuer: string): number[] {
    this.#notice()
    return this.#records
      .filter(
        (record) =>
          sameBytes(recordValue(record, recordTag.serialNumber), serial) &&
          sameIssuer(recordText(record, recordTag.issuerName) ?? '', issuer),
      )
      .map(functionOf)
  }

  /** A changed file counts only once it has lain there for the delay. */
  #notice(): void {
    const { mark, changedAt } = markOf(this.#file)
    if (mark === this.#mark || Date.now() - changedAt < this.#delay()) return
    this.#log('local CTL file changed, reading it again')
    this.reread()
  }

  #read(): readonly CtlRecord[] {
    try {
      return decodeCtlFile(new Uint8Array(readFileSync(this.#file))).records
    } catch {
      return []
    }
  }
}

function markOf(file: string): { mark: string; changedAt: number } {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file)
    return { mark: `${ino} ${size} ${mtimeMs} ${ctimeMs}`, changedAt: ctimeMs }
  } catch {
    return { mark: 'no file', changedAt: 0 }
  }
}
