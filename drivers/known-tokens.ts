/** USB ids of signing tokens. A match is a hint: the scan of a module tells what is plugged in. */
export interface KnownToken {
  /** Four hex digits. */
  readonly vendorId: string
  /** Four hex digits; undefined for every product of this vendor. */
  readonly productId: string | undefined
  readonly name: string
}

export const KNOWN_TOKENS: readonly KnownToken[] = [
  { vendorId: '0529', productId: '050c', name: 'Aladdin eToken Pro' },
  { vendorId: '0529', productId: '0514', name: 'Aladdin eToken Pro' },
  {
    vendorId: '0529',
    productId: '0600',
    name: 'SafeNet eToken Pro 32k/64k (needs the vendor’s pcscd driver)',
  },
  { vendorId: '0529', productId: '0602', name: 'SafeNet eToken 7300' },
  { vendorId: '0529', productId: '0620', name: 'SafeNet eToken 5100, 5110 or JC' },
  { vendorId: '08e6', productId: '34cc', name: 'SafeNet eToken 5300, 5110+ FIPS or Fusion' },
  { vendorId: '08e6', productId: '34ce', name: 'SafeNet eToken 5300, 5110+ FIPS or Fusion' },
  { vendorId: '08e6', productId: '34cf', name: 'SafeNet eToken 5300, 5110+ FIPS or Fusion' },
  { vendorId: '08e6', productId: '34d2', name: 'SafeNet eToken 5300, 5110+ FIPS or Fusion' },
  { vendorId: '1050', productId: undefined, name: 'YubiKey' },
  { vendorId: '20a0', productId: '4230', name: 'Nitrokey HSM' },
  { vendorId: '20a0', productId: '4108', name: 'Nitrokey Pro' },
  { vendorId: '04e6', productId: '5817', name: 'SmartCard-HSM' },
]

/** Answer-to-reset of cards inside the tokens, upper-case hex. */
export const KNOWN_ATRS: Readonly<Record<string, string>> = {
  '3BF21800FFC10A31FE55C8068A': 'eToken Pro 64k',
  '3BD5180081313A7D8073C8211030': 'eToken Pro 72k Java',
  '3BD518008131FE7D8073C82110F4': 'eToken 5100',
  '3BFF9600008131FE4380318065B0855956FB120FFE82900000': 'eToken 5110cc',
  '3BFF9600008131FE4380318065B0846566FB12017882900085': 'eToken 5110+ FIPS',
}

/** The product's name for a USB id, four hex digits each. */
export function tokenName(vendorId: string, productId: string): string | undefined {
  const ofVendor = KNOWN_TOKENS.filter((token) => token.vendorId === vendorId.toLowerCase())
  const exact = ofVendor.find((token) => token.productId === productId.toLowerCase())
  return (exact ?? ofVendor.find((token) => token.productId === undefined))?.name
}
