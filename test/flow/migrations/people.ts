/**
 * The people of a rehearsal: who administers the cluster at its pages and its command line, and who walks to the phones
 * and reads their screens. They do what a step says, with a browser, the stock ssh client and their eyes; of the product
 * they use nothing but what it tells them.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { StepView } from '../../../daemon/migration/desk/migrations.js'
import type { PhoneReading } from '../../../daemon/migration/runner/eyes.js'
import type { LabCluster, LabNode } from '../../../lab/model/lab-cluster.js'
import type { WhichPhones } from '../../../lab/phones/fleet.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import type { RunningLab } from '../../../lab/up/start-lab.js'
import type { HandledLab } from '../../lab/cli/by-hand.js'
import { type Person, sitDown, type Told } from '../../lab/person.js'

const CTL = 'CTLFile.tlv'

/** What the migration hands out: bytes by the name under which it keeps them. */
export type HandOut = (name: string) => Promise<Uint8Array | 'none'>

export interface People {
  /** Does a step of a person; what it says of phones is another's. */
  readonly doStep: (step: StepView, handOut: HandOut) => Promise<void>
  /** Resets phones and reads their screens: which hold this file. */
  readonly resetAndRead: (which: WhichPhones, file: Uint8Array | 'none') => Promise<readonly PhoneReading[]>
  /** Looks at the cluster whether what a step does has happened since then. */
  readonly hasHappened: (step: StepView) => boolean
  /** Uploads the very file that a node serves, and restarts Cisco Tftp, as the probe asks. */
  readonly uploadSame: (node: string) => Promise<void>
}

interface Happening {
  readonly at: number
  readonly what: string
}

export function gatherPeople({ lab, phones, paths }: RunningLab, type: HandledLab['typeAt']): People {
  const happened: Happening[] = []
  for (const node of lab.nodes) {
    node.watch((what) => {
      // The second of the two times that a service is told of: it runs again.
      if (what !== 'faults' && node.isRunning(what)) {
        happened.push({ at: Date.now(), what: `restart ${what} ${node.name}` })
      }
    })
  }
  const nodeOf = (name: string): LabNode => {
    const node = lab.nodes.find((one) => one.name === name)
    if (node === undefined) throw new Error(`no node is called ${name}`)
    return node
  }
  const at = (name: string): Promise<Person> => {
    const { address, ports } = nodeOf(name)
    return sitDown({ url: `https://${address}:${ports.web}/`, ...lab.credentials })
  }
  const answerYes = async (node: LabNode, command: string, question: string) => {
    const screen = await type(node, [command, { question, keys: 'y\n' }])
    if (!/Cluster set|CTL file Updated|deleted = 1/.test(screen)) {
      throw new Error(`${command} on ${node.name}:\n${screen}`)
    }
  }
  const putOn = async (name: string, bytes: Uint8Array | 'none') => {
    if (bytes === 'none') {
      await answerYes(nodeOf(name), `file delete tftp ${CTL}`, 'Enter "y"')
    } else {
      expectSuccess(await (await at(name)).uploadFile(CTL, bytes))
    }
    expectSuccess(await (await at(name)).restart('Cisco Tftp'))
  }

  return {
    doStep: async ({ does }, handOut) => {
      switch (does.do) {
        case 'upload-certificates': {
          const publisher = await at(lab.publisher.name)
          for (const [name, bytes] of certificateFiles(paths.sast, does.sha256)) {
            expectSuccess(await publisher.uploadCertificate(does.store, name, bytes))
          }
          return
        }
        case 'publish':
          for (const node of does.nodes) await putOn(node, await handOut(does.artifact))
          return
        case 'restore-files':
          for (const node of does.nodes) await putOn(node, await handOut(`before/${node}/${CTL}`))
          return
        case 'restart':
          expectSuccess(await (await at(does.node)).restart(does.service))
          return
        case 'regenerate':
          expectSuccess(await (await at(does.node)).regenerate(does.what))
          // The step says so: until then the ITL that names the new certificate is not served.
          expectSuccess(await (await at(does.node)).restart('Cisco Tftp'))
          return
        case 'set-mode': {
          const word = does.mode === 'mixed' ? 'mixed-mode' : 'non-secure-mode'
          return answerYes(lab.publisher, `utils ctl set-cluster ${word}`, '(y/n)')
        }
        case 'update-ctl-file':
          return answerYes(lab.publisher, 'utils ctl update CTLFile', '(y/n)')
        case 'reset-local-key':
          return answerYes(lab.publisher, 'utils ctl reset localkey', '(y/n)')
        case 'delete-stale-ctl':
          for (const node of does.nodes) {
            await answerYes(nodeOf(node), `file delete activelog cm/tftpdata/${CTL}`, 'Enter "y"')
            expectSuccess(await (await at(node)).restart('Cisco Tftp'))
          }
          return
        case 'confirm':
          if (does.statement !== 'TVS_RESTARTED') return
          for (const { name } of lab.nodes) {
            expectSuccess(await (await at(name)).restart('Cisco Trust Verification Service'))
          }
          return
        // The certificates may stay, says the step.
        case 'remove-certificates':
        case 'hard-stop':
        case 'reset-phones':
          return
        default:
          throw new Error(`${does.do} is no step of a person`)
      }
    },
    resetAndRead: async (which, file) => {
      await phones.reset(which)
      const { phones: all } = await phones.report()
      return readScreens(chosen(all, which), file)
    },
    hasHappened: ({ does, beganAt }) => {
      const since = Date.parse(beganAt ?? '')
      if (does.do === 'restart') {
        return happened.some(({ at, what }) => at >= since && what === `restart ${does.service} ${does.node}`)
      }
      return wasWrittenSince(lab, since)
    },
    uploadSame: async (name) => putOn(name, nodeOf(name).serve(CTL) ?? 'none'),
  }
}

