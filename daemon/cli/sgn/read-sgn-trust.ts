/** What a signed configuration file is verified against, from the options of the command. */
import { BridgeError } from '../../bridge-error.js'
import type { SgnTrust } from '../../trust/sgn/sgn-signer.js'
import type { CommandContext } from '../command.js'
import { readCertificateFile } from '../read-certificate-file.js'
import { readInputFile } from '../read-input-file.js'

/** Undefined when neither was given. Rejects with USAGE when both were. */
export async function readSgnTrust({
  values: { trust, certificate },
}: Pick<CommandContext, 'values'>): Promise<SgnTrust | undefined> {
  if (trust !== undefined && certificate !== undefined) {
    throw new BridgeError('USAGE', '--trust and --certificate are two ways to say who may sign; give one.')
  }
  if (trust !== undefined) return { trust: await readInputFile(trust) }
  return certificate === undefined ? undefined : { certificate: (await readCertificateFile(certificate)).der }
}
