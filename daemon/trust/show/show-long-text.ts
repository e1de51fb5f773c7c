import { describeCtlFile } from './describe-ctl-file.js'
import { longText } from './long-text.js'
import { type ShowOptions, showCtlText } from './show-ctl-text.js'

export interface ShowLongOptions extends ShowOptions {
  /** Columns at which the added part is wrapped; the known layout never is. */
  readonly width?: number
}

/** `showCtlText`, and below it what `show ctl` leaves out. Throws CtlError when the bytes are no CTL. */
export function showLongText(bytes: Uint8Array, options: ShowLongOptions = {}): string {
  if (bytes.length === 0) return showCtlText(bytes, options)
  return `${showCtlText(bytes, options)}\n${longText(describeCtlFile(bytes), options.width)}`
}
