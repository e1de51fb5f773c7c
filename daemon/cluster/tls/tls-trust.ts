/** What makes a node's certificate believable, from the settings of a cluster. */
export interface TlsTrust {
  /** The node's name in the settings; a certificate issued by `caPem` may bear it instead of the address. */
  readonly node: string
  /** Certificates that the node's must lead to. Those of the operating system are never asked. */
  readonly caPem?: string | undefined
  /** SHA-256, lower-case hex: this certificate and no other, whatever its name, issuer or expiry. */
  readonly fingerprint?: string | undefined
  readonly oldest: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  /** RSA keys below 2048 bits, SHA-1 and small Diffie-Hellman groups. */
  readonly weakKeys: boolean
}

/** Where TLS is spoken, and which setting would hold the fingerprint. */
export interface TlsTarget {
  readonly host: string
  readonly port: number
  readonly trust: TlsTrust
  readonly fingerprintSetting: 'web_fingerprint' | 'tvs_fingerprint'
}
