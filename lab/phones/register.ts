/** Secure registration, as far as trust goes: the phone opens TLS and compares CallManager's certificate with its CTL. */
import { knowsCallManager } from './decide.js'
import { openTls, shownCertificate, type TlsAddress } from './tls-wire.js'

/** `not tried`: the configuration asks for no secure signalling, and the lab has no other. */
export type Registration = 'registered' | 'locked out' | 'unreachable' | 'not tried'

/** Tries the CallManager group in its order; one whose certificate the phone knows is enough. */
export async function register(
  callManagers: readonly TlsAddress[],
  installedCtl: Uint8Array | undefined,
  deadline: number,
  log: (level: 'NOT' | 'ERR', text: string) => void,
): Promise<Registration> {
  let outcome: Registration = 'unreachable'
  for (const callManager of callManagers) {
    const name = `${callManager.host}:${callManager.port}`
    try {
      const socket = await openTls(callManager, deadline)
      const isKnown = knowsCallManager(installedCtl, shownCertificate(socket))
      socket.destroy()
      if (isKnown) {
        log('NOT', `sipTransport: TLS to CallManager ${name}, certificate is in the CTL`)
        return 'registered'
      }
      log('ERR', `sipTransport: certificate of CallManager ${name} is not in the CTL`)
      outcome = 'locked out'
    } catch (error) {
      log(
        'ERR',
        `sipTransport: CallManager ${name}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  return outcome
}
