import { join } from 'node:path'

/** The file, mode 0600, that holds the first key of the API in full. */
export const firstKeyFile = (stateFolder: string): string => join(stateFolder, 'first-key')