function expectSuccess({ isSuccess, text }: Told): void {
  if (!isSuccess) throw new Error(`the page says: ${text}`)
}

/** The PEM files of the tokens that hold these certificates. */
function certificateFiles(folder: string, sha256: readonly string[]): (readonly [string, Uint8Array])[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.pem'))
  return sha256.map((sum) => {
    const name = files.find((file) => fingerprintOf(join(folder, file)) === sum)
    if (name === undefined) throw new Error(`no token has the certificate ${sum}`)
    return [name, readFileSync(join(folder, name))] as const
  })
}

const fingerprintOf = (file: string): string =>
  createHash('sha256')
    .update(new X509Certificate(readFileSync(file)).raw)
    .digest('hex')

export function chosen(phones: readonly PhoneRecord[], which: WhichPhones): readonly PhoneRecord[] {
  if (which === 'all') return phones
  if (which !== 'pilots') return phones.filter(({ device }) => which.devices.includes(device))
  const models = new Map<string, PhoneRecord>()
  for (const phone of phones) if (!models.has(phone.model)) models.set(phone.model, phone)
  return [...models.values()]
}

/**
 * By the checksum on the screen, or by the words of the status messages where it holds no file. Of which model a phone
 * is the cluster knows.
 */
export function readScreens(
  phones: readonly PhoneRecord[],
  file: Uint8Array | 'none',
): readonly PhoneReading[] {
  return phones.map(({ device, shows, ctl: { checksum }, statusMessages }) => {
    const wanted = file === 'none' ? undefined : createHash(shows).update(file).digest('hex')
    return {
      device,
      took: checksum === wanted ? 'accepted' : 'refused',
      ...(checksum !== undefined && { checksum }),
      note: statusMessages.join(', '),
    }
  })
}

/** `show ctl` tells when the file was last modified; the disk does as well. */
function wasWrittenSince({ publisher }: LabCluster, since: number): boolean {
  try {
    return statSync(join(publisher.tftpFolder, CTL)).mtimeMs >= since
  } catch {
    return false
  }
}
