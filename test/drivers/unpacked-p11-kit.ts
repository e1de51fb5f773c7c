import { setup } from '../setup/setup-modules.js'

/** Has the drivers take p11-kit from where `npm test` unpacked it; one that is installed stays as it is. */
export function useUnpackedP11Kit(): void {
  const folder = setup.unpack.findP11Kit()
  if (folder !== undefined) process.env.CTL_BRIDGE_P11_KIT ??= folder
}
