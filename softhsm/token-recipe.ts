/** One thing that is wrong with a token, for rehearsing what the daemon says then. */
export type Fault = 'ec-key' | 'no-key' | 'foreign-key' | 'not-for-signing' | 'empty'

/** What the writer process puts onto a blank token. Sent over its channel, never in arguments. */
export interface TokenRecipe {
  readonly library: string
  readonly label: string
  readonly pin: string
  readonly soPin: string
  /** Hex; pairs key and certificate. */
  readonly keyId: string
  readonly certificate: Uint8Array
  /** DER, as they stand in the certificate. */
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  readonly serial: Uint8Array
  /** PKCS#8 DER; undefined for a token without a private key. */
  readonly privateKey: Uint8Array | undefined
  readonly maySign: boolean
  /** CKA_ALWAYS_AUTHENTICATE */
  readonly alwaysAsks: boolean
  /** Neither key nor certificate: an initialised token that waits to be provisioned. */
  readonly empty: boolean
}

export type WriterAnswer = { readonly serial: string } | { readonly failure: string }
