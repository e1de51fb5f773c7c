/** CTL and ITL files as CUCM and its CTL Client make them, from the lab's keys. */
import { sign } from 'node:crypto'
import { type ComposeRecord, composeCtlFile } from '../../daemon/ctl/compose.js'
import { parseIpAddress } from '../../daemon/ctl/record-fields.js'
import type { RecordProfileName } from '../../daemon/ctl/record-profiles.js'
import {
  asSignature,
  insertSignature,
  type SignedCtl,
  takeToBeSigned,
} from '../../daemon/ctl/to-be-signed.js'
import type { KeyAndCertificate } from './lab-cluster.js'
import type { ServerSast } from './releases.js'

const SAST = 0
const CCM_TFTP = 2
const CAPF = 4
const TVS = 21

export interface NodeOfFile {
  readonly name: string
  readonly address: string
  readonly callManager: KeyAndCertificate
  readonly tvs: KeyAndCertificate
}

/** All that stands in a cluster's files. */
export interface FileMaterial {
  readonly publisher: NodeOfFile
  readonly subscribers: readonly NodeOfFile[]
  readonly capf: KeyAndCertificate
  readonly itlRecovery: KeyAndCertificate | undefined
  /** Seconds since 1970. */
  readonly timestamp: number
}

/**
 * `utils ctl`: the publisher's certificate twice, CAPF, the subscribers; SAST records by release, the first signs.
 * In a non-secure cluster the servers are stubs, as in the token file of TAC 118893; that the command does so as well
 * is inferred.
 */
export function buildTokenlessCtl(
  material: FileMaterial,
  holders: readonly ServerSast[],
  mode: 0 | 1,
): SignedCtl {
  const { publisher } = material
  const [signer, ...others] = holders.map((holder) => sastOf(material, holder))
  if (signer === undefined) throw new Error('This release has no tokenless CTL.')
  const sast = (identity: KeyAndCertificate) => serverRecord(publisher, SAST, identity)
  return signFile('cucm-cli', 'CTLFile.tlv', material.timestamp, signer, [
    sast(signer),
    ...serverRecords(material, mode, 'host name'),
    ...others.map(sast),
  ])
}

/** The CTL Client: token, servers, the token that was inserted last, which signs; then servers that are SAST. */
export function buildTokenCtl(
  material: FileMaterial,
  tokens: readonly KeyAndCertificate[],
  besideTokens: readonly ServerSast[],
): SignedCtl {
  const signer = tokens.at(-1)
  if (signer === undefined) throw new Error('A token CTL needs tokens.')
  const ofToken = ({ fields }: KeyAndCertificate): ComposeRecord => ({
    kind: 'certificate',
    function: SAST,
    fields,
    dnsName: '',
  })
  return signFile('ctl-client', 'CTLFile.tlv', material.timestamp, signer, [
    ...tokens.slice(0, -1).map(ofToken),
    ...serverRecords(material, 1, 'address'),
    ofToken(signer),
    ...besideTokens.map((holder) =>
      serverRecord(material.publisher, SAST, sastOf(material, holder), 'address'),
    ),
  ])
}

/** The ITL of one TFTP node. Which records stand in it and in which order is inferred; TAC documents name the kinds. */
export function buildItl(material: FileMaterial, node: NodeOfFile, signedBy: ServerSast): SignedCtl {
  const { publisher, subscribers, capf, itlRecovery } = material
  const signer = signedBy === 'call-manager' ? node.callManager : sastOf(material, signedBy)
  const isSigner = itlRecovery === signer
  return signFile('cucm-cli', 'ITLFile.tlv', material.timestamp, signer, [
    serverRecord(node, SAST, signer),
    serverRecord(node, CCM_TFTP, node.callManager),
    serverRecord(publisher, CAPF, capf),
    ...[publisher, ...subscribers].map((each) => serverRecord(each, TVS, each.tvs)),
    ...(itlRecovery === undefined || isSigner ? [] : [serverRecord(publisher, SAST, itlRecovery)]),
  ])
}

function sastOf({ publisher, itlRecovery }: FileMaterial, holder: ServerSast): KeyAndCertificate {
  const identity = holder === 'call-manager' ? publisher.callManager : itlRecovery
  if (identity === undefined) throw new Error('This release has no ITLRecovery.')
  return identity
}

type CalledBy = 'host name' | 'address'

function serverRecords(
  { publisher, subscribers, capf }: FileMaterial,
  mode: 0 | 1,
  called: CalledBy,
): ComposeRecord[] {
  const server = (node: NodeOfFile): ComposeRecord =>
    mode === 1
      ? serverRecord(node, CCM_TFTP, node.callManager, called)
      : { kind: 'stub', function: CCM_TFTP, ...addressOf(node, called) }
  return [server(publisher), serverRecord(publisher, CAPF, capf, called), ...subscribers.map(server)]
}

function serverRecord(
  node: Pick<NodeOfFile, 'name' | 'address'>,
  role: number,
  { fields }: KeyAndCertificate,
  called: CalledBy = 'host name',
): ComposeRecord {
  return { kind: 'certificate', function: role, fields, ...addressOf(node, called) }
}

function addressOf({ name, address }: Pick<NodeOfFile, 'name' | 'address'>, called: CalledBy) {
  const ipAddress = parseIpAddress(address)
  if (ipAddress === undefined) throw new Error(`${address} is no IPv4 address.`)
  return { dnsName: called === 'address' ? address : name, ipAddress }
}

/** Files of CUCM are signed with SHA-1 unless an enterprise parameter says otherwise. */
function signFile(
  profile: RecordProfileName,
  fileName: string,
  timestamp: number,
  { privateKey, fields }: KeyAndCertificate,
  records: readonly ComposeRecord[],
): SignedCtl {
  const draft = composeCtlFile({
    profile,
    digest: 'sha1',
    timestamp,
    fileName,
    signer: {
      name: fields.subject,
      issuer: fields.issuer,
      serial: fields.serial,
      modulusBytes: (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8,
    },
    records,
  })
  const signature = sign('sha1', takeToBeSigned(draft), privateKey)
  return insertSignature(draft, asSignature(new Uint8Array(signature)))
}
