/** Reads a form with one file (multipart/form-data, RFC 7578). */
import busboy from 'busboy'
import type { Request } from 'express'

export interface UploadedForm {
  readonly fields: ReadonlyMap<string, string>
  /** undefined: the person chose none. */
  readonly file: { readonly name: string; readonly bytes: Uint8Array } | undefined
}

/** A sentence for the person. */
export class UploadRefused extends Error {}

/** More than any file that phones fetch but firmware. */
const FILE_LIMIT = 8 * 1024 * 1024

/** Rejects with UploadRefused. */
export function readUploadForm(request: Request): Promise<UploadedForm> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => {
      request.unpipe()
      request.resume()
      reject(new UploadRefused(why))
    }
    if (!request.is('multipart/form-data')) {
      refuse('The form did not come as multipart/form-data.')
      return
    }
    const fields = new Map<string, string>()
    const content: Buffer[] = []
    let name: string | undefined
    try {
      const reader = busboy({
        headers: request.headers,
        defParamCharset: 'utf8',
        limits: { files: 1, fileSize: FILE_LIMIT, fields: 10, fieldSize: 4096, parts: 12 },
      })
      reader.on('field', (field, value) => fields.set(field, value))
      reader.on('file', (_field, stream, { filename }) => {
        // A browser sends a part without a name where no file was chosen.
        name = filename === '' ? undefined : filename
        stream.on('data', (bytes: Buffer) => content.push(bytes))
        stream.on('limit', () => refuse(`The file is larger than ${FILE_LIMIT / 1024 / 1024} MiB.`))
      })
      reader.on('filesLimit', () => refuse('One file at a time.'))
      reader.on('error', (error) => refuse(`The form cannot be read: ${(error as Error).message}.`))
      reader.on('close', () => {
        const file = name === undefined ? undefined : { name, bytes: new Uint8Array(Buffer.concat(content)) }
        resolve({ fields, file })
      })
      request.once('aborted', () => refuse('The upload was broken off.'))
      request.pipe(reader)
    } catch (error) {
      refuse(`The form cannot be read: ${(error as Error).message}.`)
    }
  })
}
