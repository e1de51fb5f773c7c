/** One thing that the doctor looked at. */
export interface Check {
  /** Stable. */
  readonly code:
    | 'SETTINGS'
    | 'CLUSTERS'
    | 'CLUSTERS_WRONG'
    | 'CLUSTER_FILE'
    | 'CLUSTER_UNPINNED'
    | 'MODULES_NONE'
    | 'MODULE_LOADS'
    | 'MODULE_MISSING'
    | 'MODULE_FAILS'
    | 'TOKEN_FOUND'
    | 'TOKEN_NONE'
    | 'TOKEN_PIN'
    | 'PCSC_ANSWERS'
    | 'PCSC_NOT_RUNNING'
    | 'PCSC_REFUSES'
    | 'USB_TOKEN'
    | 'USB_NO_PERMISSION'
    | 'USB_NEEDS_DRIVER'
    | 'USB_UNSEEN'
    | 'USB_NONE'
  readonly verdict: 'ok' | 'note' | 'wrong'
  /** What was found, one sentence. */
  readonly found: string
  /** What to do; absent where nothing has to be done. */
  readonly remedy?: string
}

export const ok = (code: Check['code'], found: string): Check => ({ code, verdict: 'ok', found })
export const note = (code: Check['code'], found: string, remedy?: string): Check => ({
  code,
  verdict: 'note',
  found,
  ...(remedy === undefined ? {} : { remedy }),
})
export const wrong = (code: Check['code'], found: string, remedy: string): Check => ({
  code,
  verdict: 'wrong',
  found,
  remedy,
})
