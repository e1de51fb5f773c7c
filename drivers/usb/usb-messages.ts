/** A USB device as its ids tell, four lower-case hex digits each. */
export interface UsbIds {
  readonly vendorId: string
  readonly productId: string
}

/** What the USB host tells whenever something came or went, and once at the start. */
export interface UsbReport {
  readonly devices: readonly UsbIds[]
}
