/**
 * CUCM takes no file over the network but by its own page: OS Administration → Software Upgrades → TFTP File
 * Management (Cisco Unified OS Administration Guide). It is documented for other files; that it serves for
 * CTLFile.tlv is what the probe finds out.
 */
export interface UploadPage {
  /** As the cluster calls the node. */
  readonly node: string
  /** Of OS Administration. */
  readonly url: string
}

/** What a person does, click by click, in order. */
export function uploadSteps({ node, url }: UploadPage, file: string): readonly string[] {
  return [
    `Have the file at hand under this very name: ${file}. Do not delete the one on the node first.`,
    `Open ${url} in a browser and sign in as administrator of the operating system of ${node}.`,
    'Choose Software Upgrades, then TFTP File Management.',
    'Press Upload File.',
    `Choose ${file}, leave Directory empty (that is the root of TFTP), press Upload File, and wait until the page says that it is there.`,
    `Restart Cisco Tftp on ${node}: Cisco Unified Serviceability, Tools, Control Center - Feature Services, ${node}, Cisco Tftp, Restart; or utils service restart Cisco Tftp on its command line.`,
  ]
}
