/** `show ctl` and `show itl`: the file on the node's disk, in the layout of TAC 118893, with a verdict of the lab's own. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CtlFile, decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { digestOf, signatureOf } from '../../daemon/ctl/header-fields.js'
import { certificateOf, recordValue, signerRecordsOf } from '../../daemon/ctl/record-fields.js'
import { showCtlFile, showNoCtlFile } from '../../daemon/ctl/show.js'
import { recordTag } from '../../daemon/ctl/tags.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import type { LabNode } from '../model/lab-cluster.js'

export function showTrustList(node: LabNode, kind: 'CTL' | 'ITL'): string {
  const path = join(node.tftpFolder, `${kind}File.tlv`)
  const text = node.listTftp().includes(`${kind}File.tlv`) ? showFile(path) : showNoCtlFile()
  // What `show itl` prints beside the name of the file is inferred to be the same.
  return kind === 'CTL' ? text : text.replaceAll('CTL', 'ITL')
}

function showFile(path: string): string {
  const bytes = new Uint8Array(readFileSync(path))
  try {
    const file = decodeCtlFile(bytes)
    return showCtlFile(file, {
      md5: createHash('md5').update(bytes).digest('hex'),
      sha1: createHash('sha1').update(bytes).digest('hex'),
      modifiedText: dateText(statSync(path).mtime),
      certificateSha1: file.records.map((record) => {
        const der = certificateOf(record)
        return der && createHash('sha1').update(der).digest()
      }),
      verified: isVerified(bytes, file),
      length: bytes.length,
    })
  } catch {
    return `Length of CTL file: ${bytes.length}\nError parsing the CTL File.\n`
  }
}

/** Whether a SAST record that the header names holds the key of the signature. */
function isVerified(bytes: Uint8Array, file: CtlFile): boolean {
  const message = takeToBeSigned(bytes)
  return signerRecordsOf(file).some((index) => {
    const record = file.records[index]
    const key = record && recordValue(record, recordTag.publicKey)
    if (key === undefined) return false
    const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'pkcs1' })
    return verify(digestOf(file), message, publicKey, signatureOf(file))
  })
}

/** `Fri Mar 06 21:56:07 UTC 2015`: the lab's nodes are in UTC. */
function dateText(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().split(/,? /)
  return `${weekday} ${month} ${day} ${time} UTC ${year}`
}
